"""What the store tells about itself: figures, the log of events, and the history of a memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from littlemem_ipy.models.memory import Memory
from littlemem_ipy.models.tables import Table

__all__ = ["Contents", "Event", "EventKind", "Finding", "MemoryStats", "Revision", "Table"]


class EventKind(StrEnum):
    """What can happen to a memory, or be done with the store."""

    STORED = "stored"
    EDITED = "edited"
    DELETED = "deleted"
    RESTORED = "restored"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """The user took a proposed memory out of the inbox, or refused it; the data say which rule had proposed it."""
    OFFERED = "offered"
    """A fix was shown under an error of its kind."""
    SEARCHED = "searched"
    RECALLED = "recalled"
    """A chat looked for memories; the data say what became of each."""
    RETRIEVED = "retrieved"
    INJECTED = "injected"
    """It went into a prompt; the data say how many tokens it took there, and its share of the cost."""
    USED = "used"
    """The reply made use of it; see `littlemem_ipy.context.was_used`."""
    ANSWERED = "answered"
    """A chat got a reply; the data are its model, tokens, cost and time."""
    BUNDLED = "bundled"
    """It went to the project's bundle or came from it; the data say which version of it stands here."""
    CLEANED = "cleaned"
    """The store was cleaned up; the data say how many memories were archived, deleted and merged."""
    RATED = "rated"
    """The user called the reply that a memory went into good (1) or bad (-1)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the append-only log.

    Attributes
    ----------
    kind
        What happened.
    at
        When, aware UTC.
    memory_id
        The memory that it happened to; None for a search.
    data
        What else is known, JSON values by name; never the text of a memory.
    """

    kind: str
    at: datetime
    memory_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of a memory.

    Attributes
    ----------
    number
        The memory's revision after the change.
    action
        What was done: ``add``, ``edit``, ``delete``, ``restore``, ``undo`` …
    at
        When, aware UTC.
    memory
        The memory as it was after the change.
    """

    number: int
    action: str
    at: datetime
    memory: Memory

    def __repr__(self) -> str:
        return f"Revision({self.number}, {self.action}: {self.memory.title!r})"


@dataclass(frozen=True, slots=True)
class MemoryStats:
    """How much there is of what.

    Attributes
    ----------
    total
        Memories in use: all that are neither deleted, archived, superseded, expired nor held.
    by_type, by_project
        How many of these, by type and by project (None for no project).
    by_state
        How many memories are in each state.
    bytes
        UTF-8 bytes of the titles and contents of the memories in use.
    file_bytes
        Size of the store on the disk, with its indexes.
    oldest, newest
        The earliest and the latest creation; None in an empty store.
    most_used
        Ids and counts of the five that were used most.
    """

    total: int
    by_type: Mapping[str, int]
    by_project: Mapping[str | None, int]
    by_state: Mapping[str, int]
    bytes: int
    file_bytes: int
    oldest: datetime | None
    newest: datetime | None
    most_used: tuple[tuple[str, int], ...]

    @property
    def table(self) -> Table:
        """The figures as rows of text."""
        rows = [["in use", f"{self.total:,}"]]
        rows += [[f"  {name}", f"{count:,}"] for name, count in self.by_type.items()]
        rows += [[f"  project {name or '–'}", f"{count:,}"] for name, count in self.by_project.items()]
        rows += [[name, f"{count:,}"] for name, count in self.by_state.items() if name != "active"]
        rows += [["text", f"{self.bytes:,} bytes"]]
        return Table(["what", "how much"], rows)

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()


@dataclass(frozen=True, slots=True)
class Contents:
    """What a whole copy of a store holds.

    Attributes
    ----------
    format
        The version of the tables.
    memories, revisions, events
        How many rows, whatever the states of the memories.
    stats
        The figures of the memories in use.
    """

    format: int
    memories: int
    revisions: int
    events: int
    stats: MemoryStats


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor looked at.

    Attributes
    ----------
    what
        What was checked.
    ok
        Whether it is as it should be.
    detail
        What was found, and what to do if it is not ok.
    """

    what: str
    ok: bool
    detail: str
