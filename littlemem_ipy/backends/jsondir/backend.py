"""`JSONDirectoryBackend`: the protocol of `Backend` on a directory of JSON files.

The files are what people and other programs see and change. Beside them, in ``littlemem/``, a database holds
what they have no place for (history, events, vectors, words) and is the journal of every change, so that
transactions, locks between processes and the search are those of `SQLiteBackend`. If it is lost or damaged it is
made anew from the files, without the history; a damaged one is kept.
"""

from __future__ import annotations

import sqlite3
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace as changed
from pathlib import Path
from urllib.parse import quote

from littlemem_ipy.backends.base import Gate
from littlemem_ipy.backends.jsondir.mirror import Mirror
from littlemem_ipy.backends.jsondir.places import INDEX, OURS, SHOWN, Places, Stamp
from littlemem_ipy.backends.jsondir.tables import CHANGED, make
from littlemem_ipy.backends.sqlite import SQLiteBackend
from littlemem_ipy.backends.sqlite.connection import Connection
from littlemem_ipy.backends.sqlite.faults import damaged
from littlemem_ipy.errors import LittleMemWarning, StoreBusy, StoreDamaged, StoreError
from littlemem_ipy.models import Finding, MemoryStats

__all__ = ["JSONDirectoryBackend"]

_SHARE = 20  # looking through the files may take one twentieth of the time


class JSONDirectoryBackend(SQLiteBackend):
    """Memories as JSON files in a directory, one a memory, in the layout of LittleLLM.

    It is meant for some thousands of memories: each change writes the index, which holds a few lines of
    every memory, and each look through the files takes about a microsecond a file.

    Parameters
    ----------
    directory
        The directory; made at first use.
    timeout
        Seconds to wait for another process's lock.
    gate
        What a memory passes that another program has written; None takes it as it is.
    """

    def __init__(self, directory: Path | str, timeout: float = 15.0, gate: Gate | None = None) -> None:
        self.directory = Path(directory).absolute()
        self.mirror = Mirror(Places(self.directory), gate)
        database = self.directory / OURS / "memory.db"
        self.opened = _Mirrored(database, timeout, self.mirror)
        super().__init__(database, timeout, self.opened)

    @property
    def url(self) -> str:
        """The address of the directory, ``json:///…``."""
        return f"json:///{quote(str(self.directory))}"

    def __repr__(self) -> str:
        return f"JSONDirectoryBackend({str(self.directory)!r})"

    def stats(self) -> MemoryStats:
        """Return how much there is of what; the size is that of the files and of the database beside them."""
        found = super().stats()
        with self.connection.reading() as raw:
            size = raw.execute("SELECT coalesce(sum(size), 0) FROM mirror_files").fetchone()[0]
        return changed(found, file_bytes=found.file_bytes + size)

    def check(self) -> list[Finding]:
        """Return what a look at the files and their database finds."""
        with self.connection.reading() as raw:
            return [*super().check(), *self._files(raw)]

    def _files(self, raw: sqlite3.Connection) -> Iterator[Finding]:
        count = raw.execute("SELECT count(*) FROM mirror_files WHERE name != ?", (INDEX,)).fetchone()[0]
        behind = raw.execute("SELECT count(*) FROM mirror_unwritten WHERE how = ?", (CHANGED,)).fetchone()[0]
        waiting = f"; {behind:,} changes wait to be written to them" if behind else ""
        yield Finding("files", not behind, f"{count:,} entries in {self.directory}{waiting}")
        for name, reason in raw.execute("SELECT name, reason FROM mirror_trouble ORDER BY name"):
            yield Finding(f"file {name}", False, f"{reason}; it was left as it is: mend or remove it")

    def exists(self) -> bool:
        """Return whether there are memories already, also if only another program has put them there."""
        return self.path.exists() or self.mirror.places.path(SHOWN).is_dir()

    def replace(self, source: Path, kept: Path) -> None:
        """Make the state of a copy that of the store and of its files, and keep what it was in a new file."""
        super().replace(source, kept)
        self.opened.impose()

    def close(self) -> None:
        """Write what is pending, how often memories were used as well, and release the files."""
        if self.opened.counts_wait():
            self.opened.write_files(counts=True)
        super().close()


