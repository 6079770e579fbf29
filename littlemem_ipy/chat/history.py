"""How much of a conversation goes along with the next message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from littlemem_ipy.context import tokens

__all__ = ["fits_anywhere", "room_for", "trimmed"]

_UNKNOWN = 12_000  # tokens of history for a model whose window is not known
_SMALLEST = 2_000  # fits beside a message and memories even in a window of 4,096
_SHARE = 0.6  # the rest of a window is for the message, the memories and the reply


def room_for(model: str, windows: Mapping[str, Any]) -> int:
    """Return the tokens of history that a model's window leaves room for.

    Parameters
    ----------
    model
        The model as litellm names it.
    windows
        litellm's table of models (``litellm.model_cost``), which knows ``max_input_tokens`` of most.
    """
    known = windows.get(model) or windows.get(model.partition("/")[2]) or {}
    window = known.get("max_input_tokens") or known.get("max_tokens")
    return int(window * _SHARE) if isinstance(window, int) else _UNKNOWN


def fits_anywhere(history: Sequence[dict[str, Any]]) -> bool:
    """Return whether a history is so short that no model's window needs to be looked up."""
    return sum(_sizes(history)) <= _SMALLEST


def _sizes(history: Sequence[dict[str, Any]]) -> list[int]:
    return [tokens(str(message.get("content") or "")) for message in history]


def trimmed(history: Sequence[dict[str, Any]], limit: int = _UNKNOWN) -> list[dict[str, Any]]:
    """Return the latest whole turns that fit, at least one.

    Parameters
    ----------
    history
        Messages, oldest first; a turn begins with a user message, so that what is left is valid
        for every service.
    limit
        Tokens that they may take.
    """
    starts = [at for at, message in enumerate(history) if message["role"] == "user"]
    if not starts:
        return []
    sizes = _sizes(history)
    for start in starts[:-1]:
        if sum(sizes[start:]) <= limit:
            return list(history[start:])
    return list(history[starts[-1] :])
