"""Stores that have lived: random memories in every state, and a random log of what happened to them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from littlemem_ipy.backends import Change
from littlemem_ipy.models import Event, EventKind, Memory, Provenance
from littlemem_ipy.store import MemoryStore
from tests.oracle import some_memory

__all__ = ["everything", "live"]

START = datetime(2026, 2, 27, 22, tzinfo=UTC)
KINDS = (*EventKind, EventKind.INJECTED, EventKind.INJECTED, EventKind.USED, EventKind.RATED, "of a newer version")
MODELS = ("demo", "openai/gpt-x", None)


def live(store: MemoryStore, seed: int, *, memories: int = 12, events: int = 60) -> list[Memory]:
    """Fill a store and return its memories, whatever their state."""
    rng = random.Random(seed)
    born = [_memory(rng) for _ in range(rng.randrange(memories + 1))]
    store.backend.put([Change(memory, "add") for memory in born])
    ids = [memory.id for memory in born]
    store.backend.log([_event(rng, ids) for _ in range(rng.randrange(events + 1))])
    if ids and rng.random() < 0.3:
        store.backend.purge([ids[0]])
    return list(store.backend.get(ids).values())


def _memory(rng: random.Random) -> Memory:
    memory = some_memory(rng)
    origin = Provenance()
    if rng.random() < 0.6:
        origin = Provenance(
            author="capture",
            accepted=rng.random() < 0.3,
            rule=rng.choice(("en.fact", "de.wish", None)),
            confidence=rng.choice((0.4, 0.9, None)),
            notebook=rng.choice(("a.ipynb", None)),
            model=rng.choice(MODELS),
        )
    source = rng.choice(("chat", "exchange", "user"))
    return memory.model_copy(update={"provenance": origin, "source": source})


def _event(rng: random.Random, ids: list[str]) -> Event:
    kind = rng.choice(KINDS)
    at = START + timedelta(hours=rng.randrange(100), microseconds=rng.choice((0, 1)))
    about: dict[str, Any] = {
        "conversation": rng.choice(("chat-1", "chat-2", "chat-9")),
        "model": rng.choice(MODELS),
    }
    data: dict[str, Any] = {
        EventKind.SEARCHED: {
            "by": rng.choice(("user", "chat")),
            "query": "größe",
            "hits": rng.randrange(3),
            "ms": 1.5,
        },
        EventKind.INJECTED: about | {"tokens": rng.randrange(90), "cost": rng.choice((None, 0.25, 0.5))},
        EventKind.USED: about,
        EventKind.RATED: {"value": rng.choice((1, -1))},
        EventKind.EDITED: {"action": rng.choice(("edit", "undo"))},
        EventKind.DELETED: {"action": "delete"},
        EventKind.RECALLED: about | {"query": "q", "tokens": 7, "considered": []},
        EventKind.ANSWERED: about
        | {
            "prompt": rng.choice((None, 100)),
            "completion": rng.choice((None, 20)),
            "memory": rng.randrange(50),
            "cost": rng.choice((None, 0.5)),
            "ms": rng.randrange(4000),
        },
    }.get(kind, {})
    alone = kind in (EventKind.SEARCHED, EventKind.RECALLED, EventKind.ANSWERED) or not ids
    return Event(kind, at, None if alone else rng.choice(ids), data)


def everything(store: MemoryStore) -> list[Event]:
    """Return the whole log, oldest first."""
    return store.events()[::-1]
