"""From text to hits: concepts, candidates from the backend's index, and a score that can be explained."""

from __future__ import annotations

import math

from littlemem_ipy.backends import Backend
from littlemem_ipy.models import SearchHit, SearchQuery
from littlemem_ipy.search.ranking import rank

__all__ = ["find"]

_STEEPNESS = 1.6


def find(backend: Backend, query: SearchQuery) -> tuple[list[SearchHit], int]:
    """Return the page of hits, best first, and how many memories match.

    Parameters
    ----------
    backend
        Where to look.
    query
        What to look for; without words everything that passes the filters is a hit, newest first.
    """
    if not query.text.strip():
        memories, total = backend.select(query)
        return [SearchHit(memory, 1.0) for memory in memories], total
    ranked, total = rank(backend.index, query)
    page = ranked[query.offset : query.offset + query.limit]
    memories_by_key = backend.index.memories([one.passage.key for one in page])
    hits = []
    for one in page:
        memory = memories_by_key.get(one.passage.key)
        if memory is not None:
            matched = tuple(name for name in ("title", "content", "tags") if name in one.fields)
            parts: dict[str, float | str] = {name: round(value, 4) for name, value in one.parts.items()}
            hits.append(SearchHit(memory, 1 - math.exp(-_STEEPNESS * one.value), matched, parts))
    return hits, total
