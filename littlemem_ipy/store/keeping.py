"""What keeps a store safe as a whole: backups and the way back."""

from __future__ import annotations

import os
from itertools import chain, count
from pathlib import Path
from typing import Any

from littlemem_ipy.errors import InvalidInput, StoreError
from littlemem_ipy.models import Finding
from littlemem_ipy.models.times import now, span_of
from littlemem_ipy.store.doctor import look_over
from littlemem_ipy.store.writing import Writing
from littlemem_ipy.transfer.backup import Backup, Found, Restored, back_up, look, restore, stamp
from littlemem_ipy.transfer.places import path_of
from littlemem_ipy.transfer.snapshots import Snapshots

__all__ = ["Keeping"]


class Keeping(Writing):
    """The part of `MemoryStore` that makes whole copies and goes back to them."""

    def backup(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        passphrase: str | None = None,
        overwrite: bool = False,
    ) -> Backup:
        """Write a backup of the whole store while others write; it is opened and counted before it counts.

        Beside it lies a manifest with the counts, the figures and the file's SHA-256. A backup that is not
        sealed is an SQLite file: `open_store` opens a copy of it (opening changes a file).

        Parameters
        ----------
        path
            A new file, or a directory that gets one named after the time; left out, the directory of the
            snapshots beside the store.
        passphrase
            Seals the file, so that only this opens it; None leaves it open.
        overwrite
            Whether a file that is there may be replaced.

        Raises
        ------
        ArchiveError
            If there is a file already, or it can't be written.
        MissingExtra
            If a passphrase is given and the extra ``crypto`` is not installed.
        StoreError
            If the store can't be read, or is no file.
        """
        if path is None:
            target = self._snapshots().directory
            target.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            target = path_of(path)
        return back_up(self.backend, target, passphrase=passphrase, overwrite=overwrite)

    def restore_backup(
        self, path: str | os.PathLike[str] | None = None, *, to: Any = None, passphrase: str | None = None
    ) -> Restored:
        """Take the whole store back to a backup; what it was is kept in a file beside it.

        The backup is opened and counted first. Other processes may have the store open: they see the
        change like any other.

        Parameters
        ----------
        path
            A backup, or a directory of snapshots; left out, the one beside the store.
        to
            The newest snapshot that was made before the end of this time: a date, a time, or words such as
            ``yesterday``. Left out, the newest of all.
        passphrase
            What the backup was sealed with.

        Raises
        ------
        ArchiveError
            If there is no such backup, it is not what its manifest says, or the passphrase doesn't open it.
        InvalidInput
            If a time is asked for and `path` is a single file.
        StoreError
            If the backup is not whole, or the store can't be written.
        """
        source = self.find_backup(path, to=to).path
        kept = self._beside("before")
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return restore(self.backend, source, kept, passphrase=passphrase)

    def doctor(self, *, repair: bool = False) -> list[Finding]:
        """Look the store over, or make it sound again.

        Parameters
        ----------
        repair
            Whether to make indexes and counts anew. If the rows themselves are damaged, what is left of them
            is written into a new file beside the old one, which is only read.

        Returns
        -------
        list of Finding
            What was found, or what was done.
        """
        if not repair:
            return list(look_over(self))
        return self.backend.repair(self._beside("salvaged"))

    def find_backup(self, path: str | os.PathLike[str] | None = None, *, to: Any = None) -> Found:
        """Return the backup that `restore_backup` would use, after comparing it with its manifest."""
        source = self._snapshots().directory if path is None else path_of(path)
        if source.is_dir() or path is None:
            source = Snapshots(source).before(None if to is None else span_of(to).end)
        elif to is not None:
            raise InvalidInput("a time chooses among the snapshots of a directory; leave it out for a single file.")
        return look(source)

    def _beside(self, what: str) -> Path:
        """Return a name beside the store that no file has yet, with the time in it."""
        place = self._snapshots().directory
        return _free(place.with_name(f"{place.name.removesuffix('-snapshots')}.{what}-{stamp(now())}.db"))

    def _snapshots(self) -> Snapshots:
        if self.snapshots is None:
            raise StoreError(
                f"{self.backend.url} lies in no file, so there is nothing to copy: use the database's own backup, "
                "or %mem export."
            )
        return self.snapshots


def _free(path: Path) -> Path:
    """Return the path, numbered if there is such a file already."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return next(name for name in chain([path], names) if not name.exists())
