"""What happened: the log, what memories were good for, and what was searched for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from littlemem_ipy.analytics.building import events_of, framed, micros
from littlemem_ipy.analytics.contents import rows_of, state_of
from littlemem_ipy.models import EventKind
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore

__all__ = ["events", "searches", "usage"]

_TOLD = (EventKind.RETRIEVED, EventKind.INJECTED, EventKind.USED, EventKind.RATED)


def events(store: MemoryStore, *, kinds: Sequence[str] = (), since: Any = None, until: Any = None) -> pd.DataFrame:
    """Return the log as a frame, oldest first.

    Parameters
    ----------
    store
        The store.
    kinds
        Only these kinds; all when empty.
    since, until
        Only what happened from then on, or until then; as in `MemoryStore.search`.

    Raises
    ------
    InvalidInput
        If a time is not understood.
    """
    found = events_of(store, [kinds] if isinstance(kinds, str) else kinds, since, until)
    data = [each[3] for each in found]
    values: dict[str, list[Any]] = {
        "at": [each[0] for each in found],
        "kind": [each[1] for each in found],
        "memory_id": [each[2] for each in found],
        "conversation_id": [each.get("conversation") for each in data],
    }
    plain = ("model", "action", "by", "query", "hits", "ms", "tokens", "cost", "value")
    values |= {name: [each.get(name) for each in data] for name in plain}
    return framed("events", values)


@dataclass(slots=True)
class _Uses:
    """What happened to one memory."""

    retrieved: int = 0
    injected: int = 0
    used: int = 0
    good: int = 0
    bad: int = 0
    tokens: int = 0
    cost: float = 0.0
    last_injected_at: int | None = None
    last_used_at: int | None = None

    def take(self, at: int, kind: str, data: dict[str, Any]) -> None:
        if kind == EventKind.INJECTED:
            self.injected += 1
            self.tokens += data.get("tokens") or 0
            self.cost += data.get("cost") or 0.0
            self.last_injected_at = max(self.last_injected_at or at, at)
        elif kind == EventKind.USED:
            self.used += 1
            self.last_used_at = max(self.last_used_at or at, at)
        elif kind == EventKind.RETRIEVED:
            self.retrieved += 1
        else:
            self.good += data.get("value", 0) > 0
            self.bad += data.get("value", 0) < 0


_FIGURES = ("retrieved", "injected", "used", "good", "bad", "tokens", "cost", "last_injected_at", "last_used_at")


def usage(store: MemoryStore, *, during: Any = None, **filters: Any) -> pd.DataFrame:
    """Return what each memory was good for and what it took, a row each.

    Parameters
    ----------
    store
        The store.
    during
        Count only what happened from then on: ``30d``, ``last month``, a date; None counts everything.
    **filters
        Which memories, as in `memories`.

    Notes
    -----
    Whether a reply made use of a memory is the estimate of `littlemem_ipy.context.was_used`. Shares are of all
    memories in prompts, those that the filters leave out included.
    """
    found: defaultdict[str, _Uses] = defaultdict(_Uses)
    for at, kind, memory_id, data in events_of(store, _TOLD, during):
        found[memory_id or ""].take(at, kind, data)
    tokens, cost = (sum(getattr(uses, name) for uses in found.values()) for name in ("tokens", "cost"))
    rows = rows_of(store, filters)
    uses = [found[row.id] if row.id in found else _Uses() for row in rows]
    present = micros(now())
    values: dict[str, list[Any]] = {
        name: [getattr(row, name) for row in rows] for name in ("id", "type", "title", "project", "created_at")
    }
    values |= {name: [getattr(each, name) for each in uses] for name in _FIGURES}
    values |= {
        "state": [state_of(row, present) for row in rows],
        "use_rate": [each.used / each.injected if each.injected else None for each in uses],
        "usefulness": [(u.used + u.good + 1) / (max(u.injected, u.used) + u.good + u.bad + 2) for u in uses],
        "token_share": [each.tokens / tokens if tokens else 0.0 for each in uses],
        "cost_share": [each.cost / cost if cost else 0.0 for each in uses],
    }
    return framed("usage", values)


def searches(store: MemoryStore, *, since: Any = None, until: Any = None) -> pd.DataFrame:
    """Return what was searched for, oldest first; `since` and `until` as in `events`."""
    found = events_of(store, (EventKind.SEARCHED,), since, until)
    data = [each[3] for each in found]
    hits = [each.get("hits") or 0 for each in data]
    return framed(
        "searches",
        {
            "at": [each[0] for each in found],
            "by": [each.get("by") for each in data],
            "query": [each.get("query") for each in data],
            "hits": hits,
            "ms": [each.get("ms") for each in data],
            "nothing_found": [count == 0 for count in hits],
        },
    )
