"""What the search knows of words: which carry no topic, which are spelled right, which belong together.

The words are in ``stop_words.txt`` (a section a language), ``families.txt`` (irregular forms, words of one meaning
whose stems differ, spellings, and a few synonyms of notebook work; a line a family), ``abbreviations.txt`` (an
abbreviation of data work and the words that it stands for; a line a meaning), ``thesaurus.txt`` (words of like
meaning, written for this package; a line a group, and a word may stand in several) and ``english.txt`` (stems of
English words, gathered by ``tests/benchmarks/english_words.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from littlemem_ipy.backends.words import stem

__all__ = ["abbreviated", "abbreviations", "english", "families", "related", "stop_words"]


def _lines(name: str) -> list[str]:
    return (files(__package__) / name).read_text(encoding="utf-8").splitlines()


@cache
def _languages() -> Mapping[str, frozenset[str]]:
    sections: dict[str, list[str]] = {}
    for line in _lines("stop_words.txt"):
        if line.startswith("["):
            words = sections.setdefault(line.strip("[]"), [])
        else:
            words += line.split()
    return MappingProxyType({language: frozenset(found) for language, found in sections.items()})


@cache
def english() -> frozenset[str]:
    """Return the stems of English words: who writes one of them means it."""
    return frozenset(_lines("english.txt"))


@cache
def families() -> Mapping[str, tuple[str, ...]]:
    """Return for a stem the other words of its family."""
    return _groups("families.txt")


@cache
def related() -> Mapping[str, tuple[str, ...]]:
    """Return for a stem the words that are near to it in meaning."""
    return _groups("thesaurus.txt")


def _groups(name: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in _lines(name):
        members = {stem(word): word for word in line.split()}
        for root in members:
            others = {word: None for other, word in members.items() if other != root}
            found.setdefault(root, {}).update(others)
    return MappingProxyType({root: tuple(words) for root, words in found.items()})


@cache
def abbreviations() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Return for an abbreviation the words of each of its meanings."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in _lines("abbreviations.txt"):
        short, *words = line.split()
        found.setdefault(short, []).append(tuple(words))
    return MappingProxyType({short: tuple(meanings) for short, meanings in found.items()})


@cache
def abbreviated() -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return for the stem of a first word what it begins: abbreviations with the stems of all their words."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for short, meanings in abbreviations().items():
        for words in meanings:
            stems = tuple(map(stem, words))
            found.setdefault(stems[0], []).append((short, stems))
    return MappingProxyType({first: tuple(entries) for first, entries in found.items()})


def stop_words(words: Collection[str]) -> frozenset[str]:
    """Return the stop words of the language that most of a query's stop words belong to; English in doubt."""
    present = set(words)
    languages = _languages()
    best = max(languages, key=lambda language: len(present & languages[language]))
    return languages[best]
