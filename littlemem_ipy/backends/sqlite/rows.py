"""Between a `Memory` and its row: times are microseconds since 1970, tags and provenance JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from littlemem_ipy.backends.words import index_terms
from littlemem_ipy.errors import StoreDamaged
from littlemem_ipy.models import Memory, MemoryType, Provenance, Revision, build_stored
from littlemem_ipy.models.checks import shown

__all__ = [
    "COLUMNS",
    "PLAIN",
    "SELECT",
    "changes_of",
    "delta",
    "from_micros",
    "history",
    "memory_of",
    "restored",
    "row_of",
    "to_micros",
]

# A type of a newer version stays the word that it is.
_KINDS = {kind.value: kind for kind in MemoryType}
_USUAL = Provenance()
# Copying one takes half the time that constructing takes, and neither validates what was validated.
_BLANK = Memory.model_construct(**dict.fromkeys(Memory.model_fields))
_KEPT = Memory.model_fields.keys() - {"access_count", "last_accessed_at"}  # the counts have no history
_TEXT = ("title", "content", "tags")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = ("created_at", "updated_at", "expires_at", "archived_at", "deleted_at")
_MOMENTS = (*_TIMES, "last_accessed_at")
_PLAIN = (
    "id",
    "title",
    "content",
    "project",
    "conversation_id",
    "source",
    "superseded_by",
    "held",
    "revision",
)

COLUMNS = (
    *_PLAIN, "type", "tags", "tag_keys", "provenance", "importance", "pinned", *_TIMES, "content_hash", "terms",
)  # fmt: skip
# What `MemoryRow` holds, in its order.
PLAIN = (
    "SELECT m.id, m.type, m.title, m.content, m.tags, m.project, m.conversation_id, m.source, m.provenance,"
    " m.importance, m.pinned, m.created_at, m.updated_at, m.expires_at, m.archived_at, m.deleted_at,"
    " m.superseded_by, m.held, m.revision, coalesce(u.access_count, 0), u.last_accessed_at"
    " FROM memories m LEFT JOIN usage u ON u.pk = m.pk"
)
SELECT = (
    "SELECT m.*, u.access_count, u.last_accessed_at FROM memories m LEFT JOIN usage u ON u.pk = m.pk"
)  # fmt: skip


def to_micros(moment: datetime | None) -> int | None:
    """Return microseconds since 1970-01-01 UTC; exact for every datetime."""
    return None if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


def from_micros(value: int | None) -> datetime | None:
    """Return the aware UTC time of `to_micros`."""
    return None if value is None else _EPOCH + timedelta(microseconds=value)


def changes_of(row: sqlite3.Row, memory: Memory) -> dict[str, Any]:
    """Return the columns in which a memory differs from a row of `SELECT`."""
    new = _columns_of(memory)
    if any(row[name] != new[name] for name in _TEXT):
        new["terms"] = index_terms(memory.title, memory.content, memory.tags)
    return {name: value for name, value in new.items() if row[name] != value}


def row_of(memory: Memory) -> dict[str, Any]:
    """Return the columns of ``memories`` for this memory."""
    return _columns_of(memory) | {"terms": index_terms(memory.title, memory.content, memory.tags)}


def _columns_of(memory: Memory) -> dict[str, Any]:
    """Return the columns except the index words, which take longest to make."""
    row: dict[str, Any] = {name: getattr(memory, name) for name in _PLAIN}
    row |= {name: to_micros(getattr(memory, name)) for name in _TIMES}
    provenance = memory.provenance.compact()
    return row | {
        "type": str(memory.type),
        "tags": json.dumps(memory.tags, ensure_ascii=False),
        # A line a tag: tags have no line ends, so one LIKE-free search finds a whole tag.
        "tag_keys": "".join(f"\n{tag.casefold()}" for tag in memory.tags) + "\n" if memory.tags else "",
        "provenance": json.dumps(provenance, ensure_ascii=False) if provenance else None,
        "importance": memory.importance,
        "pinned": int(memory.pinned),
        "content_hash": memory.content_hash,
    }


def memory_of(row: Mapping[str, Any] | sqlite3.Row) -> Memory:
    """Return the memory of a row of `SELECT`; it was validated when it was written.

    Raises
    ------
    StoreDamaged
        If the row is not what was written.
    """
    try:
        return _memory_of(row)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise _damaged(row["id"], error) from error


def _memory_of(row: Mapping[str, Any] | sqlite3.Row) -> Memory:
    fields: dict[str, Any] = {name: row[name] for name in _PLAIN}
    fields |= {name: from_micros(row[name]) for name in _MOMENTS}
    kind, tags, provenance = row["type"], row["tags"], row["provenance"]
    fields |= {
        "type": _KINDS.get(kind, kind),
        "tags": tuple(json.loads(tags)) if tags != "[]" else (),
        "provenance": Provenance.model_validate_json(provenance) if provenance else _USUAL,
        "importance": row["importance"],
        "pinned": bool(row["pinned"]),
        "access_count": row["access_count"] or 0,
    }
    return _BLANK.model_copy(update=fields)


def delta(before: Memory, after: Memory) -> str:
    """Return what `before` had where it differs from `after`, as JSON."""
    changed = {name for name in _KEPT if getattr(before, name) != getattr(after, name)}
    # Without warnings, because a type of a newer version is no member of the enumeration.
    return json.dumps(before.model_dump(mode="json", include=changed, warnings=False), ensure_ascii=False)


def restored(after: Memory, difference: str) -> Memory:
    """Return the memory that `after` was made from.

    Raises
    ------
    StoreDamaged
        If the difference is not what was written.
    """
    try:
        earlier = {name: getattr(after, name) for name in Memory.model_fields} | json.loads(difference)
        return build_stored(earlier)
    except (TypeError, ValueError) as error:
        raise _damaged(after.id, error) from error


def history(memory: Memory, found: Iterable[Mapping[str, Any] | sqlite3.Row]) -> list[Revision]:
    """Return the history of a memory, oldest first, from the rows of its revisions, newest first."""
    revisions = []
    for row in found:
        at = from_micros(row["at"])
        assert at is not None  # the column is NOT NULL
        revisions.append(Revision(row["number"], row["action"], at, memory))
        memory = restored(memory, row["before"]) if row["before"] is not None else memory
    return revisions[::-1]


def _damaged(memory_id: object, error: Exception) -> StoreDamaged:
    return StoreDamaged(
        f"The memory {shown(memory_id)} can't be read back ({error}): the store's file is damaged. It was left as "
        "it is: keep a copy of it, then restore a backup."
    )
