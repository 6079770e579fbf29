"""New files and directories that appear whole or not at all, and never in place of another one unasked."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from littlemem_ipy.errors import ArchiveError
from littlemem_ipy.models.checks import shown
from littlemem_ipy.transfer.sealing import sealer

__all__ = ["new_directory", "new_file", "removed", "written"]


@contextmanager
def new_file(path: Path, *, overwrite: bool = False, passphrase: str | None = None) -> Iterator[IO[bytes]]:
    """Give a binary file to write to; it stands at `path` once the block has ended well and all is on the disk.

    It is made in the same directory, readable by the user alone. If the block raises, or the process dies, what
    was at `path` before is there as it was.

    Parameters
    ----------
    path
        Where it shall be.
    overwrite
        Whether a file that is there may be replaced.
    passphrase
        What it is sealed with; None for a plain file.

    Raises
    ------
    ArchiveError
        If there is a file already, or the disk says no.
    """
    _refuse_existing(path, overwrite)
    with _translated(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}.", suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                if passphrase is None:
                    yield file
                else:
                    with sealer(file, passphrase) as sealed:
                        yield sealed
                file.flush()
                os.fsync(file.fileno())
            _move(temporary, path, overwrite)
        finally:
            removed(temporary)
        _sync_directory(path.parent)


@contextmanager
def new_directory(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a directory to write files to with `written`; it stands at `path` once the block has ended well.

    Raises
    ------
    ArchiveError
        If there is something already, or the disk says no.
    """
    if not (path.is_dir() and not any(path.iterdir())):
        _refuse_existing(path, overwrite)
    with _translated(path):
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:50]}.", suffix=".tmp"))
        try:
            yield temporary
            _sync_directory(temporary)
            _swap(temporary, path)
        finally:
            removed(temporary)
        _sync_directory(path.parent)


def removed(path: Path) -> None:
    """Remove a file or a directory that is only a means, also when ^C comes in between: nobody would find it."""
    try:
        _remove(path)
    except KeyboardInterrupt:
        _remove(path)
        raise


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def written(path: Path, content: bytes) -> None:
    """Write a file of a new directory, safely on the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if path.is_dir() and any(path.iterdir()) and not overwrite:
        raise ArchiveError(f"{shown(str(path), 200)} is a directory with files in it; choose another name.")
    if os.path.lexists(path) and not overwrite:
        raise ArchiveError(
            f"{shown(str(path), 200)} exists already; choose another name, or overwrite it (--overwrite)."
        )


def _move(temporary: Path, path: Path, overwrite: bool) -> None:
    if overwrite:
        os.replace(temporary, path)
        return
    try:
        os.link(temporary, path)  # unlike a rename, it fails where somebody was quicker
    except FileExistsError:
        raise ArchiveError(f"{shown(str(path), 200)} exists since a moment ago; choose another name.") from None
    except (OSError, AttributeError, NotImplementedError):  # a file system without links
        _refuse_existing(path, overwrite)
        os.replace(temporary, path)


def _swap(temporary: Path, path: Path) -> None:
    """Put a directory in the place of another one; two renames, because none of them does it at once."""
    aside = None
    try:
        if path.exists():
            aside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:50]}.", suffix=".old"))
            os.rmdir(aside)
            os.replace(path, aside)
        os.replace(temporary, path)
    finally:
        if aside is not None and aside.exists():
            if path.exists():
                removed(aside)
            else:  # the second one failed, or ^C came before it
                os.replace(aside, path)


def _sync_directory(path: Path) -> None:
    if os.name == "nt":
        return  # its directories can't be opened; the rename itself is in the journal
    with suppress(OSError):  # some network file systems refuse, and then there is no more that we could do
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{shown(str(path), 200)} can't be written ({error.strerror or error}); nothing was left there."
        ) from error
