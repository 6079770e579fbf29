"""``{name}`` in a chat cell becomes the value of a variable; every other brace stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["MAX_VALUE", "interpolate"]

MAX_VALUE = 20_000
"""Characters of one value that go into a message."""

# A doubled brace is somebody's template or f-string, not a variable of ours.
_NAME = re.compile(r"(?<!\{)\{([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\}(?!\})")


def interpolate(text: str, names: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return the text with known names replaced by their values, and a note for each.

    Parameters
    ----------
    text
        The message.
    names
        The variables.

    Examples
    --------
    >>> interpolate('is {n} in {"a": 1} or {unknown}?', {"n": 3})
    ('is 3 in {"a": 1} or {unknown}?', ['{n} is filled in'])
    """
    notes: dict[str, None] = {}

    def value(found: re.Match[str]) -> str:
        try:
            shown = str(_resolve(found[1], names))
        except LookupError:
            return found[0]
        except Exception as error:  # noqa: BLE001  a variable's own __str__ may raise anything
            notes[f"{found[0]} could not be shown ({type(error).__name__}) and was left as it is"] = None
            return found[0]
        cut = len(shown) > MAX_VALUE
        notes[f"{found[0]} is filled in" + (f", cut to {MAX_VALUE:,} characters" if cut else "")] = None
        return shown[:MAX_VALUE]

    return _NAME.sub(value, text), list(notes)


def _resolve(path: str, names: Mapping[str, Any]) -> Any:
    """Return the value of ``name`` or ``name.attribute``; raise LookupError where there is none."""
    first, *rest = path.split(".")
    value = names[first]
    for attribute in rest:
        try:
            value = getattr(value, attribute)
        except AttributeError as error:
            raise LookupError(attribute) from error
    return value
