"""Orders to the assistant in words that no pattern foresaw, told from the user's own wishes by a classifier.

The weights were trained by ``tests/benchmarks/train_orders.py`` on sentences written for this project and on
docstrings of Python's own library. A sentence that shows no sign of being meant for the assistant (`Address`) is
never held, whatever the classifier thinks of it; most texts show none and cost no more than looking for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from littlemem_ipy.classifier import load, words

from .address import Address
from .findings import Finding

__all__ = ["ORDER_FROM", "bare", "sentences", "worded_orders"]

ORDER_FROM = 0.75
"""So likely must a sentence be an order."""
_SENTENCE = re.compile(r"[^.!?。！？\n]+(?:[.!?](?!\s|\Z)[^.!?。！？\n]*)*[.!?。！？]*")
_SHORTEST, _LONGEST = 6, 600
_AROUND = " \t-*•>#\"'“”„«»「」()[]{}.,;:!。！…"


def worded_orders(low: str) -> Iterator[Finding]:
    """Yield the sentences of a folded text that the classifier takes for orders to the assistant."""
    address = Address(low)
    if not address:
        return
    model = load("littlemem_ipy.redact", "orders")
    for start, end in sentences(low):
        if address.reaches(start, end) and model.share(words(bare(low[start:end]))) >= ORDER_FROM:
            yield Finding(start, end, "worded order", "reads like an order to the assistant")


def bare(sentence: str) -> str:
    """Return a sentence without the bullets, brackets and stops around it; a question keeps its mark."""
    return sentence.strip(_AROUND)


def sentences(low: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sentence; one that is very long in pieces."""
    for match in _SENTENCE.finditer(low):
        for start in range(match.start(), match.end(), _LONGEST):
            end = min(start + _LONGEST, match.end())
            if sum(map(str.isalpha, low[start:end])) >= _SHORTEST:
                yield start, end
