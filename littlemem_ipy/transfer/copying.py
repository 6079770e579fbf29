"""Moving a store to another kind of store, such as from a file to a database: everything, and resumable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from littlemem_ipy.backends import Backend, Moved
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Event, Memory, SearchQuery, State, Table
from littlemem_ipy.transfer.documents import dumped, sorted_names
from littlemem_ipy.transfer.progress import shown_progress
from littlemem_ipy.transfer.selection import memories

__all__ = ["CopyReport", "copy_store"]

Item = TypeVar("Item")

_AT_ONCE = 500
_EVERYTHING = SearchQuery(states=tuple(State))


@dataclass(frozen=True, repr=False)
class CopyReport:
    """What a copy did.

    Attributes
    ----------
    source, target
        The addresses.
    copied
        How many memories were written.
    there
        How many the target had already, just as they are.
    kept
        Ids of memories that the target has in a later revision: these stay as they are there.
    events
        How many events were written.
    """

    source: str
    target: str
    copied: int
    there: int
    kept: tuple[str, ...]
    events: int

    @property
    def table(self) -> Table:
        """The figures as rows of text."""
        rows = [
            ["copied", f"{self.copied:,}"],
            ["there already", f"{self.there:,}"],
            ["events", f"{self.events:,}"],
        ]
        if self.kept:
            rows.append(["newer there, kept", ", ".join(self.kept[:5]) + (" …" if len(self.kept) > 5 else "")])
        return Table(["what", "how much"], rows, f"{self.source} → {self.target}", cell_limit=160)

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()


def copy_store(source: Backend, target: Backend, *, progress: bool | None = None) -> CopyReport:
    """Copy all memories, in every state, with histories, counts and events.

    Some hundred memories are one transaction, so a copy that was interrupted goes on where it ended when it is
    made again; a second one changes nothing. Nothing of the source is changed. Vectors are not copied, because a
    search makes them anew.

    Parameters
    ----------
    source, target
        Where from and where to.
    progress
        True for a bar, False for none, None for one where there is much to do.

    Raises
    ------
    InvalidInput
        If both are the same store.
    StoreError
        If one of them can't be read or written.
    """
    if source.url == target.url:
        raise InvalidInput(f"{source.url} can't be copied to itself.")
    total = source.select(_EVERYTHING.model_copy(update={"limit": 0}))[1]
    copied, there, kept = 0, 0, []
    for some in _chunks(shown_progress(memories(source, _EVERYTHING), total, "Copying", progress), _AT_ONCE):
        with target.write():
            known = target.get([memory.id for memory in some])
            newer = [memory.id for memory in some if _newer(known.get(memory.id), memory)]
            wanted = [m for m in some if m.id not in newer and known.get(m.id) != m]
            target.adopt(Moved(memory, tuple(source.revisions(memory.id))) for memory in wanted)
        copied += len(wanted)
        there += len(some) - len(wanted) - len(newer)
        kept += newer
    return CopyReport(source.url, target.url, copied, there, tuple(kept), _copy_events(source, target))


def _newer(known: Memory | None, memory: Memory) -> bool:
    """Return whether the target has gone on from what the source has."""
    return known is not None and (known.revision, known.access_count) > (memory.revision, memory.access_count)


def _copy_events(source: Backend, target: Backend) -> int:
    """Append the events that the target has not, in their order, and return how many."""
    there = {_key(event) for event in target.events()}
    missing = [event for event in reversed(source.events()) if _key(event) not in there]
    for some in _chunks(missing, 10 * _AT_ONCE):
        target.adopt([], some)
    return len(missing)


def _key(event: Event) -> tuple[str, str, str | None, str]:
    return str(event.kind), event.at.isoformat(), event.memory_id, dumped(sorted_names(dict(event.data)))


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    waiting = iter(items)
    while some := list(islice(waiting, size)):
        yield some
