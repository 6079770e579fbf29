"""Snapshots: backups that are made when they are due, in a directory beside the store, the oldest going first."""

from __future__ import annotations

import os
import re
import time
import warnings
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from littlemem_ipy.backends import Backend
from littlemem_ipy.errors import ArchiveError, LittleMemError, LittleMemWarning
from littlemem_ipy.models.schedules import Schedule
from littlemem_ipy.models.times import now
from littlemem_ipy.transfer.backup import Backup, back_up, stamp
from littlemem_ipy.transfer.manifest import manifest_of

__all__ = ["Snapshots"]

# What a user made by hand counts as well, but never goes by itself.
_NAME = re.compile(r"(snapshot|memory)-(\d{8}T\d{6}Z)\.(?:db|sealed)")
_FORM = "%Y%m%dT%H%M%SZ"
_LOOK = 60.0  # seconds between two looks at the directory
_AGAIN = 3600.0  # after one that failed
_STALE = 600.0


class Snapshots:
    """The snapshots of one store.

    Parameters
    ----------
    directory
        Where they lie; made with the first one.
    schedule
        When one is due; None for never.
    """

    def __init__(self, directory: Path, schedule: Schedule | None = None) -> None:
        self.directory = directory
        self.schedule = schedule
        self._look = 0.0  # when to look again, on the clock that only goes forward

    def all(self) -> list[tuple[datetime, Path]]:
        """Return the snapshots and the backups beside them with the times at which they were made, oldest first."""
        return sorted(_dated(self.directory.iterdir())) if self.directory.is_dir() else []

    def make_if_due(self, backend: Backend) -> Backup | None:
        """Make a snapshot if the last one is too old; looks at the directory once a minute.

        What goes wrong is a warning: the change that comes after it must not fail for it.
        """
        if self.schedule is None or time.monotonic() < self._look:
            return None
        if backend.path is None or not backend.path.exists():  # nothing to keep yet
            return None
        self._look = time.monotonic() + _LOOK
        try:
            return self._make(backend, self.schedule) if self._due(self.schedule) else None
        except (LittleMemError, OSError) as error:
            self._look = time.monotonic() + _AGAIN
            warnings.warn(f"No snapshot was made: {error}", LittleMemWarning, stacklevel=4)
            return None

    def before(self, moment: datetime | None) -> Path:
        """Return the newest snapshot that was made before a moment; None for the newest of all.

        Raises
        ------
        ArchiveError
            If there is none; the message tells what there is.
        """
        made = self.all()
        earlier = [path for at, path in made if moment is None or at <= moment]
        if earlier:
            return earlier[-1]
        there = f"the oldest is of {made[0][0].astimezone():%Y-%m-%d %H:%M}" if made else "there are none"
        when = f" before {moment.astimezone():%Y-%m-%d %H:%M}" if moment else ""
        raise ArchiveError(f"no snapshot in {self.directory} was made{when}: {there}. Nothing was changed.")

    def _due(self, schedule: Schedule) -> bool:
        """Return whether the newest is too old, or dated in a future that a wrong clock has left behind."""
        made = [at for at, path in self.all() if _is_snapshot(path)]
        age = now() - made[-1] if made else schedule.every
        return age >= schedule.every or age < -schedule.every

    def _make(self, backend: Backend, schedule: Schedule) -> Backup | None:
        """Make one and remove those that are too many; None if another process is about it."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        turn = self.directory / ".making"
        with suppress(FileNotFoundError):
            if abs(time.time() - turn.stat().st_mtime) > _STALE:  # its process was killed
                turn.unlink()
        try:
            os.close(os.open(turn, os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return None
        try:
            made = back_up(backend, self.directory / f"snapshot-{stamp(now())}.db")
            for _, path in [entry for entry in self.all() if _is_snapshot(entry[1])][: -schedule.keep]:
                for file in (path, manifest_of(path)):
                    file.unlink(missing_ok=True)
            return made
        finally:
            turn.unlink(missing_ok=True)


def _is_snapshot(path: Path) -> bool:
    return path.name.startswith("snapshot-")


def _dated(files: Iterable[Path]) -> Iterable[tuple[datetime, Path]]:
    for file in files:
        found = _NAME.fullmatch(file.name)
        if found:
            with suppress(ValueError):  # digits that are no date
                yield datetime.strptime(found[2], _FORM).replace(tzinfo=UTC), file
