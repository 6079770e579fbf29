"""What vectors add to words: memories that say the same in other words."""

from __future__ import annotations

from littlemem_ipy.backends import Passage, TextIndex
from littlemem_ipy.embeddings import Embeddings
from littlemem_ipy.models import SearchQuery

__all__ = ["meaning_of", "nearest"]

_FLOOR = 0.2  # unrelated texts are about that near to each other
_WEIGHT = 0.8
_COUNTS = (100, 2_000, 40_000)
_ENOUGH = 20


def meaning_of(cosine: float) -> float:
    """Return what a cosine adds to the value of a memory."""
    return _WEIGHT * max(0.0, cosine - _FLOOR)


def nearest(
    embeddings: Embeddings, index: TextIndex, query: SearchQuery, passages: list[Passage]
) -> dict[int, float]:
    """Add the passages nearest to the query that pass its filters, and return the cosines by key.

    Where filters let few of the nearest pass, more are looked at.
    """
    have = {passage.key for passage in passages}
    cosines: dict[int, float] = {}
    for count in _COUNTS:
        cosines = embeddings.similar(query.text, count)
        found = index.passages([key for key in cosines if key not in have], query)
        if len(found) + len(have & cosines.keys()) >= _ENOUGH or len(cosines) < count:
            passages += found[: _COUNTS[0]]
            break
    return cosines
