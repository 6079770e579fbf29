"""Patterns as data: one file a subject or a language, read and compiled when they are first needed."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

__all__ = ["Literals", "Rule", "likely", "named", "rules", "table", "words"]

#: What the kinds of orders say to the user; other rules bring their own reason.
_REASONS = {
    "override": "tells the assistant to drop its instructions",
    "persona": "gives the assistant another identity",
    "authority": "claims a rank over the user or the system",
    "secrecy": "tells the assistant to hide something from the user",
    "exfiltration": "asks for secrets or the conversation",
    "delayed trigger": "waits for an occasion to do something",
    "bypass": "switches confirmation or protection off",
    "persistence": "spreads or protects itself",
    "covert act": "slips something into the assistant's work",
    "tool call": "makes the assistant call a tool",
}
_FRAGMENT = re.compile(r"<<([A-Z_]+)>>")


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern with a cheap test before it.

    Attributes
    ----------
    triggers
        Groups of literals; of each group one must occur.
    source
        The expression; in the verbose syntax.
    mentions
        A sentence that is about the form (a template, a parser) is no use of it.
    """

    kind: str
    reason: str
    triggers: tuple[tuple[str, ...], ...]
    source: str
    mentions: bool = True

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled expression; most rules are never compiled, because their triggers never occur."""
        return _compiled(self.source)

    def may_match(self, present: frozenset[str]) -> bool:
        """Tell cheaply whether the expression is worth a try, given the literals that occur."""
        return all(not present.isdisjoint(group) for group in self.triggers)


@functools.cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source, re.VERBOSE)


@functools.cache
def rules(name: str) -> tuple[Rule, ...]:
    """Read the rules of one file of the folder ``patterns``."""
    parts = _fragments(name)
    return tuple(_rule(row, parts) for row in table(name)["rule"])


def likely(text: str, *names: str) -> list[Rule]:
    """Return the rules of some files whose literals occur in a text, in the order of the files.

    Each literal is looked for once, however many rules name it; of most texts nothing is left.
    """
    literals, by_literal, every = _together(names)
    present = literals.occurring(text)
    if not present:
        return []
    places = {place for literal in present for place in by_literal[literal]}
    return [every[place] for place in sorted(places) if every[place].may_match(present)]


class Literals:
    """Texts that are looked for together.

    Parameters
    ----------
    literals
        The texts.
    """

    def __init__(self, literals: Iterable[str]) -> None:
        self._by_start: dict[str, list[str]] = {}
        self._short: list[str] = []
        for literal in literals:
            if len(literal) > 2:
                self._by_start.setdefault(literal[:3], []).append(literal)
            else:
                self._short.append(literal)
        self._starts = frozenset(self._by_start)
        self._short_ascii = [literal for literal in self._short if literal.isascii()]

    def occurring(self, text: str) -> frozenset[str]:
        """Return the literals that occur in a text.

        Few texts hold the first and the last three characters of a literal; looking these up costs a tenth of
        looking for it.
        """
        grams = _grams(text)
        possible = [
            literal for start in self._starts & grams for literal in self._by_start[start] if literal[-3:] in grams
        ]
        short = self._short_ascii if text.isascii() else self._short
        return frozenset(literal for literal in (*possible, *short) if literal in text)


@functools.lru_cache(maxsize=4)
def _grams(text: str) -> frozenset[str]:
    """Return every three characters in a row."""
    return frozenset(map("".join, zip(text, text[1:], text[2:], strict=False)))


@functools.cache
def _together(names: tuple[str, ...]) -> tuple[Literals, dict[str, list[int]], tuple[Rule, ...]]:
    """Return the rules of some files, and their literals with the places of the rules that name them."""
    every = tuple(rule for name in names for rule in rules(name))
    places: dict[str, list[int]] = {}
    for place, rule in enumerate(every):
        for literal in {literal for group in rule.triggers for literal in group}:
            places.setdefault(literal, []).append(place)
    return Literals(places), places, every


@functools.cache
def named(file: str, name: str) -> re.Pattern[str]:
    """Return one named expression of a file, compiled when it is first asked for."""
    return _compiled(_fragments(file)[name])


@functools.cache
def words(file: str, name: str) -> tuple[str, ...]:
    """Return one named list of words of a file."""
    return tuple(map(_spaced, table(file)["words"][name].split()))


@functools.cache
def table(name: str) -> dict[str, Any]:
    """Read one file of the folder ``patterns``."""
    text = resources.files(__package__).joinpath("patterns", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@functools.cache
def _fragments(name: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for key, value in table(name).get("fragments", {}).items():
        parts[key] = _filled(value.strip("\n"), parts)
    return parts


def _rule(row: Mapping[str, Any], fragments: Mapping[str, str]) -> Rule:
    groups = tuple(tuple(map(_spaced, group.split())) for group in re.split(r"\s&\s", row["triggers"]))
    reason = row.get("reason") or _REASONS.get(row["kind"], f"has the form of a credential ({row['kind']})")
    return Rule(row["kind"], reason, groups, _filled(row["pattern"], fragments), row.get("mentions", True))


def _spaced(word: str) -> str:
    return word.replace("␣", " ")


def _filled(pattern: str, fragments: Mapping[str, str]) -> str:
    return _FRAGMENT.sub(lambda match: fragments[match[1]], pattern)
