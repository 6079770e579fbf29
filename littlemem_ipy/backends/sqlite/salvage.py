"""What a damaged file still holds, in a new one; the damaged one is only read.

Rows are told apart by their shape, because the list of tables may be damaged as well. Everything that can
be derived (indexes, vectors) is made anew.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.backends.sqlite.connection import Connection
from littlemem_ipy.backends.sqlite.pages import ID, Cell, Pages, Value
from littlemem_ipy.backends.sqlite.schema import MIGRATIONS
from littlemem_ipy.errors import LittleMemError
from littlemem_ipy.models import Memory

__all__ = ["Salvaged", "salvage"]

_SPOILT = "its text was damaged on the disk: compare it before you accept it"
_TYPES = {"INTEGER": int, "TEXT": str, "REAL": float, "BLOB": bytes}
_OTHERS = ("revisions", "events", "usage")
_KIND = re.compile(r"[a-z_]{2,40}")


@dataclass
class Salvaged:
    """What was found.

    Attributes
    ----------
    path
        The new file.
    memories, revisions, events
        How many rows it holds.
    spoilt
        Ids of memories whose text is not what was written; they wait in the inbox.
    lost
        Ids that the damaged file names somewhere and that have no readable row.
    """

    path: Path
    memories: int = 0
    revisions: int = 0
    events: int = 0
    spoilt: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


class _Rows:
    """The rows by table, as far as they are what was written."""

    def __init__(self) -> None:
        with closing(sqlite3.connect(":memory:")) as raw:
            for script in MIGRATIONS:
                raw.executescript(script)
            self.columns = [row[1] for row in raw.execute("PRAGMA table_info(memories)")]
            self._shapes = {name: _shape(raw, name) for name in _OTHERS}
        self.memories: dict[str, tuple[int, Memory, bool]] = {}
        self.others: dict[str, dict[int, tuple[Value, ...]]] = {name: {} for name in _OTHERS}

    def take(self, cell: Cell) -> None:
        """Keep a row in the table whose shape it has."""
        for name, shape in self._shapes.items():
            if _fits(cell.values, shape) and (name != "events" or _KIND.fullmatch(str(cell.values[2]))):
                self.others[name][cell.key] = cell.values[1:]

    def remember(self, key: int, memory: Memory, spoilt: bool) -> None:
        """Keep a memory, if no better row of it is known."""
        known = self.memories.get(memory.id)
        if known is None or (not spoilt, memory.revision) > (not known[2], known[1].revision):
            self.memories[memory.id] = key, memory, spoilt


def _shape(raw: sqlite3.Connection, table: str) -> tuple[tuple[type, ...], ...]:
    """Return which types each column may have; the key is NULL in the row itself."""
    shape = []
    for _, _, kind, needed, _, key in raw.execute(f"PRAGMA table_info({table})"):
        types = (type(None),) if key else (_TYPES[kind],)
        shape.append(types if key or needed else (*types, type(None)))
    return tuple(shape)


def _fits(values: tuple[Any, ...], shape: tuple[tuple[type, ...], ...]) -> bool:
    return len(values) == len(shape) and all(map(isinstance, values, shape))


def salvage(path: Path, target: Path) -> Salvaged:
    """Write what can be read of a damaged file into a new one.

    Parameters
    ----------
    path
        The damaged file; its log is read as well.
    target
        A new file.

    Raises
    ------
    StoreError
        If `target` can't be written.
    """
    pages, found = Pages(path), _Rows()
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.row_factory = sqlite3.Row
        for cell in pages.cells():
            if len(cell.values) == len(found.columns) and isinstance(cell.values[1], str):
                _memory(raw, cell, found)
            else:
                found.take(cell)
    result = Salvaged(target)
    connection = Connection(target)
    try:
        with connection.writing() as raw:
            _write(raw, found, result)
    finally:
        connection.close()
    result.spoilt = sorted(memory_id for memory_id, (_, _, spoilt) in found.memories.items() if spoilt)
    result.lost = sorted(pages.ids() - set(found.memories))
    return result


def _memory(raw: sqlite3.Connection, cell: Cell, found: _Rows) -> None:
    """Take over a row of ``memories``, if it is one."""
    values = dict(zip(found.columns, cell.values, strict=True)) | {"access_count": None, "last_accessed_at": None}
    if not ID.fullmatch(str(values["id"]).encode("ascii", "replace")):
        return
    text = ", ".join(f":{name} AS {name}" for name in values)
    try:
        row = raw.execute(f"SELECT {text}", values).fetchone()
        memory = rows.memory_of(row)
        whole: Memory | None = memory.changed(title=memory.title)  # validated, which reading does without
    except (LittleMemError, sqlite3.Error, OverflowError, TypeError, ValueError):
        whole = _least(values)
    if whole is not None:
        spoilt = whole.content_hash != values["content_hash"]
        found.remember(cell.key, whole.model_copy(update={"held": _SPOILT}) if spoilt else whole, spoilt)


def _least(values: dict[str, Any]) -> Memory | None:
    """Return a memory of the text alone, when another of its fields is spoilt."""
    try:
        created = rows.from_micros(values["created_at"])
        return Memory.model_validate({"id": values["id"], "content": values["content"], "created_at": created})
    except (LittleMemError, OverflowError, TypeError, ValueError):
        return None


def _write(raw: sqlite3.Connection, found: _Rows, result: Salvaged) -> None:
    keys = set()
    for key, memory, _ in _without_clashes(found.memories.values()):
        values = rows.row_of(memory) | {"pk": key}
        raw.execute(
            f"INSERT INTO memories ({', '.join(values)}) VALUES ({', '.join(':' + name for name in values)})",
            values,
        )
        keys.add(key)
        result.memories += 1
    revisions, events, usage = (found.others[name] for name in _OTHERS)
    result.revisions = _insert(raw, "revisions", {seq: row for seq, row in revisions.items() if row[0] in keys})
    _complete(raw)
    result.events = _insert(raw, "events", events)
    _insert(raw, "usage", {key: row for key, row in usage.items() if key in keys})


def _insert(raw: sqlite3.Connection, table: str, found: dict[int, tuple[Value, ...]]) -> int:
    for key, row in found.items():
        raw.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * (1 + len(row)))})", (key, *row))
    return len(found)


def _without_clashes(found: Iterable[tuple[int, Memory, bool]]) -> list[tuple[int, Memory, bool]]:
    """Return the memories with one key each: a damaged key may be that of another row."""
    given: dict[int, tuple[int, Memory, bool]] = {}
    later = []
    for entry in found:
        if entry[0] > 0 and entry[0] not in given:
            given[entry[0]] = entry
        else:
            later.append(entry)
    free = max(given, default=0) + 1
    return [*given.values(), *((free + n, memory, spoilt) for n, (_, memory, spoilt) in enumerate(later))]


def _complete(raw: sqlite3.Connection) -> None:
    """Give each memory whose last revision was lost one that says so."""
    raw.execute(
        "INSERT INTO revisions (pk, number, batch, action, at)"
        " SELECT m.pk, m.revision, (SELECT coalesce(max(batch), 0) + 1 FROM revisions), 'salvage', m.updated_at"
        " FROM memories m WHERE NOT EXISTS"
        " (SELECT 1 FROM revisions r WHERE r.pk = m.pk AND r.number = m.revision)"
    )
