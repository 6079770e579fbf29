"""Which memories are worth an exact look.

The rare concepts are looked up whole, which costs as much as they have rows; the common ones only among
the rows of the rare ones. So nothing that holds a rare word is missed, and the time is bounded however
common the words are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from littlemem_ipy.backends import TextIndex
from littlemem_ipy.models import SearchQuery
from littlemem_ipy.search.asked import Concept
from littlemem_ipy.search.weighing import Census

__all__ = ["gather"]

_ROWS = 1500
_AT_ONCE = 24  # words in one expression
_FEW = 250  # rows of a word up to which looking it up alone is cheaper than together with the filters
_PLENTY = 50
_REST = 0.2  # of a query's weight: what common words beyond it say is left to the exact score


def gather(index: TextIndex, census: Census, concepts: Sequence[Concept], query: SearchQuery) -> list[int]:
    """Return keys of memories that hold concepts, most weight first, newer ones first among equals."""
    present = sorted((c for c in concepts if c.frequency), key=lambda c: c.frequency)
    postings = _Postings(index, query)
    scores: defaultdict[int, float] = defaultdict(float)
    rare: list[Concept] = []
    common: list[Concept] = []
    budget = _ROWS
    for concept in present:
        if postings.worth(concept, budget, len(scores)):
            keys = postings.of(concept)
            # What is common in the whole store may be rare under the filters.
            if len(keys) < _ROWS or not rare:
                _count(scores, keys, census, concept)
                rare.append(concept)
                budget -= len(keys)
                continue
        common.append(concept)
    if scores or postings.few:
        _reorder(scores, postings, census, rare, common)
    else:
        _pairs(scores, index, census, common[:4], query)
    return sorted(sorted(scores, reverse=True), key=scores.__getitem__, reverse=True)


class _Postings:
    """The rows of concepts under the filters of one query."""

    def __init__(self, index: TextIndex, query: SearchQuery) -> None:
        self.index = index
        self.query = query
        named = bool(query.types or query.conversation_id)
        limited = query.tags or query.since or query.until or query.projects is not None
        self._narrow = named or bool(limited)
        self._anywhere = SearchQuery(states=query.states)
        passing = index.postings([], query, _ROWS) if named else []
        self._passing = set(passing)
        self._seen, self._passed = 1, 1
        self.few = named and len(passing) < _ROWS
        """Whether so few memories pass the filters that these are known."""

    def worth(self, concept: Concept, budget: int, found: int) -> bool:
        """Return whether all rows of a concept shall be looked up, however the others fare."""
        if self.few or not self._narrow:
            return concept.frequency <= (_FEW if self.few else budget)
        # What the filters let through of the rarer words tells how much they will of this one.
        return found < _PLENTY or concept.frequency * self._passed <= budget * self._seen

    def of(self, concept: Concept) -> list[int]:
        """Return the keys of a concept's memories that pass the filters as far as the index knows them."""
        forms = list(concept.forms)
        if self.few and concept.frequency <= _FEW:
            # Each filter costs as much as a word, so a rare word is looked up without them.
            keys = self.index.postings([forms], self._anywhere, _ROWS)
            if len(keys) < _ROWS:
                return [key for key in keys if key in self._passing]
        keys = self.index.postings([forms], self.query, _ROWS)
        self._seen += concept.frequency
        self._passed += len(keys)
        return keys

    def among(self, concept: Concept, others: Sequence[str]) -> list[int]:
        """Return those of a common concept's memories that can matter beside the ones that hold `others`."""
        if self.few:
            return self.of(concept)
        return self.index.postings([list(concept.forms), others], self.query, _ROWS)


def _reorder(
    scores: defaultdict[int, float],
    postings: _Postings,
    census: Census,
    rare: Sequence[Concept],
    common: Sequence[Concept],
) -> None:
    """Let common concepts order the rows of the rare ones, down to what says too little to change much."""
    within = [form for concept in rare[:_AT_ONCE] for form in concept.forms]
    rest = sum(_weight(census, concept) for concept in common)
    little = _REST * (rest + sum(_weight(census, concept) for concept in rare))
    for concept in common[:_AT_ONCE]:
        if rest < little and (len(scores) >= _PLENTY or not postings.few):
            return
        _count(scores, postings.among(concept, within), census, concept)
        rest -= _weight(census, concept)


def _weight(census: Census, concept: Concept) -> float:
    return census.idf(concept.frequency) * concept.weight


def _count(scores: defaultdict[int, float], keys: list[int], census: Census, concept: Concept) -> None:
    weight = _weight(census, concept)
    for key in keys:
        scores[key] += weight


def _pairs(
    scores: defaultdict[int, float],
    index: TextIndex,
    census: Census,
    concepts: Sequence[Concept],
    query: SearchQuery,
) -> None:
    """Where every word is common: the rows that hold two of them, and the newest of each."""
    for one, other in combinations(concepts, 2):
        keys = index.postings([list(one.forms), list(other.forms)], query, _ROWS // 4)
        _count(scores, keys, census, one)
        _count(scores, keys, census, other)
    for concept in concepts:
        keys = index.postings([list(concept.forms)], query, _ROWS // 8)
        _count(scores, [key for key in keys if key not in scores], census, concept)
