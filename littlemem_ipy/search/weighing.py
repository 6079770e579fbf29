"""How much a concept says: rare ones much, common ones little, what no memory holds at all the most."""

from __future__ import annotations

import math
from weakref import WeakKeyDictionary

from littlemem_ipy.backends import TextIndex
from littlemem_ipy.search.asked import Concept

__all__ = ["Census", "census_of"]

_COUNTED = 1000
_REMEMBERED = 20_000
_RARE = 50
_FEWEST = 50  # in a store of three memories, being in all of them says little about a word


class Census:
    """Knows how frequent words are; what is frequent is counted again when the store has changed by a tenth.

    Parameters
    ----------
    index
        The index that is asked.
    """

    def __init__(self, index: TextIndex) -> None:
        self.index = index
        self.rows, self.mean_length = index.size()
        self._counted_at = self.rows
        self._counts: dict[tuple[str, ...], int] = {}
        self.vocabulary: dict[str, list[str]] = {}

    def renew(self) -> None:
        """Look at the size of the index again."""
        rows, self.mean_length = self.index.size()
        if rows != self.rows:
            self.vocabulary.clear()
        if abs(rows - self._counted_at) * 10 > self._counted_at:
            self._counts.clear()
            self._counted_at = rows
        self.rows = rows

    def count(self, concept: Concept) -> int:
        """Return in how many memories a concept occurs, about."""
        words = tuple(concept.forms)
        known = self._counts.get(words)
        if known is not None:
            return known
        count = self.index.frequency(words, _COUNTED)
        # A rare word is counted each time: that is quick, and a memory saved a moment ago must be found.
        if count > _RARE:
            if len(self._counts) >= _REMEMBERED:
                self._counts.clear()
            self._counts[words] = count
        return count

    def idf(self, frequency: int) -> float:
        """Return the inverse document frequency.

        Source: S. Robertson and H. Zaragoza, The Probabilistic Relevance Framework (2009), with the 1 that
        keeps it positive.
        """
        rows = max(self.rows, _FEWEST)
        frequency = min(frequency, rows)
        return math.log(1 + (rows - frequency + 0.5) / (frequency + 0.5))


_known: WeakKeyDictionary[TextIndex, Census] = WeakKeyDictionary()


def census_of(index: TextIndex) -> Census:
    """Return the census of an index, up to date."""
    census = _known.get(index)
    if census is None:
        census = _known[index] = Census(index)
    else:
        census.renew()
    return census
