"""^C at any moment of what touches the store as a whole: whole or not at all, nothing lying about, usable after."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from littlemem_ipy.cleanup import RetentionPolicy
from littlemem_ipy.models import SearchQuery, State
from littlemem_ipy.store import MemoryStore, open_store
from tests.conftest import FULL

ROUNDS = 150 if FULL else 12

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="needs setitimer")]


@pytest.fixture
def store(path: Path) -> MemoryStore:
    opened = open_store(path, project=None)
    opened.add_many({"content": f"memory number {n} {'words ' * 20}"} for n in range(150))
    return opened


def contents(store: MemoryStore) -> dict[str, tuple[str, str]]:
    found = store.search("", states=list(State), project="*", limit=100_000).memories
    return {memory.id: (memory.content, str(memory.state)) for memory in found}


def interrupted(task: Callable[[int], object], check: Callable[[int, bool], None]) -> None:
    """Run a task again and again with a ^C at a random moment of it; look after each whether all is well.

    The first run is left alone: it, and whichever comes through, tells how long one takes here and now.
    """
    rng, interrupts, armed = random.Random(23), 0, False

    def interrupt(*_: object) -> None:
        nonlocal armed
        if armed:
            armed = False
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        begun = time.perf_counter()
        task(0)
        whole = time.perf_counter() - begun
        check(0, True)
        for number in range(1, ROUNDS + 1):
            done, begun = False, time.perf_counter()
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.0001, whole))
            try:
                armed = True
                task(number)
                done = True
                armed = False
                whole = min(whole, time.perf_counter() - begun)
            except KeyboardInterrupt:
                interrupts += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            check(number, done)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert interrupts >= ROUNDS // 6, f"only {interrupts} of {ROUNDS} were interrupted"
    print(f"{interrupts} of {ROUNDS} interrupted")


def left_over(*places: Path) -> list[str]:
    """Return what is hidden in directories and holds something."""
    hidden = [path for place in places for path in place.iterdir() if path.name.startswith(".")]
    return [path.name for path in hidden if (any(path.iterdir()) if path.is_dir() else path.stat().st_size)]


def test_of_an_import(store, path, tmp_path, sound):
    files, wanted = [], []
    with open_store(tmp_path / "source.db", project=None) as source:
        for number in range(ROUNDS + 1):
            made = source.add_many({"content": f"file {number} part {part}"} for part in range(30))
            source.export(tmp_path / f"{number}.jsonl", text=f"file {number}", limit=30, progress=False)
            for memory in made:
                source.delete(memory.id, hard=True)
            files.append(tmp_path / f"{number}.jsonl")
            wanted.append({memory.id for memory in made})

    def check(number: int, done: bool) -> None:
        there = wanted[number] & set(contents(store))
        assert there in (set(), wanted[number]), "whole or not at all"
        assert there or not done
        assert store.backend.connection.depth == 0

    kept = contents(store)
    interrupted(lambda number: store.import_(files[number], trust=True, progress=False), check)
    assert kept.items() <= contents(store).items()
    store.close()
    sound(path)


def test_of_a_cleanup(store, path, sound):
    ids = set(contents(store))

    def task(number: int) -> None:
        store.cleanup(RetentionPolicy(max_count=50, grace=0), dry_run=False)

    def check(number: int, done: bool) -> None:
        now = contents(store)
        assert set(now) == ids
        gone = [memory_id for memory_id, (_, state) in now.items() if state != "active"]
        assert len(gone) in (0, 100), "whole or not at all"
        assert gone or not done
        if gone:
            batch = store.backend.batches(1, SearchQuery(states=tuple(State)))[0]
            assert {memory_id for memory_id, _, _ in batch.changes} == set(gone)
            store.undo()
            assert {state for _, state in contents(store).values()} == {"active"}

    interrupted(task, check)
    store.close()
    sound(path)


def test_of_a_backup(store, path, tmp_path, sound):
    place = tmp_path / "backups"
    place.mkdir()

    def check(number: int, done: bool) -> None:
        made = place / f"{number}.db"
        assert left_over(place, path.parent) == []
        assert made.exists() or not done
        if made.exists():
            assert store.backend.examine(made).memories == 150
            assert store.find_backup(made).path == made

    interrupted(lambda number: store.backup(place / f"{number}.db"), check)
    store.close()
    sound(path)


def test_of_a_restore(store, path, tmp_path, sound):
    base = store.backup(tmp_path / "base.db").path
    kept = contents(store)
    extra: list[str] = []

    def task(number: int) -> None:
        store.restore_backup(base)

    def check(number: int, done: bool) -> None:
        now = contents(store)
        assert kept.items() <= now.items()
        assert set(now) - set(kept) in (set(), set(extra)), "as before, or as the backup"
        assert set(now) == set(kept) or not done
        assert left_over(path.parent) == []
        extra[:] = [*(set(now) - set(kept)), store.add(f"after {number}").id]
        for file in path.parent.glob("*.before-*"):
            file.unlink()

    interrupted(task, check)
    store.close()
    sound(path)


@pytest.mark.parametrize("name", ["all.json", "all.jsonl", "pages", "all.md.zip"])
def test_of_an_export_over_another_one(store, path, tmp_path, name):
    place = tmp_path / "out"
    place.mkdir()
    form = {"format": "md"} if name == "pages" else {}
    target = place / name

    def held() -> dict[str, bytes]:
        files = target.iterdir() if target.is_dir() else [target]
        return {file.name: file.read_bytes() for file in files}

    store.export(target, progress=False, **form)
    states = [held()]

    def task(number: int) -> None:
        store.export(target, overwrite=True, progress=False, **form)

    def check(number: int, done: bool) -> None:
        assert left_over(place) == []
        now = held()
        assert len(now) == len(states[0]), "the old one or the new one, whole"
        if done:
            states.append(now)
        store.update(next(iter(contents(store))), content=f"another text {number}")

    interrupted(task, check)
    store.close()
