"""Judging the value beside a label: a real secret, or code, prose or a stand-in."""

from __future__ import annotations

import re

from .rules import named, words

__all__ = ["is_code", "is_passwordish", "is_placeholder", "is_plain_word", "is_random", "is_wordy", "lowered"]

_LABELLED = re.compile(r"(?i)(?:pass(?:word|wd|phrase)|pwd|secret|token|api_?key|credential)s?_?\d?$")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_TURNS = re.compile(r"[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])")
_HEX = re.compile(r"(?:[0-9a-f]{24,}|[0-9A-F]{24,})")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SYMBOL = re.compile(r"[!#$%&*@^+=?~|§]")
_ADJECTIVE = re.compile(
    r"(?:ed|en|ing|able|ible|ive|ory|ful|less|ous|ant|ent|ary|ly|ten|set|ic|ical|ial|lost|kept|sent|out)$"
)


def is_placeholder(value: str) -> bool:
    """Tell whether the value stands for a secret instead of being one (``<your key>``, ``$TOKEN``, ``None``)."""
    if not value or named("values", "STANDIN").fullmatch(value) is not None:
        return True
    return (
        named("values", "STANDIN_PART").search(value[:80].lower()) is not None
        or _LABELLED.search(value[-24:]) is not None
    )


def is_code(value: str) -> bool:
    """Tell whether an unquoted value is an expression: a call, an attribute, an index, a path."""
    return named("values", "CODE").fullmatch(value) is not None and _is_readable(value)


def _is_readable(value: str) -> bool:
    return is_wordy(value) or "(" in value or "[" in value


def is_wordy(value: str) -> bool:
    """Tell whether the value reads as words: an identifier, a slug, a version."""
    words = _WORDS.findall(value)
    # Slugs have short words between their hyphens; a run of twenty characters and more does not.
    least = 3.7 if len(value) >= 20 and value.isalnum() else 2.95
    return sum(map(len, words)) >= least * len(words) and len(_TURNS.findall(value)) < 4


def is_random(value: str, least: int) -> bool:
    """Tell whether the value looks like the output of a generator.

    Parameters
    ----------
    value
        The word beside a label.
    least
        The smallest length that counts.
    """
    if len(value) < least or not value.isascii():
        return False
    if _HEX.fullmatch(value) or _UUID.fullmatch(value):
        return True
    return _is_mixed(value) and not is_wordy(value)


def _is_mixed(value: str) -> bool:
    letters = any(map(str.isalpha, value))
    digits = any(map(str.isdigit, value))
    return letters and (digits or (len(value) >= 20 and value != value.lower() and value != value.upper()))


def is_passwordish(value: str) -> bool:
    """Tell whether an unquoted word is no ordinary word: it has digits or symbols within."""
    core = value.rstrip("!?")
    if len(value) < 4 or named("values", "TECHNICAL").fullmatch(value) or is_code(value):
        return False
    return any(map(str.isdigit, core)) or _SYMBOL.search(core) is not None or _is_scrambled(core)


def _is_scrambled(value: str) -> bool:
    return (
        len(value) >= 8 and value.isascii() and value not in (value.lower(), value.upper()) and not is_wordy(value)
    )


def is_plain_word(value: str) -> bool:
    """Tell whether a bare lower-case word could be a chosen password and not what English says of passwords."""
    return (
        len(value) >= 6
        and value.isascii()
        and value.isalpha()
        and value.islower()
        and value not in words("values", "SPOKEN")
        and _ADJECTIVE.search(value) is None
    )


def lowered(text: str) -> str:
    """Lower a text without moving anything in it: a letter that would grow (İ) stays."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
