"""A look at a server as a whole: its figures, and whether it is sound."""

from __future__ import annotations

from collections.abc import Iterator

from littlemem_ipy.backends.postgres.connection import Connection, Raw
from littlemem_ipy.backends.postgres.dialect import STATE, state_values, where
from littlemem_ipy.backends.postgres.schema import LATEST
from littlemem_ipy.backends.sqlite.rows import from_micros
from littlemem_ipy.errors import StoreUnreachable
from littlemem_ipy.models import Finding, MemoryStats, SearchQuery

__all__ = ["check", "stats"]


def stats(connection: Connection) -> MemoryStats:
    """Return the figures of the spaces of a store."""
    condition, values = where(SearchQuery(), connection.spaces.all)

    def read(raw: Raw) -> MemoryStats:
        memories = f"FROM littlemem.memories m WHERE {condition}"
        whole = raw.execute(
            "SELECT count(*) AS n, coalesce(sum(octet_length(title) + octet_length(content)), 0)::bigint AS bytes,"
            f" min(created_at) AS oldest, max(created_at) AS newest {memories}",
            values,
        ).fetchone()
        assert whole is not None  # a count is always there
        groups = {
            column: raw.execute(
                f"SELECT m.{column} AS name, count(*) AS n {memories} GROUP BY 1 ORDER BY 2 DESC, 1", values
            ).fetchall()
            for column in ("type", "project")
        }
        states = raw.execute(
            f"SELECT {STATE} AS name, count(*) AS n FROM littlemem.memories m WHERE m.space = ANY (%s)"
            " GROUP BY 1 ORDER BY 2 DESC, 1",
            [*state_values(), connection.spaces.all],
        ).fetchall()
        most_used = raw.execute(
            "SELECT m.id, u.access_count FROM littlemem.usage u"
            f" JOIN littlemem.memories m ON m.space = u.space AND m.key = u.key"
            f" WHERE u.access_count > 0 AND {condition}"
            " ORDER BY u.access_count DESC, u.last_accessed_at DESC NULLS LAST, m.key DESC LIMIT 5",
            values,
        ).fetchall()
        return MemoryStats(
            total=whole["n"],
            by_type={row["name"]: row["n"] for row in groups["type"]},
            by_project={row["name"]: row["n"] for row in groups["project"]},
            by_state={row["name"]: row["n"] for row in states},
            bytes=whole["bytes"],
            file_bytes=_size(raw),
            oldest=from_micros(whole["oldest"]),
            newest=from_micros(whole["newest"]),
            most_used=tuple((row["id"], row["access_count"]) for row in most_used),
        )

    return connection.snapshot(read)


def _size(raw: Raw) -> int:
    """Return what the tables take on the server's disk, of all spaces together."""
    row = raw.execute(
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes FROM pg_class c"
        " WHERE c.relnamespace = 'littlemem'::regnamespace AND c.relkind = 'r'"
    ).fetchone()
    return row["bytes"] if row else 0


def check(connection: Connection) -> list[Finding]:
    """Return what is and what isn't as it should be."""
    try:
        return list(connection.snapshot(lambda raw: list(_checks(connection, raw))))
    except StoreUnreachable as error:
        return [Finding("server", False, str(error))]


def _checks(connection: Connection, raw: Raw) -> Iterator[Finding]:
    spaces = connection.spaces
    row = raw.execute("SELECT current_setting('server_version') AS server, current_user AS name").fetchone()
    assert row is not None  # settings are always there
    yield Finding("server", True, f"PostgreSQL {row['server']} at {connection.address.server}, as {row['name']}")
    yield Finding("space", True, connection.address.space or "your own")
    found = raw.execute("SELECT max(version) AS version FROM littlemem.migrations").fetchone()
    version = found["version"] if found else 0
    yield Finding("format", version <= LATEST, f"version {version}, this package writes {LATEST}")
    yield Finding("writable", connection.read_only is None, connection.read_only or _rights(spaces.may_write))
    yield _walls(connection, raw)
    yield from _index(connection, raw)


def _rights(may_write: bool) -> str:
    return "yes" if may_write else "your own space; the shared one may only be read"


def _walls(connection: Connection, raw: Raw) -> Finding:
    """Return whether row-level security holds for this user; who works alone on a server may own it."""
    row = raw.execute("SELECT row_security_active('littlemem.memories') AS active").fetchone()
    if row is not None and row["active"]:
        return Finding("row-level security", True, "on")
    advice = "it does not hold for you, who own the tables or are a superuser"
    return Finding("row-level security", connection.address.space is None, f"{advice}: work as an ordinary user")


def _index(connection: Connection, raw: Raw) -> Iterator[Finding]:
    row = raw.execute(
        "SELECT (SELECT count(*) FROM littlemem.memories WHERE space = ANY (%s)) AS held,"
        " (SELECT sum(held_rows)::bigint FROM littlemem.spaces WHERE space = ANY (%s)) AS counted,"
        " (SELECT count(*) FROM littlemem.memories WHERE space = ANY (%s) AND length(words) = 0)"
        " AS wordless",
        [connection.spaces.all] * 3,
    ).fetchone()
    assert row is not None  # counts are always there
    sound = row["held"] == row["counted"] and not row["wordless"]
    yield Finding("search index", sound, f"{row['counted']:,} entries for {row['held']:,} memories")
