"""What vectors add to words: memories that say the same in other words, and other words that say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import nlargest
from typing import Protocol

from littlemem_ipy.backends import Passage, TextIndex
from littlemem_ipy.backends.words import plain_words
from littlemem_ipy.embeddings import Embeddings, Wording
from littlemem_ipy.models import SearchQuery
from littlemem_ipy.search.asked import Asked
from littlemem_ipy.search.scoring import Reading, Scorer

__all__ = ["add_meaning", "add_wording", "nearest"]

_UNRELATED = 0.15  # the nearest of many unrelated texts is about that near; also counts for what has no vector yet
_RISE, _ENOUGH_SAID = 1.0, 1.0
_COUNTS = (100, 2_000, 40_000)
_ENOUGH = 20
_WORDING = 1.0  # of a word that is missing, as far as another one is near to it
_FAR = 0.5  # cosine up to which two words have nothing to do with each other
_LEAST = 3  # letters of a word that is compared
_CHARACTERS = 700  # of a memory whose words are
_READ = 50  # memories


class _Ranked(Protocol):
    passage: Passage
    reading: Reading
    parts: dict[str, float]
    value: float


def add_meaning(ranked: Iterable[_Ranked], cosines: Mapping[int, float], weight: float) -> None:
    """Add to the value of memories what their vectors say: more, the less the words of the query found.

    Parameters
    ----------
    ranked
        The memories, with the value of their words.
    cosines
        How near they are to the query, by key.
    weight
        What a cosine of 1 is worth where the words say enough; 1 is a memory that holds every word once.
    """
    ranked = list(ranked)
    best = max((one.value for one in ranked), default=0.0)
    weight += _RISE * max(0.0, _ENOUGH_SAID - best)
    for one in ranked:
        one.parts["meaning"] = weight * (cosines.get(one.passage.key, _UNRELATED) - _UNRELATED)
        one.value += one.parts["meaning"]


def add_wording(ranked: Iterable[_Ranked], asked: Asked, scorer: Scorer, wording: Wording) -> None:
    """Add to the value of the best memories what words of theirs that are near to words they lack are worth."""
    wanted = [n for n, concept in enumerate(asked.concepts) if scorer.weights[n] > 0 and _compared(concept.word)]
    read = [(one, _words_of(one.passage)) for one in nlargest(_READ, ranked, key=lambda one: one.value)]
    read = [(one, words) for one, words in read if words]
    if not wanted or not read:
        return
    cosines = wording.nearest([asked.concepts[n].word for n in wanted], [words for _, words in read])
    for (one, _), row in zip(read, cosines.tolist(), strict=True):
        lacking = ((n, near) for n, near in zip(wanted, row, strict=True) if n not in one.reading.counts)
        found = sum(scorer.weights[n] * max(0.0, near - _FAR) for n, near in lacking)
        one.parts["wording"] = _WORDING * found / ((1 - _FAR) * scorer.ideal)
        one.value += one.parts["wording"]


def _words_of(passage: Passage) -> list[str]:
    words = plain_words(f"{passage.title} {passage.content[:_CHARACTERS]}")
    return [word for word in dict.fromkeys(words) if _compared(word)]


def _compared(word: str) -> bool:
    return len(word) >= _LEAST and word.isascii() and word.isalpha()


def nearest(
    embeddings: Embeddings, index: TextIndex, query: SearchQuery, passages: list[Passage]
) -> dict[int, float]:
    """Add the passages nearest to the query that pass its filters, and return the cosines by key.

    Where filters let few of the nearest pass, more are looked at.
    """
    have = {passage.key for passage in passages}
    cosines: dict[int, float] = {}
    found: list[Passage] = []
    for count in _COUNTS:
        cosines = embeddings.similar(query.text, count, have)
        found = index.passages([key for key in cosines if key not in have], query)
        if len(found) + len(have & cosines.keys()) >= _ENOUGH or len(cosines) < count:
            break
    passages += found[: _COUNTS[0]]
    return cosines
