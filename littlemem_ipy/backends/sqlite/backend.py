"""`SQLiteBackend`: the protocol of `Backend` on one file."""

from __future__ import annotations

import os
import sqlite3
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from littlemem_ipy.backends.base import Batch, Change, Moved, TextIndex, VectorTable
from littlemem_ipy.backends.plain import EventRow, MemoryRow, UsageRow
from littlemem_ipy.backends.sqlite import copies, history, log, rows, writing
from littlemem_ipy.backends.sqlite.connection import Connection
from littlemem_ipy.backends.sqlite.filters import order, where
from littlemem_ipy.backends.sqlite.forgetting import forget_queries
from littlemem_ipy.backends.sqlite.index import SQLiteIndex, highest_key, merge_if_grown
from littlemem_ipy.backends.sqlite.inspection import check, stats
from littlemem_ipy.backends.sqlite.repair import index_problem, repair
from littlemem_ipy.backends.sqlite.vectors import SQLiteVectors
from littlemem_ipy.errors import LittleMemWarning, StoreError
from littlemem_ipy.models import Contents, Event, Finding, Memory, MemoryStats, Revision, SearchQuery

__all__ = ["SQLiteBackend"]

_CHUNK = 500  # ids a statement; SQLite's limit on values is far above
_MAX_PENDING = 1000


