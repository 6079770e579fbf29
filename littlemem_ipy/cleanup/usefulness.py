"""How often memories went into prompts, and whether they helped there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from littlemem_ipy.backends import EventRow
from littlemem_ipy.models import EventKind

__all__ = ["Usefulness", "usefulness_of"]


@dataclass(slots=True)
class Usefulness:
    """What prompts had of a memory.

    Attributes
    ----------
    injected
        How many prompts it went into.
    used
        How many replies made use of it.
    rated
        The sum of the ratings of these replies, 1 for a good and -1 for a bad one.
    """

    injected: int = 0
    used: int = 0
    rated: int = 0

    @property
    def helped(self) -> bool:
        """Whether it was of any use."""
        return self.used > 0 or self.rated > 0


def usefulness_of(events: Iterable[EventRow]) -> dict[str, Usefulness]:
    """Return by id what the log says of each memory that ever went into a prompt."""
    found: dict[str, Usefulness] = {}
    for event in events:
        if event.memory_id is None:
            continue
        one = found.setdefault(event.memory_id, Usefulness())
        if event.kind == EventKind.INJECTED:
            one.injected += 1
        elif event.kind == EventKind.USED:
            one.used += 1
        elif event.kind == EventKind.RATED:
            one.rated += json.loads(event.data or "{}").get("value", 0)
    return found
