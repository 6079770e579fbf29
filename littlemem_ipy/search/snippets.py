"""The place in a text where most of the words are."""

from __future__ import annotations

import re
from collections.abc import Collection

from littlemem_ipy.backends.words import fold

__all__ = ["snippet"]

_WORD = re.compile(r"[^\W_]+")
_WIDTH = 24  # words
_READ = 8000  # characters; a snippet from deep inside says little more


def snippet(text: str, words: Collection[str]) -> str:
    """Return some words of `text` around the place that holds most of `words`, these between ``«`` and ``»``.

    Parameters
    ----------
    text
        Any text.
    words
        Folded words.

    Examples
    --------
    >>> snippet("Joins are done in polars.", {"polars"})
    'Joins are done in «polars».'
    """
    folded = fold(text[:_READ])
    if len(folded) != len(text[:_READ]):  # ß and ligatures: places would differ
        folded = text[:_READ].lower()
    spans = [match.span() for match in _WORD.finditer(folded)]
    marked = [number for number, (start, end) in enumerate(spans) if folded[start:end] in words]
    if not spans:
        return text[:200]
    first = max(marked, key=lambda n: sum(n <= other < n + _WIDTH for other in marked), default=0)
    first = max(0, min(first - 3, len(spans) - _WIDTH))
    last = min(first + _WIDTH, len(spans)) - 1
    start = 0 if first == 0 else spans[first][0]
    end = min(len(text), _READ) if last == len(spans) - 1 else spans[last][1]
    parts, place = ["…" if start else ""], start
    for number in marked:
        if first <= number <= last:
            low, high = spans[number]
            parts += [text[place:low], "«", text[low:high], "»"]
            place = high
    return "".join([*parts, text[place:end], "…" if end < len(text) else ""])