class SQLiteBackend:
    """Memories in one SQLite file.

    Parameters
    ----------
    path
        The file; made at first use.
    timeout
        Seconds to wait for another process's lock.
    connection
        The connection to the file, where it is a special one.
    """

    def __init__(self, path: Path | str, timeout: float = 15.0, connection: Connection | None = None) -> None:
        self.path = Path(path).absolute()  # a later chdir must not lead to another file
        self.connection = connection or Connection(self.path, timeout)
        self._batch: int | None = None
        self._pending: list[Event] = []
        self._pid = os.getpid()
        self.index: TextIndex = SQLiteIndex(self.connection)
        self.vectors: VectorTable = SQLiteVectors(self.connection)

    @property
    def url(self) -> str:
        """The address of the file, ``sqlite:///…``."""
        return f"sqlite:///{quote(str(self.path))}"

    def __repr__(self) -> str:
        return f"SQLiteBackend({str(self.path)!r})"

    # -- transactions -------------------------------------------------------------------------

    @contextmanager
    def write(self) -> Iterator[None]:
        """Return one durable write transaction; inside another one it joins that one."""
        with self.connection.held():
            if self.connection.depth:
                with self.connection.writing():
                    yield
                return
            self._forget_after_fork()
            self._batch, waiting = None, list(self._pending)
            try:
                with self.connection.writing() as raw:
                    before = highest_key(raw)
                    yield
                    log.append(raw, self._pending)
                    merge_if_grown(raw, before)
            except BaseException:
                self._pending = waiting  # what the transaction logged did not happen
                raise
            self._pending = []

    def _forget_after_fork(self) -> None:
        """Leave what waits in memory to the process that logged it."""
        if self._pid != os.getpid():
            self._pid, self._pending = os.getpid(), []

    def _new_batch(self, raw: sqlite3.Connection) -> int:
        if self._batch is None:
            self._batch = raw.execute("SELECT coalesce(max(seq), 0) + 1 FROM revisions").fetchone()[0]
        return self._batch

    # -- rows ---------------------------------------------------------------------------------

    def get(self, ids: Sequence[str]) -> dict[str, Memory]:
        """Return the memories of these ids, whatever their state."""
        found: dict[str, Memory] = {}
        with self.connection.reading() as raw:
            for start in range(0, len(ids), _CHUNK):
                chunk = list(ids[start : start + _CHUNK])
                marks = ", ".join("?" * len(chunk))
                for row in raw.execute(f"{rows.SELECT} WHERE m.id IN ({marks})", chunk):
                    found[row["id"]] = rows.memory_of(row)
        return found

    def same(self, content_hash: bytes, project: str | None) -> list[Memory]:
        """Return the memories of a project with this content that are not deleted, newest first."""
        with self.connection.reading() as raw:
            found = raw.execute(
                f"{rows.SELECT} WHERE m.content_hash = ? AND m.project IS ? AND m.deleted_at IS NULL"
                " ORDER BY m.pk DESC",
                (content_hash, project),
            )
            return [rows.memory_of(row) for row in found]

    def put(self, changes: Iterable[Change]) -> None:
        """Add or replace rows and write a revision for each."""
        with self.write(), self.connection.writing() as raw:
            batch = self._new_batch(raw)
            for change in changes:
                writing.put(raw, change, batch)

    def adopt(self, moved: Iterable[Moved], events: Iterable[Event] = ()) -> None:
        """Take memories, histories and events over from another store exactly as they are there."""
        with self.write(), self.connection.writing() as raw:
            batch = self._new_batch(raw)
            for each in moved:
                writing.adopt(raw, each, batch)
            log.append(raw, events, counted=False)

    def purge(self, ids: Sequence[str]) -> None:
        """Remove rows, revisions and index entries, and write over the pages that held them."""
        gone = self.get(ids)
        with self.write(), self.connection.writing() as raw:
            earlier = [revision.memory for memory_id in gone for revision in self.revisions(memory_id)]
            forget_queries(raw, [f"{memory.title}\n{memory.content}" for memory in earlier])
            for memory_id in ids:
                raw.execute("DELETE FROM memories WHERE id = ?", (memory_id,))
            raw.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'revisions'")  # for `version`
            # Deleted terms stay in the index's older segments until these are merged.
            raw.execute("INSERT INTO memories_fts (memories_fts) VALUES ('optimize')")
        with self.connection.reading() as raw:
            busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            warnings.warn(
                f"Another process is reading {self.path}: the removed text stays in its log file until the "
                "store is closed everywhere.",
                LittleMemWarning,
                stacklevel=3,
            )

    def select(self, query: SearchQuery) -> tuple[list[Memory], int]:
        """Return the page of memories that pass the filters, in the query's order, and how many pass in all."""
        condition, values = where(query)
        where_sql = f" WHERE {condition}" if condition else ""
        with self.connection.snapshot() as raw:
            page = raw.execute(
                f"{rows.SELECT}{where_sql} ORDER BY {order(query)} LIMIT ? OFFSET ?",
                [*values, query.limit, query.offset],
            )
            found = [rows.memory_of(row) for row in page]
            total = query.offset + len(found)
            if query.counted and (len(found) == query.limit or not found):  # else this is the last page
                total = raw.execute(f"SELECT count(*) FROM memories m{where_sql}", values).fetchone()[0]
            return found, total

    def rows(self, query: SearchQuery) -> list[MemoryRow]:
        """Return all memories that pass the filters as plain values, in no particular order."""
        condition, values = where(query)
        with self.connection.reading() as raw:
            cursor = raw.cursor()
            cursor.row_factory = None
            found = cursor.execute(f"{rows.PLAIN}{f' WHERE {condition}' if condition else ''}", values)
            return list(map(MemoryRow._make, found))

    def near(self, prefix: str, limit: int) -> list[str]:
        """Return ids that begin with `prefix`, newest first."""
        with self.connection.reading() as raw:
            found = raw.execute(
                "SELECT id FROM memories WHERE id >= ? AND id < ? AND deleted_at IS NULL ORDER BY pk DESC LIMIT ?",
                (prefix, prefix + "\U0010ffff", limit),
            )
            return [row["id"] for row in found]

    def names(self, kind: str) -> list[str]:
        """Return the projects or the tags in use, most frequent first."""
        table = {
            "projects": "SELECT project AS name FROM memories WHERE project IS NOT NULL AND deleted_at IS NULL",
            "tags": "SELECT j.value AS name FROM memories, json_each(tags) j WHERE deleted_at IS NULL",
        }[kind]
        with self.connection.reading() as raw:
            found = raw.execute(f"SELECT name FROM ({table}) GROUP BY name ORDER BY count(*) DESC, name")
            return [row["name"] for row in found]

    # -- history ------------------------------------------------------------------------------

    def revisions(self, memory_id: str, since: int | None = None) -> list[Revision]:
        """Return the history of a memory, oldest first; only from the revision of this number on."""
        with self.connection.snapshot() as raw:
            memory = self.get([memory_id]).get(memory_id)
            found = [] if memory is None else history.rows_of(raw, memory_id, since)
        return [] if memory is None else rows.history(memory, found)

    def batches(self, count: int, query: SearchQuery) -> list[Batch]:
        """Return the last transactions that were not undone and touched what passes the filters, newest first."""
        condition, values = where(query)
        with self.connection.snapshot() as raw:
            keys = raw.execute(
                "SELECT DISTINCT r.batch FROM revisions r JOIN memories m ON m.pk = r.pk"
                f" WHERE r.undone = 0 AND r.action != 'undo'{f' AND {condition}' if condition else ''}"
                " ORDER BY r.batch DESC LIMIT ?",
                [*values, count],
            ).fetchall()
            return [history.batch_of(raw, key, self.get(history.members(raw, key))) for (key,) in keys]

    def mark_undone(self, key: int) -> None:
        """Leave this batch out of `batches` from now on."""
        with self.write(), self.connection.writing() as raw:
            raw.execute("UPDATE revisions SET undone = 1 WHERE batch = ?", (key,))

    # -- events -------------------------------------------------------------------------------

    def log(self, events: Iterable[Event]) -> None:
        """Append events: with the transaction around, or at once without waiting for the disk.

        Where another process holds the lock, or the file can't be written, they wait in memory for
        the next write; at most 1,000 do, because a read must never fail for its log. What keeps a
        file from being written is told by the next write.
        """
        with self.connection.held():
            self._forget_after_fork()
            self._pending.extend(events)
            if self.connection.depth or not self._pending:
                return
            pending, self._pending = self._pending, []
            try:
                with self.connection.writing(durable=False, patient=False) as raw:
                    log.append(raw, pending)
            except StoreError:
                self._pending = pending[-_MAX_PENDING:]

    def events(self, kinds: Sequence[str] = (), limit: int | None = None) -> list[Event]:
        """Return events of these kinds (all when empty), newest first."""
        with self.connection.reading() as raw:
            return log.events(raw, kinds, limit)

    def event_rows(self, kinds: Sequence[str] = ()) -> list[EventRow]:
        """Return all events of these kinds (all when empty) as plain values, oldest first."""
        with self.connection.snapshot() as raw:
            return log.event_rows(raw, kinds)

    def usage_rows(self, since: int | None = None) -> list[UsageRow]:
        """Return what each memory of the log was good for, in no particular order."""
        with self.connection.snapshot() as raw:
            return log.usage_rows(raw, since)

    # -- the whole ----------------------------------------------------------------------------

    def version(self) -> str:
        """Return a text that differs after every change of a memory; takes no time."""
        with self.connection.reading() as raw:
            # The sequence goes on after a purge, which takes revisions away.
            row = raw.execute("SELECT seq FROM sqlite_sequence WHERE name = 'revisions'").fetchone()
        return str(row[0] if row else 0)

    def stats(self) -> MemoryStats:
        """Return how much there is of what."""
        with self.connection.reading() as raw:
            return stats(raw, self.path)

    def check(self) -> list[Finding]:
        """Return what a look at the file and its indexes finds."""
        with self.connection.reading() as raw:
            found = check(raw, self.path, self.connection.read_only)
        problem = index_problem(self.connection)
        return [*found, Finding("search index against memories", problem is None, problem or "each entry agrees")]

    def repair(self, target: Path) -> list[Finding]:
        """Make anew what can be derived; write what is left of damaged rows into a new file instead."""
        self.connection.close()
        return repair(self.path, target, self.connection.timeout)

    def exists(self) -> bool:
        """Return whether there is a file at the address already."""
        return self.path.exists()

    def copy(self, target: Path) -> None:
        """Write the committed state to a new file, while others write."""
        self.log(())
        copies.copy(self.path, target, self.connection.timeout)

    def examine(self, source: Path) -> Contents:
        """Return what a copy holds, after a look at all of it."""
        return copies.examine(source)

    def replace(self, source: Path, kept: Path) -> None:
        """Make the state of a copy the state of the store in one step, and keep what it was in a new file."""
        self._pending = []
        self.connection.close()
        copies.replace(self.path, source, kept, self.connection.timeout)

    def close(self) -> None:
        """Write what is pending, and release the file."""
        if self._pending:
            self.log(())
        self.connection.close()
