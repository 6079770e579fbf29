"""Credentials that are known by their own form; the forms are in ``patterns/credentials.toml``."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from .findings import Finding
from .rules import Rule, likely, rules

__all__ = ["kinds", "shaped"]

# Before the token: nothing that could belong to it, or an escape such as \\n or %3D.
_LEFT = re.compile(r"(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-F][0-9A-F])")
_RIGHT = re.compile(r"(?![A-Za-z0-9])")
_LABELLED = (
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
)


@functools.cache
def kinds() -> frozenset[str]:
    """Return the names that a placeholder can carry."""
    return frozenset(rule.kind for rule in rules("credentials")).union(_LABELLED)


def shaped(text: str) -> Iterator[Finding]:
    """Yield the credentials that are known by their form alone."""
    for rule in likely(text, "credentials"):
        yield from _matches(rule, text)


def _matches(rule: Rule, text: str) -> Iterator[Finding]:
    group = "s" if "s" in rule.pattern.groupindex else 0
    for match in rule.pattern.finditer(text):
        if _is_whole(rule, text, match):
            start, end = match.span(group)
            dots = end - start - len(match[group].rstrip("."))  # the sentence's, not the token's
            yield Finding(start, end - dots, rule.kind, rule.reason)


def _is_whole(rule: Rule, text: str, match: re.Match[str]) -> bool:
    """Test the edges here and not in the expression, which then begins with a literal that is searched for fast."""
    left = _LEFT.match(text, match.start()) is not None
    return left and (not _is_fixed(rule.source) or _RIGHT.match(text, match.end()) is not None)


def _is_fixed(source: str) -> bool:
    return source.endswith(("}", ")")) and not source.endswith(",}")
