"""What the store holds: memories, tags, projects, growth and duplicates."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

import pandas as pd

from littlemem_ipy.analytics.building import day_of, event_rows_of, events_of, framed, micros, query_of
from littlemem_ipy.backends import MemoryRow
from littlemem_ipy.duplicates import find_duplicates
from littlemem_ipy.models import MAX_LIMIT, Author, EventKind, State
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore

__all__ = ["duplicates", "growth", "memories", "projects", "rows_of", "spent", "state_of", "tags"]

_NOTHING: dict[str, Any] = {}
_EVERY_STATE = [state.value for state in State]


def rows_of(store: MemoryStore, filters: dict[str, Any]) -> list[MemoryRow]:
    """Return the plain rows that filters let through, in the order of their creation."""
    found = store.backend.rows(query_of(store, filters))
    found.sort(key=lambda row: (row.created_at, row.id))
    return found


def memories(store: MemoryStore, **filters: Any) -> pd.DataFrame:
    """Return the memories as a frame; `littlemem_ipy.analytics.explained` tells its columns.

    Parameters
    ----------
    store
        The store.
    **filters
        As `MemoryStore.search` takes them: ``type``, ``tags``, ``project``, ``since``, ``until``, ``states``,
        ``include_archived`` … Without any it is every memory in use, whatever its project.

    Raises
    ------
    InvalidInput
        If a filter is refused.
    """
    rows = rows_of(store, filters)
    columns: dict[str, Sequence[Any]] = dict(
        zip(MemoryRow._fields, zip(*rows, strict=True), strict=True)
        if rows
        else dict.fromkeys(MemoryRow._fields, ())
    )
    read = cache(json.loads)  # most rows repeat the tags and the origin of another
    origins = [read(text) if text else _NOTHING for text in columns["provenance"]]
    present = micros(now())
    columns |= {
        "tags": [tuple(read(text)) for text in columns["tags"]],
        "author": [origin.get("author", Author.USER.value) for origin in origins],
        "accepted": [origin.get("accepted", False) for origin in origins],
        "state": [state_of(row, present) for row in rows],
        "bytes": [len(row.title.encode()) + len(row.content.encode()) for row in rows],
    }
    columns |= {name: [o.get(name) for o in origins] for name in ("rule", "confidence", "notebook", "model")}
    return framed("memories", columns)


def state_of(row: MemoryRow, present: int) -> str:
    """Return the state of a row at a moment in microseconds since 1970; as `Memory.state` has it."""
    if row.deleted_at is not None:
        return State.DELETED.value
    if row.held is not None:
        return State.HELD.value
    if row.superseded_by is not None:
        return State.SUPERSEDED.value
    if row.archived_at is not None:
        return State.ARCHIVED.value
    return State.EXPIRED.value if row.expires_at is not None and row.expires_at <= present else State.ACTIVE.value


def spent(store: MemoryStore) -> dict[str, list[float]]:
    """Return for each memory how often it was injected and used, and the tokens and dollars that it took."""
    found: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0.0])
    for row in event_rows_of(store, (EventKind.USED,)):
        if row.memory_id is not None:
            found[row.memory_id][1] += 1
    for _, _, memory_id, data in events_of(store, (EventKind.INJECTED,)):
        if memory_id is not None:
            sums = found[memory_id]
            sums[0] += 1
            sums[2] += data.get("tokens") or 0
            sums[3] += data.get("cost") or 0.0
    return found


def tags(store: MemoryStore, **filters: Any) -> pd.DataFrame:
    """Return the tags of the memories that `filters` let through; the most frequent first."""
    sums = spent(store)
    groups: dict[str, list[MemoryRow]] = defaultdict(list)
    spelled: dict[str, str] = {}
    for row in rows_of(store, filters):
        for tag in json.loads(row.tags):
            groups[spelled.setdefault(tag.casefold(), tag)].append(row)
    order = sorted(groups, key=lambda tag: (-len(groups[tag]), tag))
    lines = [_grouped(groups[tag], sums) for tag in order]
    values = {name: [line[name] for line in lines] for name in ("memories", "injected", "used", "oldest", "newest")}
    projects = [len({row.project for row in groups[tag]} - {None}) for tag in order]
    return framed("tags", values | {"tag": order, "projects": projects})


def projects(store: MemoryStore, **filters: Any) -> pd.DataFrame:
    """Return the projects of the memories that `filters` let through; the largest first."""
    sums = spent(store)
    groups: dict[str | None, list[MemoryRow]] = defaultdict(list)
    for row in rows_of(store, filters):
        groups[row.project].append(row)
    order = sorted(groups, key=lambda name: (-len(groups[name]), name or ""))
    lines = [_grouped(groups[name], sums) for name in order]
    names = ("memories", "bytes", "injected", "used", "tokens", "cost", "oldest", "newest")
    values: dict[str, list[Any]] = {name: [line[name] for line in lines] for name in names}
    total = sum(values["memories"])
    return framed("projects", values | {"project": order, "share": [n / total for n in values["memories"]]})


def _grouped(rows: Sequence[MemoryRow], sums: dict[str, list[float]]) -> dict[str, Any]:
    """Return the figures of memories taken together."""
    injected, used, tokens, cost = (
        sum(values)
        for values in zip([0, 0, 0, 0.0], *(sums[row.id] for row in rows if row.id in sums), strict=True)
    )
    return {
        "memories": len(rows),
        "bytes": sum(len(row.title.encode()) + len(row.content.encode()) for row in rows),
        "injected": injected,
        "used": used,
        "tokens": tokens,
        "cost": cost,
        "oldest": min(row.created_at for row in rows),
        "newest": max(row.created_at for row in rows),
    }


def duplicates(store: MemoryStore, *, near: bool = True, **filters: Any) -> pd.DataFrame:
    """Return the memories that say the same, group by group; the one to keep comes first in each.

    Parameters
    ----------
    store
        The store.
    near
        Whether to look for contents that differ in a few words as well.
    **filters
        Which memories are compared, as in `memories`.
    """
    asked: dict[str, Any] = {"project": "*", "limit": MAX_LIMIT, "by": None} | filters
    found = store.search("", **asked).memories
    lines = [
        (number, group, memory)
        for number, group in enumerate(find_duplicates(found, near=near), 1)
        for memory in group.memories
    ]
    values: dict[str, list[Any]] = {
        name: [getattr(memory, name) for _, _, memory in lines] for name in ("id", "title", "content", "project")
    }
    values |= {
        "group": [number for number, _, _ in lines],
        "type": [str(memory.type) for _, _, memory in lines],
        "created_at": [micros(memory.created_at) for _, _, memory in lines],
        "likeness": [str(group.likeness) for _, group, _ in lines],
        "similarity": [group.similarity for _, group, _ in lines],
        "keep": [memory.id == group.keeper.id for _, group, memory in lines],
    }
    return framed("duplicates", values)


def growth(store: MemoryStore, **filters: Any) -> pd.DataFrame:
    """Return how the store grew, a row for each day and type on which something was added or removed.

    Parameters
    ----------
    store
        The store.
    **filters
        As for `memories`; here memories of all states count unless said otherwise.
    """
    added: Counter[tuple[int, str]] = Counter()
    removed: Counter[tuple[int, str]] = Counter()
    for row in rows_of(store, {"states": _EVERY_STATE} | filters):
        added[day_of(row.created_at), row.type] += 1
        if row.deleted_at is not None:
            removed[day_of(row.deleted_at), row.type] += 1
    totals: Counter[str] = Counter()
    lines: list[tuple[int, str, int, int, int]] = []
    for day, kind in sorted(added.keys() | removed.keys()):
        totals[kind] += added[day, kind] - removed[day, kind]
        lines.append((day, kind, added[day, kind], removed[day, kind], totals[kind]))
    names = ("day", "type", "added", "removed", "total")
    return framed("growth", {name: [line[at] for line in lines] for at, name in enumerate(names)})
