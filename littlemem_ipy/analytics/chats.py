"""What chats did: conversations, what was captured of them, and what they cost."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import median
from typing import Any

import pandas as pd

from littlemem_ipy.analytics.building import day_of, events_of, framed, micros
from littlemem_ipy.analytics.contents import EVERY_STATE, rows_of, state_of
from littlemem_ipy.backends import MemoryRow
from littlemem_ipy.models import EXCHANGE, Author, EventKind, State
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore

__all__ = ["captures", "captures_of", "conversations", "costs"]

_OUTCOMES = {
    State.ACTIVE.value: "in use",
    State.HELD.value: "waiting",
    State.SUPERSEDED.value: "replaced",
    State.ARCHIVED.value: "archived",
    State.EXPIRED.value: "expired",
}


@dataclass(slots=True)
class _Talk:
    """One conversation."""

    started_at: int | None = None
    ended_at: int | None = None
    model: str | None = None
    notebook: str | None = None
    replies: int = 0
    memories: int = 0
    exchanges: int = 0
    injected: int = 0
    used: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    memory_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    homes: Counter[str] = field(default_factory=Counter)

    def _seen(self, at: int) -> None:
        self.started_at = at if self.started_at is None else min(self.started_at, at)
        self.ended_at = at if self.ended_at is None else max(self.ended_at, at)

    def hear(self, at: int, kind: str, data: dict[str, Any]) -> None:
        self._seen(at)
        if kind == EventKind.USED:
            self.used += 1
        elif kind == EventKind.INJECTED:
            self.injected += 1
        else:
            self.replies += 1
            self.model = data.get("model") or self.model
            self.prompt_tokens += data.get("prompt") or 0
            self.completion_tokens += data.get("completion") or 0
            self.memory_tokens += data.get("memory") or 0
            self.cost += data.get("cost") or 0.0
            self.seconds += (data.get("ms") or 0) / 1000

    def hold(self, row: MemoryRow, origin: dict[str, Any], state: str) -> None:
        self._seen(row.created_at)
        self.notebook = origin.get("notebook") or self.notebook
        if row.project is not None:
            self.homes[row.project] += 1
        if row.source == EXCHANGE:
            self.exchanges += 1
        else:
            self.memories += state == State.ACTIVE

    @property
    def project(self) -> str | None:
        return min(self.homes, key=lambda name: (-self.homes[name], name)) if self.homes else None


def conversations(store: MemoryStore, *, since: Any = None, until: Any = None) -> pd.DataFrame:
    """Return the conversations, in the order of their beginning.

    Parameters
    ----------
    store
        The store.
    since, until
        Only what was said or created from then on, or until then; as in `MemoryStore.search`.
    """
    talks: defaultdict[str, _Talk] = defaultdict(_Talk)
    present = micros(now())
    for row in rows_of(store, {"states": EVERY_STATE, "since": since, "until": until}):
        if row.conversation_id is not None and row.deleted_at is None:
            talks[row.conversation_id].hold(row, _origin(row), state_of(row, present))
    for at, kind, _, data in events_of(
        store, (EventKind.ANSWERED, EventKind.INJECTED, EventKind.USED), since, until
    ):
        if data.get("conversation"):
            talks[data["conversation"]].hear(at, kind, data)
    order = sorted(talks, key=lambda name: (talks[name].started_at or 0, name))
    values: dict[str, list[Any]] = {
        name: [getattr(talks[talk], name) for talk in order] for name in (*_Talk.__slots__, "project")
    }
    return framed("conversations", values | {"conversation_id": order})


def _origin(row: MemoryRow) -> dict[str, Any]:
    return _read(row.provenance) if row.provenance else {}


@lru_cache(maxsize=1 << 16)
def _read(text: str) -> dict[str, Any]:
    """Return what a JSON text says; most rows repeat the origin of another, and nobody changes it."""
    found: dict[str, Any] = json.loads(text)
    return found


def captures(store: MemoryStore, **filters: Any) -> pd.DataFrame:
    """Return what was captured from chats, with the rule that did it and what became of it, oldest first.

    Parameters
    ----------
    store
        The store.
    **filters
        As in `memories`; here memories of all states count unless said otherwise.

    Notes
    -----
    The precision of a rule is the share of what is not ``wrong`` among what does not wait. A capture that was
    replaced by a newer statement was right in its time.
    """
    return captures_of(store, rows_of(store, {"states": EVERY_STATE} | filters))


def captures_of(store: MemoryStore, rows: Iterable[MemoryRow]) -> pd.DataFrame:
    """Return the frame `captures` of those rows that were captured."""
    pairs = ((row, _origin(row)) for row in rows if row.source != EXCHANGE)
    taken = [(row, origin) for row, origin in pairs if origin.get("author") == Author.CAPTURE]
    changes, present = _last_changes(store), micros(now())
    outcomes = [_outcome(row, present, changes.get(row.id)) for row, _ in taken]
    columns: dict[str, list[Any]] = {
        name: [getattr(row, name) for row, _ in taken]
        for name in ("id", "type", "title", "project", "conversation_id")
    }
    columns |= {name: [o.get(name) for _, o in taken] for name in ("rule", "confidence", "notebook", "model")}
    columns |= {
        "at": [row.created_at for row, _ in taken],
        "outcome": outcomes,
        "accepted": [bool(origin.get("accepted")) for _, origin in taken],
        "undone": [outcome == "undone" for outcome in outcomes],
        "wrong": [outcome in ("rejected", "undone", "deleted") for outcome in outcomes],
    }
    return framed("captures", columns)


def _last_changes(store: MemoryStore) -> dict[str | None, str | None]:
    """Return for each memory the data of its latest change, as JSON."""
    kinds = (EventKind.STORED, EventKind.EDITED, EventKind.DELETED, EventKind.RESTORED)
    return {row.memory_id: row.data for row in store.backend.event_rows(kinds)}


def _outcome(row: MemoryRow, present: int, change: str | None) -> str:
    if row.deleted_at is None:
        return _OUTCOMES[state_of(row, present)]
    if change and _read(change).get("action") == "undo":
        return "undone"
    return "rejected" if row.held is not None else "deleted"


@dataclass(slots=True)
class _Bill:
    """What one model took on one day."""

    replies: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    memory_tokens: int = 0
    cost: float = 0.0
    unpriced: int = 0
    times: list[float] = field(default_factory=list)

    def add(self, data: dict[str, Any]) -> None:
        self.replies += 1
        self.prompt_tokens += data.get("prompt") or 0
        self.completion_tokens += data.get("completion") or 0
        self.memory_tokens += data.get("memory") or 0
        self.cost += data.get("cost") or 0.0
        self.unpriced += data.get("cost") is None
        if data.get("ms") is not None:
            self.times.append(data["ms"] / 1000)

    @property
    def seconds(self) -> float | None:
        return median(self.times) if self.times else None


def costs(store: MemoryStore, *, since: Any = None, until: Any = None) -> pd.DataFrame:
    """Return what replies took, a row for each day and model; `since` and `until` as in `events`."""
    bills: defaultdict[tuple[int, str], _Bill] = defaultdict(_Bill)
    for at, _, _, data in events_of(store, (EventKind.ANSWERED,), since, until):
        bills[day_of(at), data.get("model") or "unknown"].add(data)
    order = sorted(bills)
    names = ("replies", "prompt_tokens", "completion_tokens", "memory_tokens", "cost", "unpriced", "seconds")
    columns: dict[str, list[Any]] = {name: [getattr(bills[key], name) for key in order] for name in names}
    return framed("costs", columns | {"day": [day for day, _ in order], "model": [model for _, model in order]})
