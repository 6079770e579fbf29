"""What happened: events, and how often each memory was used."""

from __future__ import annotations

import json
from collections.abc import Sequence

from littlemem_ipy.backends.postgres.connection import Connection, Raw
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.models import Event, EventKind
from littlemem_ipy.models.times import now

__all__ = ["append", "events"]

_ACCESSES = (EventKind.RETRIEVED, EventKind.INJECTED)


def append(raw: Raw, connection: Connection, new: Sequence[Event], *, counted: bool = True) -> None:
    """Append events, and count those that are accesses unless the counts have come along already."""
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
        data = json.dumps(dict(event.data), ensure_ascii=False) if event.data else None
        at = rows.to_micros(event.at)
        records.append({"space": space, "at": at, "kind": str(event.kind), "key": key, "data": data})
    raw.execute(
        "INSERT INTO littlemem.events (space, at, kind, key, data) SELECT space, at, kind, key, data"
        " FROM json_to_recordset(%s::json) AS r (space int, at bigint, kind text, key bigint, data text)",
        (json.dumps(records),),
    )
    used = [record for record in records if counted and record["kind"] in _ACCESSES and record["key"]]
    if used:
        # Each once and in the order of the keys, so that two that count at the same time can't lock each other.
        raw.execute(
            "INSERT INTO littlemem.usage AS u (space, key, access_count, last_accessed_at)"
            " SELECT space, key, count(*), max(at)"
            " FROM json_to_recordset(%s::json) AS r (space int, at bigint, key bigint)"
            " GROUP BY space, key ORDER BY space, key ON CONFLICT (space, key) DO UPDATE SET"
            " access_count = u.access_count + excluded.access_count,"
            " last_accessed_at = greatest(u.last_accessed_at, excluded.last_accessed_at)",
            (json.dumps(used),),
        )


def events(connection: Connection, kinds: Sequence[str], limit: int | None) -> list[Event]:
    """Return the user's own events of these kinds (all when empty), newest first."""
    condition = " AND e.kind = ANY (%s)" if kinds else ""
    values = [connection.spaces.all, *([[str(kind) for kind in kinds]] if kinds else []), limit]
    found = connection.rows(
        "SELECT e.kind, e.at, e.data, m.id FROM littlemem.events e"
        " LEFT JOIN littlemem.memories m ON m.space = e.space AND m.key = e.key"
        f" WHERE e.space = ANY (%s){condition} ORDER BY e.seq DESC LIMIT %s",
        values,
    )
    return [
        Event(row["kind"], rows.from_micros(row["at"]) or now(), row["id"], json.loads(row["data"] or "{}"))
        for row in found
    ]