class _Mirrored(Connection):
    """The connection to the database, which keeps the files alike around each use.

    Parameters
    ----------
    path, timeout
        As for `Connection`.
    mirror
        The files.
    """

    def __init__(self, path: Path, timeout: float, mirror: Mirror) -> None:
        super().__init__(path, timeout)
        self.mirror = mirror
        self._seen: dict[str, Stamp | None] | None = None
        self._look_from = 0.0
        self._busy = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for reading, after taking in what others have changed in the files."""
        with self.held():
            inside = self._raw is not None and self._raw.in_transaction
            outermost = not (self._busy or self.depth or inside)
            if outermost and time.monotonic() >= self._look_from:
                self._compare(patient=False)
            try:
                with super().reading() as raw:
                    yield raw
            except StoreDamaged:
                if outermost:
                    self.close()  # the next use looks at all of it
                raise

    @contextmanager
    def writing(self, *, durable: bool = True, patient: bool = True) -> Iterator[sqlite3.Connection]:
        """Hold one write transaction; the files follow when it has ended."""
        with self.held():
            outermost = durable and not (self._busy or self.depth)
            if outermost:
                self._compare(patient=patient)
            with super().writing(durable=durable, patient=patient) as raw:
                yield raw
            if outermost:
                self.write_files()

    def _open(self) -> sqlite3.Connection:
        """Open the database; one that is damaged is set aside, because all that is needed stands in the files."""
        there = self._stat()
        try:
            with self._translated():
                return super()._open()
        except StoreDamaged as error:
            if self._stat() == there:  # else another process was faster
                self._begin_anew(error)
        return super()._open()

    def close(self) -> None:
        """Close the database; the next use opens it again, and looks at the files first: it may be another one."""
        with self.held():
            self._seen, self._look_from = None, 0.0
            super().close()

    def _begin_anew(self, error: StoreDamaged) -> None:
        try:
            kept = self.mirror.places.set_database_aside(self.path)
        except OSError as obstacle:
            raise error from obstacle
        warnings.warn(
            f"The memory store {self.mirror.places.directory}: its database was damaged; it was kept as {kept} and "
            "made anew from the entries, so the history begins anew.",
            LittleMemWarning,
            stacklevel=3,
        )

    def _set_up(self, raw: sqlite3.Connection) -> None:
        super()._set_up(raw)
        found = raw.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise damaged(sqlite3.DatabaseError(found), self.path)
        if (
            self.read_only is None
            and not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'mirror_files'").fetchone()
        ):
            self._patiently(lambda: raw.execute("BEGIN IMMEDIATE"), self.timeout)
            make(raw)
            self._patiently(lambda: raw.execute("COMMIT"), self.timeout)

    def _compare(self, *, patient: bool) -> None:
        """Take in what is different in the files from what was seen last."""
        started = time.monotonic()
        with self._translated():
            seen = self.mirror.places.look()
        self._look_from = time.monotonic() + _SHARE * (time.monotonic() - started)
        if seen == self._seen:
            return
        try:
            self._both_ways(patient=patient)
        except StoreBusy:
            if patient:
                raise
            # Another process is writing; what it has committed can be read.

    def counts_wait(self) -> bool:
        """Return whether files are behind in how often their memories were used."""
        with self.held():
            if self._raw is None or self.read_only is not None:
                return False
            return self._raw.execute("SELECT 1 FROM mirror_unwritten LIMIT 1").fetchone() is not None

    def write_files(self, *, counts: bool = False) -> None:
        """Let the files follow; where they can't be written, what was remembered is safe in the database."""
        try:
            self._both_ways(patient=True, counts=counts)
        except StoreError as error:
            self._warn(error)

    def impose(self) -> None:
        """Make the files say what the rows say, whatever they say now."""
        self._busy = True
        try:
            with super().writing() as raw:
                self._seen = self.mirror.impose(raw)
        finally:
            self._busy = False

    def _both_ways(self, *, patient: bool, counts: bool = False) -> None:
        self._busy, trouble = True, None
        try:
            # Whatever gets lost here with the power is still in the files, or still noted as not written to them.
            with super().writing(durable=False, patient=patient) as raw:
                seen = self.mirror.take_in(raw)
                try:
                    seen = self.mirror.hand_out(raw, seen, counts=counts)
                except OSError as error:
                    trouble = error  # the notes of what is behind stay
        finally:
            self._busy = False
        self._seen = seen
        if trouble is not None:
            self._warn(trouble)

    def _warn(self, error: Exception) -> None:
        warnings.warn(
            f"It is remembered, but the files in {self.mirror.places.directory} could not be written ({error}); "
            "they follow with the next change.",
            LittleMemWarning,
            stacklevel=3,
        )
