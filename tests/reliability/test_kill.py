"""kill -9 at random moments: what was acknowledged is there, and the file is whole."""

from __future__ import annotations

import os
import random
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from littlemem_ipy.models import State
from littlemem_ipy.store import MemoryStore, open_store
from tests.conftest import FULL

ROUNDS = 300 if FULL else 20
OPENINGS = 125 if FULL else 15

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def killed(work: Callable[[int], None], delay: float, lines: int = 1) -> list[str]:
    """Run `work` in a child, kill it `delay` seconds after so many lines, and return the lines that it wrote."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            work(writing)
        finally:
            os._exit(1)
    os.close(writing)
    text, deadline = b"", time.monotonic() + 30
    while text.count(b"\n") < lines and select.select([reading], [], [], max(0, deadline - time.monotonic()))[0]:
        text += os.read(reading, 1 << 16)
    time.sleep(delay)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with os.fdopen(reading, "rb") as pipe:
        said = (text + pipe.read()).decode()
    return said[: said.rfind("\n") + 1].splitlines()


def writer(path: Path, seed: int) -> Callable[[int], None]:
    """Return work that adds, edits, deletes and purges, and acknowledges each when it has returned."""

    def work(pipe: int) -> None:
        rng = random.Random(seed)
        store = open_store(path, project=None)
        mine: list[str] = []

        def say(*words: str) -> None:
            os.write(pipe, (" ".join(words) + "\n").encode())

        say("ready")
        for number in range(100_000):
            what = rng.random()
            text = f"round {seed} number {number} {'filler ' * rng.randrange(60)}".strip()
            if what < 0.6 or not mine:
                mine.append(store.add(text).id)
                say("content", mine[-1], text)
            elif what < 0.75:
                chosen = rng.choice(mine)
                store.update(chosen, content=text)
                say("content", chosen, text)
            elif what < 0.85:
                chosen = mine.pop(rng.randrange(len(mine)))
                store.delete(chosen)
                say("deleted", chosen)
            elif what < 0.9:
                chosen = mine.pop(rng.randrange(len(mine)))
                store.delete(chosen, hard=True)
                say("purged", chosen)
            else:
                made = store.add_many({"content": f"{text} part {part}"} for part in range(5))
                mine += [memory.id for memory in made]
                say("many", *(memory.id for memory in made))
            store.search("filler number")

    return work


def expected(lines: list[str]) -> dict[str, tuple[str, str]]:
    """Return what the acknowledged operations leave: for each id the last word about it."""
    last: dict[str, tuple[str, str]] = {}
    for line in lines:
        word, _, rest = line.partition(" ")
        ids, text = rest.split(" ", 1) if word == "content" else (rest, "")
        for memory_id in ids.split():
            last[memory_id] = (word, text)
    return last


@pytest.mark.slow
def test_no_acknowledged_write_is_lost(path, sound, settled):
    rng = random.Random(7)
    acknowledged = 0
    last: dict[str, tuple[str, str]] = {}
    with open_store(path, project=None) as store:
        store.add("there from the start")
    for round_number in range(ROUNDS):
        lines = killed(writer(path, round_number), rng.uniform(0, 0.1), rng.randint(2, 10))
        settled()
        assert lines[0] == "ready"
        acknowledged += len(lines) - 1
        latest = expected(lines[1:])
        last |= latest
        with open_store(path, project=None) as store:
            # One operation may have reached the disk without its acknowledgement: it can have changed one memory.
            changed = [m for m in latest if not _as_said(store, m, latest[m])]
            assert len(changed) <= 1, f"round {round_number}: {changed}"
            for memory_id in changed:
                _assert_changed_later(store, memory_id, latest[memory_id])
                del last[memory_id]
            assert store.add(f"life goes on after {round_number}").state is State.ACTIVE
        sound(path)
    with open_store(path, project=None) as store:
        assert [memory_id for memory_id in last if not _as_said(store, memory_id, last[memory_id])] == []
        assert all(finding.ok for finding in store.backend.check())
    assert acknowledged > ROUNDS * 3, f"only {acknowledged} operations were acknowledged"
    print(f"{ROUNDS} kills, {acknowledged} acknowledged operations, none lost")


def _as_said(store: MemoryStore, memory_id: str, said: tuple[str, str]) -> bool:
    word, text = said
    memory = store.backend.get([memory_id]).get(memory_id)
    if word == "purged" or memory is None:
        return word == "purged" and memory is None
    if word == "deleted":
        return memory.state is State.DELETED
    return memory.state is State.ACTIVE and (word == "many" or memory.content == text)


def _assert_changed_later(store: MemoryStore, memory_id: str, said: tuple[str, str]) -> None:
    """Assert that what was acknowledged is in the history, below the change that was not."""
    word, text = said
    memory = store.backend.get([memory_id]).get(memory_id)
    if memory is None:
        return  # purged, and killed before it could say so
    assert word != "purged"
    states = [revision.memory for revision in store.history(memory_id)]
    assert len(states) >= 2
    assert word != "content" or states[-2].content == text


@pytest.mark.slow
def test_many_are_added_whole_or_not_at_all(path, sound):
    def work(pipe: int) -> None:
        store = open_store(path, project=None)
        for number in range(100_000):
            store.add_many({"content": f"batch {os.getpid()} {number} part {part}"} for part in range(50))
            os.write(pipe, f"{os.getpid()} {number}\n".encode())

    rng, said = random.Random(11), set[str]()
    for _ in range(max(5, ROUNDS // 4)):
        said |= set(killed(work, rng.uniform(0, 0.3)))
    with open_store(path, project=None) as store:
        batches: dict[str, int] = {}
        for memory in store.search(limit=100_000).memories:
            key = memory.content.removeprefix("batch ").partition(" part ")[0]
            batches[key] = batches.get(key, 0) + 1
    assert set(batches.values()) == {50}
    assert said <= set(batches)
    sound(path)


@pytest.mark.slow
def test_killed_while_the_store_is_made(tmp_path, sound):
    """Whatever the moment, the next one opens the file or makes it anew."""
    rng = random.Random(13)
    for number in range(OPENINGS):
        path = tmp_path / f"store-{number}" / "memory.db"

        def work(pipe: int, path: Path = path) -> None:
            os.write(pipe, b"ready\n")
            open_store(path, project=None).add("first")
            os.write(pipe, b"first\n")
            time.sleep(1)

        said = killed(work, rng.uniform(0, 0.03))
        with open_store(path, project=None) as store:
            assert store.count() in ((1,) if "first" in said else (0, 1))
            store.add("second")
            assert store.search("second").total == 1
        sound(path)
