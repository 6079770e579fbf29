"""Putting rows: many in a few statements, with their revisions, words and counts."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from littlemem_ipy.backends.base import Change, Moved
from littlemem_ipy.backends.postgres.connection import Raw, Spaces
from littlemem_ipy.backends.postgres.rows import SELECT, UPSERT, memory_of, nameless, record_of
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.models import EXCHANGE, TYPES, Memory, Revision

__all__ = ["Transaction", "adopt", "found_in"]

_CHUNK = 500  # rows in one statement
_REVISIONS = (
    "INSERT INTO littlemem.revisions (space, key, number, batch, action, at, before, token)"
    " SELECT r.space, r.key, r.number, %s, r.action, r.at, r.before, %s FROM json_to_recordset(%s::json)"
    " AS r (space int, key bigint, number bigint, action text, at bigint, before text)"
)

Row = Mapping[str, Any]


@dataclass
class Transaction:
    """What one write transaction has done so far.

    Attributes
    ----------
    token
        Names the transaction, so that it can be told later whether it reached the disk.
    tallies
        For each space how many memories and words it has more now.
    changes
        What was put, with what was there before as far as that was known.
    repeatable
        Whether the changes are all that it does, so that it can be done again later.
    """

    token: uuid.UUID = field(default_factory=uuid.uuid4)
    tallies: dict[int, list[int]] = field(default_factory=dict)
    changes: list[tuple[Change, Memory | None]] = field(default_factory=list)
    repeatable: bool = True
    _batch: int | None = None

    def tally(self, space: int, memories: int, words: int) -> None:
        """Count memories and words of a space up or down."""
        now = self.tallies.setdefault(space, [0, 0])
        now[0] += memories
        now[1] += words

    def put(self, spaces: Spaces, raw: Raw, changes: Sequence[Change]) -> None:
        """Add or replace rows and write a revision for each; the counts of rows that exist stay."""
        for chunk in _chunks(changes):
            memories = [change.memory for change in chunk]
            existing = found_in(raw, spaces, [memory.id for memory in memories])
            homes = {change.memory.id: change.shared for change in chunk}
            keys = self.upsert(spaces, raw, memories, existing, homes=homes)
            _set_usage(raw, [memory for memory in memories if memory.id not in existing], keys)
            revisions = []
            for change in chunk:
                memory, row = nameless(change.memory), existing.get(change.memory.id)
                before = rows.delta(nameless(memory_of(row, spaces.private)), memory) if row else None
                revisions.append((memory.id, memory.revision, change.action, memory.updated_at, before))
            self.revise(raw, keys, revisions)

    def upsert(
        self,
        spaces: Spaces,
        raw: Raw,
        memories: Sequence[Memory],
        existing: Mapping[str, Row],
        kept: Mapping[str, int] = MappingProxyType({}),
        homes: Mapping[str, bool | None] = MappingProxyType({}),
    ) -> dict[str, Row]:
        """Write rows and their words, and return space and key of each by its id.

        `kept` are keys to use again, `homes` tells which new ones are shared.
        """
        records: list[dict[str, Any]] = []
        vocabulary: set[tuple[int, str]] = set()
        for memory in memories:
            row = existing.get(memory.id)
            space = row["space"] if row else _home_of(memory, spaces, homes.get(memory.id))
            record, words = record_of(memory, space)
            records.append(record | {"key": kept.get(memory.id)})
            vocabulary.update((space, word) for word in words)
            self.tally(space, row is None, len(words) - (row["length"] if row else 0))
        found = raw.execute(UPSERT, (json.dumps(records),)).fetchall()
        _learn(raw, sorted(vocabulary))
        return {row["id"]: row for row in found}

    def revise(self, raw: Raw, keys: Mapping[str, Row], revisions: Sequence[tuple[Any, ...]]) -> None:
        """Write revisions: for each the memory's id, its number, what was done, when, and what was different."""
        if self._batch is None:
            row = raw.execute("SELECT nextval('littlemem.numbers') AS number").fetchone()
            assert row is not None  # a sequence has a next number
            self._batch = row["number"]
        records = [
            {
                "space": keys[memory_id]["space"],
                "key": keys[memory_id]["key"],
                "number": number,
                "action": action,
                "at": rows.to_micros(at),
                "before": before,
            }
            for memory_id, number, action, at, before in revisions
        ]
        raw.execute(_REVISIONS, (self._batch, self.token, json.dumps(records)))

    def finish(self, raw: Raw) -> None:
        """Bring the counts of the spaces up to date and tell the other members of them."""
        for space, (memories, words) in sorted(self.tallies.items()):
            raw.execute(
                "UPDATE littlemem.spaces SET version = version + 1, held_rows = held_rows + %s,"
                " held_words = held_words + %s WHERE space = %s",
                (memories, words, space),
            )
            raw.execute(
                "SELECT pg_notify('littlemem_' || replace(channel::text, '-', ''), '') FROM littlemem.spaces"
                " WHERE space = %s",
                (space,),
            )


