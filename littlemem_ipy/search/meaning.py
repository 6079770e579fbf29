"""What vectors add to words: memories that say the same in other words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from littlemem_ipy.backends import Passage, TextIndex
from littlemem_ipy.embeddings import Embeddings
from littlemem_ipy.models import SearchQuery

__all__ = ["add_meaning", "nearest"]

_UNRELATED = 0.2  # the nearest of many unrelated texts is about that near; also counts for what has no vector yet
_RISE, _ENOUGH_SAID = 1.0, 1.0
_COUNTS = (100, 2_000, 40_000)
_ENOUGH = 20


class _Ranked(Protocol):
    passage: Passage
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
