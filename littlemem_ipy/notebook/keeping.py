"""Functions worth keeping: what was defined in a notebook, has run, and is used again."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from littlemem_ipy.capture.titles import tags_of, title_of
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Memory, MemoryType
from littlemem_ipy.models.checks import shown
from littlemem_ipy.notebook.place import where
from littlemem_ipy.notebook.spot import read
from littlemem_ipy.store import MemoryStore

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["RULE", "keep_function"]

RULE = "run.kept"


def keep_function(
    store: MemoryStore,
    shell: InteractiveShell,
    name: str,
    ran: Iterable[tuple[int, str]] = (),
    *,
    title: str | None = None,
    tags: Iterable[str] | str = (),
) -> Memory:
    """Remember a function or class of the notebook, with the imports that it needs, and return the memory.

    An earlier version of it is superseded.

    Parameters
    ----------
    store
        Where.
    shell
        The shell that has run its cell.
    name
        The function or class.
    ran
        The cells that have run, each with its number, oldest first; IPython's own list goes before them.
    title
        One line; made from the name when left out.
    tags
        Words to find it by, beyond those that its code gives.

    Raises
    ------
    InvalidInput
        If no cell that ran defines it.
    """
    cells = _cells(shell, ran)
    place, code = _definition(cells, name)
    if place is None or name not in shell.user_ns:
        raise InvalidInput(
            f"no cell that ran here defines a function or class {shown(name)}; "
            "%%mem add --type code_snippet keeps any code."
        )
    imports = _imports([source for _, source in cells], code)
    content = "\n".join([*imports, *(["", ""] if imports else []), code])
    number, source = cells[place]
    known = {"rule": RULE, "execution_count": number, "cell_id": None, "kept": name}
    known["used_in"] = [later for later, text in cells[place + 1 :] if name in set(_loaded(read(text)))]
    said = where(shell, source)
    kind = MemoryType.CODE_SNIPPET
    with store.backend.write():
        earlier = store.search("", type=kind, sources=("run",), limit=200).memories
        memory = store.add(
            content,
            type=kind,
            title=title or title_of(code, kind),
            tags=(*tags_of(content, kind), *((tags,) if isinstance(tags, str) else tags)),
            source="run",
            provenance=said.model_copy(update=known),
        )
        for old in earlier:
            kept = (old.provenance.__pydantic_extra__ or {}).get("kept")
            if kept == name and old.project == memory.project and old.id != memory.id:
                store.supersede(old.id, memory.id)
    return memory


def _cells(shell: InteractiveShell, ran: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the cells that were run, as Python, each with its number, oldest first."""
    later = [(number, shell.transform_cell(source)) for number, source in ran]
    earlier = shell.user_ns.get("In")
    first = later[0][0] if later else sys.maxsize
    known = enumerate(map(str, earlier)) if isinstance(earlier, list) else ()
    return [(number, source) for number, source in known if 0 < number < first] + later


def _definition(cells: Sequence[tuple[int, str]], name: str) -> tuple[int | None, str]:
    """Return the place of the cell that defines a name last, and the definition."""
    for place in range(len(cells) - 1, -1, -1):
        source = cells[place][1]
        tree = read(source)
        for statement in reversed(tree.body if tree else []):
            if (
                isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and statement.name == name
            ):
                first = min([statement.lineno, *(part.lineno for part in statement.decorator_list)])
                return place, "\n".join(source.splitlines()[first - 1 : statement.end_lineno])
    return None, ""


def _imports(cells: Sequence[str], code: str) -> list[str]:
    """Return the imports among the cells that a definition needs, the last ones of each name."""
    needed = set(_loaded(read(code))) - set(vars(builtins))
    found: dict[str, str] = {}
    for cell in cells:
        tree = read(cell)
        for statement in tree.body if tree else []:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                for alias in statement.names:
                    bound = (alias.asname or alias.name).partition(".")[0]
                    if bound in needed:
                        found[bound] = _line(statement, alias)
    return list(dict.fromkeys(found.values()))


def _line(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    if isinstance(statement, ast.Import):
        return ast.unparse(ast.Import([alias]))
    return ast.unparse(ast.ImportFrom(statement.module, [alias], statement.level))


def _loaded(tree: ast.Module | None) -> Iterator[str]:
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
