"""What speaks for a memory whatever the query: small factors that order equals and never bury a clear match."""

from __future__ import annotations

import math

from littlemem_ipy.backends import Passage

__all__ = ["priors"]

_DAY = 86_400_000_000
_HALF_LIFE = 180  # days
_RECENT = 0.03
_IMPORTANT = 0.1
_PINNED = 1.03
_USED, _USED_MOST = 0.01, 1.05
_USEFUL = 0.05
_DOUBT = 2  # as many outcomes, half of them good, stand beside those of a memory: one alone says little


def priors(passage: Passage, now: int) -> dict[str, float]:
    """Return the factors for recency, importance, pinning, use and usefulness.

    Usefulness is the share of prompts with the memory whose reply made use of it, with the user's ratings as
    further outcomes; it moves a score by less than `_USEFUL`, so what never helped sinks among its equals.

    Parameters
    ----------
    passage
        The memory.
    now
        The present in microseconds since 1970 UTC.
    """
    age = max(0, now - passage.created_at) / _DAY
    return {
        "recency": 1 + _RECENT * 0.5 ** (age / _HALF_LIFE),
        "importance": 1 + _IMPORTANT * (passage.importance - 0.5),
        "pinned": _PINNED if passage.pinned else 1.0,
        "use": min(_USED_MOST, 1 + _USED * math.log2(1 + passage.access_count)),
        "useful": 1 + _USEFUL * _usefulness(passage),
    }


def _usefulness(passage: Passage) -> float:
    """Return from -1 to 1 how much more often a memory helped than not; 0 where nothing is known."""
    tried = max(passage.injected, passage.used) + abs(passage.rated)
    good = passage.used + max(0, passage.rated)
    return (2 * good - tried) / (tried + _DOUBT)
