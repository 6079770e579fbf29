"""The changes of one transaction, read back from the differences that the rows of ``revisions`` keep."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from littlemem_ipy.backends.base import Batch
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.models import Memory

__all__ = ["batch_of", "members", "rows_of", "walked_back"]

_OF_ONE = "FROM revisions r JOIN memories m ON m.pk = r.pk WHERE m.id = :id"

# A batch bears the number of its first row, so what is before that row need not be looked at.
_MEMBERS = "SELECT pk FROM revisions WHERE seq >= :key AND batch = :key"


def rows_of(raw: sqlite3.Connection, memory_id: str, since: int | None) -> list[sqlite3.Row]:
    """Return the rows of a memory's history, newest first; only from the revision of this number on."""
    first = f"SELECT r.seq {_OF_ONE} AND r.number = :since ORDER BY r.seq DESC LIMIT 1"
    condition = "" if since is None else f" AND r.seq >= ({first})"
    found = raw.execute(f"SELECT r.* {_OF_ONE}{condition} ORDER BY r.seq DESC", {"id": memory_id, "since": since})
    return found.fetchall()


def members(raw: sqlite3.Connection, key: int) -> list[str]:
    """Return the ids of the memories that a batch has touched."""
    return [row[0] for row in raw.execute(f"SELECT id FROM memories WHERE pk IN ({_MEMBERS})", {"key": key})]


def batch_of(raw: sqlite3.Connection, key: int, present: Mapping[str, Memory]) -> Batch:
    """Return a batch, given its memories as they are now: one walk back over all that came since."""
    found = raw.execute(
        "SELECT m.id, r.batch, r.action, r.before FROM revisions r JOIN memories m ON m.pk = r.pk"
        f" WHERE r.seq >= :key AND r.pk IN ({_MEMBERS}) ORDER BY r.seq DESC",
        {"key": key},
    )
    return walked_back(key, found.fetchall(), present)


def walked_back(key: int, found: Iterable[Mapping[str, Any] | sqlite3.Row], present: Mapping[str, Memory]) -> Batch:
    """Return a batch from the rows of its memories since, newest first, and these memories as they are now."""
    states: dict[str, Memory] = dict(present)
    changes: list[tuple[str, str, Memory | None]] = []
    for row in found:
        memory_id, before = row["id"], row["before"]
        earlier = None if before is None else rows.restored(states[memory_id], before)
        if row["batch"] == key:
            changes.append((memory_id, row["action"], earlier))
        states[memory_id] = earlier or states[memory_id]
    return Batch(key, tuple(changes[::-1]))