def adopt(raw: Raw, spaces: Spaces, transaction: Transaction, moved: Sequence[Moved]) -> None:
    """Add or replace rows as they are elsewhere, with their counts and, where it came along, their history."""
    for each in moved:
        memory, kept = each.memory, {}
        existing = found_in(raw, spaces, [memory.id])
        if existing and each.revisions:
            # Nobody can change a history, so the row goes with its own and comes back with the other one. It keeps
            # its key, by which the events know it.
            row = existing.pop(memory.id)
            kept[memory.id] = row["key"]
            raw.execute("DELETE FROM littlemem.memories WHERE space = %s AND id = %s", (row["space"], memory.id))
            transaction.tally(row["space"], -1, -row["length"])
        keys = transaction.upsert(spaces, raw, [memory], existing, kept)
        _set_usage(raw, [memory], keys)
        transaction.revise(raw, keys, list(_history(each, existing, spaces)))


def _history(moved: Moved, existing: Mapping[str, Row], spaces: Spaces) -> Iterator[tuple[Any, ...]]:
    """Yield a history's revisions: each keeps what the one before it had that differs."""
    memory = moved.memory
    row = existing.get(memory.id)
    earlier = nameless(memory_of(row, spaces.private)) if row else None
    last = Revision(memory.revision, moved.action, memory.updated_at, memory)
    for revision in moved.revisions or (last,):
        now = nameless(revision.memory)
        before = None if earlier is None else rows.delta(earlier, now)
        yield memory.id, revision.number, revision.action, revision.at, before
        earlier = now


def _set_usage(raw: Raw, memories: Sequence[Memory], keys: Mapping[str, Row]) -> None:
    """Set the counts of memories to those of the records."""
    records = [
        {
            "space": keys[memory.id]["space"],
            "key": keys[memory.id]["key"],
            "count": memory.access_count,
            "at": rows.to_micros(memory.last_accessed_at),
        }
        for memory in memories
    ]
    raw.execute(
        "INSERT INTO littlemem.usage (space, key, access_count, last_accessed_at) SELECT r.*"
        " FROM json_to_recordset(%s::json) AS r (space int, key bigint, count bigint, at bigint)"
        " LEFT JOIN littlemem.usage u USING (space, key) WHERE r.count > 0 OR r.at IS NOT NULL OR u.key IS NOT NULL"
        " ON CONFLICT (space, key) DO UPDATE SET"
        " access_count = excluded.access_count, last_accessed_at = excluded.last_accessed_at",
        (json.dumps(records),),
    )


def found_in(raw: Raw, spaces: Spaces, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of these ids; what is in both spaces counts as of the shared one."""
    found = raw.execute(f"{SELECT} WHERE m.space = ANY (%s) AND m.id = ANY (%s)", (spaces.all, list(ids)))
    return {row["id"]: row for row in sorted(found.fetchall(), key=lambda row: bool(row["space"] == spaces.shared))}


def _home_of(memory: Memory, spaces: Spaces, shared: bool | None) -> int:
    """Return the space of a new memory: what is a person's own, and what a chat keeps of itself, stays private."""
    if shared is not None:
        return spaces.shared if shared else spaces.private
    # A type of a newer version has no entry.
    personal = memory.type in TYPES and TYPES[memory.type].personal
    return spaces.private if personal or memory.source == EXCHANGE else spaces.shared


def _chunks(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Yield changes in parts in which no memory occurs twice, because one statement changes a row once."""
    chunk: dict[str, Change] = {}
    for change in changes:
        if change.memory.id in chunk or len(chunk) == _CHUNK:
            yield list(chunk.values())
            chunk = {}
        chunk[change.memory.id] = change
    if chunk:
        yield list(chunk.values())


def _learn(raw: Raw, words: Sequence[tuple[int, str]]) -> None:
    raw.execute(
        "INSERT INTO littlemem.vocabulary (space, word) SELECT * FROM unnest(%s::int[], %s::text[])"
        " ON CONFLICT DO NOTHING",
        ([space for space, _ in words], [word for _, word in words]),
    )
