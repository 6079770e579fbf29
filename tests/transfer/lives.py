"""Stores with a past: memories that were added, changed, read, archived, replaced and taken back."""

from __future__ import annotations

import random

from littlemem_ipy.backends import Moved
from littlemem_ipy.models import Memory, MemoryType, Provenance, State
from littlemem_ipy.store import MemoryStore
from littlemem_ipy.store.gates import gated
from tests.oracle import some_memory

__all__ = ["ALL", "lived", "state_of"]

ALL = tuple(State)
_TEXTS = (
    "Prefer polars for joins 🙂", "line one\r\n\tline two\n\n  three", "  leading spaces", "---\nid: x\n---\n",
    "a,b;\"c\"", "{\"json\": [1]}", "\u2028 separators \u2029 and \x85", "<script>alert(1)</script>", "x" * 3000,
    "日本語のテキスト",
    "None", "nan", "-1", "=1+1", "#", "'", "`code`", "\\", "\x01\x1b[31m", "true", "0",
)  # fmt: skip


def lived(store: MemoryStore, seed: int, count: int = 6) -> None:
    """Fill a store with some memories and a past, always the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(rng.randrange(count + 1)):
        one = some_memory(rng).changed(content=rng.choice(_TEXTS), title=None if rng.random() < 0.5 else "A title")
        # As the gates leave it, because what they would change can't come back as it was.
        fields = {name: getattr(one, name) for name in Memory.model_fields}
        store.backend.adopt([Moved(_strange(gated(fields), rng), action="add")])
    ids = [memory.id for memory in store.search("", limit=1000, states=ALL, project="*").memories]
    for _ in range(rng.randrange(8) if ids else 0):
        _step(store, rng, rng.choice(ids), rng.choice(ids))


def _strange(memory: Memory, rng: random.Random) -> Memory:
    """Return a memory that sometimes has what only a newer version knows."""
    if rng.random() < 0.2:
        memory = memory.model_copy(update={"type": "recipe"})
    if rng.random() < 0.3:
        extra = {"unknown": {"futureField": [1, {"b": None, "a": 0.1}], "mood": "π"}, "zeta": 1, "alpha": "2"}
        memory = memory.model_copy(
            update={"provenance": Provenance.model_validate({"author": "user", "notebook": "n.ipynb", **extra})}
        )
    return memory


def _step(store: MemoryStore, rng: random.Random, one: str, other: str) -> None:
    known = store.backend.get([one])[one].type in set(MemoryType)
    steps = [lambda: store.get(one), lambda: store.archive(one), lambda: store.delete(one)]
    if known and one != other:
        steps += [
            lambda: store.update(one, content=rng.choice(_TEXTS), tags=["new"], pinned=True),
            lambda: store.restore(one),
            lambda: store.supersede(one, other),
            lambda: store.accept(one),
        ]
    rng.choice(steps)()


def state_of(store: MemoryStore) -> list[tuple[object, ...]]:
    """Return everything that a store holds, in a fixed order."""
    memories = store.search("", limit=100_000, states=ALL, project="*").memories
    events = sorted((str(e.kind), e.at, e.memory_id or "", sorted(e.data.items())) for e in store.events())
    return [
        *((memory, tuple(store.backend.revisions(memory.id))) for memory in sorted(memories, key=lambda m: m.id)),
        tuple(map(str, events)),
    ]
