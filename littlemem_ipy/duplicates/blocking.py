"""Which texts are worth comparing: a few of all the pairs, and none missed that is alike enough.

Two texts that share at least `ALIKE` of their words in order have most pairs of neighbouring words in common,
so among the rarest pairs of the one there is at least one that the other has as well (prefix filtering:
R. Bayardo, Y. Ma, R. Srikant, Scaling up all pairs similarity search, WWW 2007; for pairs of neighbours the
count of E. Ukkonen, Approximate string-matching with q-grams, 1992). Only texts that meet in such a pair are
compared. Everything is counted and ordered, nothing drawn, so the same texts give the same groups.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from zlib import crc32

__all__ = ["ALIKE", "Blocks"]

ALIKE = 0.9
"""The similarity from which on texts are near: 1 - d / (n + m), with d words put in or taken out of n and m."""
_BITS = 22
_MASK = (1 << _BITS) - 1
# The most that a text of n words may differ from one at this similarity, in words: m is at most n * (2 - A) / A.
_DIFFERENCE = (1 - ALIKE) * (1 + (2 - ALIKE) / ALIKE)
_MEETINGS = 64  # texts that one is compared with at most: those that it meets first


class Blocks:
    """Texts by their rarest pairs of words.

    Parameters
    ----------
    texts
        For each text a word that all share which it may be alike, and its own words.
    """

    def __init__(self, texts: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._codes: dict[str, int] = {}
        self._pairs = [self._pairs_of(crc32(shared.encode()), words) for shared, words in texts]
        self._counts = array("I", bytes(4 << _BITS))
        for pairs in self._pairs:
            for pair in pairs:
                self._counts[pair] += 1
        self._met: dict[int, list[int]] = {}

    def _pairs_of(self, shared: int, words: Sequence[str]) -> array[int]:
        codes = [0, *map(self._code, words), 1]
        return array("I", [((a * 0x9E3779B1 ^ b) * 0x85EBCA6B ^ shared) & _MASK for a, b in pairwise(codes)])

    def _code(self, word: str) -> int:
        code = self._codes.get(word)
        if code is None:
            # Not Python's own hash, which is another one in every process.
            code = self._codes[word] = crc32(word.encode())
        return code

    def meet(self, number: int) -> Iterator[int]:
        """Yield the texts that were let in and may be alike, in their order."""
        seen: dict[int, None] = {}
        for pair in self._rarest(number):
            for other in self._met.get(pair, ()):
                seen[other] = None
            if len(seen) >= _MEETINGS:
                break
        yield from sorted(seen)[:_MEETINGS]

    def let_in(self, number: int) -> None:
        """Let a text be met by those that come after it."""
        for pair in self._rarest(number):
            self._met.setdefault(pair, []).append(number)

    def _rarest(self, number: int) -> list[int]:
        """Return the rarest pairs of a text, so many that one that is alike must have one of them."""
        pairs = self._pairs[number]
        needed = 2 * int(_DIFFERENCE * (len(pairs) - 1)) + 1
        # A pair that no other text has can't lead to one.
        common = sorted({pair for pair in pairs if self._counts[pair] > 1}, key=lambda p: (self._counts[p], p))
        alone = len(set(pairs)) - len(common)
        return common[: max(0, needed - alone)]
