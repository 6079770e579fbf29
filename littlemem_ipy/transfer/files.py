"""New files and directories that appear whole or not at all, and never in place of another one unasked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from littlemem_ipy.errors import ArchiveError
from littlemem_ipy.models.checks import shown
from littlemem_ipy.transfer.sealing import sealer

__all__ = ["new_directory", "new_file", "workshop", "written"]


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
        with _passing(_beside(path, "tmp")) as temporary:
            with open(temporary, "xb", opener=_for_the_user_alone) as file:
                if passphrase is None:
                    yield file
                else:
                    with sealer(file, passphrase) as sealed:
                        yield sealed
                file.flush()
                os.fsync(file.fileno())
            _move(temporary, path, overwrite)
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
        with _passing(_beside(path, "tmp")) as temporary:
            temporary.mkdir(mode=0o700)
            yield temporary
            _sync_directory(temporary)
            _swap(temporary, path)
        _sync_directory(path.parent)


@contextmanager
def workshop(place: Path) -> Iterator[Path]:
    """Give a directory for the user alone, on the disk of `place`, which goes away with what is in it."""
    with _passing(place / f".littlemem-{secrets.token_hex(8)}") as directory:
        directory.mkdir(mode=0o700)
        yield directory


@contextmanager
def _passing(path: Path) -> Iterator[Path]:
    """Remove in the end what is at `path` by then, also when ^C comes in between: nobody would find it."""
    try:
        yield path
    finally:
        try:  # here, not in a function: ^C can come as one is entered
            _remove(path)
        except KeyboardInterrupt:
            _remove(path)
            raise


def _beside(path: Path, suffix: str) -> Path:
    """Return a new name on the same disk; it is known before there is a file, so that ^C never leaves one."""
    return path.with_name(f".{path.name[:50]}.{secrets.token_hex(8)}.{suffix}")


def _for_the_user_alone(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _remove(path: Path) -> None:
    """Remove what is there; `shutil.rmtree` turns a ^C at the wrong moment into "Bad file descriptor"."""
    if path.is_dir() and not path.is_symlink():
        with suppress(OSError):  # what was to be made is made; `%mem doctor` names what is left over
            for part in path.iterdir():
                _remove(part)
            path.rmdir()
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
            aside = _beside(path, "old")
            os.replace(path, aside)
        os.replace(temporary, path)
    finally:
        if aside is not None and aside.exists():
            if path.exists():
                with _passing(aside):
                    pass
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
