"""Whole copies of a store: made while others write, looked at without a change, and put back.

Copies are made with SQLite's online backup (https://sqlite.org/backup.html): the copy is the state of one
moment. Going back writes the pages of the copy over those of the store *inside one transaction of the
store*, so that other processes see it as any other change and a crash leaves the old state. The file is
never exchanged while it can be opened, because another process would go on writing to the old one.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

from littlemem_ipy.backends.sqlite.connection import Connection
from littlemem_ipy.backends.sqlite.faults import damaged, explained
from littlemem_ipy.backends.sqlite.files import files_of, log_of, reserve
from littlemem_ipy.backends.sqlite.inspection import stats
from littlemem_ipy.backends.sqlite.schema import APPLICATION_ID, LATEST
from littlemem_ipy.errors import StoreBusy, StoreDamaged, StoreReadOnly
from littlemem_ipy.models import Contents

__all__ = ["copy", "examine", "replace"]

_STEPS = 64  # of a copy over the store; between two of them ^C is heard


class _Changed(Exception):
    """Somebody wrote to the store after it was copied."""


def copy(path: Path, target: Path, timeout: float) -> None:
    """Write the committed state of the store to a new file, for the user alone, while others write.

    Parameters
    ----------
    path
        The store's file.
    target
        A file that is not there yet; it is gone again if this fails.
    timeout
        Seconds to wait for another process's lock.

    Raises
    ------
    FileExistsError
        If `target` is there.
    StoreError
        If the store can't be read or the copy can't be written.
    """
    connection = Connection(path, timeout)
    try:
        with _new(target) as raw, connection.reading() as source:
            source.backup(raw)
            # One file, which can be looked at without making others beside it.
            raw.execute("PRAGMA journal_mode=DELETE")
    finally:
        connection.close()


@contextmanager
def _new(target: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection to a new file, which goes away again if the block raises."""
    reserve(target)
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as raw:
            yield raw
    except BaseException as error:
        for file in files_of(target):
            file.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error):
            raise explained(error, target, 0) from error
        raise


def examine(path: Path) -> Contents:
    """Return what a copy holds, after a look at each of its pages; it is not changed by that.

    Raises
    ------
    StoreDamaged
        If it is no store, or not whole.
    StoreReadOnly
        If a newer version of this package wrote it.
    """
    mode = "mode=ro" if log_of(path).exists() else "immutable=1"  # copied by hand, it may have its log beside it
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)) as raw:
            raw.row_factory = sqlite3.Row
            return _contents(raw, path)
    except (sqlite3.Error, UnicodeDecodeError, ArithmeticError, ValueError) as error:
        raise damaged(error, path) from error


def _contents(raw: sqlite3.Connection, path: Path) -> Contents:
    version = raw.execute("PRAGMA user_version").fetchone()[0]
    if raw.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreDamaged(f"{path} is not the copy of a memory store; nothing was changed.")
    if version > LATEST:
        raise StoreReadOnly(
            f"{path} was written by a newer version of littlemem_ipy (format {version}, this version reads "
            f"{LATEST}); upgrade littlemem_ipy to use it."
        )
    problems = [row[0] for row in raw.execute("PRAGMA integrity_check(1)")]
    if problems != ["ok"]:
        raise StoreDamaged(f"{path} is damaged ({problems[0]}); nothing was changed. Use another copy.")
    counts = {
        table: raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("memories", "revisions", "events")
    }
    return Contents(format=version, **counts, stats=stats(raw, path))


def replace(path: Path, source: Path, kept: Path, timeout: float) -> None:
    """Make the state of a copy the state of the store.

    Parameters
    ----------
    path
        The store's file, which may be damaged, or missing.
    source
        The copy; it is not changed.
    kept
        A new file that takes what the store was, as far as it can be read; else the file itself goes there.
    timeout
        Seconds to wait for another process's lock.

    Raises
    ------
    StoreError
        If the copy is not whole, or a file can't be written: the store is then as it was.
    """
    mine = f".restoring-{os.getpid()}-"
    staged = path.with_name(mine + path.name)
    try:
        reserve(staged)
        for file, copied in ((source, staged), (log_of(source), log_of(staged))):
            if file.exists():  # a file that was copied by hand may have brought its log
                shutil.copyfile(file, copied)
        _stage(staged, path, timeout)
        if not path.exists():
            os.replace(staged, path)
            return
        try:
            _overwrite(path, staged, kept, timeout)
        except StoreDamaged:
            _exchange(path, staged, kept)
    finally:
        try:
            _clear(path.parent, mine)
        except KeyboardInterrupt:  # nobody would find what is left
            _clear(path.parent, mine)
            raise


