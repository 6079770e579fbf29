"""What the user thinks of a rule: accepted proposals raise its word, rejected ones lower it, in each project apart.

The confidence of what a rule finds is multiplied by ``(accepted + 2) / (accepted + rejected + 2)``: the mean of a
Beta distribution that starts with two proposals taken on trust. One rejection leaves 0.67 of it, two 0.5; each
acceptance brings some of it back. What falls below 0.25 is not even proposed any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from littlemem_ipy.capture.candidate import Candidate
from littlemem_ipy.models import EventKind, Memory
from littlemem_ipy.redact import redact

if TYPE_CHECKING:
    from littlemem_ipy.store import MemoryStore

__all__ = ["standing", "weighed"]

_TRUST = 2
_LEAST = 0.25
_MOST_EVENTS = 5_000


def weighed(store: MemoryStore, found: Sequence[Candidate]) -> list[Candidate]:
    """Return candidates with their confidence as the store's current project has taught it.

    What was rejected in the same words is left out.

    Parameters
    ----------
    store
        Whose log of accepted and rejected proposals counts.
    found
        What was found.
    """
    decided = _decided(store) if found else {}
    refused = {memory.content for memory, accepted in decided.values() if not accepted}
    factors = _factors(decided, {candidate.reason for candidate in found})
    weighed = []
    for candidate in found:
        confidence = round(candidate.confidence * factors[candidate.reason], 3)
        low = factors[candidate.reason] < 1 and confidence < _LEAST
        if not low and redact(candidate.content) not in refused:
            weighed.append(candidate.model_copy(update={"confidence": confidence}))
    return weighed


def standing(store: MemoryStore, rules: Iterable[str]) -> dict[str, float]:
    """Return by what the confidence of rules is multiplied, from 0 to 1, in the store's current project."""
    return _factors(_decided(store), rules)


def _decided(store: MemoryStore) -> dict[str, tuple[Memory, bool]]:
    """Return the memories that were accepted or rejected in the current project, each with the last decision."""
    last: dict[str, bool] = {}
    for event in store.events(EventKind.ACCEPTED, EventKind.REJECTED, limit=_MOST_EVENTS):
        if event.memory_id and event.data.get("project") == store.project:
            last.setdefault(event.memory_id, event.kind == EventKind.ACCEPTED)
    known = store.backend.get(list(last)) if last else {}
    # A rejection that was taken back is none any more.
    return {
        memory_id: (memory, last[memory_id])
        for memory_id, memory in known.items()
        if last[memory_id] or memory.deleted_at is not None
    }


def _factors(decided: Mapping[str, tuple[Memory, bool]], rules: Iterable[str]) -> dict[str, float]:
    counts = Counter((memory.provenance.rule, accepted) for memory, accepted in decided.values())
    return {
        rule: (counts[rule, True] + _TRUST) / (counts[rule, True] + counts[rule, False] + _TRUST) for rule in rules
    }
