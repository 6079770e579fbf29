"""Weak signs that only together make a text suspicious: an occasion, an address outside, a reply to carry it.

No single one means anything; a preference may well speak of every answer, and a
note of a web address. Their sum is what is judged.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from .findings import Finding
from .rules import table

__all__ = ["weighed"]

_ENOUGH = 4
_LINE = re.compile(r"[^\n]{12,1200}")
_Sign = tuple[int, re.Pattern[str]]


def weighed(low: str) -> Iterator[Finding]:
    """Yield the lines of the folded text in which the weak signs add up."""
    for line in _LINE.finditer(low):
        reason = _reason(line[0])
        if reason:
            yield Finding(*line.span(), "several signs", reason)


def _reason(line: str) -> str:
    if _signs("sign")[0][1].search(line) and _weight(line, "sign") >= _ENOUGH:
        return "several signs of a request to carry something outside"
    if _weight(line, "hint") >= _ENOUGH:
        return "several signs of an order to the assistant"
    return ""


def _weight(line: str, kind: str) -> int:
    return sum(weight for weight, sign in _signs(kind) if sign.search(line))


@functools.cache
def _signs(kind: str) -> tuple[_Sign, ...]:
    """Compile the signs; the first is the one without which no address is weighed."""
    return tuple((row["weight"], re.compile(row["pattern"], re.VERBOSE)) for row in table("signals")[kind])
