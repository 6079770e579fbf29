"""The tables of a notebook: names, columns and types of those that matter, never a value.

A table matters if it was read from somewhere, or is used in several cells. Its number of rows is told roughly, so
that a source that grows every day is not another table every day.
"""

from __future__ import annotations

import ast
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from littlemem_ipy.models import Author, Memory, MemoryType, Provenance, State
from littlemem_ipy.notebook.spot import read
from littlemem_ipy.redact import find_injections
from littlemem_ipy.store import MemoryStore

__all__ = ["RULE", "Frames", "described"]

RULE = "run.table"
_SURE = 0.9
_MANY_CELLS = 3  # cells that use a table that was not read from anywhere
_MOST_COLUMNS = 60
_LONGEST_NAME = 60
_READS = re.compile(r"(?:read|scan|load|from)_\w+|read|query")
_WORD = re.compile(r"[^\W\d]\w*")


class Frames:
    """What has been seen of the tables of one shell."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}
        self._sources: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def note(
        self,
        store: Callable[[], MemoryStore],
        source: str,
        namespace: Mapping[str, Any],
        said: Provenance,
        review: bool,
    ) -> list[Memory]:
        """Remember the tables that a cell has made or changed, and return what is new.

        Parameters
        ----------
        store
            Opens the store; called only if there is something to write.
        source
            The cell.
        namespace
            The notebook's variables.
        said
            The notebook and cell.
        review
            Whether they shall wait in the inbox.
        """
        pandas = sys.modules.get("pandas")
        if pandas is None or not hasattr(pandas, "DataFrame"):
            return []
        words = set(_WORD.findall(source))
        tables = {
            name: value
            for name, value in namespace.items()
            if name in words and not name.startswith("_") and type(value) is pandas.DataFrame
        }
        self._sources |= dict(_read_from(source, namespace))
        new = []
        for name, table in tables.items():
            self._used[name] = self._used.get(name, 0) + 1
            if name not in self._sources and self._used[name] < _MANY_CELLS:
                continue
            text = described(name, table, self._sources.get(name, ""))
            if text != self._known.get(name):
                memory = _remember(store(), name, text, said, review)
                self._known[name] = text
                new += [memory] if memory else []
        return new


def described(name: str, table: Any, source: str = "") -> str:
    """Return what is remembered of a table.

    Parameters
    ----------
    name
        The variable.
    table
        A pandas DataFrame.
    source
        The file that it was read from; empty if unknown.
    """
    origin = f", read from {source}" if source else ""
    return f"DataFrame `{name}`{origin}: {_rows(len(table))}; {_columns(table)}."


def _rows(count: int) -> str:
    if count < 10:
        return f"{count} rows"
    step = 10 ** (int(math.log10(count)) - 1)
    return f"about {round(count / step) * step:,} rows"


def _columns(table: Any) -> str:
    columns = table.columns
    names = list(columns[:_MOST_COLUMNS])
    # Labels of a table that was turned on its side are values of another one.
    if columns.nlevels > 1 or columns.name is not None or not all(isinstance(name, str) for name in names):
        kinds = sorted({str(kind) for kind in table.dtypes})
        return f"{len(columns)} columns of {', '.join(kinds)}"
    told = [f"{_short(name)} ({kind})" for name, kind in zip(names, table.dtypes, strict=False)]
    more = f" and {len(columns) - len(names)} more" if len(columns) > len(names) else ""
    return f"columns {', '.join(told)}{more}" if told else "no columns"


def _short(name: str) -> str:
    line = " ".join(name.split())
    line = repr(name) if line != name else line
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"


def _remember(store: MemoryStore, name: str, text: str, said: Provenance, review: bool) -> Memory | None:
    accepted = not review and not find_injections(text)
    with store.backend.write():
        earlier = [
            memory
            for memory in store.search(
                "",
                type=MemoryType.PROJECT_KNOWLEDGE,
                sources=("run",),
                tags=("dataframe", name[:_LONGEST_NAME]),
                states=(State.ACTIVE, State.HELD),
                project=store.project,
                limit=20,
            ).memories
            if memory.provenance.rule == RULE and memory.provenance.notebook == said.notebook
        ]
        if any(memory.content == text for memory in earlier):
            return None
        origin = {"author": Author.RUN, "accepted": accepted, "rule": RULE, "confidence": _SURE}
        memory = store.add(
            text,
            type=MemoryType.PROJECT_KNOWLEDGE,
            title=f"Table {name}",
            tags=("dataframe", name[:_LONGEST_NAME]),
            source="run",
            provenance=said.model_copy(update=origin),
            held=None if accepted else "proposed",
        )
        for old in earlier:
            if old.id != memory.id:
                store.supersede(old.id, memory.id)
    return memory


def _read_from(source: str, namespace: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the variables that a cell reads from files, each with the file's name."""
    tree = read(source)
    for statement in tree.body if tree else ():
        if not isinstance(statement, ast.Assign):
            continue
        for call in ast.walk(statement.value):
            file = _file(call, namespace)
            if file:
                names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
                yield from ((name, file) for name in names)


def _file(call: ast.AST, namespace: Mapping[str, Any]) -> str:
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not call.args:
        return ""
    if not _READS.fullmatch(call.func.attr):
        return ""
    first: Any = call.args[0]
    value = first.value if isinstance(first, ast.Constant) else None
    if isinstance(first, ast.Name):
        value = namespace.get(first.id)
    if not isinstance(value, str | PurePath):
        return call.func.attr.removeprefix("read_")
    # Of an address or a query only what names a file is kept: the rest may hold a password.
    name = re.split(r"[\\/]", str(value).partition("?")[0])[-1]
    return name if re.fullmatch(r"[\w .\-+]{1,80}", name) else call.func.attr.removeprefix("read_")
