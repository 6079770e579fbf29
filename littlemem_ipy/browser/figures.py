"""The figures of the statistics' tab."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from littlemem_ipy.browser.payloads import seconds
from littlemem_ipy.models import MemoryStats, State
from littlemem_ipy.models.tables import visible
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore

__all__ = ["figures"]

_TAGS = 10
_PROJECTS = 10
_MONTHS = 12
_EVERYTHING = [state for state in State if state is not State.DELETED]


def figures(store: MemoryStore) -> dict[str, Any]:
    """Return how much there is of what, in the whole store, as JSON."""
    stats = store.stats()
    tags = store.backend.names("tags")[:_TAGS]
    return {
        "total": stats.total,
        "bytes": stats.bytes,
        "file_bytes": stats.file_bytes,
        "oldest": seconds(stats.oldest),
        "newest": seconds(stats.newest),
        "types": list(stats.by_type.items()),
        "projects": [[visible(name or ""), count] for name, count in list(stats.by_project.items())[:_PROJECTS]],
        "states": list(stats.by_state.items()),
        "tags": [[visible(tag), store.count(tags_any=[tag])] for tag in tags],
        "months": _growth(store),
        "most_used": _most_used(store, stats),
    }


def _growth(store: MemoryStore) -> list[list[Any]]:
    """Return for each of the last months how many memories were added in it and are still there."""
    months = [_back(now().astimezone(), count) for count in range(_MONTHS)][::-1]
    return [[month, store.count(since=month, until=month, states=_EVERYTHING)] for month in months]


def _back(day: datetime, months: int) -> str:
    count = day.year * 12 + day.month - 1 - months
    return f"{count // 12:04}-{count % 12 + 1:02}"


def _most_used(store: MemoryStore, stats: MemoryStats) -> list[list[Any]]:
    memories = store.backend.get([memory_id for memory_id, _ in stats.most_used])
    return [[visible(memories[i].title), count, i] for i, count in stats.most_used if i in memories]
