"""Which memories are worth an exact look.

The rare concepts are looked up whole, which costs as much as they have rows; the common ones only among
the rows of the rare ones. So nothing that holds a rare word is missed, and the time is bounded however
common the words are.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from littlemem_ipy.backends import TextIndex
from littlemem_ipy.models import SearchQuery
from littlemem_ipy.search.asked import Concept
from littlemem_ipy.search.weighing import Census

__all__ = ["gather"]

_ROWS = 1500
_AT_ONCE = 24  # words in one expression


def gather(index: TextIndex, census: Census, concepts: Sequence[Concept], query: SearchQuery) -> list[int]:
    """Return keys of memories that hold concepts, most weight first, newer ones first among equals."""
    present = sorted((c for c in concepts if c.frequency), key=lambda c: c.frequency)
    scores: dict[int, float] = {}
    rare: list[Concept] = []
    common: list[Concept] = []
    budget = _ROWS
    for concept in present:
        if concept.frequency <= budget or _narrow(query):
            keys = index.postings([list(concept.forms)], query, _ROWS)
            # What is common in the whole store may be rare under the filters.
            if len(keys) < _ROWS or not rare:
                _count(scores, keys, census, concept)
                rare.append(concept)
                budget -= len(keys)
                continue
        common.append(concept)
    if scores:
        within = [form for concept in rare[:_AT_ONCE] for form in concept.forms]
        for concept in common[:_AT_ONCE]:
            _count(scores, index.postings([list(concept.forms), within], query, _ROWS), census, concept)
    else:
        _pairs(scores, index, census, common[:4], query)
    return sorted(sorted(scores, reverse=True), key=scores.__getitem__, reverse=True)


def _narrow(query: SearchQuery) -> bool:
    """Whether the index can leave much out by the filters."""
    return bool(query.types or query.tags or query.conversation_id or query.since or query.until) or (
        query.projects is not None
    )


def _count(scores: dict[int, float], keys: list[int], census: Census, concept: Concept) -> None:
    weight = census.idf(concept.frequency) * concept.weight
    before = scores.get
    for key in keys:
        scores[key] = before(key, 0.0) + weight


def _pairs(
    scores: dict[int, float], index: TextIndex, census: Census, concepts: Sequence[Concept], query: SearchQuery
) -> None:
    """Where every word is common: the rows that hold two of them, and the newest of each."""
    for one, other in combinations(concepts, 2):
        keys = index.postings([list(one.forms), list(other.forms)], query, _ROWS // 4)
        _count(scores, keys, census, one)
        _count(scores, keys, census, other)
    for concept in concepts:
        keys = index.postings([list(concept.forms)], query, _ROWS // 8)
        _count(scores, [key for key in keys if key not in scores], census, concept)
