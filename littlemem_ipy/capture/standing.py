"""What the user thinks of a rule: accepted proposals raise its word, rejected ones lower it, in each project apart.

The confidence of what a rule finds is multiplied by ``(accepted + 2) / (accepted + rejected + 2)``: the mean of a
Beta distribution that starts with two proposals taken on trust. One rejection leaves 0.67 of it, two 0.5; each
acceptance brings some of it back. What falls below 0.25 is not even proposed any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from littlemem_ipy.capture.candidate import Candidate
from littlemem_ipy.models import EventKind

if TYPE_CHECKING:
    from littlemem_ipy.store import MemoryStore

__all__ = ["standing", "weighed"]

_TRUST = 2
_LEAST = 0.25
_MOST_EVENTS = 5_000


def weighed(store: MemoryStore, found: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates with their confidence as the store's current project has taught it.

    Parameters
    ----------
    store
        Whose log of accepted and rejected proposals counts.
    found
        What was found.
    """
    if not found:
        return []
    factors = standing(store, {candidate.reason for candidate in found})
    changed = [
        candidate
        if factors[candidate.reason] == 1
        else candidate.model_copy(update={"confidence": round(candidate.confidence * factors[candidate.reason], 3)})
        for candidate in found
    ]
    return [now for was, now in zip(found, changed, strict=True) if now is was or now.confidence >= _LEAST]


def standing(store: MemoryStore, rules: Iterable[str]) -> dict[str, float]:
    """Return by what the confidence of rules is multiplied, from 0 to 1, in the store's current project."""
    last: dict[str, tuple[str, str]] = {}
    for event in store.events(EventKind.ACCEPTED, EventKind.REJECTED, limit=_MOST_EVENTS):
        rule = event.data.get("rule")
        if event.memory_id and isinstance(rule, str) and event.data.get("project") == store.project:
            # Newest first: what was decided last about a memory is what counts.
            last.setdefault(event.memory_id, (str(event.kind), rule))
    known = store.backend.get(list(last)) if last else {}
    # A rejection that was taken back is none any more.
    counts = Counter(
        decision
        for memory_id, decision in last.items()
        if decision[0] == EventKind.ACCEPTED or memory_id not in known or known[memory_id].deleted_at is not None
    )
    factors = {}
    for rule in rules:
        accepted, rejected = counts[str(EventKind.ACCEPTED), rule], counts[str(EventKind.REJECTED), rule]
        factors[rule] = (accepted + _TRUST) / (accepted + rejected + _TRUST)
    return factors
