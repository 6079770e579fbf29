"""Secrets found and masked.

Masking runs until nothing is found any more, on a view of the text in which
everything masked is one mark: what `redact` returns has the same view, so a
second run finds nothing. That makes it idempotent by construction.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from .findings import Finding, merged
from .labels import labelled
from .numbers import numbered
from .pem import key_blocks
from .places import placed
from .shapes import kinds, shaped

__all__ = ["find_secrets", "redact"]

# Stands for whatever is masked already; no pattern matches it.
_MARK = "\x00"
# Each round finds what the one before uncovered. Real texts need two, the last of which finds nothing; only
# contrived ones need more, and a long one of those is not given the time.
_ROUNDS = 8
_LONG, _ROUNDS_LONG = 65_536, 2


def redact(text: str) -> str:
    """Mask every secret by a typed placeholder such as ``[redacted: aws access key]``.

    Parameters
    ----------
    text
        Any text. Of a connection string only the password is masked; hashes, UUIDs and identifiers stay.
    """
    out, done = [], 0
    for item in find_secrets(text):
        out += [text[done : item.start], f"[redacted: {item.kind}]"]
        done = item.end
    return "".join([*out, text[done:]])


def find_secrets(text: str) -> list[Finding]:
    """Find the secrets of a text, as disjoint spans in the order of the text."""
    found: list[Finding] = []
    marks = [match.span() for match in _placeholder().finditer(text)] if "[redacted: " in text else []
    for _ in range(_ROUNDS if len(text) < _LONG else _ROUNDS_LONG):
        view, origin = _view(text, marks)
        fresh = [_moved(piece, origin) for item in merged(_scan(view)) for piece in _unmarked(view, item)]
        if not fresh:
            break
        found += fresh
        marks = sorted([*marks, *((item.start, item.end) for item in fresh)])
    return sorted(found)


@functools.cache
def _placeholder() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, kinds()), reverse=True))
    return re.compile(rf"\[redacted: (?:{names})\]")


def _scan(view: str) -> Iterator[Finding]:
    """All finders, the most specific first: where spans overlap, its kind is kept."""
    yield from key_blocks(view)
    yield from shaped(view)
    yield from placed(view)
    yield from labelled(view)
    yield from numbered(view)


def _view(text: str, marks: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Replace each marked span by one mark; also tell where the pieces of the view begin in the text."""
    parts: list[str] = []
    origin: list[tuple[int, int]] = []
    done = length = 0
    for start, end in [*marks, (len(text), len(text))]:
        origin.append((length, done))
        parts += [text[done:start], _MARK]
        length += start - done + 1
        done = end
    return "".join(parts)[:-1], origin


def _unmarked(view: str, item: Finding) -> Iterator[Finding]:
    """Leave the marks out of a finding that reaches over them."""
    if _MARK not in view[item.start : item.end]:
        yield item
        return
    start = item.start
    for piece in view[item.start : item.end].split(_MARK):
        if piece:
            yield Finding(start, start + len(piece), item.kind, item.reason)
        start += len(piece) + 1


def _moved(item: Finding, origin: list[tuple[int, int]]) -> Finding:
    """Translate a finding from the view to the text."""
    at, base = next(pair for pair in reversed(origin) if pair[0] <= item.start)
    return Finding(item.start - at + base, item.end - at + base, item.kind, item.reason)
