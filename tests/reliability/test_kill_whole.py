"""kill -9 in the middle of what touches the store as a whole: imports, cleanups, backups, restores, migrations."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from littlemem_ipy.backends.sqlite import connection
from littlemem_ipy.cleanup import RetentionPolicy
from littlemem_ipy.models import State
from littlemem_ipy.store import MemoryStore, open_store
from tests.conftest import FULL
from tests.reliability.test_kill import killed

ROUNDS = 100 if FULL else 5

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]


@pytest.fixture
def filled(path):
    """Give a closed store with 200 memories, and their texts by id."""
    with open_store(path, project=None) as store:
        store.add_many({"content": f"memory number {n} {'words ' * 20}"} for n in range(200))
        return everything(store)


def everything(store: MemoryStore) -> dict[str, str]:
    return {m.id: m.content for m in store.search("", states=list(State), project="*", limit=100_000).memories}


def rounds(path: Path, task: Callable[[MemoryStore, int], str], sound: Callable[[Path], None]) -> list[str]:
    """Run a task again and again, kill it so often, and return what it acknowledged; the file stays whole."""
    rng, said = random.Random(17), list[str]()
    for _ in range(ROUNDS):

        def work(pipe: int) -> None:
            store = open_store(path, project=None)
            os.write(pipe, b"ready\n")
            for number in range(100_000):
                os.write(pipe, f"{task(store, number)}\n".encode())

        said += killed(work, rng.uniform(0, 1.2))[1:]
        sound(path)
        with open_store(path, project=None) as store:
            store.add(f"life goes on after {len(said)} and {rng.random()}")
    print(f"{ROUNDS} kills, {len(said)} acknowledged")
    return said


def test_of_an_import(filled, path, tmp_path, sound):
    """A file comes in whole or not at all, and what was acknowledged is there."""
    source = tmp_path / "sources"
    source.mkdir()
    expected: dict[str, set[str]] = {}
    for number in range(300 if FULL else 20):
        with open_store(source / "memory.db", project=None) as other:
            made = other.add_many({"content": f"file {number} part {part}"} for part in range(30))
            other.export(source / f"{number}.jsonl")
            expected[str(number)] = {memory.id for memory in made}
        for file in source.glob("memory.db*"):
            file.unlink()
    first = tmp_path / "next"
    first.write_text("0")

    def task(store: MemoryStore, number: int) -> str:
        place = int(first.read_text()) % len(expected)
        first.write_text(str(place + 1))
        store.import_(source / f"{place}.jsonl", trust=True)
        return str(place)

    said = rounds(path, task, sound)
    with open_store(path, project=None) as store:
        present = everything(store)
        assert filled.items() <= present.items()
        for name, ids in expected.items():
            assert ids & set(present) in (set(), ids), "whole or not at all"
            assert name not in said or ids <= set(present)
    assert said


def test_of_a_cleanup(filled, path, sound):
    """Nothing goes away; each cleanup is done whole or not at all."""

    def task(store: MemoryStore, number: int) -> str:
        made = store.add_many({"content": f"{os.getpid()} batch {number} part {part}"} for part in range(20))
        store.cleanup(RetentionPolicy(max_count=150, grace=0, duplicates=False), dry_run=False)
        return " ".join(memory.id for memory in made)

    said = rounds(path, task, sound)
    with open_store(path, project=None) as store:
        present = everything(store)
        assert filled.items() <= present.items()
        assert {i for line in said for i in line.split()} <= set(present)
        batches = store.backend.batches(10, _all())
        for batch in batches:
            assert len({action for _, action, _ in batch.changes}) == 1, "one cleanup is one batch"
    assert said


def _all():
    from littlemem_ipy.models import SearchQuery

    return SearchQuery(states=tuple(State))


def test_of_a_backup(filled, path, tmp_path, sound):
    """What was acknowledged can be gone back to; what was not is no backup, and nobody takes it for one."""

    def task(store: MemoryStore, number: int) -> str:
        return str(store.backup(tmp_path / f"backup-{os.getpid()}-{number}.db").path)

    said = rounds(path, task, sound)
    with open_store(path, project=None) as store:
        before = everything(store)
        assert filled.items() <= before.items()
        for name in said:
            assert store.find_backup(name).manifest.memories >= len(filled)
        for file in tmp_path.glob("backup-*.db"):
            assert store.backend.examine(file).memories >= len(filled), "also if only its manifest is missing"
        store.restore_backup(said[-1])
        assert filled.items() <= everything(store).items()
    assert said


def test_of_a_restore(filled, path, tmp_path, sound):
    """The store is what it was before or what it is afterwards, and what it was is in a file beside it."""
    with open_store(path, project=None) as store:
        base = store.backup(tmp_path / "base.db").path

    def task(store: MemoryStore, number: int) -> str:
        extra = store.add(f"extra {os.getpid()} {number}")
        kept = store.restore_backup(base).kept
        with open_store(kept, project=None) as former:
            assert former.get(extra.id).content == extra.content
        kept.unlink()
        return extra.id

    said = rounds(path, task, sound)
    with open_store(path, project=None) as store:
        present = everything(store)
        assert filled.items() <= present.items()
        assert not set(said) & set(present)
        store.restore_backup(base)
        assert everything(store) == filled
        assert [finding for finding in store.backend.check() if not finding.ok] == []
    assert said


def test_of_a_migration(filled, path, tmp_path, sound, monkeypatch):
    """The format changes whole or not at all, and a copy of what was is beside it before."""
    steps = "".join(f"CREATE TABLE novelty_{n} AS SELECT * FROM memories;\n" for n in range(20))
    former = tmp_path / "former.db"
    shutil.copy(path, former)
    monkeypatch.setattr(connection, "MIGRATIONS", (*connection.MIGRATIONS, steps))
    monkeypatch.setattr(connection, "LATEST", len(connection.MIGRATIONS))
    rng, done = random.Random(19), 0

    def work(pipe: int) -> None:
        os.write(pipe, b"ready\n")
        open_store(path, project=None).count()
        os.write(pipe, b"done\n")

    def anew() -> None:
        for file in path.parent.iterdir():
            file.unlink()
        shutil.copy(former, path)

    anew()
    begun = time.perf_counter()
    assert killed(work, 0, 2)[-1] == "done"
    whole = time.perf_counter() - begun  # so long a migration takes here and now, with the child's beginning
    for _ in range(ROUNDS):
        anew()
        done += "done" in killed(work, rng.uniform(0, whole))
        kept = path.with_name("memory.format-1.db")
        with open_store(path, project=None) as store:
            assert everything(store) == filled
        assert kept.exists()
        with open_store(kept, project=None) as copy:
            assert everything(copy) == filled
        sound(path)
    print(f"{ROUNDS} kills, {done} after the migration was done")
