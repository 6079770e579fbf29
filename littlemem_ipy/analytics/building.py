"""From plain values to a frame: the columns that are declared, in their order, each with its proper type."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from littlemem_ipy.analytics.columns import COLUMNS
from littlemem_ipy.backends import EventRow
from littlemem_ipy.models import EventKind, MemoryType, State
from littlemem_ipy.models.times import span_of
from littlemem_ipy.store import MemoryStore

__all__ = [
    "DAY",
    "TEXT",
    "columns_of",
    "day_of",
    "event_rows_of",
    "events_of",
    "framed",
    "micros",
    "moments",
    "query_of",
    "uncollected",
]

TEXT = pd.StringDtype("pyarrow" if find_spec("pyarrow") else "python")
"""The type of texts: Arrow's where pyarrow is installed."""
DAY = 86_400_000_000  # microseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAT = np.iinfo(np.int64).min
# Categories in an order that means something; all others are in alphabetical order.
_ORDERS: dict[str, tuple[str, ...]] = {
    "type": tuple(map(str, MemoryType)),
    "state": tuple(map(str, State)),
    "kind": tuple(map(str, EventKind)),
    "outcome": ("in use", "waiting", "rejected", "undone", "deleted", "replaced", "archived", "expired"),
}


def framed(name: str, values: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return the frame of this name with values by column; times are microseconds since 1970, None is missing."""
    columns = {column.name: _series(column.name, column.kind, values[column.name]) for column in COLUMNS[name]}
    return pd.DataFrame(columns)


def _series(name: str, kind: str, values: Sequence[Any]) -> Any:
    if kind == "text":
        return pd.array(_listed(values), dtype=TEXT)  # type: ignore[arg-type]
    if kind == "category":
        return _categories(name, _listed(values))
    if kind == "time":
        return moments(values)
    if kind == "list":
        column = np.empty(len(values), dtype=object)
        column[:] = _listed(values)
        return column
    return np.asarray(values, dtype={"count": np.int64, "number": np.float64, "flag": bool}[kind])


def _listed(values: Sequence[Any]) -> list[Any]:
    return values if isinstance(values, list) else list(values)


def _categories(name: str, values: list[Any]) -> pd.Categorical:
    present = {value for value in values if value is not None}
    known = _ORDERS.get(name, ())
    order = [*known, *sorted(present.difference(known))]
    codes = {value: code for code, value in enumerate(order)} | {None: -1}
    categories = pd.Index(order, dtype=TEXT)
    return pd.Categorical.from_codes([codes[value] for value in values], categories)


def moments(values: Iterable[int | None]) -> pd.DatetimeIndex:
    """Return aware UTC times of microseconds since 1970; None is missing."""
    numbers = np.fromiter((_NAT if value is None else value for value in values), dtype=np.int64)
    return pd.DatetimeIndex(numbers.view("M8[us]")).tz_localize("UTC")


def day_of(micros: int) -> int:
    """Return the first moment of the UTC day, in microseconds since 1970."""
    return micros // DAY * DAY


def columns_of(rows: Sequence[tuple[Any, ...]], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Return the values of rows by column."""
    return dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(names, ())


def query_of(store: MemoryStore, filters: Mapping[str, Any]) -> Any:
    """Return the query of filters as `MemoryStore.search` takes them; the whole store unless they narrow it."""
    return store.search("", limit=0, by=None, **({"project": "*"} | dict(filters))).query


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking over half a million new objects again and again."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def events_of(
    store: MemoryStore, kinds: Sequence[str], since: Any = None, until: Any = None
) -> list[tuple[int, str, str | None, dict[str, Any]]]:
    """Return time, kind, memory and data of events in a stretch of time, oldest first.

    Parameters
    ----------
    store
        Where from.
    kinds
        The kinds; all when empty.
    since, until
        As `MemoryStore.search` takes them; None for no limit.
    """
    with uncollected():
        rows = event_rows_of(store, kinds, since, until)
        # One long text is parsed several times faster than as many small ones.
        parsed = json.loads(f"[{','.join([row.data or '{}' for row in rows])}]")
        return [(at, kind, memory_id, data) for (at, kind, memory_id, _), data in zip(rows, parsed, strict=True)]


def event_rows_of(store: MemoryStore, kinds: Sequence[str], since: Any = None, until: Any = None) -> list[EventRow]:
    """Return events as `events_of` does, their data unparsed: where only their number counts."""
    rows = store.backend.event_rows(kinds)
    if since is not None:
        start = micros(span_of(since).start)
        rows = [row for row in rows if row.at >= start]
    if until is not None:
        end = micros(span_of(until).end)
        rows = [row for row in rows if row.at < end]
    return rows


def micros(moment: datetime) -> int:
    """Return microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
