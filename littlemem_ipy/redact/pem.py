"""Blocks of private keys: PEM, OpenSSH, PGP, PuTTY; whole, cut off, or inside a string."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .findings import Finding

__all__ = ["key_blocks"]

_BEGIN = re.compile(r"-{4,5} ?BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_END = re.compile(r"-{4,5} ?END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
# What a block without its end still covers: headers and lines of base64, with what quoting adds to them.
_BODY = re.compile(
    r"""(?x)(?:(?:\s|\\+[nrt]|[>|"'\#*+,])*+
    (?:[A-Za-z][A-Za-z-]{2,20}:[ ][^\n\\]{1,120}(?=\n|\\)|[A-Za-z0-9+/]{16,}+={0,2}|[A-Za-z0-9+/]{1,15}={1,2}))*+"""
)
_PUTTY = re.compile(r"Private-Lines: \d{1,3}(?P<s>(?:(?:\s|\\+[nr])++[A-Za-z0-9+/=]{8,}+)++)")


def key_blocks(text: str) -> Iterator[Finding]:
    """Yield private keys as whole blocks, from BEGIN to END or to the end of what looks like a key."""
    if "PRIVATE KEY" in text:
        yield from _pem(text)
    if "Private-Lines" in text:
        for match in _PUTTY.finditer(text):
            yield Finding(*match.span("s"), "private key", "the private lines of a PuTTY key")


def _pem(text: str) -> Iterator[Finding]:
    done = 0
    ends = [match.end() for match in _END.finditer(text)][::-1]
    for begin in _BEGIN.finditer(text):
        if begin.start() < done:
            continue
        while ends and ends[-1] <= begin.end():
            ends.pop()
        done = _block_end(text, begin.end(), ends)
        if done > begin.end():
            yield Finding(begin.start(), done, "private key", "a block that begins with BEGIN … PRIVATE KEY")


def _block_end(text: str, start: int, ends: list[int]) -> int:
    """Where the block stops: at its END within a plausible length, else where the base64 stops."""
    if ends and ends[-1] - start < 20_000 and _BEGIN.search(text, start, ends[-1]) is None:
        return ends[-1]
    body = _BODY.match(text, start)
    return body.end() if body else start
