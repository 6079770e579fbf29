"""From text to hits: terms, candidates from the backend's index, and a score that can be explained."""

from __future__ import annotations

import re

from littlemem_ipy.backends import Backend
from littlemem_ipy.models import SearchHit, SearchQuery

__all__ = ["find"]

_STOP = frozenset(
    "a an and are as at be by can could did do does for from had has have how i in is it its me my of on or our "
    "should so that the their there these this to was we were what when where which who why will with you your".split()
)
_WORD = re.compile(r"\w+")


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
    words = list(dict.fromkeys(_WORD.findall(query.text.casefold())))
    terms = [word for word in words if word not in _STOP] or words
    if not terms:
        return [], 0
    expression = " OR ".join(f'"{term}"' for term in terms[:64])
    found, total = backend.match(expression, query)
    hits = []
    for memory, raw, snippet in found:
        fields = {"title": memory.title, "content": memory.content, "tags": " ".join(memory.tags)}
        matched = tuple(name for name, text in fields.items() if any(t in text.casefold() for t in terms))
        hits.append(SearchHit(memory, min(1.0, raw / (raw + 1.0)), matched, {"bm25": raw}, snippet))
    return hits, total
