"""What happened: the log, what memories were good for, and what was searched for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from littlemem_ipy.analytics.building import event_rows_of, events_of, framed, micros
from littlemem_ipy.analytics.contents import rows_of, state_of
from littlemem_ipy.models import EventKind
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore

__all__ = ["events", "searches", "usage"]


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


class _Tally:
    """Counts, sums and latest times of events for each memory of a list, taken all at once.

    Parameters
    ----------
    ids
        The memories.
    """

    def __init__(self, ids: Sequence[str]) -> None:
        self._place = {memory_id: place for place, memory_id in enumerate(ids)}

    def places(self, memory_ids: Sequence[str | None]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the places of memories in the list; one behind its end for those that aren't in it."""
        out, place = len(self._place), self._place
        return np.fromiter((place.get(each or "", out) for each in memory_ids), np.int64, len(memory_ids))

    def sums(self, places: np.ndarray[Any, Any], weights: Sequence[float] | None = None) -> list[Any]:
        """Return for each memory how many events there are, or the sum of their weights."""
        size = len(self._place)
        if weights is None:
            return list(np.bincount(places, minlength=size)[:size].tolist())
        return list(np.bincount(places, np.asarray(weights, dtype=float), minlength=size)[:size].tolist())

    def latest(self, places: np.ndarray[Any, Any], times: Sequence[int]) -> list[int | None]:
        """Return for each memory the time of its latest event; None where there is none."""
        none = np.iinfo(np.int64).min
        found = np.full(len(self._place) + 1, none, dtype=np.int64)
        np.maximum.at(found, places, np.asarray(times, dtype=np.int64))
        return [None if each == none else each for each in found[:-1].tolist()]


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
    rows = rows_of(store, filters)
    tally = _Tally([row.id for row in rows])
    told = events_of(store, (EventKind.INJECTED, EventKind.RATED), during)
    injected = [each for each in told if each[1] == EventKind.INJECTED]
    into = tally.places([each[2] for each in injected])
    tokens = [each[3].get("tokens") or 0 for each in injected]
    cost = [each[3].get("cost") or 0.0 for each in injected]
    plain = event_rows_of(store, (EventKind.RETRIEVED, EventKind.USED), during)
    used = [row for row in plain if row.kind == EventKind.USED]
    helped = tally.places([row.memory_id for row in used])
    values: dict[str, Sequence[Any]] = {
        name: [getattr(row, name) for row in rows] for name in ("id", "type", "title", "project", "created_at")
    }
    values |= {
        "retrieved": tally.sums(tally.places([row.memory_id for row in plain if row.kind == EventKind.RETRIEVED])),
        "injected": tally.sums(into),
        "used": tally.sums(helped),
        "tokens": tally.sums(into, tokens),
        "cost": tally.sums(into, cost),
        "last_injected_at": tally.latest(into, [each[0] for each in injected]),
        "last_used_at": tally.latest(helped, [row.at for row in used]),
    }
    for name, sign in (("good", 1), ("bad", -1)):
        rated = [each[2] for each in told if each[1] == EventKind.RATED and each[3].get("value", 0) * sign > 0]
        values[name] = tally.sums(tally.places(rated))
    present = micros(now())
    values["state"] = [state_of(row, present) for row in rows]
    return framed("usage", values | _shares(values, sum(tokens), sum(cost)))


def _shares(values: Mapping[str, Sequence[Any]], tokens: float, cost: float) -> dict[str, Any]:
    """Return what follows from counts: rates, and shares of all tokens and cost."""
    names = ("injected", "used", "good", "bad", "tokens", "cost")
    injected, used, good, bad, own, paid = (np.asarray(values[name], dtype=float) for name in names)
    return {
        "use_rate": np.divide(used, injected, out=np.full(len(used), np.nan), where=injected > 0),
        "usefulness": (used + good + 1) / (np.maximum(injected, used) + good + bad + 2),
        "token_share": own / tokens if tokens else own * 0,
        "cost_share": paid / cost if cost else paid * 0,
    }


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
