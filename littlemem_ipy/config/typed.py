"""Values of settings as they are typed."""

from __future__ import annotations

import json
from typing import Any

from traitlets import Bool, Dict, List, TraitType, Unicode

__all__ = ["parsed"]

_SWITCHES = {
    "on": True,
    "true": True,
    "yes": True,
    "1": True,
    "off": False,
    "false": False,
    "no": False,
    "0": False,
}


def parsed(trait: TraitType[Any, Any], text: str) -> Any:
    """Return what was typed for a setting: for lists and dictionaries JSON, or words with commas."""
    if isinstance(trait, List | Dict):
        if text.lstrip().startswith(("[", "{")):
            return json.loads(text)
        words = [word.strip() for word in text.split(",") if word.strip()]
        return words if isinstance(trait, List) else dict(_pair(word) for word in words)
    if isinstance(trait, Bool):
        return _switch(text)
    return text if isinstance(trait, Unicode) else trait.from_string(text)


def _switch(text: str) -> bool:
    word = text.strip().lower()
    if word not in _SWITCHES:
        raise ValueError("Write on or off.")
    return _SWITCHES[word]


def _pair(word: str) -> tuple[str, str]:
    name, separator, value = word.partition("=")
    if not separator:
        raise ValueError(f"Write name=value, not {word!r}.")
    return name.strip(), value.strip()
