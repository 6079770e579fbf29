"""What the magics of one shell share: settings, store, conversations, and the list shown last."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Collection, Iterable
from typing import Any

from littlemem_ipy.config import LittleMem
from littlemem_ipy.errors import InvalidInput, LittleMemError
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import check_id, shown
from littlemem_ipy.store import MemoryStore, open_store

__all__ = ["Workspace", "scope_of"]

_DAY = 24 * 3600.0
_PREFIX = re.compile(r"mem_[0-9a-z_]*")


class Workspace:
    """The state of ``%mem`` and ``%%chat`` in one shell.

    Parameters
    ----------
    settings
        The settings, as ``%config LittleMem`` shows them.
    ran
        The cells that have run, each with its number, oldest first.

    Attributes
    ----------
    listed
        The ids of the list that was shown last, which numbers refer to.
    chat
        The conversation of this notebook; None before the first message.
    organised
        What a model proposed last to put in order; None before, and once it is carried out.
    """

    def __init__(self, settings: LittleMem, ran: Collection[tuple[int, str]] = ()) -> None:
        self.settings = settings
        self.ran = ran
        self.listed: list[str] = []
        self.chat: Any = None
        self.organised: Any = None
        self._store: MemoryStore | None = None
        self._opened = ("", "", "")
        self._tidy_from = 0.0

    @property
    def store(self) -> MemoryStore:
        """The store that the settings name, opened at first use."""
        asked = (self.settings.address, self.settings.embedder, self.settings.backups)
        if self._store is None or asked != self._opened:
            self.close()
            self._store = open_store(self.settings.address)
            self._opened = asked
        self._store.project = self.settings.project_name
        self._store.share_sensitive = self.settings.share_sensitive
        return self._store

    def tidy(self) -> list[str]:
        """Clean up where the settings want it and a day has passed; return a line about it if there is one."""
        if not self.settings.auto_cleanup or time.monotonic() < self._tidy_from:
            return []
        self._tidy_from = time.monotonic() + _DAY
        try:
            report = self.store.cleanup_due()
        except LittleMemError as error:
            return [f"The cleanup failed: {error}"]
        return [report.line] if report else []

    def close(self) -> None:
        """Release the store's file."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def show(self, memories: Iterable[Memory], *, first: int = 1) -> None:
        """Remember a list that is about to be shown, numbered from `first`, for references to it."""
        self.listed = [""] * (first - 1) + [memory.id for memory in memories]

    def id_of(self, ref: str) -> str:
        """Return the id that a reference means.

        Parameters
        ----------
        ref
            A number of the last list, an id, or the beginning of one.

        Raises
        ------
        InvalidInput
            If it means no memory, or several.
        """
        if ref.isdecimal():
            number = int(ref)
            if not 1 <= number <= len(self.listed) or not self.listed[number - 1]:
                raise InvalidInput(f"there is no number {shown(ref)} in the last list; %mem list shows one.")
            return self.listed[number - 1]
        if _PREFIX.fullmatch(ref) and len(ref) > len("mem_"):
            found = self.store.backend.near(ref, 3)
            if len(found) > 1 and ref not in found:
                raise InvalidInput(f"{shown(ref)} begins several ids ({', '.join(found)}); write more of it.")
            if len(found) == 1:
                return found[0]
        return check_id(ref)


def scope_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the argument that ``--project`` and ``--all`` stand for; none for the current scope."""
    if args.all:
        return {"project": "*"}
    return {"project": args.project} if args.project else {}
