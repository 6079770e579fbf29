"""Weak signs that only together make a text suspicious: an occasion, an address outside, a reply to carry it.

No single one means anything; a preference may well speak of every answer, and a
note of a web address. Their sum is what is judged.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from .findings import Finding
from .rules import Literals, table

__all__ = ["weighed"]

_ENOUGH = 4
_LINE = re.compile(r"[^\n]{12,1200}")
_Sign = tuple[int, frozenset[str], re.Pattern[str]]


def weighed(low: str) -> Iterator[Finding]:
    """Yield the lines of the folded text in which the weak signs add up."""
    for line in _LINE.finditer(low):
        reason = _reason(line[0])
        if reason:
            yield Finding(*line.span(), "several signs", reason)


def _reason(line: str) -> str:
    if _addressed(line) and _weight(line, "sign") >= _ENOUGH:
        return "several signs of a request to carry something outside"
    if _weight(line, "hint") >= _ENOUGH:
        return "several signs of an order to the assistant"
    return ""


def _addressed(line: str) -> bool:
    """Tell whether an address outside is named, which is the first of the signs."""
    _, triggers, sign = _signs("sign")[0]
    return any(trigger in line for trigger in triggers) and sign.search(line) is not None


def _weight(line: str, kind: str) -> int:
    present = _literals(kind).occurring(line)
    likely = [
        (weight, sign)
        for weight, triggers, sign in _signs(kind)
        if not triggers or not present.isdisjoint(triggers)
    ]
    if sum(weight for weight, _ in likely) < _ENOUGH:
        return 0
    return sum(weight for weight, sign in likely if sign.search(line))


@functools.cache
def _signs(kind: str) -> tuple[_Sign, ...]:
    """Compile the signs; the first is the one without which no address is weighed."""
    return tuple(
        (row["weight"], frozenset(row.get("triggers", "").split()), re.compile(row["pattern"], re.VERBOSE))
        for row in table("signals")[kind]
    )


@functools.cache
def _literals(kind: str) -> Literals:
    return Literals(frozenset().union(*(triggers for _, triggers, _ in _signs(kind))))
