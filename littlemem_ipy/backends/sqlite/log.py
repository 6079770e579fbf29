"""The log of events, and the counts that are kept of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from littlemem_ipy.backends.plain import EventRow, UsageRow
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.models import Event, EventKind
from littlemem_ipy.models.times import now

__all__ = ["COUNTED", "USAGE_SUMS", "append", "counts", "event_rows", "events", "usage_rows", "usage_values"]

_ACCESSES = (EventKind.RETRIEVED, EventKind.INJECTED)
COUNTED = (*_ACCESSES, EventKind.USED, EventKind.RATED)
_COUNT = (
    "INSERT INTO usage (pk, access_count, last_accessed_at, injected, used, rated)"
    " SELECT pk, :accessed, iif(:accessed, :at, NULL), :injected, :used, :rated FROM memories WHERE id = :id"
    " ON CONFLICT (pk) DO UPDATE SET"
    " access_count = access_count + excluded.access_count,"
    " last_accessed_at = CASE WHEN excluded.last_accessed_at IS NULL THEN last_accessed_at"
    " ELSE max(coalesce(last_accessed_at, 0), excluded.last_accessed_at) END,"
    " injected = injected + excluded.injected, used = used + excluded.used, rated = rated + excluded.rated"
)
USAGE_SUMS = ", ".join(
    f"{what} AS {name}"
    for name, what in zip(
        UsageRow._fields[1:],
        (
            *(f"count(*) FILTER (WHERE kind = '{kind}')" for kind in COUNTED[:3]),
            "count(*) FILTER (WHERE value > 0)",
            "count(*) FILTER (WHERE value < 0)",
            "coalesce(sum(tokens), 0)",
            "coalesce(sum(cost), 0)",
            *(f"max(at) FILTER (WHERE kind = '{kind}')" for kind in COUNTED[1:3]),
        ),
        strict=True,
    )
)
"""The columns of a `UsageRow` after its first, as sums over `usage_values`."""

# What is no number counts as nothing.
_NUMBER = "iif(json_type(e.data, '$.{0}') IN ('integer', 'real'), json_extract(e.data, '$.{0}'), NULL)"
_ROW = "e.at, e.kind, m.id, e.data FROM events e LEFT JOIN memories m ON m.pk = e.pk"


def append(raw: sqlite3.Connection, events: Iterable[Event], *, counted: bool = True) -> None:
    """Append events and count them; not as accesses where the number of accesses has come along already."""
    for event in events:
        at = rows.to_micros(event.at)
        data = json.dumps(dict(event.data), ensure_ascii=False) if event.data else None
        raw.execute(
            "INSERT INTO events (at, kind, pk, data) VALUES (?, ?, (SELECT pk FROM memories WHERE id = ?), ?)",
            (at, event.kind, event.memory_id, data),
        )
        if event.kind in COUNTED:
            raw.execute(_COUNT, {"id": event.memory_id, "at": at} | counts(event, counted))


def counts(event: Event, access: bool) -> dict[str, int]:
    """Return by how much an event raises each count of its memory; `access` tells whether as an access as well."""
    value = event.data.get("value")
    return {
        "accessed": int(access and event.kind in _ACCESSES),
        "injected": int(event.kind == EventKind.INJECTED),
        "used": int(event.kind == EventKind.USED),
        "rated": int(value) if event.kind == EventKind.RATED and isinstance(value, int) else 0,
    }


def events(raw: sqlite3.Connection, kinds: Sequence[str], limit: int | None) -> list[Event]:
    """Return events of these kinds (all when empty), newest first."""
    found = raw.execute(
        f"SELECT {_ROW} {_of_kinds(kinds)} ORDER BY e.seq DESC LIMIT ?",
        [*map(str, kinds), -1 if limit is None else limit],
    )
    return [
        Event(kind, rows.from_micros(at) or now(), memory_id, json.loads(data or "{}"))
        for at, kind, memory_id, data in found
    ]


def event_rows(raw: sqlite3.Connection, kinds: Sequence[str]) -> list[EventRow]:
    """Return all events of these kinds (all when empty) as plain values, oldest first."""
    cursor = raw.cursor()
    cursor.row_factory = None
    # A join would look into the wide rows of the memories once for each event.
    id_of = dict(cursor.execute("SELECT pk, id FROM memories")).get
    found = cursor.execute(
        f"SELECT e.at, e.kind, e.pk, e.data FROM events e {_of_kinds(kinds)} ORDER BY e.seq", [*map(str, kinds)]
    )
    return [EventRow(at, kind, id_of(pk), data) for at, kind, pk, data in found]


def usage_rows(raw: sqlite3.Connection, since: int | None) -> list[UsageRow]:
    """Return what each memory of the log was good for."""
    cursor = raw.cursor()
    cursor.row_factory = None
    id_of = dict(cursor.execute("SELECT pk, id FROM memories")).get
    condition, start = ("", []) if since is None else (" AND e.at >= ?", [since])
    # The limit keeps the numbers from being taken out behind the sorting, which would then carry the whole texts.
    events = f"SELECT e.pk, {usage_values(_NUMBER)} FROM events e {_of_kinds(COUNTED)}{condition} LIMIT -1"
    found = cursor.execute(f"SELECT pk, {USAGE_SUMS} FROM ({events}) GROUP BY pk", [*COUNTED, *start])
    return [UsageRow(id_of(pk), *sums) for pk, *sums in found]


def usage_values(number: str) -> str:
    """Return what `USAGE_SUMS` adds up of each event `e`.

    Parameters
    ----------
    number
        How a number comes out of the data of an event; its name stands for ``{0}``.
    """
    kinds = {"tokens": EventKind.INJECTED, "cost": EventKind.INJECTED, "value": EventKind.RATED}
    values = (f"CASE e.kind WHEN '{kind}' THEN {number.format(name)} END AS {name}" for name, kind in kinds.items())
    return ", ".join(("e.kind", "e.at", *values))


def _of_kinds(kinds: Sequence[str]) -> str:
    return f"WHERE e.kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
