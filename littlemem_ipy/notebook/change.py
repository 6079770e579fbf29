"""What was changed between a cell that failed and one that ran, and whether that one mends the other."""

from __future__ import annotations

import ast
import difflib
import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass

from littlemem_ipy.notebook.spot import read, statement_at

__all__ = ["Attempt", "change_between", "fix_of", "helps", "mends", "unchanged"]

_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"\b\d[\d.]*")
_COMMAND = re.compile(r"\s*[%!]")
_INSTALL = re.compile(r"\s*[%!]\s*(?:pip|conda|mamba|uv|micromamba)\b")
_CHECK = re.compile(r"\s*(?:assert\b|print\(|display\(|#)|\s*$|[\w.]+(?:\.(?:head|info|describe)\(\d*\))?$")
_MOST_CHANGED = 24
_SAME_CELL, _WHOLE_CELL, _STATEMENT, _LINE = 0.3, 0.7, 0.4, 0.85
_FEW = 3


@dataclass(frozen=True)
class Attempt:
    """A cell that was run.

    Attributes
    ----------
    source
        What it says.
    line
        The line of the outermost statement that failed; None if unknown.
    """

    source: str
    line: int | None = None

    @property
    def statement(self) -> str:
        """The statement that failed, as text."""
        tree = read(self.source)
        found = statement_at(tree, self.line) if tree and self.line else None
        return (ast.get_source_segment(self.source, found) if found else None) or self.source


def mends(failed: Attempt, source: str, *, same_cell: bool) -> bool:
    """Tell whether a cell that ran does what a failed one was to do, in another way.

    Parameters
    ----------
    failed
        The cell that failed.
    source
        What ran.
    same_cell
        Whether it is the same cell, edited.
    """
    if _COMMAND.match(source) or unchanged(failed.source, source):
        return False
    told = _covered(failed.source, source)
    if same_cell:
        return told >= _SAME_CELL or _ratio(failed.source, source) >= _LINE / 2
    statement = failed.statement
    tree = read(statement)
    if tree and tree.body and isinstance(tree.body[0], ast.Assign | ast.AugAssign | ast.AnnAssign):
        whole = _WHOLE_CELL if isinstance(tree.body[0], ast.AugAssign) else _STATEMENT
        return bool(_targets(statement) & _targets(source)) and _covered(statement, source) >= whole
    if _covers_all(failed.source, source) or _covers_all(statement, source):
        return True
    return any(_ratio(statement, part) >= _LINE for part in _statements(source))


def unchanged(one: str, two: str) -> bool:
    """Tell whether two cells say the same, apart from comments and blank lines."""
    first, second = read(one), read(two)
    if first is None or second is None:
        return _plain(one) == _plain(two)
    return ast.dump(first) == ast.dump(second)


def helps(failed: Attempt, source: str) -> bool:
    """Tell whether a cell that ran in between can be what made a failed one run: it sets something used there."""
    if _INSTALL.match(source):
        return True
    tree = read(source)
    if tree is None:
        return False
    return bool(_targets(source) & _words(failed.source))


def change_between(before: str, after: str) -> str:
    """Return the changed lines, marked ``-`` and ``+``, each with the line before and after it.

    Checks and prints that were added are left out, unless nothing else was. It is empty if there is no change,
    or so much that it is another text.
    """
    old, new = _lines(before), _lines(after)
    kept = [line for line in new if line in old or not _CHECK.match(line)]
    if kept != old and any(line not in old for line in kept):
        new = kept
    diff = [line for line in difflib.unified_diff(old, new, lineterm="", n=1) if not line.startswith("@@")][2:]
    changed = sum(line[0] in "+-" for line in diff)
    return "\n".join(line.rstrip() for line in diff) if 0 < changed <= _MOST_CHANGED else ""


def fix_of(failed: Attempt, source: str, *, same_cell: bool) -> str:
    """Return what was changed between a failed cell and one that mends it, as `change_between` does.

    A mending cell of its own need not repeat what ran before the statement that failed.
    """
    before = failed.source
    if not same_cell:
        earlier = [line for line in _lines(before)[: (failed.line or 1) - 1] if line.strip()]
        if earlier and not set(earlier) & set(_lines(source)):
            before = failed.statement
    return change_between(before, source)


def _lines(source: str) -> list[str]:
    return [line.rstrip() for line in source.strip("\n").splitlines()]


def _plain(source: str) -> Sequence[str]:
    return [line for line in _lines(source) if line.strip() and not line.lstrip().startswith("#")]


def _words(source: str) -> set[str]:
    return {word for word in _WORD.findall(source) if not keyword.iskeyword(word)}


def _covered(source: str, other: str) -> float:
    mine = _words(source)
    return len(mine & _words(other)) / len(mine) if mine else 0.0


def _covers_all(source: str, other: str) -> bool:
    """Tell whether nearly every word of one cell is in another one; of short ones, every word and number."""
    few = len(_words(source)) < _FEW
    if not few:
        return _covered(source, other) >= _WHOLE_CELL
    mine = _words(source) | set(_NUMBER.findall(source))
    return len(mine) > 1 and mine <= _words(other) | set(_NUMBER.findall(other))


def _statements(source: str) -> list[str]:
    tree = read(source)
    return [ast.get_source_segment(source, part) or "" for part in tree.body] if tree else source.splitlines()


def _ratio(one: str, two: str) -> float:
    return difflib.SequenceMatcher(None, one.strip(), two.strip(), autojunk=False).ratio()


def _targets(source: str) -> set[str]:
    """Return the names that the outermost statements of a cell set."""
    tree = read(source)
    return {name for statement in tree.body for name in _set_by(statement)} if tree else set()


def _set_by(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        targets = [statement.target]
    elif isinstance(statement, ast.Delete):
        targets = statement.targets
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        inplace = any(k.arg == "inplace" for k in statement.value.keywords)
        targets = [statement.value.func] if inplace else []
    return {root for target in targets for root in _roots(target)}


def _roots(target: ast.expr) -> set[str]:
    if isinstance(target, ast.Tuple | ast.List):
        return {name for part in target.elts for name in _roots(part)}
    while isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        target = target.value
    return {target.id} if isinstance(target, ast.Name) else set()
