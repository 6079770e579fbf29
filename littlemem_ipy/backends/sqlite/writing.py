"""The statements that write rows and their history; each runs inside a transaction of the caller."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from littlemem_ipy.backends.base import Change, Moved
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.models import Memory

__all__ = ["adopt", "put"]

_INSERT = (
    f"INSERT INTO memories ({', '.join(rows.COLUMNS)}) VALUES ({', '.join(':' + c for c in rows.COLUMNS)})"
    " RETURNING pk"
)
_REVISION = "INSERT INTO revisions (pk, number, batch, action, at, before) VALUES (?, ?, ?, ?, ?, ?)"


def put(raw: sqlite3.Connection, change: Change, batch: int) -> None:
    """Add or replace a row and write a revision; the counts of a row that exists stay."""
    memory = change.memory
    pk, before = _write(raw, memory)
    if before is None:
        _set_usage(raw, pk, memory)
    raw.execute(_REVISION, (pk, memory.revision, batch, change.action, rows.to_micros(memory.updated_at), before))


def adopt(raw: sqlite3.Connection, moved: Moved, batch: int) -> None:
    """Add or replace a row as it is elsewhere, with its counts and, if it came along, its history."""
    memory = moved.memory
    pk, before = _write(raw, memory)
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


def _write(raw: sqlite3.Connection, memory: Memory) -> tuple[int, str | None]:
    """Add or replace a row; return its key, and what the one before had that differs (None if there was none)."""
    row = raw.execute(f"{rows.SELECT} WHERE m.id = ?", (memory.id,)).fetchone()
    if row is None:
        (pk,) = raw.execute(_INSERT, rows.row_of(memory)).fetchone()
        return int(pk), None
    changed = rows.changes_of(row, memory)
    if changed:
        # Only what differs is named, so that only the indexes of these columns are written anew.
        columns = ", ".join(f"{name} = :{name}" for name in changed)
        raw.execute(f"UPDATE memories SET {columns} WHERE pk = :pk", changed | {"pk": row["pk"]})
    return row["pk"], rows.delta(rows.memory_of(row), memory)


def _set_usage(raw: sqlite3.Connection, pk: int, memory: Memory) -> None:
    if memory.access_count or memory.last_accessed_at:
        last = rows.to_micros(memory.last_accessed_at)
        raw.execute(
            "INSERT INTO usage (pk, access_count, last_accessed_at) VALUES (?, ?, ?) ON CONFLICT (pk) DO UPDATE"
            " SET access_count = excluded.access_count, last_accessed_at = excluded.last_accessed_at",
            (pk, memory.access_count, last),
        )
