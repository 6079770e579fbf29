"""A statement as it is compared with others: what it is about, where it holds, and the values that it gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from littlemem_ipy.capture.rules import Language
from littlemem_ipy.capture.spoken import spoken_in
from littlemem_ipy.capture.values import Values, values_of
from littlemem_ipy.capture.vocabulary import (
    BEHIND,
    CLASS_WORDS,
    FRAMES,
    GENERIC,
    OF,
    OPENINGS,
    ORDER,
    PRONOUN,
    PRONOUNS,
    SLOTS,
    TOLD,
    VERB,
    WHERE,
    WIDE_LITTLE,
    WIDE_NOW,
)
from littlemem_ipy.duplicates.contrast import KIND_OF

__all__ = [
    "CLASSES",
    "Statement",
    "Subject",
    "alike",
    "predicate_of",
    "read_statement",
    "states_value",
    "without_classes",
]

_WORD = re.compile(
    r"[A-Za-z0-9_./-]*[/_][A-Za-z0-9_./-]+|[A-Za-zÀ-ɏ]+(?:['’][a-z]+)?(?![A-Za-z0-9_])|[A-Za-z_][A-Za-z0-9_]+|\d[\d.,:/-]*"
)
_WIDE = re.compile(r"[぀-ヿ㐀-鿿]+")
_LONG_WORD = 5


@dataclass(frozen=True)
class Subject:
    """What a clause speaks of: its last word before "of", "for" ..., and all its words of content."""

    head: str
    words: frozenset[str]


@dataclass(frozen=True)
class Statement:
    """A statement, read.

    Attributes
    ----------
    text
        What was said.
    language
        The language that it is in.
    amends
        Whether the user's words around it say that something is different now.
    """

    text: str
    language: Language
    amends: bool = False
    _plain: str = field(default="", repr=False)

    @cached_property
    def changes(self) -> bool:
        """Whether it says itself that something is different now."""
        return self.turns or bool(self.language.cue("change").search(self.text))

    @cached_property
    def turns(self) -> bool:
        """Whether it says so in words that leave no doubt: "now", "no longer", "instead", "switched"."""
        return self.amends or bool(self.language.cue("turn").search(self.text))

    @cached_property
    def ends(self) -> bool:
        """Whether it says that something is over: "no longer", "called off"."""
        return bool(self.language.cue("end").search(self.text))

    @cached_property
    def names(self) -> bool:
        """Whether it begins with what it speaks of: not with "I", nor with what is to be done."""
        opening = next(iter(re.findall(r"[\w'’]+", self._plain.casefold())), "")
        return opening not in OPENINGS and not self.language.cue("request").match(self._plain)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Its words of topic as they follow each other."""
        words = _content(WIDE_NOW.sub("", self.values.blanked()), self.language)
        return tuple(word for word in words if not word[0].isdigit())

    @cached_property
    def denials(self) -> set[str]:
        """Its words of denial ("don't", "avoid"), and one more if it says that something is over."""
        words = self.language.cue("negative").findall(self.text)
        return {word.casefold() for word in words} | ({"over"} if self.ends else set())

    @cached_property
    def once(self) -> bool:
        """Whether it holds for one table, one figure ... only."""
        return bool(self.language.cue("once").search(self.text))

    @cached_property
    def negative(self) -> bool:
        """Whether it says what is not, or not wanted."""
        return bool(self.language.cue("negative").search(self.text))

    @cached_property
    def frame(self) -> set[str]:
        """The verbs of preference in it."""
        return {verb.casefold() for verb in FRAMES.findall(self.text)}

    @cached_property
    def slot(self) -> str | None:
        """What it is about, of what a person has only one: name, home, employer, time zone."""
        if PRONOUNS.search(self.text):
            return "pronouns"
        named = any(
            rule.pattern.search(self.text) for rule in self.language.family("identity") if "name" in rule.slug
        )
        return "name" if named else next((slot for slot, said in SLOTS.items() if said.search(self.text)), None)

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words of content."""
        return frozenset(_content(self._plain, self.language))

    @cached_property
    def small(self) -> frozenset[str]:
        """All its words as they are."""
        return frozenset(word.casefold() for word in _WORD.findall(self.text))

    @cached_property
    def values(self) -> Values:
        """Numbers, dates, paths ... and members of a kind in it."""
        return values_of(self.text)

    @cached_property
    def topic(self) -> frozenset[str]:
        """Its words of content that are no values."""
        return frozenset(self.order)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """What its clauses speak of; those that name nothing ("it", "we") are left out."""
        found = []
        start = 0
        for verb in VERB.finditer(self._plain):
            *told, before = TOLD.split(self._plain[start : verb.start()])
            start = verb.end()
            if told and (not before.strip() or PRONOUN.fullmatch(before.strip())):
                before = _meant(told[-1], self.language)
            if words := _content(before, self.language):
                found.append(Subject(_head(before, words, self.language), without_classes(frozenset(words))))
        return tuple(found)

    @cached_property
    def verb(self) -> str:
        """Its verb, with the preposition behind it: "is", "is in", "has"."""
        head = VERB.search(self._plain)
        if head is None:
            return ""
        behind = re.match(r"\s*(?:\w+ly |now |jetzt )?(in|on|at|auf|im|dans|en|em)\b", self._plain[head.end() :])
        said = head.group().casefold()
        return f"{_BEING.get(said, said)} {behind.group(1) if behind else ''}".strip()

    @cached_property
    def where(self) -> frozenset[str]:
        """The words of content that say for what or where it holds."""
        if self.subjects:
            return frozenset()
        found: set[str] = set()
        given = {_stem(word) for text in self.values.spelled() for word in _WORD.findall(text)}
        for place in WHERE.finditer(self._plain):
            words = set(_content(place["for"] or place["at"] or "", self.language))
            if place["for"] or self.frame:
                found |= words if place["for"] else words - given
        return frozenset(found)

    @cached_property
    def before_order(self) -> set[str] | None:
        """The words before "over", "before", "not" ...; None if there is no such word."""
        mark = ORDER.search(self.text)
        return set(_content(self.text[: mark.start()], self.language)) if mark else None


_BEING = dict.fromkeys(["am", "is", "are", "was", "were", "isn't", "aren't", "will be"], "be") | dict.fromkeys(
    ["'m", "’m", "ist", "sind", "war", "est", "sont", "es", "son", "está", "están", "é", "são"], "be"
)


@lru_cache(maxsize=4096)
def read_statement(text: str, amends: bool = False) -> Statement:
    """Return a statement as the comparison sees it."""
    return Statement(text, spoken_in(text)[0], amends, WIDE_NOW.sub("", text))


def states_value(text: str) -> bool:
    """Tell whether a text names something and gives a value of it ("the port is 80")."""
    said = read_statement(text)
    return bool(said.subjects) and bool(said.values.all)


def predicate_of(text: str) -> int:
    """Return where what is said of a subject begins, behind "is" or "is in"; 0 if no subject is named."""
    said = read_statement(text)
    verb = VERB.search(text)
    if verb is None or not said.subjects:
        return 0
    behind = BEHIND.match(text, verb.end())
    return behind.end() if behind else verb.end()


def alike(one: Iterable[str], two: Set[str]) -> set[str]:
    """Return the words of `one` that are in `two`, in the same form or in another of the same root."""
    roots = _roots(frozenset(two))
    return {word for word in one if word in two or (word[:_LONG_WORD] in roots and _has_root(word))}


@lru_cache(maxsize=4096)
def _roots(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word[:_LONG_WORD] for word in words if _has_root(word))


def _has_root(word: str) -> bool:
    """Tell whether a word may have other forms; the name of a column or a path has none."""
    return len(word) > _LONG_WORD and word.isalpha()


def without_classes(words: frozenset[str]) -> frozenset[str]:
    """Return words without those that only say what kind of thing something is ("column"), unless all are such."""
    return words - CLASSES or words


def _meant(clause: str, lang: Language) -> str:
    """Return what "it" means behind a short clause ("the launch slipped, it is ..."): its words before the verb."""
    short = clause.strip().rpartition(" ")[0]
    return short if _content(short, lang) else clause


def _head(before: str, words: list[str], lang: Language) -> str:
    near = [*reversed(_content(OF.split(before, maxsplit=1)[0], lang)), *reversed(words)]
    return next((word for word in near if word not in CLASSES), near[0])


def _stem(word: str) -> str:
    word = word.casefold().replace("’", "'").removesuffix("'s").strip(".,:/-")
    for ending in ("ing", "ed", "es", "en", "s", "e"):
        if (
            len(word) > len(ending) + (2 if ending in ("ing", "s") else 3)
            and word.endswith(ending)
            and not word[0].isdigit()
        ):
            return word[: -len(ending)]
    return word


def _content(text: str, lang: Language) -> list[str]:
    words = [w.casefold() for w in _WORD.findall(text) if not VERB.fullmatch(w)]
    kept = [_stem(w) for w in words if w not in GENERIC and (w not in lang.words or w in KIND_OF)]
    for run in _WIDE.findall(WIDE_LITTLE.sub(" ", text)):
        kept += [run[n : n + 2] for n in range(max(1, len(run) - 1))]
    return [word for word in kept if word]


CLASSES = frozenset(_stem(word) for word in CLASS_WORDS.split())
"""Words that say what kind of thing something is, not which one: column, file, data."""
