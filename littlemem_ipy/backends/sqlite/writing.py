"""The statements that write rows and their history; each runs inside a transaction of the caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from littlemem_ipy.backends.base import Change, Moved
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.models import Memory

__all__ = ["adopt", "put"]

_UPSERT = (
    f"INSERT INTO memories ({', '.join(rows.COLUMNS)}) VALUES ({', '.join(':' + c for c in rows.COLUMNS)})"
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in rows.COLUMNS if c != 'id')}"
    " RETURNING pk"
)
_REVISION = "INSERT INTO revisions (pk, number, batch, action, at, before) VALUES (?, ?, ?, ?, ?, ?)"


def put(raw: sqlite3.Connection, change: Change, batch: int) -> None:
    """Add or replace a row and write a revision; the counts of a row that exists stay."""
    memory = change.memory
    known, before = _before(raw, memory)
    pk = _upsert(raw, memory)
    if not known:
        _set_usage(raw, pk, memory)
    raw.execute(_REVISION, (pk, memory.revision, batch, change.action, rows.to_micros(memory.updated_at), before))


def adopt(raw: sqlite3.Connection, moved: Moved, batch: int) -> None:
    """Add or replace a row as it is elsewhere, with its counts and, if it came along, its history."""
    memory = moved.memory
    _, before = _before(raw, memory)
    pk = _upsert(raw, memory)
    raw.execute("UPDATE usage SET access_count = 0, last_accessed_at = NULL WHERE pk = ?", (pk,))
    _set_usage(raw, pk, memory)
    if not moved.revisions:
        at = rows.to_micros(memory.updated_at)
        raw.execute(_REVISION, (pk, memory.revision, batch, moved.action, at, before))
        return
    raw.execute("DELETE FROM revisions WHERE pk = ?", (pk,))
    raw.executemany(_REVISION, ((pk, *values) for values in _history(moved, batch)))


def _history(moved: Moved, batch: int) -> Iterator[tuple[int, int, str, int | None, str | None]]:
    """Return the values of a history's rows: each keeps what the one before it had that differs."""
    earlier: Memory | None = None
    for revision in moved.revisions:
        before = None if earlier is None else rows.delta(earlier, revision.memory)
        yield revision.number, batch, revision.action, rows.to_micros(revision.at), before
        earlier = revision.memory


def _before(raw: sqlite3.Connection, memory: Memory) -> tuple[bool, str | None]:
    """Return whether there is a row of this id, and what it has that the memory hasn't."""
    row = raw.execute(f"{rows.SELECT} WHERE m.id = ?", (memory.id,)).fetchone()
    return (False, None) if row is None else (True, rows.delta(rows.memory_of(row), memory))


def _upsert(raw: sqlite3.Connection, memory: Memory) -> int:
    (pk,) = raw.execute(_UPSERT, rows.row_of(memory)).fetchone()
    return int(pk)


def _set_usage(raw: sqlite3.Connection, pk: int, memory: Memory) -> None:
    if memory.access_count or memory.last_accessed_at:
        last = rows.to_micros(memory.last_accessed_at)
        raw.execute(
            "INSERT INTO usage (pk, access_count, last_accessed_at) VALUES (?, ?, ?) ON CONFLICT (pk) DO UPDATE"
            " SET access_count = excluded.access_count, last_accessed_at = excluded.last_accessed_at",
            (pk, memory.access_count, last),
        )
