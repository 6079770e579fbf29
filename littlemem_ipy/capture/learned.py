"""A small classifier beside the rules: how likely a clause is worth keeping, and as what.

Multinomial logistic regression over words, pairs of words and shapes; the weights are a file a language in
``weights/``. They were trained on sentences written for this project (``tests/benchmarks/capture_sentences``)
by ``tests/benchmarks/train_capture.py``, so that the training can be repeated and argued with. A language
without weights is left to its rules.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise

from littlemem_ipy.capture.prose import CODE, QUOTE

__all__ = ["NONE", "features", "odds"]

NONE = "none"
"""The class of what is not worth keeping."""

_TOKEN = re.compile(rf"{CODE}+|{QUOTE}+|[^\W\d_]+(?:['’][a-z]+)?|\d[\d.,:]*|[^\w\s]")
_NAMED = re.compile(
    r"(?<!\w)[A-Za-z]\w*_\w+|(?<![\w/])/\w+/|\.(?:csv|parquet|py|ipynb|json|db|sql|xlsx?)\b|(?<!\w)[a-z]+[A-Z]|="
)
_MOST_TOKENS = 80
_LONG = 5


def _tokens(text: str) -> list[str]:
    """Return the words of `text` in small letters; code, quotations, numbers and inner capitals as marks."""
    out: list[str] = []
    for place, found in enumerate(_TOKEN.findall(text)[:_MOST_TOKENS]):
        if found[0] == CODE or found[0] == QUOTE:
            out.append("<code>" if found[0] == CODE else "<quote>")
        elif found[0].isdigit():
            out.append("<num>")
        else:
            if place and len(found) > 1 and found[0].isupper():
                out.append("<caps>" if found.isupper() else "<cap>")
            out.append(found.replace("’", "'").lower())
    return out


def features(text: str) -> set[str]:
    """Return what the classifier sees of a clause.

    >>> "b|we use" in features("We use `numpy`")
    True
    """
    tokens = ["^", *_tokens(text), "$"]
    found = {f"u|{token}" for token in tokens}
    found |= {f"b|{one} {two}" for one, two in pairwise(tokens)}
    found |= {f"s|{one} {two}" for one, two in zip(tokens, tokens[2:], strict=False)}
    found |= {f"p{place}|{token}" for place, token in enumerate(tokens[1:4])}
    found |= {f"h|{' '.join(tokens[1:3])}", f"t|{' '.join(tokens[1:4])}", f"n|{min(len(tokens) // 4, 6)}"}
    found |= set(_parts(tokens))
    if _NAMED.search(text):
        found.add("named")
    return found


def _parts(tokens: list[str]) -> Iterator[str]:
    for token in tokens:
        if len(token) > _LONG:
            yield f"e|{token[-3:]}"
            yield f"r|{token[:4]}"


@cache
def _weights(code: str) -> tuple[list[str], Mapping[str, list[float]]] | None:
    path = files("littlemem_ipy.capture").joinpath("weights", f"{code}.json")
    if not path.is_file():
        return None
    raw = json.loads(path.read_text(encoding="utf-8"))
    return raw["classes"], raw["weights"]


def odds(text: str, code: str) -> dict[str, float] | None:
    """Return how likely each class is (the types of memory and `NONE`), or None without weights for `code`."""
    learned = _weights(code)
    if learned is None:
        return None
    classes, weights = learned
    sums = list(weights["bias"])
    for feature in features(text):
        for place, weight in enumerate(weights.get(feature, ())):
            sums[place] += weight
    highest = max(sums)
    shares = [math.exp(value - highest) for value in sums]
    total = sum(shares)
    return {name: share / total for name, share in zip(classes, shares, strict=True)}
