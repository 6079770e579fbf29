"""How much of a conversation goes along with the next message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from littlemem_ipy.context import tokens

__all__ = ["MAX_TOKENS", "trimmed"]

MAX_TOKENS = 12_000
"""Tokens of history; it fits the windows of current models beside a long message and its reply."""


def trimmed(history: Sequence[dict[str, Any]], limit: int = MAX_TOKENS) -> list[dict[str, Any]]:
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
    sizes = [tokens(str(message.get("content") or "")) for message in history]
    for start in starts[:-1]:
        if sum(sizes[start:]) <= limit:
            return list(history[start:])
    return list(history[starts[-1] :])
