"""What a text says, as far as a comparison of words can tell.

Whether two texts say the same is decided by their significant words in their order. What carries the
meaning (numbers, names, identifiers, negations, words with an opposite) must be the same in any case: "port
8080" is no duplicate of "port 8081", whatever stands around it. In code every word is of that kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from littlemem_ipy.backends.words import stem
from littlemem_ipy.duplicates.contrast import KIND_OF, OPPOSITE_OF

__all__ = ["TURNING", "Wording", "repeats", "wording_of"]

# A number with its sign and its parts (-5, 3.11, 2026-05-31), a word, the name of a file or attribute, operators,
# or any other sign.
_TOKEN = re.compile(
    r"(?:(?<![^\s([=])[-+])?\w*\d\w*(?:[.,:/-]\w+)*|\w+(?:[./\\@]\w+)*|[<>=!+*/%^|&~]{2,}|(?<=\w)#|[^\w\s#]"
)
_PUNCTUATION = frozenset(".,;:'\"()[]{}…·•*_`~-–—“”‘’«»„‚!\\、。，；：「」")
_EMPTY = frozenset("a an the please really very just also".split())
_LIGHT = _EMPTY | frozenset(
    """
    of to in on at for with by and is are am be been being it its this that these those there i me my we our us
    you your he she his her they them their do does did have has had will would can could should so as if then
    """.split()
)
TURNING = frozenset(
    """
    no not none nor never neither cannot t without except unless only but was were before after over than instead
    rather from into against until since or nicht kein keine keinen nie ohne außer nur vor nach statt oder ne pas
    jamais sans avant après ou nunca sin antes después não sem nem nunca 不 没 無
    """.split()
)
"""Words that turn a statement round, or tell which of two things comes first."""
_MEANING = TURNING | KIND_OF.keys() | OPPOSITE_OF.keys()
_IDENTIFIER = re.compile(r"[a-z][A-Z]|[A-Z]{2}")
_SENTENCE_END = frozenset('.:?!•*-–—「“"')
_CODE_LINE = re.compile(r"(?:[;{}(),\[\]]|\w:)\s*$|^\s*(?:import|from|def|class|return|@)\b|\S\s?(?:=|:=|->)\s?\S")
_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as comparisons see it.

    Attributes
    ----------
    exact
        The text without its case and its white space; of code, its lines.
    words
        The significant words, in their order.
    stems
        The same without the words that change nothing, each reduced to its stem.
    values
        What carries the meaning, in its order; of code all words.
    code
        Whether it is code, in which every sign counts.
    """

    exact: str
    words: tuple[str, ...]
    stems: tuple[str, ...]
    values: tuple[str, ...]
    code: bool


def wording_of(text: str, *, code: bool | None = None) -> Wording:
    """Return the wording of a text.

    Parameters
    ----------
    text
        The text.
    code
        Whether it is code; None looks at it.
    """
    if _looks_like_code(text) if code is None else code:
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        signs = tuple(_TOKEN.findall(text))
        return Wording("\n".join(lines), signs, signs, tuple(s for s in signs if s[0].isalnum() or "_" in s), True)
    words, values = _read(text)
    stems = tuple(stem(word) for word in words if word not in _LIGHT)
    return Wording(" ".join(text.casefold().split()), words, stems, values, False)


def _looks_like_code(text: str) -> bool:
    if "```" in text:
        return True
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) > 1 and 2 * sum(bool(_CODE_LINE.search(line)) for line in lines) > len(lines)


def _read(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the significant words of prose, and those of them that carry the meaning."""
    words, values = [], []
    begins = True
    for token in _TOKEN.findall(text):
        if token in _PUNCTUATION:
            begins = begins or token in _SENTENCE_END
            continue
        word = token if token.islower() else token.casefold()
        if word not in _EMPTY:
            words.append(word)
            if word in _MEANING or (token is not word and _names(token, begins)) or not token.isalpha():
                values.append(word)
        begins = False
    return tuple(words), tuple(values)


def _names(token: str, begins: bool) -> bool:
    """Tell whether a word that is not in small letters is a name: of a thing, a person, a variable."""
    return bool(_IDENTIFIER.search(token)) or (token[0].isupper() and not begins and token != "I")


def repeats(one: str, two: str) -> bool:
    """Tell whether two texts say about the same: most words are the same, and so is what carries the meaning.

    It is looser than what may be merged: enough to leave one of them out where room is short.

    >>> repeats("The API listens on port 8080.", "The API listens on port 8081.")
    False
    >>> repeats("The API listens on port 8080.", "the api listens on port 8080")
    True
    """
    mine, theirs = _cached(one), _cached(two)
    ours, others = frozenset(mine.words), frozenset(theirs.words)
    same = len(ours & others) >= _ALIKE * len(ours | others)
    return same and (mine.exact == theirs.exact or frozenset(mine.values) == frozenset(theirs.values))


@lru_cache(maxsize=1024)
def _cached(text: str) -> Wording:
    return wording_of(text)
