"""What happened: events, and how often each memory was used."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from littlemem_ipy.backends.plain import EventRow, UsageRow
from littlemem_ipy.backends.postgres.connection import Connection, Raw
from littlemem_ipy.backends.postgres.schema import MOST
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.backends.sqlite.log import COUNTED, USAGE_SUMS, counts, usage_values
from littlemem_ipy.models import Event
from littlemem_ipy.models.times import now

__all__ = ["append", "event_rows", "events", "usage_rows"]

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # the server can't look into JSON with this character

_COUNT = (
    "INSERT INTO littlemem.usage AS u (space, key, access_count, last_accessed_at, injected, used, rated)"
    " SELECT space, key, sum(accessed), max(at) FILTER (WHERE accessed > 0), sum(injected), sum(used), sum(rated)"
    " FROM json_to_recordset(%s::json)"
    " AS r (space int, key bigint, at bigint, accessed int, injected int, used int, rated int)"
    " GROUP BY space, key ORDER BY space, key ON CONFLICT (space, key) DO UPDATE SET"
    f" access_count = least(u.access_count + excluded.access_count, {MOST}),"
    " last_accessed_at = greatest(u.last_accessed_at, excluded.last_accessed_at),"
    f" injected = least(u.injected + excluded.injected, {MOST}), used = least(u.used + excluded.used, {MOST}),"
    f" rated = greatest(least(u.rated + excluded.rated, {MOST}), -{MOST})"
)

# Data may say anything, and PostgreSQL refuses what is no number where one is asked for.
_NUMBER = "CASE jsonb_typeof(e.data::jsonb -> '{0}') WHEN 'number' THEN (e.data::jsonb ->> '{0}')::float8 END"


def append(raw: Raw, connection: Connection, new: Sequence[Event], *, counted: bool = True) -> None:
    """Append events, and count them; not as accesses where the number of accesses has come along already."""
    if not new:
        return
    spaces = connection.spaces
    ids = sorted({event.memory_id for event in new if event.memory_id is not None})
    places = {
        row["id"]: (row["space"], row["key"])
        for row in raw.execute(
            "SELECT id, space, key FROM littlemem.memories WHERE space = ANY (%s) AND id = ANY (%s)",
            (spaces.all, ids),
        ).fetchall()
    }
    records = []
    for event in new:
        # What was asked in a shared space is kept there, for the asker alone: who purges a text there reaches it.
        space, key = places.get(event.memory_id or "", (spaces.shared, None))
        data = _NUL.sub(r"\1 ", json.dumps(dict(event.data), ensure_ascii=False)) if event.data else None
        at = rows.to_micros(event.at)
        records.append({"space": space, "at": at, "kind": str(event.kind), "key": key, "data": data})
    raw.execute(
        "INSERT INTO littlemem.events (space, at, kind, key, data) SELECT space, at, kind, key, data"
        " FROM json_to_recordset(%s::json) AS r (space int, at bigint, kind text, key bigint, data text)",
        (json.dumps(records),),
    )
    _count(raw, places, [event for event in new if event.kind in COUNTED], counted)


def _count(raw: Raw, places: Mapping[str, tuple[int, int]], new: Sequence[Event], access: bool) -> None:
    used = [
        {"space": space, "key": key, "at": rows.to_micros(event.at), **counts(event, access)}
        for event in new
        if event.memory_id is not None and event.memory_id in places
        for space, key in (places[event.memory_id],)
    ]
    if used:
        # Each once and in the order of the keys, so that two that count at the same time can't lock each other.
        raw.execute(_COUNT, (json.dumps(used),))


def events(connection: Connection, kinds: Sequence[str], limit: int | None) -> list[Event]:
    """Return the user's own events of these kinds (all when empty), newest first."""
    condition, values = _own(connection, kinds)
    found = connection.rows(
        f"SELECT e.kind, e.at, e.data, m.id FROM {condition} ORDER BY e.seq DESC LIMIT %s", [*values, limit]
    )
    return [
        Event(row["kind"], rows.from_micros(row["at"]) or now(), row["id"], json.loads(row["data"] or "{}"))
        for row in found
    ]


def event_rows(connection: Connection, kinds: Sequence[str]) -> list[EventRow]:
    """Return the user's own events of these kinds (all when empty) as plain values, oldest first."""
    condition, values = _own(connection, kinds)
    found = connection.rows(f"SELECT e.at, e.kind, m.id, e.data FROM {condition} ORDER BY e.seq", values)
    return [EventRow(*row.values()) for row in found]


def usage_rows(connection: Connection, since: int | None) -> list[UsageRow]:
    """Return what each memory of the user's own log was good for."""
    condition, values = _own(connection, COUNTED)
    if since is not None:
        condition, values = f"{condition} AND e.at >= %s", [*values, since]
    events = f"SELECT m.id, {usage_values(_NUMBER)} FROM {condition}"
    found = connection.rows(f"SELECT id, {USAGE_SUMS} FROM ({events}) AS e GROUP BY id", values)
    return [UsageRow(*row.values()) for row in found]


def _own(connection: Connection, kinds: Sequence[str]) -> tuple[str, list[Any]]:
    own = "littlemem.events e LEFT JOIN littlemem.memories m ON m.space = e.space AND m.key = e.key"
    condition = " AND e.kind = ANY (%s)" if kinds else ""
    # Said here as well, for a user whom the rules of the database do not bind.
    return (
        f"{own} WHERE e.space = ANY (%s) AND e.member = current_user{condition}",
        [connection.spaces.all, *([list(map(str, kinds))] if kinds else [])],
    )
