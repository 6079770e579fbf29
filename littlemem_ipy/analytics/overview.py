"""The figures of a store on one screen: how much there is, and what it was good for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from littlemem_ipy.analytics.building import events_of
from littlemem_ipy.models import EventKind, MemoryStats
from littlemem_ipy.models.tables import Table, counted
from littlemem_ipy.store import MemoryStore

__all__ = ["Overview", "overview"]


@dataclass(frozen=True, repr=False)
class Overview:
    """How much there is, and what it was good for.

    Attributes
    ----------
    stats
        What `MemoryStore.stats` returns; its figures are attributes of this as well.
    titles
        The titles of the memories that were used most, by their ids.
    searches, found
        How many searches there were, and how many of them found something.
    replies
        How many replies were counted.
    injected, used
        How often memories went into prompts, and how often the reply made use of them.
    tokens, cost
        What memories took in prompts, and what the replies cost in US dollars where that is known.
    """

    stats: MemoryStats
    titles: Mapping[str, str]
    searches: int
    found: int
    replies: int
    injected: int
    used: int
    tokens: int
    cost: float

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.stats, name)

    @property
    def table(self) -> Table:
        """The figures as rows of text."""
        stats = self.stats
        rows = [list(row) for row in stats.table.rows]
        rows.append(["on the disk", f"{stats.file_bytes:,} bytes"])
        if stats.oldest and stats.newest:
            rows.append(["oldest, newest", f"{stats.oldest:%Y-%m-%d}, {stats.newest:%Y-%m-%d}"])
        rows += [
            ["most used" if place == 0 else "", f"{count:,}× {self.titles.get(memory_id, memory_id)}"]
            for place, (memory_id, count) in enumerate(stats.most_used)
        ]
        if self.searches:
            rows.append(["searches", f"{self.searches:,}, {self.found / self.searches:.0%} found something"])
        if self.injected:
            often = counted(self.injected, "time", "times")
            rows.append(["in prompts", f"{often}, used in {self.used / self.injected:.0%}; {self.tokens:,} tokens"])
        if self.replies:
            rows.append(["replies", f"{self.replies:,}" + (f", ${self.cost:.2f}" if self.cost else "")])
        return Table(
            ["what", "how much"],
            rows,
            "%mem insights says what stands out; %mem dashboard draws it.",
            cell_limit=80,
        )

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()


def overview(store: MemoryStore) -> Overview:
    """Return the figures of the whole store."""
    stats = store.stats()
    most = store.backend.get([memory_id for memory_id, _ in stats.most_used])
    told: dict[str, list[dict[str, Any]]] = {kind: [] for kind in (EventKind.SEARCHED, EventKind.ANSWERED)}
    for _, kind, _, data in events_of(store, list(told)):
        told[kind].append(data)
    uses = store.backend.usage_rows()
    return Overview(
        stats=stats,
        titles={memory_id: memory.title for memory_id, memory in most.items()},
        searches=len(told[EventKind.SEARCHED]),
        found=sum(bool(data.get("hits")) for data in told[EventKind.SEARCHED]),
        replies=len(told[EventKind.ANSWERED]),
        injected=sum(use.injected for use in uses),
        used=sum(use.used for use in uses),
        tokens=int(sum(use.tokens for use in uses)),
        cost=sum(data.get("cost") or 0.0 for data in told[EventKind.ANSWERED]),
    )
