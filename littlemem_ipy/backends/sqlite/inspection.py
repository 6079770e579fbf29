"""A look at a file as a whole: its figures, and whether it is sound."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from littlemem_ipy.backends.sqlite.files import files_of, size_of
from littlemem_ipy.backends.sqlite.filters import STATE, where
from littlemem_ipy.backends.sqlite.index import index_size
from littlemem_ipy.backends.sqlite.rows import from_micros, to_micros
from littlemem_ipy.backends.sqlite.schema import LATEST
from littlemem_ipy.models import Finding, MemoryStats, SearchQuery
from littlemem_ipy.models.times import now

__all__ = ["check", "stats"]

_LOW_SPACE = 100 * 1024 * 1024


def stats(raw: sqlite3.Connection, path: Path) -> MemoryStats:
    """Return the figures of the store."""
    condition, values = where(SearchQuery())
    total, size, oldest, newest = raw.execute(
        "SELECT count(*), coalesce(sum(length(CAST(title AS BLOB)) + length(CAST(content AS BLOB))), 0),"
        f" min(created_at), max(created_at) FROM memories m WHERE {condition}",
        values,
    ).fetchone()
    groups = {
        column: dict(
            raw.execute(
                f"SELECT m.{column}, count(*) FROM memories m WHERE {condition} GROUP BY 1 ORDER BY 2 DESC, 1",
                values,
            ).fetchall()
        )
        for column in ("type", "project")
    }
    states = raw.execute(
        f"SELECT {STATE} AS state, count(*) FROM memories m GROUP BY 1 ORDER BY 2 DESC, 1", [to_micros(now())]
    )
    most_used = raw.execute(
        "SELECT m.id, u.access_count FROM usage u JOIN memories m ON m.pk = u.pk"
        f" WHERE u.access_count > 0 AND {condition}"
        " ORDER BY u.access_count DESC, u.last_accessed_at DESC, m.pk DESC LIMIT 5",
        values,
    )
    return MemoryStats(
        total=total,
        by_type=groups["type"],
        by_project=groups["project"],
        by_state=dict(states.fetchall()),
        bytes=size,
        file_bytes=size_of(path),
        oldest=from_micros(oldest),
        newest=from_micros(newest),
        most_used=tuple((memory_id, count) for memory_id, count in most_used),
    )


def check(raw: sqlite3.Connection, path: Path, read_only: str | None) -> list[Finding]:
    """Return what is and what isn't as it should be."""
    return list(_checks(raw, path, read_only))


def _checks(raw: sqlite3.Connection, path: Path, read_only: str | None) -> Iterator[Finding]:
    yield Finding("file", True, str(path))
    version = raw.execute("PRAGMA user_version").fetchone()[0]
    yield Finding("format", version <= LATEST, f"version {version}, this package writes {LATEST}")
    yield Finding("writable", read_only is None, read_only or "yes")
    problems = [row[0] for row in raw.execute("PRAGMA integrity_check(3)")]
    yield Finding("integrity", problems == ["ok"], "; ".join(problems))
    yield _index(raw)
    yield Finding("journal", True, raw.execute("PRAGMA journal_mode").fetchone()[0])
    if os.name == "posix":
        yield from _permissions(path)
    free = shutil.disk_usage(path.parent).free
    yield Finding("disk space", free > _LOW_SPACE, f"{free // 2**20:,} MiB free")


def _index(raw: sqlite3.Connection) -> Finding:
    rows = raw.execute("SELECT count(*) FROM memories").fetchone()[0]
    entries, _ = index_size(raw)
    return Finding("search index", rows == entries, f"{entries:,} entries for {rows:,} memories")


def _permissions(path: Path) -> Iterator[Finding]:
    for file in files_of(path):
        mode = stat.S_IMODE(file.stat().st_mode)
        advice = "" if not mode & 0o077 else f"; others can read it: chmod 600 {file}"
        yield Finding(f"permissions of {file.name}", not mode & 0o077, f"{mode:o}{advice}")
