"""How long frames and dashboard take on large stores.

``python tests/benchmarks/analytics.py [MEMORIES] [EVENTS]`` (50000 500000 when left out) fills a store in a
temporary directory and prints seconds of processor time; as a reference, that of adding up twenty million numbers.
Of the dashboard, in a process of its own with all its imports, it prints the time that passes as well.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from littlemem_ipy import analytics
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.models import Memory, MemoryType, Provenance, build
from littlemem_ipy.store import MemoryStore, open_store

DASHBOARD = """
import sys
from littlemem_ipy import analytics, open_store
with open_store(sys.argv[1], project=None) as store:
    analytics.dashboard(store)._repr_html_()
"""
START = rows.to_micros(datetime(2026, 1, 1, tzinfo=UTC)) or 0
WORDS = "polars join churn label parquet engine plot axis forecast load sensor port key table".split()


def fill(path: Path, memories: int, events: int) -> None:
    """Write rows straight into the tables: the gates of `add_many` would take an hour."""
    rng = random.Random(7)
    raw = sqlite3.connect(path)
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    kinds = [rows.row_of(_memory(rng)) for _ in range(500)]
    raw.executemany(
        f"INSERT INTO memories ({', '.join(rows.COLUMNS)}) VALUES ({', '.join(':' + c for c in rows.COLUMNS)})",
        (
            kinds[n % 500] | {"id": f"mem_{n + 1}_{n:09d}", "created_at": START + n * 200_000_000}
            for n in range(memories)
        ),
    )
    raw.executemany("INSERT INTO events (at, kind, pk, data) VALUES (?, ?, ?, ?)", _log(rng, memories, events))
    raw.commit()
    raw.close()


def _memory(rng: random.Random) -> Memory:
    origin = Provenance(author="capture", rule=rng.choice(("en.fact", "en.wish", "de.wish")), confidence=0.8)
    data = {
        "content": " ".join(rng.choices(WORDS, k=12)),
        "type": rng.choice(list(MemoryType)),
        "tags": rng.sample(WORDS, 2),
        "project": rng.choice((None, "churn", "energy")),
        "provenance": origin,
    }
    return build(Memory, data)


def _log(rng: random.Random, memories: int, events: int) -> list[tuple[int, str, int | None, str]]:
    log: list[tuple[int, str, int | None, str]] = [
        (START + pk * 200_000_000, "stored", pk, json.dumps({"action": "add"})) for pk in range(1, memories + 1)
    ]
    while len(log) < events:
        at, chat = START + len(log) * 30_000_000, {"conversation": f"chat-{len(log) // 200}", "model": "openai/x"}
        chosen = [rng.randrange(1, memories + 1) for _ in range(5)]
        found = {"by": "chat", "query": "which label", "hits": rng.randrange(5), "ms": rng.lognormvariate(1, 0.5)}
        log.append((at, "searched", None, json.dumps(found)))
        log += [(at, "injected", pk, json.dumps(chat | {"tokens": 40, "cost": 1e-4})) for pk in chosen]
        log += [(at, "used", pk, json.dumps(chat)) for pk in chosen[:3]]
        reply = chat | {"prompt": 900, "completion": 90, "memory": 200, "cost": 1e-3, "ms": 900}
        log.append((at, "answered", None, json.dumps(reply)))
    return log[:events]


def timed(name: str, step: Callable[[], Any]) -> None:
    started = time.process_time()
    step()
    print(f"{name:<14}{time.process_time() - started:8.2f} s")


def main(memories: int = 50_000, events: int = 500_000) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "memory.db"
        with open_store(path, project=None) as store:
            store.count()
        fill(path, memories, events)
        with open_store(path, project=None) as store:
            print(f"{memories:,} memories, {events:,} events")
            timed("reference", lambda: sum(range(20_000_000)))
            report(store)
        started, before = time.perf_counter(), os.times()
        subprocess.run([sys.executable, "-c", DASHBOARD, str(path)], check=True)
        passed, after = time.perf_counter() - started, os.times()
        worked = after.children_user + after.children_system - before.children_user - before.children_system
        print(f"{'dashboard':<14}{worked:8.2f} s, {passed:.2f} s passed")


def report(store: MemoryStore) -> None:
    for name in ("memories", "growth", "projects", "tags", "usage", "searches", "captures", "costs", "events"):
        timed(name, lambda name=name: analytics.FRAMES[name](store))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
