"""From text to hits: concepts, candidates from the backend's index, and a score that can be explained."""

from __future__ import annotations

from functools import partial

from littlemem_ipy.backends import Backend
from littlemem_ipy.embeddings import Embeddings
from littlemem_ipy.models import Memory, SearchHit, SearchQuery
from littlemem_ipy.search.asked import Asked
from littlemem_ipy.search.ranking import Ranked, rank
from littlemem_ipy.search.snippets import snippet

__all__ = ["find"]

_FIELDS = ("title", "content", "tags")


def find(backend: Backend, query: SearchQuery, embeddings: Embeddings | None = None) -> tuple[list[SearchHit], int]:
    """Return the page of hits, best first, and how many memories match.

    Parameters
    ----------
    backend
        Where to look.
    query
        What to look for; without words everything that passes the filters is a hit, newest first.
    embeddings
        The vectors of the store, if it is searched by meaning as well.
    """
    if not query.text.strip():
        memories, total = backend.select(query)
        return [SearchHit(memory, 1.0) for memory in memories], total
    if embeddings:
        embeddings.prepare(query.text)
    with backend.index.snapshot():
        ranked, asked, total = rank(backend.index, query, embeddings)
        page = ranked[query.offset : query.offset + query.limit]
        found = backend.index.memories([one.passage.key for one in page])
    return [_hit(one, asked, found[one.passage.key]) for one in page if one.passage.key in found], total


def _hit(one: Ranked, asked: Asked, memory: Memory) -> SearchHit:
    parts: dict[str, float | str] = {name: round(value, 4) for name, value in one.parts.items()}
    if asked.corrections:
        parts["taken for"] = "; ".join(f"{word} → {forms}" for word, forms in asked.corrections.items())
    matched = tuple(name for name in _FIELDS if name in one.reading.fields)
    return SearchHit(memory, one.score, matched, parts, partial(snippet, memory.content, one.reading.words))
