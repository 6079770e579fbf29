"""Search and change as plain Python over a list: what a backend must agree with."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from littlemem_ipy.models import Memory, MemoryType, SearchQuery, build
from littlemem_ipy.models.checks import new_id

__all__ = ["listed", "passes", "some_memory", "some_query"]

PROJECTS = (None, None, "alpha", "beta", "Ünïcode 東京")
CONVERSATIONS = (None, None, "chat-1", "chat-2", "straße")
SOURCES = ("user", "chat", "my label")
TAGS = ("python", "Python 3", "sql", "SQL-lite", "straße", "東京", "a_b", "a%b", "x", "🙂", "İ", "ql")
WORDS = [
    "polars",
    "pandas",
    "join",
    "joins",
    "churn",
    "left",
    "label",
    "parquet",
    "read_csv",
    "CamelCase",
    "fine-tuning",
    "quarter",
    "Umsatz",
    "Überlauf",
    "straße",
    "東京",
    "データ",
    "🙂",
    "שלום",
    "error",
    "KeyError",
    "timeout",
    "retry",
    "utf8",
    "zpnone",
    "NEAR",
    "AND",
    "OR",
    "NOT",
    "col:value",
    "path/to/file.py",
    "3.11",
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
]
SORTS: dict[str, Callable[[Memory], Any]] = {
    "created": lambda memory: memory.created_at,
    "updated": lambda memory: memory.updated_at,
    "title": lambda memory: ascii_lower(memory.title),
    "type": lambda memory: str(memory.type),
    "project": lambda memory: ascii_lower(memory.project or ""),
    "tags": lambda memory: ascii_lower(json.dumps(memory.tags, ensure_ascii=False)),
    "source": lambda memory: memory.source,
    "used": lambda memory: memory.access_count,
}
START = datetime(2025, 1, 1, tzinfo=UTC)


def ascii_lower(text: str) -> str:
    """Return `text` as SQLite's NOCASE compares it."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def passes(memory: Memory, query: SearchQuery) -> bool:
    """Return whether a memory passes every filter of a query, its text left aside."""
    keys = {tag.casefold() for tag in memory.tags}
    return (
        memory.state in query.states
        and (not query.types or memory.type in query.types)
        and (query.projects is None or memory.project in query.projects)
        and keys.issuperset(query.tags)
        and (not query.tags_any or not keys.isdisjoint(query.tags_any))
        and keys.isdisjoint(query.tags_none)
        and query.conversation_id in (None, memory.conversation_id)
        and (query.since is None or memory.created_at >= query.since)
        and (query.until is None or memory.created_at < query.until)
        and query.pinned in (None, memory.pinned)
        and (not query.sources or memory.source in query.sources)
        and memory.source not in query.sources_none
    )


def listed(memories: list[Memory], query: SearchQuery) -> tuple[list[str], int]:
    """Return the ids of the page and the total of a query without words, given memories in the order of adding."""
    found = [memory for memory in memories if passes(memory, query)][::-1]  # the latest addition first
    if query.sort == "created" and not query.descending:
        found.reverse()
    else:
        found.sort(key=lambda memory: memory.created_at, reverse=True)  # of equals the newest comes first
    found.sort(key=lambda memory: SORTS[query.sort](memory), reverse=query.descending)
    return [one.id for one in found[query.offset : query.offset + query.limit]], len(found)


def _moment(rng: random.Random) -> datetime:
    # Few different days, so that equal times and the ends of ranges occur.
    return START + timedelta(days=rng.randrange(40), hours=rng.choice((0, 0, 12)), microseconds=rng.choice((0, 1)))


def some_memory(rng: random.Random) -> Memory:
    """Return a memory with any mixture of fields and states."""

    def sometimes(share: float, value: Any) -> Any:
        return value if rng.random() < share else None

    past, future = datetime(2025, 6, 1, tzinfo=UTC), datetime(2125, 1, 1, tzinfo=UTC)
    created = _moment(rng)
    data: dict[str, Any] = {
        "content": " ".join(rng.choices(WORDS, k=rng.randint(1, 12))),
        "type": rng.choice(list(MemoryType)),
        "tags": rng.sample(TAGS, rng.randrange(4)),
        "project": rng.choice(PROJECTS),
        "conversation_id": rng.choice(CONVERSATIONS),
        "source": rng.choice(SOURCES),
        "pinned": rng.random() < 0.2,
        "access_count": rng.choice((0, 0, 1, 5)),
        "importance": rng.random(),
        "created_at": created,
        "expires_at": sometimes(0.2, rng.choice((past, future))),
        "archived_at": sometimes(0.15, past),
        "deleted_at": sometimes(0.15, past),
        "superseded_by": sometimes(0.1, new_id()),
        "held": sometimes(0.1, "waits"),
    }
    return build(Memory, data)


def some_query(rng: random.Random, *, text: str = "") -> SearchQuery:
    """Return a query with any mixture of filters."""
    from littlemem_ipy.models import State

    def few(values: Any, most: int) -> list[Any]:
        return rng.sample(values, rng.randrange(most + 1)) if rng.random() < 0.3 else []

    since, until = sorted((_moment(rng), _moment(rng)))
    data: dict[str, Any] = {
        "text": text,
        "types": few(list(MemoryType), 3),
        "tags": [tag.swapcase() for tag in few(TAGS, 2)],
        "tags_any": few(TAGS, 3),
        "tags_none": few(TAGS, 3),
        "projects": rng.choice(
            (None, None, (), (None,), ("alpha",), ("alpha", None), ("nowhere",), ("beta", "alpha"))
        ),
        "conversation_id": rng.choice((None, None, None, *CONVERSATIONS[2:], "nowhere")),
        "since": since if rng.random() < 0.3 else None,
        "until": until if rng.random() < 0.3 else None,
        "limit": rng.choice((0, 1, 3, 10, 1000)),
        "offset": rng.choice((0, 0, 0, 1, 5, 1000)),
        "states": rng.choice(
            ((State.ACTIVE,), (State.ACTIVE,), list(State), rng.sample(list(State), rng.randrange(4)))
        ),
        "pinned": rng.choice((None, None, None, True, False)),
        "sort": rng.choice(("created", "created", *SORTS)),
        "descending": rng.random() < 0.7,
        "sources": few(SOURCES, 2),
        "sources_none": few(SOURCES, 1),
    }
    return build(SearchQuery, data)
