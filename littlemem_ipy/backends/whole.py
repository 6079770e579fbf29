"""What can be done with a store as a whole, and what is said where that is done in another way."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn, Protocol

from littlemem_ipy.errors import StoreError
from littlemem_ipy.models import Contents, Finding

__all__ = ["Uncopied", "Whole"]


class Whole(Protocol):
    """The part of a backend that treats the store as a whole."""

    @property
    def path(self) -> Path | None:
        """The file or directory that it lies in; None if it is elsewhere."""

    def exists(self) -> bool:
        """Return whether there is something at the address already; the first use would make what is not."""

    def copy(self, target: Path) -> None:
        """Write the committed state to a new file, while others write; `Contents` tells what is in it.

        Raises `FileExistsError` if the file is there, and `StoreError` if this kind of store is no file.
        """

    def examine(self, source: Path) -> Contents:
        """Return what a file made by `copy` holds, after a look at all of it; it is not changed by that."""

    def replace(self, source: Path, kept: Path) -> None:
        """Make the state of a copy the state of the store in one step, and keep what it was in a new file."""

    def repair(self, target: Path) -> list[Finding]:
        """Make anew what can be derived; write what is left of damaged rows into a new file `target` instead.

        What is damaged is only read. Returns what was done and what could not be saved.
        """


class Uncopied:
    """The part of a backend that says that whole copies are made in another way."""

    path: Path | None = None

    def exists(self) -> bool:
        """Return true: a server that is not there tells so itself."""
        return True

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
