"""What the store holds: memories, tags, projects, growth and duplicates."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from littlemem_ipy.analytics.building import columns_of, day_of, framed, micros, query_of, uncollected
from littlemem_ipy.backends import MemoryRow, UsageRow
from littlemem_ipy.duplicates import find_duplicates
from littlemem_ipy.models import MAX_LIMIT, Author, State
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore

__all__ = [
    "EVERY_STATE",
    "duplicates",
    "growth",
    "growth_of",
    "memories",
    "projects",
    "rows_of",
    "state_of",
    "tags",
]

EVERY_STATE = [state.value for state in State]
_NOTHING: dict[str, Any] = {}


def rows_of(store: MemoryStore, filters: dict[str, Any]) -> list[MemoryRow]:
    """Return the plain rows that filters let through, in the order of their creation."""
    found = store.backend.rows(query_of(store, filters))
    found.sort(key=lambda row: (row.created_at, row.id))
    return found


@uncollected()
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
    columns = columns_of(rows, MemoryRow._fields)
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


def _uses(store: MemoryStore) -> dict[str | None, UsageRow]:
    return {use.memory_id: use for use in store.backend.usage_rows()}


def tags(store: MemoryStore, **filters: Any) -> pd.DataFrame:
    """Return the tags of the memories that `filters` let through; the most frequent first."""
    uses = _uses(store)
    groups: dict[str, list[MemoryRow]] = defaultdict(list)
    spelled: dict[str, str] = {}
    for row in rows_of(store, filters):
        for tag in json.loads(row.tags):
            groups[spelled.setdefault(tag.casefold(), tag)].append(row)
    order = sorted(groups, key=lambda tag: (-len(groups[tag]), tag))
    lines = [_grouped(groups[tag], uses) for tag in order]
    values = {name: [line[name] for line in lines] for name in ("memories", "injected", "used", "oldest", "newest")}
    projects = [len({row.project for row in groups[tag]} - {None}) for tag in order]
    return framed("tags", values | {"tag": order, "projects": projects})


def projects(store: MemoryStore, **filters: Any) -> pd.DataFrame:
    """Return the projects of the memories that `filters` let through; the largest first."""
    uses = _uses(store)
    groups: dict[str | None, list[MemoryRow]] = defaultdict(list)
    for row in rows_of(store, filters):
        groups[row.project].append(row)
    order = sorted(groups, key=lambda name: (-len(groups[name]), name or ""))
    lines = [_grouped(groups[name], uses) for name in order]
    names = ("memories", "bytes", "injected", "used", "tokens", "cost", "oldest", "newest")
    values: dict[str, list[Any]] = {name: [line[name] for line in lines] for name in names}
    total = sum(values["memories"])
    return framed("projects", values | {"project": order, "share": [n / total for n in values["memories"]]})


def _grouped(rows: Sequence[MemoryRow], uses: Mapping[str | None, UsageRow]) -> dict[str, Any]:
    """Return the figures of memories taken together."""
    found = [uses[row.id] for row in rows if row.id in uses]
    return {
        "memories": len(rows),
        "bytes": sum(len(row.title.encode()) + len(row.content.encode()) for row in rows),
        "injected": sum(use.injected for use in found),
        "used": sum(use.used for use in found),
        "tokens": sum(use.tokens for use in found),
        "cost": sum(use.cost for use in found),
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
    return growth_of(rows_of(store, {"states": EVERY_STATE} | filters))


def growth_of(rows: Iterable[MemoryRow]) -> pd.DataFrame:
    """Return the frame `growth` of rows."""
    added: Counter[tuple[int, str]] = Counter()
    removed: Counter[tuple[int, str]] = Counter()
    for row in rows:
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
