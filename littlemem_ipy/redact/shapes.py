"""Credentials that are known by their own form.

Each row names a kind, the literals of which one must occur (a cheap test that
spares nearly all texts the regular expression), and the expression itself; the
group ``s``, where there is one, is the secret part. The forms follow the
issuers' documentation and the public rules of gitleaks (MIT licence).

Expressions either have a fixed length or end in an open run with nothing
required after it, so that none of them can be made to scan a text twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .findings import Finding
from .vendors import AI, BUSINESS, CLOUD, DEVELOPMENT, MESSAGES, Row

__all__ = ["KINDS", "SHAPES", "Shape", "shaped"]

# Before the token: nothing that could belong to it, or an escape such as \n or %3D.
_LEFT = re.compile(r"(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-F][0-9A-F])")
_RIGHT = r"(?![A-Za-z0-9])"


@dataclass(frozen=True, slots=True)
class Shape:
    """One form of credential.

    Attributes
    ----------
    bounded
        The expression checks its own left edge.
    """

    kind: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[str]
    bounded: bool


def _shape(row: Row) -> Shape:
    kind, triggers, pattern = row
    closed = pattern.endswith(("}", ")")) and not pattern.endswith(",}")
    body = re.compile(f"{pattern}{_RIGHT}" if closed else pattern)
    return Shape(kind, tuple(triggers.split()), body, pattern.startswith("(?<"))


#: All forms, the specific ones first.
SHAPES: tuple[Shape, ...] = tuple(map(_shape, (*AI, *CLOUD, *DEVELOPMENT, *BUSINESS, *MESSAGES)))

#: The names that a placeholder can carry.
KINDS: frozenset[str] = frozenset(shape.kind for shape in SHAPES) | {
    "api key",
    "authorization header",
    "basic credentials",
    "card number",
    "cookie",
    "iban",
    "password",
    "pin",
    "private key",
    "secret",
    "seed phrase",
    "token",
}


def shaped(text: str) -> Iterator[Finding]:
    """Yield the credentials that are known by their form alone."""
    for shape in SHAPES:
        if any(literal in text for literal in shape.triggers):
            yield from _matches(shape, text)


def _matches(shape: Shape, text: str) -> Iterator[Finding]:
    group = "s" if "s" in shape.pattern.groupindex else 0
    for match in shape.pattern.finditer(text):
        # Tested here and not in the expression, so that the latter begins with a literal that is searched for fast.
        if shape.bounded or _LEFT.match(text, match.start()):
            start, end = match.span(group)
            yield Finding(start, end, shape.kind, f"has the form of a credential ({shape.kind})")
