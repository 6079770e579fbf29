"""One SQLite file: opened lazily and carefully, locked briefly, never written over when damaged.

Many kernels and servers share the file. Writers take the lock at once (``BEGIN IMMEDIATE``), wait
for each other in short steps that ^C can interrupt, and give up with `StoreBusy`. A process that
was forked opens the file anew, because SQLite's locks do not survive a fork.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TypeVar

from littlemem_ipy.backends.mounts import is_network
from littlemem_ipy.backends.sqlite.faults import BUSY, damaged, explained
from littlemem_ipy.backends.sqlite.files import USED, log_of, prepare, reserve
from littlemem_ipy.backends.sqlite.schema import APPLICATION_ID, LATEST, MIGRATIONS
from littlemem_ipy.errors import LittleMemWarning, StoreError, StoreReadOnly

__all__ = ["Connection"]

Result = TypeVar("Result")

# Connections inherited through a fork: closing or collecting them in the child could drop the
# parent's locks, so they are kept untouched.
_inherited: list[sqlite3.Connection] = []


_CACHE = 16_000  # KiB of pages at most; with SQLite's usual 2 MB a large index is read again for every search


class Connection:
    """The connection to one file, shared by the threads of a process.

    Parameters
    ----------
    path
        The file; it and its directory are made at first use, for the user alone.
    timeout
        Seconds to wait for another process's lock.
    """

    def __init__(self, path: Path, timeout: float = 15.0) -> None:
        self.path = path
        self.timeout = timeout
        self.read_only: str | None = None
        """Why the file can't be written; None if it can."""
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self.depth = 0
        """How many `writing` blocks are around; only meaningful while `held`."""
        self._durable = True
        self._raw: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    # -- reading and writing ------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for reading; errors come out as `StoreError`, unreadable values as damage."""
        with self.held(), self._translated():
            raw = self._open()
            try:
                yield raw
            except (json.JSONDecodeError, OverflowError) as error:
                raise damaged(error, self.path) from error

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection for several reads that see one and the same state."""
        with self.reading() as raw:
            if raw.in_transaction:
                yield raw
                return
            try:
                raw.execute("BEGIN")
                yield raw
                # Taking it back would take temporary tables along, and with them all prepared statements.
                raw.execute("COMMIT")
            finally:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")

    @contextmanager
    def writing(self, *, durable: bool = True, patient: bool = True) -> Iterator[sqlite3.Connection]:
        """Hold one write transaction; a second one inside joins the first.

        Parameters
        ----------
        durable
            Whether the commit waits for the disk; events do without.
        patient
            Whether to wait for another process's lock.
        """
        with self.held(), self._translated():
            raw = self._open()
            if self.read_only:
                raise StoreReadOnly(self.read_only)
            self.depth += 1
            try:
                if self.depth > 1:
                    yield raw
                else:
                    yield from self._transaction(raw, durable, self.timeout if patient else 0)
            finally:
                self.depth -= 1

    def _transaction(self, raw: sqlite3.Connection, durable: bool, wait: float) -> Iterator[sqlite3.Connection]:
        # Waiting happens in our own steps, so that ^C is heard; SQLite's wait is for readers.
        raw.execute("PRAGMA busy_timeout=0")
        if durable != self._durable:
            raw.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        try:
            self._patiently(lambda: raw.execute("BEGIN IMMEDIATE"), wait)
            yield raw
            self._patiently(lambda: raw.execute("COMMIT"), self.timeout)
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise
        finally:
            raw.execute(f"PRAGMA busy_timeout={int(self.timeout * 1000)}")

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self.held():
            # In this order, so that ^C in between leaves nothing that looks open.
            raw, self._raw = self._raw, None
            if raw is not None:
                self._shut(raw)

    def held(self) -> AbstractContextManager[bool]:
        """Keep other threads out; after a fork, forget what the parent had open."""
        if self._pid != os.getpid():
            if self._raw is not None:
                _inherited.append(self._raw)
            self._raw, self.depth, self._pid = None, 0, os.getpid()
            self._lock = threading.RLock()
        return self._lock

    def _patiently(self, step: Callable[[], Result], wait: float) -> Result:
        """Run `step` until the lock is ours or `wait` seconds are over."""
        deadline = time.monotonic() + wait
        while True:
            try:
                return step()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in BUSY or time.monotonic() >= deadline:
                    raise
            time.sleep(random.uniform(0.001, 0.01))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise explained(error, self.path, self.timeout) from error
        except OSError as error:
            raise StoreError(f"The memory store {self.path} can't be opened: {error.strerror or error}.") from error

    # -- opening ------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if self._raw is not None:
            self._refuse_if_replaced()
            return self._raw
        with USED.lock:
            prepare(self.path)
            raw, self.read_only = self._connect()
            self._identity = self._stat()
            if self._identity:
                USED.add(self._identity)
        try:
            self._set_up(raw)
        except BaseException:
            self._shut(raw)
            raise
        self._raw = raw
        return raw

    def _shut(self, raw: sqlite3.Connection) -> None:
        """Close a connection; until that is done, its file counts as used."""
        raw.close()
        if self._identity:
            USED.drop(self._identity)

    def _stat(self) -> tuple[int, int] | None:
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return None
        return stat.st_dev, stat.st_ino

    def _refuse_if_replaced(self) -> None:
        """Notice that the path no longer leads to the file that is open: writes to it would be lost."""
        assert self._raw is not None
        if self._raw.in_transaction or self._stat() == self._identity:
            return
        self.close()
        raise StoreError(
            f"The memory store {self.path} was moved, deleted or replaced while it was open; "
            "nothing was written. Run this again to use what is there now."
        )

    def _connect(self) -> tuple[sqlite3.Connection, str | None]:
        """Return a connection, and why it is read-only if it is."""
        if os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK):
            return self._raw_connection(self.path.absolute().as_uri()), None
        wal = log_of(self.path)
        # Without the right to make the shared-memory file, only an unshared look is possible.
        mode = "mode=ro" if wal.exists() or os.access(self.path.parent, os.W_OK) else "immutable=1"
        raw = self._raw_connection(f"{self.path.absolute().as_uri()}?{mode}")
        return (
            raw,
            f"The memory store {self.path} is write-protected; nothing was changed. Check its permissions.",
        )

    def _raw_connection(self, uri: str) -> sqlite3.Connection:
        raw = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=self.timeout)
        raw.row_factory = sqlite3.Row
        return raw

    def _set_up(self, raw: sqlite3.Connection) -> None:
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA secure_delete=ON")
        raw.execute("PRAGMA synchronous=FULL")
        self._durable = True
        raw.execute("PRAGMA temp_store=MEMORY")
        raw.execute(f"PRAGMA cache_size=-{_CACHE}")
        version = self._patiently(lambda: self._version(raw), self.timeout)
        if self.read_only:
            return
        if version > LATEST:
            raw.execute("PRAGMA query_only=ON")
            self.read_only = (
                f"The memory store {self.path} was written by a newer version of littlemem_ipy (format {version}, "
                f"this version writes {LATEST}); it can be read and exported. Upgrade littlemem_ipy to write."
            )
            return
        self._set_journal(raw)
        if version < LATEST:
            self._migrate(raw)

    def _version(self, raw: sqlite3.Connection) -> int:
        version: int = raw.execute("PRAGMA user_version").fetchone()[0]
        owner = raw.execute("PRAGMA application_id").fetchone()[0]
        tables = raw.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if owner != APPLICATION_ID and (tables or version):
            raise StoreError(
                f"{self.path} is an SQLite database of another program; it was left as it is. "
                "Name another file with LITTLEMEM_STORE or %config LittleMem.store."
            )
        return version

    def _set_journal(self, raw: sqlite3.Connection) -> None:
        remote = is_network(self.path.parent)
        mode = "DELETE" if remote else "WAL"
        current = raw.execute("PRAGMA journal_mode").fetchone()[0]
        if current.upper() != mode:
            self._patiently(lambda: raw.execute(f"PRAGMA journal_mode={mode}").fetchone(), self.timeout)
        if remote:
            warnings.warn(
                f"{self.path} is on a network file system: using a rollback journal, which is slower. "
                "Set LITTLEMEM_HOME to a local directory to avoid that.",
                LittleMemWarning,
                stacklevel=2,
            )

    def _migrate(self, raw: sqlite3.Connection) -> None:
        """Bring the file to the latest format in one transaction; another process may have done it."""
        self._patiently(lambda: raw.execute("BEGIN IMMEDIATE"), self.timeout)
        try:
            version = self._version(raw)
            if 0 < version < LATEST:
                self._keep_former(version)
            for script in MIGRATIONS[version:]:
                for statement in _statements(script):
                    raw.execute(statement)
            raw.execute(f"PRAGMA application_id={APPLICATION_ID}")
            raw.execute(f"PRAGMA user_version={max(version, LATEST)}")
            self._patiently(lambda: raw.execute("COMMIT"), self.timeout)
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise

    def _keep_former(self, version: int) -> None:
        """Copy the file before its format changes; another connection sees it as it was before the transaction."""
        kept = self.path.with_name(f"{self.path.stem}.format-{version}{self.path.suffix}")
        partial = kept.with_name(f".{kept.name}.{os.getpid()}")
        if kept.exists():  # an earlier attempt, or another process
            return
        reserve(partial)
        try:
            with (
                closing(self._raw_connection(self.path.as_uri())) as source,
                closing(sqlite3.connect(partial)) as raw,
            ):
                source.backup(raw)
                raw.execute("PRAGMA journal_mode=DELETE")
            os.replace(partial, kept)
        finally:
            partial.unlink(missing_ok=True)


def _statements(script: str) -> Iterator[str]:
    """Split a script into statements; ``executescript`` would commit between them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
