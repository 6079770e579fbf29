"""The words of a memory: which are its own beside the question, what each weighs, and which the reply repeats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

from littlemem_ipy.backends.words import bigrams, camel_parts, fold, plain_words, stem
from littlemem_ipy.search.lexicon import families

__all__ = ["Found", "Own", "linked", "own", "related", "shared", "stems", "weighed", "weight_of"]

# Identifiers: with an underscore, a dot or a slash inside, with a capital inside, or letters and digits mixed.
_NAME = re.compile(
    r"[\w.~-]*(?:/[\w.~*-]+)+|[A-Za-z_][\w]*(?:(?:\.|::)[A-Za-z_]\w*)+|\w*[^\W_]_\w+|[A-Za-z]*[a-z][A-Z]\w*"
    r"|[A-Z]{2,}\w*\d\w*|[A-Za-z]+-?\d[\w-]*|\w+@\w[\w.]*|[A-Z]\w*(?:-[A-Z]\w*)+"
)
_QUOTED = re.compile(r"`([^`\n]{2,60})`|'([^'\n]{2,40})'|\"([^\"\n]{2,40})\"|=\s*([\w.]{3,})")
# Signs in code, and the words that speak of them.
_SIGNS = {
    re.compile(r"['\"];['\"]"): "semicolon semicolons strichpunkt semikolon point-virgule",
    re.compile(r"['\"]\|['\"]"): "pipe bar barra vertical",
    re.compile(r"['\"](?:\\t|\t)['\"]"): "tab tabs tabulator",
    re.compile(r"\bms\b"): "millisecond milliseconds",
    re.compile(r"\bus\b['\"]"): "microsecond microseconds",
    re.compile(r"['\"]s['\"]"): "second seconds",
    re.compile(r"[*/] ?100\b(?!\d)"): "cent cents percent",
    re.compile(r"\bskiprows|skip_rows|header="): "header headers preamble first lines",
    re.compile(r"\bdayfirst"): "dia jour tag day",
    re.compile(r"\bstr\b|astype\(str|zfill"): "text string strings zero zeros zeroes nullen ceros leading",
    re.compile(r"float16|autocast|bfloat16|\bamp\b"): "mixed precision half",
    re.compile(r"-? ?273\.15"): "kelvin",
    re.compile(r"\b32\) ?[*/]|\b5 ?/ ?9|\b9 ?/ ?5|\* ?1\.8\b"): "fahrenheit celsius",
    re.compile(r"\bgrid\(|\bgrid\.|'grid'"): "grid gridlines gitter gitterlinien rejilla quadrillage",
    re.compile(r"\blegend\("): "legend legende leyenda légende",
    re.compile(r"\.upper\("): "upper uppercase capitals",
    re.compile(r"\.lower\("): "lower lowercase",
    re.compile(r"\.strip\("): "whitespace blanks spaces",
    re.compile(r"\bn_jobs|num_workers"): "cores parallel workers processes",
    re.compile(r"\bclip\("): "clip cap limit bound",
    re.compile(r"\blog1p|np\.log\("): "log logarithm skewed",
    re.compile(r"\bhow=['\"]left"): "left",
    re.compile(r"\bstratify|Stratified"): "stratified strata imbalanced rare",
    re.compile(r"\bTimeSeriesSplit|shuffle=False"): "time order chronological temporal leak",
}
_NAMED = 1.3
_KNOWN = 0.5
_RELATED = 0.6
_COMMON = 0.35
_PLAIN = 0.75
_RARE_FROM = 7  # letters: long words are rare ones


@cache
def _lines(name: str) -> tuple[str, ...]:
    text = (files(__package__) / name).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _listed(section: str) -> frozenset[str]:
    """Return the stems of a section of ``weights.txt``."""
    words: dict[str, list[str]] = {}
    for line in _lines("weights.txt"):
        if line.startswith("["):
            words[line.strip("[]")] = current = []
        else:
            current += line.split()
    return frozenset(stem(fold(word)) for word in words[section])


@cache
def _kin() -> Mapping[str, frozenset[int]]:
    """Return for a stem the numbers of the families of related words that it belongs to."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_lines("kin.txt")):
        for word in line.split():
            found.setdefault(stem(fold(word)), set()).add(number)
    for number, (root, others) in enumerate(families().items(), 10_000):
        for word in (root, *map(stem, others)):
            found.setdefault(word, set()).add(number)
    return MappingProxyType({word: frozenset(numbers) for word, numbers in found.items()})


