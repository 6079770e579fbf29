"""A query's text as concepts: what must be found, in which spellings, and how much each of them says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from littlemem_ipy.backends.words import INITIALS, bigrams, camel_parts, joined, plain_words, stem, symbols
from littlemem_ipy.search.lexicon import abbreviated, abbreviations, families, stop_words
from littlemem_ipy.search.when import Event, Moment, events, moments

__all__ = ["Asked", "Concept", "understand"]

_HEAD, _TAIL = 24, 40  # of a pasted page the first words say what is wanted and the last ones what went wrong
_RAW_WORD = re.compile(r"[^\W_]+")
_CAPITALS = re.compile(r"\b[A-Z]{2,5}\b")
_OPERATORS = frozenset(("and", "or", "not"))  # of other searches; here they are words like any
_KANA = re.compile(r"[\u3040-\u309f]")
# What questions are made of: it says how, not what.
_WEAK = frozenset(
    "kind type sort thing things way many much long often likely usually mention describe discuss say"
    " said talk tell told think called named name mentioned".split()
)
_WEAKNESS = 0.4
_FAMILY = 0.7
_MEANT = 1.2  # shared by the words of what an abbreviation stands for
_INITIALS = 0.8
_PART = 0.4
_NUMBER = 0.5


@dataclass(slots=True)
class Concept:
    """One thing that is asked for.

    Attributes
    ----------
    word
        As it was written, folded.
    forms
        Folded words that stand for it, with their weight; one that ends in ``*`` stands for all that begin so.
    weight
        How much it counts beside the others.
    frequency
        In how many memories it occurs.
    certainty
        How sure it is that the forms are what was meant; less than 1 where the word itself is unknown.
    """

    word: str
    forms: dict[str, float]
    weight: float = 1.0
    frequency: int = 0
    certainty: float = 1.0


@dataclass(slots=True)
class Asked:
    """What a query asks for.

    Attributes
    ----------
    concepts
        In the order of the text.
    pairs
        Stems that follow each other in the text.
    moments
        The times that it names.
    events
        The events that it names, whose time the memories tell.
    corrections
        What unknown words were taken for.
    """

    concepts: list[Concept]
    pairs: set[tuple[str, str]] = field(default_factory=set)
    moments: list[Moment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    corrections: dict[str, str] = field(default_factory=dict)


def understand(text: str) -> Asked:
    """Return the concepts of a query's text."""
    words = plain_words(text)
    short = _in_capitals(text)
    stops = stop_words([word for word in words if word not in short]) - short
    topical = [word for word in words if word not in stops] or words
    chosen = dict.fromkeys(topical)
    if len(chosen) > _HEAD + _TAIL:
        kept = [*list(chosen)[:_HEAD], *list(chosen)[-_TAIL:]]
        chosen = dict.fromkeys(kept)
    times = moments(text)
    weak = _WEAK | {word for moment in times for word in plain_words(moment.text)}
    found: dict[str, Concept] = {}
    for concept in _concepts(text, chosen):
        if concept.word in weak:
            concept.weight *= _WEAKNESS
        found.setdefault(stem(concept.word), concept)
        if concept.word in short:
            concept.forms.setdefault(INITIALS + concept.word, _INITIALS)
    _abbreviate(found)
    stems = [stem(word) for word in topical]
    return Asked(list(found.values()), set(pairwise(stems)), times, events(text, times))


def _in_capitals(text: str) -> set[str]:
    """Return the abbreviations of a text, lower-case: ``LOS`` is no Spanish article, ``IT`` no pronoun."""
    found = {word.lower() for word in _CAPITALS.findall(text)} - _OPERATORS
    return set() if text.isupper() and len(found) > 1 else found  # who shouts abbreviates nothing


def _concepts(text: str, words: dict[str, None]) -> Iterator[Concept]:
    unspaced = set(plain_words(" ".join(bigrams(text)))) if not text.isascii() else set()
    for word in words:
        if unspaced and any(pair in word for pair in unspaced):
            continue
        yield Concept(word, _forms(word), _NUMBER if word.isdigit() else 1.0)
    for word in dict.fromkeys(joined(text)):
        yield Concept(word, {word: 1.0}, _PART)
    for raw in dict.fromkeys(_RAW_WORD.findall(text[:4000])):
        for part in camel_parts(raw):
            yield Concept(part, {part: 1.0}, _PART)
    for pair in dict.fromkeys(bigrams(text)):
        yield Concept(pair, {pair: 1.0}, (0.15, 0.5, 1.0)[2 - min(2, len(_KANA.findall(pair)))])
    for symbol in dict.fromkeys(symbols(text)):
        yield Concept(symbol, {symbol: 1.0})


def _forms(word: str) -> dict[str, float]:
    return {word: 1.0} | dict.fromkeys(families().get(stem(word), ()), _FAMILY)


def _abbreviate(concepts: dict[str, Concept]) -> None:
    """Let abbreviations stand for their words, and the words for their abbreviation where all of them are there."""
    for root, concept in list(concepts.items()):
        for words in abbreviations().get(concept.word, ()):
            for word in words:
                concept.forms.setdefault(word, _MEANT / len(words))
        for short, stems in abbreviated().get(root, ()):
            if all(other in concepts for other in stems):
                for other in stems:
                    concepts[other].forms.setdefault(short, 1.0)
