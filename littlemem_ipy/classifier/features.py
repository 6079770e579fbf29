"""What the classifier sees of a sentence: its words, pairs and triples of them, parts of words, their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

__all__ = ["features", "words"]

_WIDE = "぀-ヿ㐀-鿿"
_TOKEN = re.compile(rf"([{_WIDE}]+)|(\d[\d.,:]*)|[^\W\d_{_WIDE}]+(?:['’][a-z]+)?|[^\w\s]|_")
_NAMED = re.compile(
    r"(?<!\w)[A-Za-z]\w*_\w+|(?<![\w/])/\w+/|\.(?:csv|parquet|py|ipynb|json|db|sql|xlsx?)\b|(?<!\w)[a-z]+[A-Z]|="
)
_MOST = 80
_LONG, _GRAM = 5, 4
_STEP = 4
_LONGEST = 6


def features(text: str, marks: Mapping[str, str] | None = None) -> set[str]:
    """Return all features of a sentence: `words`, and what costs more to look at.

    Parameters
    ----------
    text
        The sentence.
    marks
        Characters that stand for something, such as inline code, and the token that a run of each becomes.

    >>> "2we use" in features("We use `numpy`")
    True
    """
    tokens = ["^", *_tokens(text, marks or {}), "$"]
    found = set(_near(tokens))
    found.update(f"s{one} {two}" for one, two in zip(tokens, tokens[2:], strict=False))
    found.update(f"3{one} {two} {three}" for one, two, three in zip(tokens, tokens[1:], tokens[2:], strict=False))
    found.update(_grams(tokens))
    found.add(f"n{min(len(tokens) // _STEP, _LONGEST)}")
    if _NAMED.search(text):
        found.add("named")
    return found


def words(text: str) -> set[str]:
    """Return the words of a sentence with their places, pairs of them, their beginnings and endings.

    >>> sorted(words("no."))
    ['1$', '1.', '1^', '1no', '2. $', '2^ no', '2no .', 'p0no', 'p1.', 'p2$', 'q0^', 'q1no', 'q2.']
    """
    return set(_near(["^", *_tokens(text, {}), "$"]))


def _near(tokens: list[str]) -> Iterator[str]:
    for token in tokens:
        yield "1" + token
        if len(token) > _LONG and token[0] != "<":
            yield "e" + token[-3:]
            yield "r" + token[:4]
            yield "r" + token[:5]
    for one, two in pairwise(tokens):
        yield f"2{one} {two}"
    for place, token in enumerate(tokens[1:4]):
        yield f"p{place}{token}"
    for place, token in enumerate(tokens[:-1][-3:]):
        yield f"q{place}{token}"


def _tokens(text: str, marks: Mapping[str, str]) -> list[str]:
    """Return words in small letters, numbers and inner capitals as marks, single wide characters."""
    out: list[str] = []
    for found in _TOKEN.finditer(text):
        word = found[0]
        if found[1]:
            out.extend(word)
        elif found[2]:
            out.append("<num>")
        elif word[0] in marks:
            out.append(marks[word[0]])
        else:
            if out and len(word) > 1 and word[0].isupper():
                out.append("<caps>" if word.isupper() else "<cap>")
            out.append(word.replace("’", "'").lower())
        if len(out) >= 2 * _MOST:
            break
    return out[: 2 * _MOST]


def _grams(tokens: list[str]) -> Iterator[str]:
    """Yield every four letters in a row, so that a typo or an inflection costs little."""
    for token in tokens:
        if len(token) >= _GRAM and token[0] != "<":
            word = f"<{token}>"
            for start in range(len(word) - _GRAM + 1):
                yield "c" + word[start : start + _GRAM]