@lru_cache(maxsize=1 << 14)
def weight_of(word: str) -> float:
    """Return what a stem says: nothing if it is a small word or a number, more if it is long."""
    if word in _listed("empty") or len(word) < 2 or word.isdigit():
        return 0.0
    if word in _listed("common"):
        return _COMMON
    return 1.0 if len(word) >= _RARE_FROM else _PLAIN


def stems(text: str) -> dict[str, None]:
    """Return the stems of a text's words, parts of identifiers and pairs of East Asian signs included."""
    words = plain_words(text)
    for word in re.findall(r"[^\W_]+", text):
        words += camel_parts(word)
    return dict.fromkeys([*map(stem, words), *bigrams(text)])


@dataclass(frozen=True, slots=True)
class Own:
    """What of a memory the question doesn't say.

    Attributes
    ----------
    words
        Stems with their weights.
    names
        Identifiers and quoted texts, folded.
    novelty
        The share of the memory's words that they are, by weight.
    """

    words: Mapping[str, float]
    names: frozenset[str]
    novelty: float

    @property
    def size(self) -> int:
        """How many words and names that is."""
        return len(self.words) + len(self.names)


def _names(text: str) -> set[str]:
    found = {match.strip("./-") for match in _NAME.findall(text)}
    found |= {part for parts in _QUOTED.findall(text) for part in parts if part}
    return {fold(name) for name in found if len(name) > 2 and not name.replace(".", "").isdigit()}


def own(content: str, user: str) -> Own:
    """Return the words and names of a memory that the question doesn't contain."""
    asked = stems(user)
    kin = _families_of(asked)
    words = {
        word: weight * (0.5 if _kin().get(word, frozenset()) & kin else 1.0)
        for word in stems(content)
        if word not in asked and (weight := weight_of(word))
    }
    said = fold(user)
    total = sum(map(weight_of, stems(content)))
    novelty = sum(map(weight_of, words)) / total if total else 0.0
    return Own(words, frozenset(name for name in _names(content) if name not in said), novelty)


def related(word: str) -> frozenset[int]:
    """Return the numbers of the families of words that a stem belongs to."""
    return _kin().get(word, frozenset())


def _families_of(words: Iterable[str]) -> set[int]:
    kin = _kin()
    return {number for word in words for number in kin.get(word, ())}


@dataclass(frozen=True, slots=True)
class Found:
    """What of a memory's own words and names the reply has.

    Attributes
    ----------
    names, words
        Their weights.
    share
        The share of the words, by weight.
    """

    names: float
    words: float
    share: float


def shared(mine: Own, reply: str, *, general: bool = False) -> Found:
    """Return what of a memory's own words and names the reply repeats.

    Parameters
    ----------
    mine
        What only the memory can have brought.
    reply
        The reply.
    general
        Whether the question is one of general knowledge: names that everybody knows then say less.
    """
    text = fold(reply)
    said = {**stems(reply), **_spelled_out(reply)}
    present = [name for name in mine.names if name in text]
    names = sum(_name_weight(name, general) for name in present)
    in_names = {word for name in present for word in stems(name)}
    related = _families_of(said)
    found = 0.0
    for word, weight in mine.words.items():
        if word in in_names:
            continue
        if word in said:
            found += weight * (_KNOWN if general and word in _listed("known") else 1.0)
        elif related & _kin().get(word, frozenset()):
            found += weight * _RELATED
    total = sum(mine.words.values())
    return Found(min(names, 2.6), found, found / total if total else 0.0)


def _spelled_out(reply: str) -> dict[str, None]:
    """Return words for signs that code has in the place of words."""
    return {word: None for sign, words in _SIGNS.items() if sign.search(reply) for word in map(stem, words.split())}


def _name_weight(name: str, general: bool) -> float:
    known = all(word in _listed("known") for word in map(stem, plain_words(name)))
    return (_KNOWN if general else 0.9) if known else _NAMED


def weighed(text: str) -> set[str]:
    """Return the stems of a text that say something."""
    return {word for word in stems(text) if weight_of(word) > 0}


def linked(content: str, user: str, reply: str) -> bool:
    """Tell whether a memory has to do with question and reply: a word, or a related one, in either."""
    words = {word for word in weighed(content) if weight_of(word) > _COMMON}
    other = weighed(user) | weighed(reply)
    return bool(words & other or _families_of(words) & _families_of(other))
