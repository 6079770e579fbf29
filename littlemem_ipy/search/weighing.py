"""How much a concept says: rare ones much, common ones little, what no memory holds at all the most."""

from __future__ import annotations

import math
from weakref import WeakKeyDictionary

from littlemem_ipy.backends import TextIndex
from littlemem_ipy.search.asked import Concept

__all__ = ["Census", "census_of"]

_COUNTED = 1000
_REMEMBERED = 20_000
_FEWEST = 50  # in a store of three memories, being in all of them says little about a word


class Census:
    """Remembers how frequent words are, until the store has changed by a tenth.

    Parameters
    ----------
    index
        The index that is asked.
    """

    def __init__(self, index: TextIndex) -> None:
        self.index = index
        self.rows, self.mean_length = index.size()
        self._counts: dict[tuple[str, ...], int] = {}
        self.vocabulary: dict[str, list[str]] = {}

    def renew(self) -> None:
        """Look at the size of the index again."""
        rows, self.mean_length = self.index.size()
        if abs(rows - self.rows) * 10 > self.rows or rows < _COUNTED:
            self.rows = rows
            self._counts.clear()
            self.vocabulary.clear()

    def count(self, concept: Concept) -> int:
        """Return in how many memories a concept occurs, about."""
        words = tuple(concept.forms)
        if words not in self._counts:
            if len(self._counts) >= _REMEMBERED:
                self._counts.clear()
            self._counts[words] = self.index.frequency(words, _COUNTED)
        return self._counts[words]

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
