"""One rule: what it is called, the words of which one must occur, and the expression."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["REASONS", "Row", "Rule", "rule"]

Row = tuple[str, str, str]

#: What each kind says to the user.
REASONS = {
    "override": "tells the assistant to drop its instructions",
    "persona": "gives the assistant another identity",
    "authority": "claims a rank over the user or the system",
    "secrecy": "tells the assistant to hide something from the user",
    "exfiltration": "asks for secrets or the conversation",
    "delayed trigger": "waits for an occasion to do something",
    "bypass": "switches confirmation or protection off",
    "persistence": "spreads or protects itself",
    "covert act": "slips something into the assistant's work",
    "tool call": "makes the assistant call a tool",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern of orders, matched on folded lower-case text."""

    kind: str
    reason: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[str]


def rule(kind: str, triggers: str, pattern: str) -> Rule:
    """Compile one row of a language's table; in the triggers ``_`` stands for a space."""
    words = tuple(word.replace("_", " ") for word in triggers.split())
    return Rule(kind, REASONS[kind], words, re.compile(f"(?x){pattern}"))
