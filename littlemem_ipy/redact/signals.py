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


def weighed(low: str) -> Iterator[Finding]:
    """Yield the lines of the folded text in which the weak signs add up."""
    for line in _LINE.finditer(low):
        if _signs()[0][1].search(line[0]) and _weight(line[0]) >= _ENOUGH:
            yield Finding(*line.span(), "exfiltration", "several signs of a request to carry something outside")


def _weight(line: str) -> int:
    return sum(weight for weight, sign in _signs() if sign.search(line))


@functools.cache
def _signs() -> tuple[tuple[int, re.Pattern[str]], ...]:
    """Compile the signs; the first is the one without which nothing is weighed."""
    return tuple((row["weight"], re.compile(row["pattern"], re.VERBOSE)) for row in table("signals")["sign"])
