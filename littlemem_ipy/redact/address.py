"""Whether a sentence speaks to the assistant, or of what it will say and do, at all."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from .rules import words

__all__ = ["Address"]

_BETWEEN = re.compile(r"\W")
_PLAIN = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
_START = 6  # characters by which signs are looked up, the space before them as one
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


class Address:
    """The signs of a text that it is addressed to the assistant; they are looked for once, whatever its length.

    Parameters
    ----------
    low
        A folded text.
    """

    def __init__(self, low: str) -> None:
        self._spaced = f" {low.translate(_PLAIN) if low.isascii() else _BETWEEN.sub(' ', low)} "
        self._present = frozenset(sign for sign in _possible(self._spaced) if sign in self._spaced)

    def __bool__(self) -> bool:
        """Tell whether any sentence can be addressed."""
        return self._enough(self._present)

    def reaches(self, start: int, end: int) -> bool:
        """Tell whether the part of the text from one character to another one is addressed."""
        part = f" {self._spaced[start + 1 : end + 1]} "
        return self._enough(frozenset(sign for sign in self._present if sign in part))

    @staticmethod
    def _enough(signs: frozenset[str]) -> bool:
        alone, carry, cargo = (_signs(name) for name in ("alone", "carry", "cargo"))
        return not alone.isdisjoint(signs) or not (carry.isdisjoint(signs) or cargo.isdisjoint(signs))


@functools.cache
def _signs(name: str) -> frozenset[str]:
    return frozenset(words("address", name))


@functools.cache
def _by_start() -> tuple[dict[int, dict[str, list[str]]], list[str]]:
    """Return the signs by how many first letters of a word they are looked up by, and those inside of words."""
    starts: dict[int, dict[str, list[str]]] = {}
    inside: list[str] = []
    for sign in sorted(_signs("alone") | _signs("carry") | _signs("cargo")):
        if sign[0] != " ":
            inside.append(sign)
            continue
        start = sign[: sign.find(" ", 1) + 1 or len(sign)][:_START]
        starts.setdefault(len(start), {}).setdefault(start, []).append(sign)
    return starts, inside


def _possible(spaced: str) -> Iterator[str]:
    """Yield the signs whose first letters begin some word, and those inside of words where letters are wide."""
    starts, inside = _by_start()
    every = {f" {word} " for word in spaced.split()}
    for length, signs in starts.items():
        for start in signs.keys() & {word[:length] for word in every}:
            yield from signs[start]
    if _WIDE.search(spaced):
        yield from inside
