"""Orders to the assistant in words that no pattern foresaw, told from the user's own wishes by a classifier.

The weights were trained by ``tests/benchmarks/train_orders.py`` on sentences written for this project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from littlemem_ipy.classifier import load, words

from .findings import Finding

__all__ = ["ORDER_FROM", "sentences", "worded_orders"]

ORDER_FROM = 0.6
"""So likely must a sentence be an order."""
_DOUBTFUL = 0.1
"""From here on a sentence is read together with the ones around it."""
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?](?!\s|\Z)[^.!?。！？\n]*)*[.!?。！？]*")
_LINE = re.compile(r"[^\n]+")
_SHORTEST, _LONGEST = 6, 600


def worded_orders(low: str) -> Iterator[Finding]:
    """Yield the sentences of a folded text that the classifier takes for orders to the assistant."""
    model = load("littlemem_ipy.redact", "orders")
    for line in _LINE.finditer(low):
        first, text = line.start(), line[0]
        parts = [(start, end, model.share(words(text[start:end]))) for start, end in sentences(text)]
        if len(parts) > 1 and len(text) <= _LONGEST and _DOUBTFUL <= max(share for *_, share in parts) < ORDER_FROM:
            parts.append((0, len(text), model.share(words(text))))
        for start, end, share in parts:
            if share >= ORDER_FROM:
                yield Finding(first + start, first + end, "worded order", "reads like an order to the assistant")


def sentences(low: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sentence; one that is very long in pieces."""
    for match in _SENTENCE.finditer(low):
        for start in range(match.start(), match.end(), _LONGEST):
            end = min(start + _LONGEST, match.end())
            if sum(map(str.isalpha, low[start:end])) >= _SHORTEST:
                yield start, end
