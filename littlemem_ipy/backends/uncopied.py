"""Stores that are no single file: nothing can be copied as a whole, and the message says what to do instead."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from littlemem_ipy.errors import StoreError
from littlemem_ipy.models import Contents, Finding

__all__ = ["Uncopied"]


class Uncopied:
    """The part of a backend that says that whole copies are made in another way."""

    path: Path | None = None

    def copy(self, target: Path) -> None:
        """Refuse: there is no file to copy."""
        self._refuse()

    def examine(self, source: Path) -> Contents:
        """Refuse: no file is a copy of this store."""
        self._refuse()

    def replace(self, source: Path, kept: Path) -> None:
        """Refuse: there is no file to go back to."""
        self._refuse()

    def repair(self, target: Path) -> list[Finding]:
        """Do nothing: there is no file that could be damaged."""
        return [Finding("repair", True, "nothing of this store is made anew here; its server keeps it sound")]

    def _refuse(self) -> NoReturn:
        raise StoreError(
            f"{self!r} is no single file, so there are no backups of it; nothing was changed. Use %mem export and "
            "import, or the backup of the database or directory itself."
        )
