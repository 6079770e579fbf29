"""JSON from files of strangers: bounded before it is read, and nothing in it means two things."""

from __future__ import annotations

import json
import math
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from typing import Any

from littlemem_ipy.errors import ArchiveError, InvalidInput
from littlemem_ipy.transfer.limits import Limits

__all__ = ["Ambiguous", "brief", "checked", "decoded", "dumped", "lines", "parsed", "sorted_names", "texts"]

# Whole strings are skipped, also one that never ends; the quantifiers are possessive, so there is no way back.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]|\d++', re.DOTALL)

_PARTING = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{,:]', re.DOTALL)
# A quarter of what each of these stands for in memory, in bytes: a short text in a list some 70, a name some 150
# more, an object some 230 with its first name. A file with a value every few characters would grow thirtyfold.
_WEIGHTS = {",": 18, ":": 38, "[": 30, "{": 30}


class Ambiguous(dict[str, Any]):
    """An object that had a name twice: two readers would see two different ones."""


def decoded(raw: bytes, name: str) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 if it says so itself.

    Raises
    ------
    InvalidInput
        If it is no text.
    """
    encoding = "utf-16" if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8"
    try:
        return raw.removeprefix(BOM_UTF8).decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} is not text in UTF-8 ({error.reason} at byte {error.start:,}).") from None


def parsed(text: str, limits: Limits, name: str) -> Any:
    """Return the value of a JSON document.

    Raises
    ------
    ArchiveError
        If its brackets or numbers go beyond the limits.
    InvalidInput
        If it is not JSON.
    """
    _refuse_bombs(text, limits, name)
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        reason = (
            f"{error.msg} at character {error.pos:,}" if isinstance(error, json.JSONDecodeError) else str(error)
        )
        raise InvalidInput(f"{name} is not JSON ({reason}).") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Ambiguous(found)


def _refuse_bombs(text: str, limits: Limits, name: str) -> None:
    brackets = text.count("[") + text.count("{")
    most = limits.file_bytes
    if sum(text.count(sign) * weight for sign, weight in _WEIGHTS.items()) > most and _weight(text, most) > most:
        raise ArchiveError(
            f"{name} holds so many small values that it would take several times its size in memory; nothing was "
            "taken from it. Import it in parts."
        )
    if brackets <= limits.depth and not re.search(rf"\d{{{limits.digits + 1}}}", text):
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        if first in "[{":
            depth += 1
            if depth > limits.depth:
                raise ArchiveError(f"{name} has brackets more than {limits.depth} deep; nothing was taken from it.")
        elif first in "]}":
            depth -= 1
        elif first != '"' and token.end() - token.start() > limits.digits:
            raise ArchiveError(
                f"{name} has a number of more than {limits.digits} digits; nothing was taken from it."
            )


def _weight(text: str, most: int) -> int:
    """Return what the values of a document weigh, without what is inside of its texts; `most` is enough to know."""
    weight = 0
    for token in _PARTING.finditer(text):
        weight += _WEIGHTS.get(text[token.start()], 0)
        if weight > most:
            break
    return weight


def checked(value: Any) -> Any:
    """Return a value of `parsed` if it can be stored and means one thing.

    Raises
    ------
    InvalidInput
        If a name stands twice in one object, or a number is not finite.
    """
    if isinstance(value, Ambiguous):
        raise InvalidInput("a name stands twice in one object, so it is not clear which value is meant.")
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput(f"{value} is not a number that can be stored.")
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            checked(part)
    return value


def lines(raw: bytes, limits: Limits, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of the lines that are not empty.

    Raises
    ------
    ArchiveError
        If a line or their number goes beyond the limits.
    """
    start = number = 0
    raw = raw.removeprefix(BOM_UTF8)
    while start < len(raw):
        end = raw.find(b"\n", start)
        end = len(raw) if end < 0 else end
        number += 1
        if end - start > limits.line_bytes:
            raise ArchiveError(
                f"line {number:,} of {name} has more than {limits.line_bytes:,} bytes; nothing was taken from it."
            )
        if number > limits.rows:
            raise ArchiveError(f"{name} has more than {limits.rows:,} lines; nothing was taken from it.")
        if line := raw[start:end].strip():
            yield number, line
        start = end + 1


def dumped(value: Any) -> str:
    """Return a value as JSON on one line, the same for the same value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def sorted_names(value: Any) -> Any:
    """Return a value with the names of its objects in alphabetical order."""
    if isinstance(value, dict):
        return {name: sorted_names(value[name]) for name in sorted(value)}
    return [sorted_names(part) for part in value] if isinstance(value, list | tuple) else value


def brief(error: Exception) -> str:
    """Return what an error of a library says, on one line of bounded length."""
    return " ".join(str(error).split())[:200]


def texts(values: Iterable[Any]) -> list[str]:
    """Return the values that are text and not empty."""
    return [value for value in values if isinstance(value, str) and value.strip()]
