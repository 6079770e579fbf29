"""The files of a store: made for the user alone, and refused when they are not ours."""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

from littlemem_ipy.errors import StoreDamaged, StoreError

__all__ = ["USED", "files_of", "log_of", "prepare", "reserve", "size_of"]

_MAGIC = b"SQLite format 3\x00"
_HEAD = 18  # the magic, and the size of a page; https://sqlite.org/fileformat.html, section 1.3


class _Used:
    """The files that this process has open through SQLite.

    Whoever opens such a file in another way and closes it again takes SQLite's locks on it away, because POSIX
    drops a process's locks on a file with the first descriptor that is closed; other processes then believe
    that nobody uses the file, and remove its log (https://sqlite.org/howtocorrupt.html, section 2.2).
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        """Held between the look at a file and its opening through SQLite."""
        self._counts: Counter[tuple[int, int]] = Counter()

    def add(self, identity: tuple[int, int]) -> None:
        """Note one more connection to the file of this device and number."""
        with self.lock:
            self._counts[identity] += 1

    def drop(self, identity: tuple[int, int]) -> None:
        """Note that a connection to it is closed."""
        with self.lock:
            self._counts[identity] -= 1
            if self._counts[identity] <= 0:
                del self._counts[identity]

    def __contains__(self, path: object) -> bool:
        """Return whether this process has the file at a path open."""
        if not isinstance(path, Path):
            return False
        try:
            told = path.stat()
        except OSError:
            return False
        with self.lock:
            return (told.st_dev, told.st_ino) in self._counts


USED = _Used()

if hasattr(os, "register_at_fork"):  # a thread that is not in the child may have held it
    os.register_at_fork(after_in_child=lambda: setattr(USED, "lock", threading.RLock()))


def log_of(path: Path) -> Path:
    """Return the path of the write-ahead log."""
    return path.with_name(path.name + "-wal")


def files_of(path: Path) -> list[Path]:
    """Return the files that belong to a store and exist."""
    return [file for file in _names(path) if file.exists()]


def size_of(path: Path) -> int:
    """Return the bytes that a store takes on the disk; its log may come and go meanwhile."""
    sizes = []
    for file in _names(path):
        with suppress(FileNotFoundError):
            sizes.append(file.stat().st_size)
    return sum(sizes)


def _names(path: Path) -> tuple[Path, ...]:
    return path, log_of(path), path.with_name(path.name + "-shm")


def prepare(path: Path) -> None:
    """Make directory and file for the user alone, or check the file that is there.

    Raises
    ------
    StoreError
        If it is a directory.
    StoreDamaged
        If it does not begin like an SQLite file, ends within a page, or lost its contents while its
        log has some. SQLite would throw such a log away.
    """
    _make_directory(path.parent)
    try:
        reserve(path)
    except FileExistsError:
        _refuse_foreign(path)


def reserve(path: Path) -> None:
    """Make an empty file for the user alone; raise `FileExistsError` if there is one."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    path.chmod(0o600)  # whatever the umask takes away


def _make_directory(directory: Path) -> None:
    """Make what is missing, each part for the user alone (``mkdir -p`` would only care for the last)."""
    missing = [parent for parent in (directory, *directory.parents) if not parent.exists()]
    for parent in reversed(missing):
        try:
            parent.mkdir(mode=0o700)
        except FileExistsError:  # another process was faster
            continue
        parent.chmod(0o700)


def _refuse_foreign(path: Path) -> None:
    if path.is_dir():
        raise StoreError(f"{path} is a directory; name a file in it.")
    if path in USED:
        return  # it was looked at when it was opened, and must not be opened in another way now
    with path.open("rb") as file:
        head = file.read(_HEAD)
    size, log = path.stat().st_size, log_of(path)
    logged = log.exists() and log.stat().st_size
    if not head and logged:
        raise StoreDamaged(
            f"The memory store {path} is empty although its log {log.name} is not; both were left as they are. "
            "Keep copies of both, then restore a backup."
        )
    if head and not head.startswith(_MAGIC):
        raise StoreDamaged(
            f"{path} is not a memory store: it does not begin like an SQLite file. It was left as it is; "
            "name another file with LITTLEMEM_STORE, or restore a backup."
        )
    page = int.from_bytes(head[len(_MAGIC) :], "big")
    # SQLite would take the rest of a cut page for zeros. While there is a log, that holds the whole page.
    if page > 1 and size % page and not logged:
        raise StoreDamaged(
            f"The memory store {path} is damaged (its end is missing). It was left as it is: keep a copy of it, "
            "then restore a backup or set LITTLEMEM_STORE to a new file."
        )
