"""Which language a text is in: told by its script, by small words, and where they do not decide by a classifier.

The classifier sees words and three letters in a row; its weights were trained by
``tests/benchmarks/train_languages.py`` on the sentences that the other classifiers learn from.
"""

from __future__ import annotations

import re

from littlemem_ipy.capture.rules import CODES, Language, language
from littlemem_ipy.classifier import load

__all__ = ["letters", "spoken_in", "words_of"]

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LONGEST = 4_000
_DECIDED = 2
_POSSIBLE = 0.2
_GRAM = 3


def spoken_in(text: str) -> tuple[Language, ...]:
    """Return the languages that `text` may be in, the likeliest first.

    >>> [language.code for language in spoken_in("Ich nutze lieber polars")]
    ['de']
    """
    known = [language(code) for code in CODES]
    written = next((lang for lang in reversed(known) if lang.script and lang.script.search(text)), None)
    if written:
        return (written,)
    heard = words_of(text)
    scored = sorted(
        ((sum(word in lang.words for word in heard), lang) for lang in known if lang.words),
        key=lambda pair: -pair[0],
    )
    if scored[0][0] - scored[1][0] >= _DECIDED:
        return (scored[0][1],)
    model = load("littlemem_ipy.capture", "languages")
    odds = model.shares(model.sums(letters(heard)))
    ranked = sorted(odds.items(), key=lambda pair: -pair[1])
    return tuple(language(code) for code, share in ranked if share >= _POSSIBLE or code == ranked[0][0])


def words_of(text: str) -> list[str]:
    """Return the words of a text (of a very long one those it begins with) in small letters."""
    return _WORD.findall(text[:_LONGEST].casefold())


def letters(words: list[str]) -> set[str]:
    """Return what the classifier of languages sees of words in small letters."""
    found = set(words)
    for word in words:
        framed = f"<{word}>"
        found.update(framed[at : at + _GRAM] for at in range(len(framed) - _GRAM + 1))
    return found
