"""What is asked of the store, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, overload

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import checks
from littlemem_ipy.models.kinds import MemoryType
from littlemem_ipy.models.memory import Memory, State
from littlemem_ipy.models.tables import Table
from littlemem_ipy.models.times import span_of

if TYPE_CHECKING:
    import pandas

__all__ = ["MAX_LIMIT", "SearchHit", "SearchQuery", "SearchResults"]

MAX_LIMIT = 100_000
MAX_QUERY = 64 * 1024


def _several(check: Any) -> BeforeValidator:
    def read(value: object) -> tuple[Any, ...]:
        if value is None:
            return ()
        parts = [value] if isinstance(value, str) or not isinstance(value, Sequence | set | frozenset) else value
        return tuple(dict.fromkeys(check(part) for part in parts))

    return BeforeValidator(read)


def _tag_keys(value: object) -> tuple[str, ...]:
    return tuple(tag.casefold() for tag in checks.check_tags(value))


def _query_text(value: object) -> str:
    """Any string is a legal query: what can't be text is taken out, and very long ones are cut."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput(f"the text to search for must be text, not {checks.shown(value)}.")
    return value[:MAX_QUERY].replace("\x00", " ").encode("utf-8", "replace").decode()


def _state(value: object) -> State:
    try:
        return State(str(value).strip().lower())
    except ValueError:
        raise InvalidInput(f"{checks.shown(value)} is not a state; use one of {', '.join(State)}.") from None


def _start(value: object) -> datetime | None:
    return None if value is None else span_of(value).start


def _end(value: object) -> datetime | None:
    if value is None:
        return None
    span = span_of(value)
    return span.end


TagKeys = Annotated[tuple[str, ...], BeforeValidator(_tag_keys)]


class SearchQuery(BaseModel):
    """What to look for, and where.

    Attributes
    ----------
    text
        Words; any string is legal, and an empty one matches everything.
    types
        Only these types; empty means all.
    tags, tags_any, tags_none
        Tags that must all, at least one, or none be there; case does not matter.
    projects
        Only these projects, None among them meaning "no project"; None instead of a tuple means all.
    conversation_id
        Only this conversation.
    since, until
        Only memories created from `since` on and before the end of `until`.
    limit, offset
        How many, after leaving out how many.
    states
        Only memories in these states.
    pinned
        Only memories that are pinned, or that aren't; None for both.
    sources, sources_none
        Only memories with one of these sources, and with none of those.
    counted
        Whether it matters how many there are beyond this page.
    sort, descending
        What a query without words is ordered by, and whether from the highest to the lowest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Annotated[str, BeforeValidator(_query_text)] = ""
    types: Annotated[tuple[MemoryType, ...], _several(checks.check_type)] = ()
    tags: TagKeys = ()
    tags_any: TagKeys = ()
    tags_none: TagKeys = ()
    projects: tuple[str | None, ...] | None = None
    conversation_id: Annotated[str | None, BeforeValidator(checks.check_conversation)] = None
    since: Annotated[datetime | None, BeforeValidator(_start)] = None
    until: Annotated[datetime | None, BeforeValidator(_end)] = None
    limit: int = Field(default=10, ge=0, le=MAX_LIMIT)
    offset: int = Field(default=0, ge=0, le=2**53)
    states: Annotated[tuple[State, ...], _several(_state)] = (State.ACTIVE,)
    pinned: bool | None = None
    sources: Annotated[tuple[str, ...], _several(checks.check_source)] = ()
    sources_none: Annotated[tuple[str, ...], _several(checks.check_source)] = ()
    counted: bool = True
    sort: Literal["created", "updated", "title", "type", "project", "tags", "source", "used"] = "created"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One memory that was found.

    Attributes
    ----------
    memory
        What was found.
    score
        How well it fits, from 0 to 1; 1 for a query without words.
    matched_fields
        Which of ``title``, ``content`` and ``tags`` matched.
    explanation
        The parts of the score, by name.
    excerpt
        Makes the snippet.
    """

    memory: Memory
    score: float
    matched_fields: tuple[str, ...] = ()
    explanation: dict[str, float | str] = field(default_factory=dict)
    excerpt: Callable[[], str] = field(default=str, repr=False, compare=False)

    @property
    def snippet(self) -> str:
        """The place in the content that matched, with matches between ``«`` and ``»``."""
        return self.excerpt()

    def __repr__(self) -> str:
        return f"SearchHit({self.score:.2f}, {self.memory.type}: {checks.shown(self.memory.title, 80)})"


@dataclass(frozen=True, repr=False)
class SearchResults(Sequence[SearchHit]):
    """Hits, best first.

    Attributes
    ----------
    hits
        This page of hits.
    total
        How many memories match altogether: exactly for a query without words. With words it counts what was
        found to hold some of them; where common words were looked up only beside rare ones, or little of a
        large store was read closely, it may be too low or, under filters that the index does not know, too high.
    elapsed_ms
        How long the search took, in milliseconds.
    query
        What was asked.
    """

    hits: tuple[SearchHit, ...]
    total: int
    elapsed_ms: float
    query: SearchQuery
    detailed: bool = False

    @overload
    def __getitem__(self, index: int) -> SearchHit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[SearchHit, ...]: ...
    def __getitem__(self, index: int | slice) -> SearchHit | tuple[SearchHit, ...]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[SearchHit]:
        return iter(self.hits)

    @property
    def memories(self) -> tuple[Memory, ...]:
        """The memories of the hits."""
        return tuple(hit.memory for hit in self.hits)

    @property
    def df(self) -> pandas.DataFrame:
        """The hits as a DataFrame, one row each."""
        import pandas as pd

        rows = [
            {"score": hit.score, **hit.memory.model_dump(exclude={"provenance"}), "snippet": hit.snippet}
            for hit in self.hits
        ]
        names = ["score", *(n for n in Memory.model_fields if n != "provenance"), "snippet"]
        return pd.DataFrame(rows, columns=pd.Index(names))

    @property
    def table(self) -> Table:
        """The hits as rows of text, the way they are shown."""
        scored = bool(self.query.text.strip())
        shared = any(hit.memory.provenance.user for hit in self.hits)
        columns = ["#", *(["score"] if scored else []), "type", "title", "project", "tags"]
        columns += ["by"] * shared  # whose it is, where people share a store
        if self.detailed:
            columns += ["created", "id"]
        rows = [
            self._row(number, hit, scored, shared) for number, hit in enumerate(self.hits, self.query.offset + 1)
        ]
        return Table(columns, rows, caption=self._caption())

    def _row(self, number: int, hit: SearchHit, scored: bool, shared: bool) -> list[str]:
        memory = hit.memory
        row = [str(number), *([f"{hit.score:.2f}"] if scored else []), str(memory.type), memory.title]
        row += [memory.project or "–", " ".join(f"#{tag}" for tag in memory.tags)]
        row += [memory.provenance.user or "you alone"] * shared
        if self.detailed:
            row += [f"{memory.created_at.astimezone():%Y-%m-%d %H:%M}", memory.id]
        return row

    def _caption(self) -> str:
        if not self.hits:
            return "Nothing found." if self.query.text.strip() else "No memories here yet."
        if self.total > len(self.hits):
            first = self.query.offset + 1
            return f"{first}–{first + len(self.hits) - 1} of {self.total:,}"
        return f"{self.total} {'memory' if self.total == 1 else 'memories'}"

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()
