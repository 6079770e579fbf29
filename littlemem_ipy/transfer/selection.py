"""What an export takes along: the memories of a query in one fixed order, and the figures about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from littlemem_ipy.backends import Backend
from littlemem_ipy.models import Event, Memory, Revision, SearchQuery
from littlemem_ipy.transfer.fields import stamp

__all__ = ["Entry", "Summary", "memories"]

_PAGE = 1000
_TOP_TAGS = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A memory on its way into a file, with what of its past goes along, oldest first; None for no events."""

    memory: Memory
    revisions: tuple[Revision, ...] = ()
    events: tuple[Event, ...] | None = None


def memories(backend: Backend, query: SearchQuery) -> Iterator[Memory]:
    """Yield the memories that pass the filters of a query, by creation and then by id.

    They are read page by page, each page beginning at the time where the last one ended: so a memory that
    is added meanwhile moves no other out of sight, and reading stays linear.
    """
    ordered = _paged(backend, query.model_copy(update={"text": "", "sort": "created", "descending": False}))
    for _, same_time in groupby(ordered, key=lambda memory: memory.created_at):
        yield from sorted(same_time, key=lambda memory: memory.id)


def _paged(backend: Backend, query: SearchQuery) -> Iterator[Memory]:
    seen = 0  # how many of those at the beginning of the page were in the page before
    while True:
        page, _ = backend.select(query.model_copy(update={"limit": _PAGE, "offset": seen}))
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1].created_at
        ending = sum(memory.created_at == last for memory in page)
        seen = ending + (seen if last == query.since else 0)
        query = query.model_copy(update={"since": last})


@dataclass(slots=True)
class Summary:
    """Figures of a selection, gathered while it is written.

    The time of the export is the time of the last change in it: the same memories make the same file.
    """

    total: int = 0
    size: int = 0
    changed: datetime = field(default=datetime(1970, 1, 1, tzinfo=UTC))
    oldest: datetime | None = None
    newest: datetime | None = None
    types: Counter[str] = field(default_factory=Counter)
    projects: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    most_used: Memory | None = None

    def add(self, memory: Memory, size: int) -> None:
        """Count one memory that takes so many bytes in the file."""
        self.total += 1
        self.size += size
        self.changed = max(self.changed, memory.updated_at)
        self.oldest = min(self.oldest or memory.created_at, memory.created_at)
        self.newest = max(self.newest or memory.created_at, memory.created_at)
        self.types[str(memory.type)] += 1
        if memory.project is not None:
            self.projects[memory.project] += 1
        self.tags.update(tag.casefold() for tag in memory.tags)
        if self.most_used is None or memory.access_count > self.most_used.access_count:
            self.most_used = memory

    def plain(self) -> dict[str, Any]:
        """Return the figures by the names that LittleLLM gives them, and some more."""
        tags = sorted(self.tags.items(), key=lambda item: (-item[1], item[0]))[:_TOP_TAGS]
        return {
            "totalEntries": self.total,
            "entriesByType": dict(sorted(self.types.items())),
            "totalSize": self.size,
            "oldestEntry": stamp(self.oldest) if self.oldest else None,
            "newestEntry": stamp(self.newest) if self.newest else None,
            "entriesByProject": dict(sorted(self.projects.items())),
            "topTags": dict(tags),
        }
