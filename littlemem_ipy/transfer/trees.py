"""Files inside of a directory or an archive, read one by one and never unpacked to the disk."""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from littlemem_ipy.errors import ArchiveError
from littlemem_ipy.models.checks import shown
from littlemem_ipy.transfer.documents import brief
from littlemem_ipy.transfer.limits import Limits

__all__ = ["Folder", "Tree", "Zipped", "opened_zip"]

_FREE = 2**20  # bytes of a file that may be packed as tightly as it likes
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_MAX_NAME = 1024
# What the library raises for archives that are none, or not whole.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


class Tree(Protocol):
    """Some files by their names, which are labels and lead nowhere."""

    def names(self) -> list[str]:
        """Return the names of the files, with ``/`` between the parts, in alphabetical order."""

    def refused(self) -> list[tuple[str, str]]:
        """Return names of what is left out, with the reason."""

    def read(self, name: str) -> bytes:
        """Return the content of a file."""


class Folder:
    """The regular files of a directory and of those in it; links and devices are left out.

    Parameters
    ----------
    root
        The directory.
    limits
        How many files and bytes there may be.

    Raises
    ------
    ArchiveError
        If there are more files than the limit.
    """

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root, self._left = root, limits.file_bytes
        self._names: list[str] = []
        self._refused: list[tuple[str, str]] = []
        for place, directories, files in os.walk(root, followlinks=False):
            directories[:] = [name for name in directories if not name.startswith(".")]
            for name in files:
                self._take(Path(place) / name)
            if len(self._names) + len(self._refused) > limits.entries:
                raise ArchiveError(f"{shown(str(root), 200)} holds more than {limits.entries:,} files.")

    def _take(self, path: Path) -> None:
        name = path.relative_to(self._root).as_posix()
        if name.rpartition("/")[2].startswith("."):
            return
        if not stat.S_ISREG(path.lstat().st_mode):
            self._refused.append((name, "it is a link or a device, not a file."))
        else:
            self._names.append(name)

    def names(self) -> list[str]:
        """Return the names of the files."""
        return sorted(self._names)

    def refused(self) -> list[tuple[str, str]]:
        """Return names of what is left out, with the reason."""
        return sorted(self._refused)

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises
        ------
        ArchiveError
            If all files together have more bytes than the limit, or it can't be read.
        """
        try:
            with (self._root / name).open("rb") as file:
                raw = file.read(self._left + 1)
        except OSError as error:
            raise ArchiveError(f"{shown(name, 200)} can't be read ({error.strerror or error}).") from error
        self._left -= len(raw)
        if self._left < 0:
            raise ArchiveError(f"{shown(str(self._root), 200)} holds more bytes than the limit; nothing was taken.")
        return raw


class Zipped:
    """The files of a zip archive, whose table of contents was checked first.

    Parameters
    ----------
    archive
        The archive.
    limits
        How many files and bytes there may be, and how tightly packed.

    Raises
    ------
    ArchiveError
        If the table of contents asks for more than the limits, or has names that would lead elsewhere.
    """

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self._archive, self._left = archive, limits.file_bytes
        entries = archive.infolist()
        if len(entries) > limits.entries:
            raise ArchiveError(f"The archive holds more than {limits.entries:,} files; nothing was taken from it.")
        if sum(entry.file_size for entry in entries) > limits.file_bytes:
            raise ArchiveError(
                f"The archive unpacks to more than {limits.file_bytes:,} bytes; nothing was taken from it."
            )
        seen: set[str] = set()
        for entry in entries:
            _check_entry(entry, limits)
            if entry.filename.casefold() in seen:
                raise ArchiveError(f"The archive holds {shown(entry.filename)} twice; nothing was taken from it.")
            seen.add(entry.filename.casefold())
        self._entries = {entry.filename: entry for entry in entries if not entry.is_dir()}

    def names(self) -> list[str]:
        """Return the names of the files; hidden ones are left out."""
        return sorted(name for name in self._entries if not name.rpartition("/")[2].startswith((".", "._")))

    def refused(self) -> list[tuple[str, str]]:
        """Return nothing: an archive is taken as a whole or not at all."""
        return []

    def read(self, name: str) -> bytes:
        """Return the content of a file, no more than the table of contents promised.

        Raises
        ------
        ArchiveError
            If it is not what the table says.
        """
        entry = self._entries[name]
        try:
            with self._archive.open(entry) as file:
                raw = file.read(entry.file_size + 1)
        except _BROKEN as error:
            raise ArchiveError(f"{shown(name)} in the archive can't be read ({brief(error)}).") from error
        self._left -= len(raw)
        if len(raw) > entry.file_size or self._left < 0:
            raise ArchiveError(f"{shown(name)} in the archive is larger than it says; nothing was taken from it.")
        return raw


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    name = entry.filename
    parts = name.replace("\\", "/").split("/")
    leads_away = not name or name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\\" in name
    if leads_away or len(name) > _MAX_NAME or any(_DEVICE.fullmatch(part.strip(" .")) for part in parts):
        raise ArchiveError(f"The archive holds {shown(name)}, no name for a file; nothing was taken from it.")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveError(f"The archive holds {shown(name)}, a link or a device; nothing was taken from it.")
    if entry.flag_bits & 1:
        raise ArchiveError(
            f"{shown(name)} in the archive has a password; unpack it first and import what is in it."
        )
    if entry.file_size > _FREE and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        raise ArchiveError(
            f"{shown(name)} in the archive grows more than {limits.ratio} times when it is unpacked; "
            "nothing was taken from it."
        )


@contextmanager
def opened_zip(file: IO[bytes], limits: Limits) -> Iterator[Zipped]:
    """Open a zip archive for reading.

    Raises
    ------
    ArchiveError
        If it is none, or asks for more than the limits.
    """
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        raise ArchiveError(f"The archive can't be read ({brief(error)}); nothing was taken from it.") from error
    with archive:
        yield Zipped(archive, limits)