def _clear(directory: Path, prefix: str) -> None:
    for file in directory.glob(f"{prefix}*"):
        file.unlink(missing_ok=True)


def _stage(staged: Path, path: Path, timeout: float) -> None:
    """Bring the copy to the present format, and its numbers beyond those that were given since."""
    revisions, vectors = _numbers(path, timeout) if path.exists() else (0, 0)
    connection = Connection(staged, timeout)
    try:
        with connection.writing() as raw:
            # What others remember of the store by these numbers is not what comes back under them.
            raw.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) + 1 WHERE name = 'revisions'", (revisions,))
            raw.execute("UPDATE vectors SET seq = seq + ?", (vectors,))
    finally:
        connection.close()
    with closing(sqlite3.connect(staged)) as raw:
        raw.execute("PRAGMA journal_mode=DELETE")
    examine(staged)


def _numbers(path: Path, timeout: float) -> tuple[int, int]:
    """Return the highest numbers of a revision and of a vector that the store has given; 0 if it can't be read."""
    connection, given = Connection(path, timeout), dict[str, int]()
    try:
        with suppress(StoreDamaged), connection.reading() as raw:
            given = dict(raw.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    finally:
        connection.close()
    return given.get("revisions", 0), given.get("vectors", 0)


def _overwrite(path: Path, staged: Path, kept: Path, timeout: float) -> None:
    """Keep what is there, then write the pages of the copy over it in one transaction."""
    connection, deadline = Connection(path, timeout), time.monotonic() + timeout
    try:
        while True:
            with connection.reading() as reader:
                known = _data_version(reader)
                copy(path, kept, timeout)
                try:
                    _write_pages(path, staged, partial(_is_unchanged, reader, known), deadline)
                except _Changed:
                    kept.unlink()
                    continue
                return
    finally:
        connection.close()


def _write_pages(path: Path, staged: Path, unchanged: Callable[[], bool], deadline: float) -> None:
    """Write all pages, unless somebody has written since the store was copied."""
    begun = False

    def between(status: int, remaining: int, total: int) -> None:
        nonlocal begun
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            if time.monotonic() >= deadline:
                raise StoreBusy(
                    f"The memory store {path} is in use by another process; nothing was changed. Try again."
                )
        elif not begun:
            begun = True  # from the first step on, the store's lock is ours
            if not unchanged():
                raise _Changed

    try:
        with (
            closing(sqlite3.connect(staged)) as source,
            closing(sqlite3.connect(path, isolation_level=None)) as live,
        ):
            live.execute("PRAGMA synchronous=FULL")
            # Never all in one step: the first one only takes the lock, and the last one commits.
            pages = max(1, source.execute("PRAGMA page_count").fetchone()[0] // _STEPS)
            source.backup(live, pages=pages, progress=between, sleep=0.02)
    except sqlite3.Error as error:
        raise explained(error, path, 0) from error


def _is_unchanged(raw: sqlite3.Connection, known: int) -> bool:
    return _data_version(raw) == known


def _data_version(raw: sqlite3.Connection) -> int:
    """Return a number that changes when another connection has committed."""
    version: int = raw.execute("PRAGMA data_version").fetchone()[0]
    return version


def _exchange(path: Path, staged: Path, kept: Path) -> None:
    """Put the copy in the place of a file that can't be opened, which is kept with its log."""
    if kept.exists():  # half a copy of what can't be read
        kept.unlink()
    os.rename(path, kept)
    if log_of(path).exists():
        os.rename(log_of(path), log_of(kept))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    os.replace(staged, path)
