"""Making a file sound again: what can be derived is made anew in place, anything else in a new file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.backends.sqlite.connection import Connection
from littlemem_ipy.backends.sqlite.files import files_of
from littlemem_ipy.backends.sqlite.salvage import Salvaged, salvage
from littlemem_ipy.errors import StoreDamaged
from littlemem_ipy.models import Finding

__all__ = ["index_problem", "repair"]

_SHOWN = 20


def repair(path: Path, target: Path, timeout: float) -> list[Finding]:
    """Rebuild indexes and counts; if the rows themselves are damaged, write what is left into a new file instead.

    A damaged file is only read.

    Parameters
    ----------
    path
        The store's file.
    target
        The new file, if one is needed.
    timeout
        Seconds to wait for another process's lock.

    Returns
    -------
    list of Finding
        What was done and, id by id, what could not be saved.
    """
    connection = Connection(path, timeout)
    try:
        problem = _damage(connection)
        if problem is None:
            return list(_rebuilt(connection, path))
    finally:
        connection.close()
    return [Finding("damage", False, problem), *_told(salvage(path, target))]


def _damage(connection: Connection) -> str | None:
    """Return what is wrong with the tables, or None."""
    try:
        with connection.reading() as raw:
            problems = [row[0] for row in raw.execute("PRAGMA integrity_check(1)")]
            if problems != ["ok"]:
                return str(problems[0])
            for row in raw.execute(rows.SELECT):
                rows.memory_of(row)
    except StoreDamaged as error:
        return str(error)
    return None


def _rebuilt(connection: Connection, path: Path) -> Iterator[Finding]:
    with connection.writing() as raw:
        raw.execute("INSERT INTO memories_fts (memories_fts) VALUES ('rebuild')")
        count = raw.execute("SELECT count(*) FROM memories").fetchone()[0]
        yield Finding("search index", True, f"made anew from {count:,} memories")
        raw.execute("REINDEX")
        for table in ("usage", "vectors", "revisions"):
            orphans = raw.execute(f"DELETE FROM {table} WHERE pk NOT IN (SELECT pk FROM memories)").rowcount
            if orphans:
                yield Finding(table, True, f"{orphans:,} rows of memories that are gone were removed")
    if os.name == "posix":
        open_to_others = [file for file in files_of(path) if file.stat().st_mode & 0o077]
        for file in open_to_others:
            file.chmod(0o600)
            yield Finding(f"permissions of {file.name}", True, "600 now: for you alone")


def _told(saved: Salvaged) -> Iterator[Finding]:
    yield Finding(
        "salvaged",
        True,
        f"{saved.memories:,} memories, {saved.revisions:,} revisions and {saved.events:,} events are in "
        f"{saved.path}; the damaged file is as it was. To go on from there: %mem restore-backup {saved.path} --yes",
    )
    if saved.spoilt:
        yield Finding("damaged texts", False, f"{_listed(saved.spoilt)}: they wait in the inbox of the new file")
    yield Finding(
        "lost", not saved.lost, _listed(saved.lost) if saved.lost else "nothing that the file still names"
    )


def _listed(ids: list[str]) -> str:
    more = f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else ""
    return f"{len(ids):,}: {', '.join(ids[:_SHOWN])}{more}"


def index_problem(connection: Connection) -> str | None:
    """Return how the search index differs from the rows, or None; each entry is compared."""
    if connection.read_only:
        return None
    try:
        with connection.writing(durable=False) as raw:
            raw.execute("INSERT INTO memories_fts (memories_fts, rank) VALUES ('integrity-check', 1)")
    except StoreDamaged:
        return "its entries differ from the memories; %mem doctor --repair makes it anew"
    return None
