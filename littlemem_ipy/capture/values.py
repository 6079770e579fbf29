"""Values in a statement: numbers, times, dates, paths, names of columns, members of a kind (an editor, a day)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from littlemem_ipy.duplicates.contrast import KINDS_OF, OPPOSITE_OF

__all__ = ["Value", "Values", "values_of"]

_MONTHS = (
    "jan(?:uary|uar|vier)?|feb(?:ruary|ruar)?|february|mar(?:ch|s|zo|ço)?|märz|apr(?:il)?|may|mai|mayo|maio|june?|juni|juin"
    "|junio|junho|july?|juli|juillet|julio|julho|aug(?:ust)?|août|agosto|sept?(?:ember)?|septembre|septiembre|setembro"
    "|o[ck]t(?:ober)?|octobre|octubre|outubro|nov(?:ember|embre|iembre|embro)?|de[cz](?:ember)?|décembre|diciembre"
    "|dezembro|janvier|février|enero|febrero|abril|janeiro|fevereiro|março"
)
_SHAPES = {
    "format": r"\b(?:d{1,4}|m{1,4}|y{2,4})(?P<mark>[-/.])(?:d{1,4}|m{1,4})(?P=mark)(?:d{1,2}|m{1,2}|y{2,4})\b"
    r"|\bh{1,2}:mm(?::ss)?\b|\bmm:ss\b",
    "path": r"(?:[a-z][a-z0-9+.-]*://|(?<!\w)~?/(?=\w)|\.{1,2}/)[\w./~*-]*\w/?"
    r"|(?<![\w/])[A-Za-z][\w.-]*/(?:[\w.-]+/[\w./-]*)?(?![\w])"
    r"|(?<![\w/])[\w-][\w./-]*\.(?:csv|parquet|py|ipynb|json|db|sql|xlsx?|txt|ya?ml|toml|nc|h5|feather|zip|tsv|pkl|log)\b",
    "date": rf"\b\d{{1,2}}(?:st|nd|rd|th)?\.? (?:de |of )?(?:{_MONTHS})\b"
    rf"|\b(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?!:)"
    r"|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}\.\d{1,2}\.(?:\d{2,4})?(?!\d)"
    r"|[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}[日号號]",
    "time": r"\b\d{1,2}(?::\d\d|h\d\d)\b|\b\d{1,2} ?(?:am|pm|uhr|o'clock)\b|\d{1,2}[点點時]",
    "name": r"(?<![\w/])[A-Za-z]\w*_\w+|(?<![\w/])(?-i:[a-z]+[A-Z])\w*|`[^`\n]+`"
    r"|(?<![\w/-])[a-z]{2,}(?:-[a-z]+)+-\d+\b",
    "ratio": r"(?<![\w.])\d+(?:[:/]\d+)+(?![\w.])",
    "number": r"(?<![\w.])-?\d[\d.,:/]*(?<=\d)(?P<unit> ?[%°]\w?| ?[A-Za-zÀ-ɏ]{1,14}\b)?",
}
_SHAPE = re.compile("|".join(f"(?P<{kind}>{shape})" for kind, shape in _SHAPES.items()), re.IGNORECASE)
_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:[-\d]\w*)?|[㐀-鿿]{2,3}")


@dataclass(frozen=True)
class Value:
    """A value: its kind, what it says in plain form, where it stands, and the word behind a number."""

    kind: str
    said: str
    start: int
    end: int
    unit: str = ""


@dataclass(frozen=True)
class Values:
    """The values of a text."""

    text: str
    all: tuple[Value, ...]

    def kinds(self) -> dict[str, set[str]]:
        """Return what is said of each kind."""
        found: dict[str, set[str]] = {}
        for value in self.all:
            found.setdefault(value.kind, set()).add(value.said)
        return found

    def spelled(self) -> Iterator[str]:
        """Yield the values as they stand in the text."""
        for value in self.all:
            yield self.text[value.start : value.end]

    def blanked(self) -> str:
        """Return the text without them, spaces in their places."""
        text = self.text
        for value in self.all:
            text = f"{text[: value.start]}{' ' * (value.end - value.start)}{text[value.end :]}"
        return text


def values_of(text: str) -> Values:
    """Return the values in a text, in their order.

    >>> [(value.kind, value.said) for value in values_of("The port is 80 since 3 May").all]
    [('number', '80'), ('date', '3 may')]
    """
    found = list(_shaped(text))
    taken = [(value.start, value.end) for value in found]
    for word in _WORD.finditer(text):
        if not any(start < word.end() and word.start() < end for start, end in taken):
            found += _of_kind(word)
    return Values(text, tuple(sorted(found, key=lambda value: value.start)))


def _shaped(text: str) -> Iterator[Value]:
    for match in _SHAPE.finditer(text):
        kind = next(name for name in _SHAPES if match[name])
        if match["unit"]:
            kind = "number"
        end = match.start("unit") if match["unit"] else match.end()
        said = match.group()[: end - match.start()].casefold().strip("`.,:")
        yield Value(kind, said, match.start(), end, (match["unit"] or "").strip().casefold())


_LITTLE = frozenset("with without always never more less fewer first last like dislike hate enjoy tire".split())
"""Opposites that say how something is meant; they are no values."""


def _of_kind(word: re.Match[str]) -> Iterator[Value]:
    said = word.group().casefold()
    if word.group() == "may" or said in _LITTLE:
        return
    for form in (said, said.removesuffix("s")):
        if form in KINDS_OF:
            yield from (Value(f"kind {kind}", form, word.start(), word.end()) for kind in KINDS_OF[form])
            return
        if form in OPPOSITE_OF:
            group = min(OPPOSITE_OF[form] | {form})
            yield Value(f"opposite {group}", form, word.start(), word.end())
            return
