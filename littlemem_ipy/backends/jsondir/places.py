"""The directory on the disk: what is there, and files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from littlemem_ipy.backends.jsondir.layout import MAX_BYTES
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.checks import check_id

__all__ = ["ASIDE", "INDEX", "OURS", "SHOWN", "Places", "Stamp", "id_of"]

Stamp = tuple[int, int]
"""Size and time of change in nanoseconds: what tells whether a file is still the one that was read."""

SHOWN, ASIDE, INDEX = "entries", "littlemem/entries", "index.json"
"""Where memories in use are, where the others are, which the app shall not show, and the index."""
OURS = "littlemem"
_DAMAGED, _UNFINISHED = "littlemem/damaged", "littlemem/unfinished"


def id_of(name: str) -> str:
    """Return the id that a file's name (with its place) stands for.

    Raises
    ------
    InvalidInput
        If it stands for none.
    """
    return check_id(name.rpartition("/")[2].removesuffix(".json"))


class Places:
    """The files of one directory; every name is relative to it, with ``/``.

    Parameters
    ----------
    directory
        The directory.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, name: str) -> Path:
        """Return the path of a name that this module or `id_of` has approved."""
        return self.directory.joinpath(*name.split("/"))

    def look(self) -> dict[str, Stamp | None]:
        """Return the JSON files by name; None stands for what is no file: a link, a directory, a device."""
        found = dict(self._files(SHOWN)) | dict(self._files(ASIDE))
        index = self.stamp(INDEX)
        return found | {INDEX: index} if index is not None else found

    def _files(self, place: str) -> Iterator[tuple[str, Stamp | None]]:
        try:
            with os.scandir(self.path(place)) as entries:
                for entry in entries:
                    if entry.name.endswith(".json") and not entry.name.startswith("."):
                        yield f"{place}/{entry.name}", _stamp(entry)
        except FileNotFoundError:
            return

    def stamp(self, name: str) -> Stamp | None:
        """Return the stamp of a file; None if there is none."""
        try:
            told = os.stat(self.path(name), follow_symlinks=False)
        except FileNotFoundError:
            return None
        return (told.st_size, told.st_mtime_ns)

    def read(self, name: str) -> bytes:
        """Return what a file holds.

        Raises
        ------
        InvalidInput
            If it is too large to be one of ours, or a link to elsewhere.
        """
        if self.path(name).is_symlink():
            raise InvalidInput("it is a link")
        with self.path(name).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise InvalidInput(f"it has more than {MAX_BYTES:,} bytes")
        return raw

    def write(self, name: str, raw: bytes) -> Stamp:
        """Put a file in its place in one step, safely on the disk, for the user alone; return its stamp."""
        target, unfinished = self.path(name), self.path(f"{_UNFINISHED}/{uuid.uuid4().hex}")
        for directory in (target.parent, unfinished.parent):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
            told = os.fstat(file.fileno())
        os.replace(unfinished, target)
        return (told.st_size, told.st_mtime_ns)

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        self.path(name).unlink(missing_ok=True)

    def set_aside(self, name: str) -> str:
        """Move a file that can't be read to where nothing is written over; return its new name."""
        stamp = self.stamp(name) or (0, 0)
        kept = f"{_DAMAGED}/{stamp[1]}-{name.replace('/', '-')}"
        self.path(kept).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(self.path(name), self.path(kept))
        return kept

    def set_database_aside(self, path: Path) -> str:
        """Move a damaged database with its log to where nothing is written over; return its new name."""
        kept = f"{_DAMAGED}/{path.stat().st_mtime_ns}-{path.name}"
        self.path(kept).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
        # The log first: one that stayed behind would be taken for that of the new database.
        for ending in ("-wal", ""):
            with suppress(FileNotFoundError):
                os.replace(path.with_name(path.name + ending), self.path(kept + ending))
        return kept

    def remove_copies(self, memory_id: str) -> None:
        """Remove what was set aside of a memory."""
        for path in self.path(_DAMAGED).glob(f"*-{memory_id}.json"):
            path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what a process that was killed has left half written; only with the lock."""
        unfinished = self.path(_UNFINISHED)
        if unfinished.is_dir():
            for path in unfinished.iterdir():
                path.unlink(missing_ok=True)

    def settle(self, names: Iterable[str]) -> None:
        """Wait until the names of these files, or that they are gone, are on the disk as well."""
        if os.name != "posix":
            return  # elsewhere a directory can't be opened; renaming is journalled there
        for directory in sorted({self.path(name).parent for name in names}):
            if directory.is_dir():
                handle = os.open(directory, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)


def _stamp(entry: os.DirEntry[str]) -> Stamp | None:
    try:
        told = entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # it is just being replaced
        return (-1, -1)
    return (told.st_size, told.st_mtime_ns) if stat.S_ISREG(told.st_mode) else None
