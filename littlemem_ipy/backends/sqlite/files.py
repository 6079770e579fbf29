"""The files of a store: made for the user alone, and refused when they are not ours."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from littlemem_ipy.errors import StoreDamaged, StoreError

__all__ = ["files_of", "log_of", "prepare", "reserve", "size_of"]

_MAGIC = b"SQLite format 3\x00"
_HEAD = 18  # the magic, and the size of a page; https://sqlite.org/fileformat.html, section 1.3


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
