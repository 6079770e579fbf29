"""Secrets that are known by their place: URLs, headers, command lines, key files."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from .findings import Finding
from .rules import named, words
from .values import is_placeholder, is_random

__all__ = ["placed"]

_URL_USER = r"(?<![\w+.-])[A-Za-z][\w+.-]{1,30}://[^\s/:@\"'`<>?#]{0,120}"

_BASE64 = r"[A-Za-z0-9+/_-]"
_BASIC = re.compile(rf"{_BASE64}{{8,}}={{0,2}}")

# Names for what the URL of a connection carries; the password alone is masked.
_REASONS = {"password": "the password of a URL", "token": "a token in the place of a URL's user"}


def placed(text: str) -> Iterator[Finding]:
    """Yield secrets that are known by where they stand."""
    if "://" in text and "@" in text:
        yield from _urls(text)
    low = text.lower()
    if any(word in low for word in ("authorization", "bearer", "basic", "cookie")):
        yield from _headers(text)
    if "auth" in low:
        yield from _spans(
            named("places", "DOCKER"),
            text,
            "basic credentials",
            "base64 credentials of a registry",
            _is_encoded_pair,
        )
        for match in named("places", "PAIR").finditer(text):
            yield from _pair(match)
    if any(word in low for word in words("places", "COMMAND_WORDS")):
        yield from _commands(text)
    yield from _files(text)


def _urls(text: str) -> Iterator[Finding]:
    for pattern in (named("places", "URL"), named("places", "URL_SLASH")):
        yield from _spans(pattern, text, "password", _REASONS["password"], lambda value: not is_placeholder(value))
    yield from _spans(
        named("places", "URL_TOKEN"), text, "token", _REASONS["token"], lambda value: is_random(value, 16)
    )


def _headers(text: str) -> Iterator[Finding]:
    for match in named("places", "HEADER").finditer(text):
        name = str(match.lastgroup)
        value = match[name]
        if name == "cookie":
            yield from _cookies(text, match.start(name), match.end(name))
        elif _header_ok(name, value):
            kind = "basic credentials" if name == "basic" else "authorization header"
            yield Finding(*match.span(name), kind, f"the value of a header ({name})")


def _header_ok(name: str, value: str) -> bool:
    if is_placeholder(value):
        return False
    if name == "basic":
        return _is_encoded_pair(value)
    return is_random(value, 8 if name == "header" else 12) or (name == "header" and _is_encoded_pair(value))


def _cookies(text: str, start: int, end: int) -> Iterator[Finding]:
    for match in named("places", "COOKIE").finditer(text, start, end):
        if is_random(match["s"], 8) and match["name"].lower() not in ("expires", "path", "domain", "_ga", "_gid"):
            yield Finding(*match.span("s"), "cookie", "the value of a cookie")


def _is_encoded_pair(value: str) -> bool:
    """Tell whether base64 holds ``user:password``."""
    try:
        plain = base64.b64decode(
            value[:400].rstrip("=") + "=" * (-len(value[:400].rstrip("=")) % 4), altchars=b"-_"
        )
    except (binascii.Error, ValueError):
        return False
    return b":" in plain and all(32 <= byte < 127 or byte > 159 for byte in plain)


def _pair(match: re.Match[str]) -> Iterator[Finding]:
    name = "s" if match["s"] else "t"
    if not is_placeholder(match[name]):
        yield Finding(*match.span(name), "password", "the password of a pair given as auth")


def _commands(text: str) -> Iterator[Finding]:
    for match in named("places", "COMMAND").finditer(text):
        name = next(group for group, value in match.groupdict().items() if value and group not in ("user", "sq"))
        if not is_placeholder(match[name]):
            yield Finding(*match.span(name), "password", f"the password of a command ({name})")


def _files(text: str) -> Iterator[Finding]:
    if (":" in text and "\n" in text) or text.count(":") == 4:
        yield from _spans(
            named("places", "PGPASS"),
            text,
            "password",
            "a line of .pgpass",
            lambda value: not is_placeholder(value),
        )
    if "Key" in text:
        yield from _spans(named("places", "WIREGUARD"), text, "private key", "a WireGuard key")
    if '"kty"' in text:
        yield from _spans(named("places", "JWK"), text, "private key", "the private part of a JSON web key")
    if "0x" in text:
        yield from _spans(named("places", "ETHEREUM"), text, "private key", "a wallet's private key")
    yield from _spans(named("places", "MNEMONIC"), text, "seed phrase", "the words of a wallet")


def _spans(
    pattern: re.Pattern[str], text: str, kind: str, reason: str, accept: Callable[[str], bool] | None = None
) -> Iterator[Finding]:
    for match in pattern.finditer(text):
        if accept is None or accept(match["s"]):
            yield Finding(*match.span("s"), kind, reason)
