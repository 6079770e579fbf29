"""What a backend must offer: rows in, rows out, in transactions, and no policy.

Ranking, duplicates, scope defaults and cleanup are decided above; a backend is told
exactly which rows are meant. That keeps the second and the third one small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from littlemem_ipy.backends.plain import EventRow, MemoryRow, Passage, UsageRow
from littlemem_ipy.backends.whole import Whole
from littlemem_ipy.models import Event, Finding, Memory, MemoryStats, Revision, SearchQuery

__all__ = [
    "Backend",
    "Batch",
    "Change",
    "Gate",
    "Moved",
    "TextIndex",
    "Unembedded",
    "VectorTable",
]

Gate = Callable[[Memory, Memory | None], Memory]
"""What makes of a memory that another program wrote, and of what was known of it, the one that may be kept."""


@dataclass(frozen=True, slots=True)
class Change:
    """A memory as it shall be from now on, and what was done to it.

    Attributes
    ----------
    memory
        The whole record; a row of its id is replaced, a new id is added.
    action
        The name of the change in the history: ``add``, ``edit``, ``delete`` …
    shared
        Where a new memory goes, in a store of several people: True for where all see it, False for where only
        the user does, None for what its type says.
    """

    memory: Memory
    action: str
    shared: bool | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The changes of one transaction, oldest first: what one undo takes back.

    Attributes
    ----------
    key
        Names the batch to `Backend.mark_undone`.
    changes
        For each memory its id, the action, and the memory before it; None where there was none.
    """

    key: int
    changes: tuple[tuple[str, str, Memory | None], ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A memory as it is in another store.

    Attributes
    ----------
    memory
        The whole record, with its access count and last access.
    revisions
        Its history there, oldest first, the last one being the memory itself; empty if none came along.
    action
        The name of the change in the history, where no history came along.
    """

    memory: Memory
    revisions: tuple[Revision, ...] = ()
    action: str = "import"


class TextIndex(Protocol):
    """Which memories hold which words; the ranking is made above.

    Words are folded (`littlemem_ipy.backends.words`) and stand for all words of the same stem; one that ends
    in ``*`` stands for all words that begin so. Deleted memories are in the index as well.
    """

    def snapshot(self) -> AbstractContextManager[object]:
        """Let all that is asked inside see one and the same state, if the backend can; write nothing inside."""

    def size(self) -> tuple[int, float]:
        """Return how many memories the index holds, and their mean number of words; takes no time."""

    def frequency(self, words: Sequence[str], limit: int) -> int:
        """Return how many memories hold any of the words; from `limit` on it is an estimate."""

    def postings(self, words: Sequence[Sequence[str]], query: SearchQuery, limit: int) -> list[int]:
        """Return keys of memories that hold one word of each group, the newest when there are more than `limit`.

        The query's filters narrow the answer as far as the index can: it may hold more than pass, never less.
        Without words, which needs a type or a conversation, it is what passes them.
        """

    def passages(self, keys: Sequence[int], query: SearchQuery) -> list[Passage]:
        """Return those of the memories that pass the query's filters, in the order of the keys."""

    def neighbours(self, keys: Sequence[int], reach: int) -> dict[int, list[int]]:
        """Return for memories of conversations the keys around them, `reach` on either side, in order."""

    def vocabulary(self, start: str, limit: int) -> list[str]:
        """Return words of the index that begin with `start`, in alphabetical order."""

    def memories(self, keys: Sequence[int]) -> dict[int, Memory]:
        """Return the memories of these keys."""


class Unembedded(NamedTuple):
    """A memory that has no vector yet."""

    key: int
    title: str
    content: str


class VectorTable(Protocol):
    """The vectors of the memories, opaque bytes by model; they go with the memory and with its wording."""

    @property
    def writable(self) -> bool:
        """Whether vectors can be added."""

    def since(self, model: str, number: int, limit: int) -> list[tuple[int, int, bytes]]:
        """Return number, key and vector of a model's vectors with higher numbers than `number`, in order."""

    def numbers(self, model: str, keys: Sequence[int]) -> dict[int, int]:
        """Return the numbers that the vectors of these memories have now."""

    def missing(self, model: str, limit: int, newest: int | None = None) -> list[Unembedded]:
        """Return memories that have no vector of this model, newest first; only among so many `newest` ones."""

    def count(self, model: str) -> tuple[int, int]:
        """Return how many memories have a vector of this model, and how many have none."""

    def of_texts(self, model: str, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the vectors that texts of these hashes have already."""

    def put(self, model: str, vectors: Mapping[int, tuple[bytes, bytes]]) -> None:
        """Keep hash and vector of memories; a vector of another model goes, one memory has one vector."""


class Backend(Whole, Protocol):
    """A place where memories are kept.

    Every method may raise `StoreError` or one of its kinds. Reads outside of a transaction see
    the latest committed state.
    """

    @property
    def url(self) -> str:
        """The address that `open_backend` opens again."""

    @property
    def index(self) -> TextIndex:
        """The words of the memories, for the search."""

    @property
    def vectors(self) -> VectorTable:
        """The vectors of the memories, for the search with an embedder."""

    def write(self) -> AbstractContextManager[None]:
        """Return one write transaction; inside another one it joins that one.

        What was put is durable when the outermost one has ended, and gone if it raises.
        """

    def get(self, ids: Sequence[str]) -> dict[str, Memory]:
        """Return the memories of these ids, whatever their state; unknown ids are left out."""

    def same(self, content_hash: bytes, project: str | None) -> list[Memory]:
        """Return the memories of a project with this content that are not deleted, newest first."""

    def put(self, changes: Iterable[Change]) -> None:
        """Add or replace rows and write a revision for each."""

    def adopt(self, moved: Iterable[Moved], events: Iterable[Event] = ()) -> None:
        """Take memories, histories and events over from another store exactly as they are there.

        Unlike `put`, it sets access count and last access of rows that exist already to those of the record.
        A history that comes along becomes the memory's whole history; without one, a revision of the given
        action is added to whatever history there is. Everything that one transaction writes is one batch,
        so that one undo takes it back. Unlike `log`, it counts no access for an event, because the record's
        count has it already; the events are appended in the order given.
        """

    def purge(self, ids: Sequence[str]) -> None:
        """Remove rows, their revisions and every index entry, so that no byte of them stays."""

    def select(self, query: SearchQuery) -> tuple[list[Memory], int]:
        """Return the page of memories that pass the filters, in the query's order, and how many pass in all."""

    def rows(self, query: SearchQuery) -> list[MemoryRow]:
        """Return all memories that pass the filters as plain values, in no particular order.

        The query's words, limit, offset and order are left aside. It is for whole tables: 100,000 rows must
        take no more than about half a second.
        """

    def near(self, prefix: str, limit: int) -> list[str]:
        """Return ids that begin with `prefix`, newest first."""

    def names(self, kind: str) -> list[str]:
        """Return the projects or the tags (`kind`) in use, most frequent first."""

    def revisions(self, memory_id: str, since: int | None = None) -> list[Revision]:
        """Return the history of a memory, oldest first; only from the revision of this number on, if it has one.

        What is asked `since` a number takes no longer for all that was before it.
        """

    def batches(self, count: int, query: SearchQuery) -> list[Batch]:
        """Return the last transactions that were not undone and touched what passes the filters, newest first."""

    def mark_undone(self, key: int) -> None:
        """Leave this batch out of `batches` from now on."""

    def log(self, events: Iterable[Event]) -> None:
        """Append events; outside of a transaction they may be written a little later."""

    def events(self, kinds: Sequence[str] = (), limit: int | None = None) -> list[Event]:
        """Return events of these kinds (all when empty), newest first."""

    def event_rows(self, kinds: Sequence[str] = ()) -> list[EventRow]:
        """Return all events of these kinds (all when empty) as plain values, oldest first."""

    def usage_rows(self, since: int | None = None) -> list[UsageRow]:
        """Return what each memory of the log was good for, in no particular order.

        Only what happened from `since` on counts (microseconds since 1970; None counts everything). Memories that
        were removed for good come in one row or in several. 500,000 events must take no more than about a second.
        """

    def version(self) -> str:
        """Return a text that differs after every change of a memory, whoever made it; cheap."""

    def stats(self) -> MemoryStats:
        """Return how much there is of what."""

    def check(self) -> list[Finding]:
        """Return what a look at the files and indexes finds."""

    def close(self) -> None:
        """Release files and locks; the next call opens them again."""
