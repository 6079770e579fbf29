"""What happened: the log, what memories were good for, and what was searched for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from littlemem_ipy.analytics.building import columns_of, events_of, framed, micros, uncollected
from littlemem_ipy.analytics.contents import rows_of, state_of
from littlemem_ipy.backends import NEVER, MemoryRow, UsageRow
from littlemem_ipy.models import EventKind
from littlemem_ipy.models.times import now, span_of
from littlemem_ipy.store import MemoryStore

__all__ = ["events", "searches", "usage", "usage_of"]


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


@uncollected()
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
    return usage_of(store, rows_of(store, filters), during)


def usage_of(store: MemoryStore, rows: Sequence[MemoryRow], during: Any = None) -> pd.DataFrame:
    """Return the frame `usage` of rows."""
    log = store.backend.usage_rows(None if during is None else micros(span_of(during).start))
    found = {use.memory_id: use for use in log}
    columns: dict[str, Sequence[Any]] = {
        name: [getattr(row, name) for row in rows] for name in ("id", "type", "title", "project", "created_at")
    }
    columns |= columns_of([found.get(row.id, NEVER) for row in rows], UsageRow._fields)
    present = micros(now())
    columns["state"] = [state_of(row, present) for row in rows]
    everything = sum(use.tokens for use in log), sum(use.cost for use in log)
    return framed("usage", columns | _shares(columns, *everything))


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
