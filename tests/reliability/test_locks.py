"""A lock that somebody else holds: wait, say so in time, hear ^C, and go on afterwards."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
import time

import pytest

from littlemem_ipy.errors import StoreBusy
from littlemem_ipy.store import open_store
from tests.conftest import FULL


def holder(path):
    """Return a connection that holds the write lock, as another process would."""
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    raw.execute("BEGIN IMMEDIATE")
    return raw


def test_a_held_lock_is_told_within_the_bound(path):
    with open_store(path, project=None) as store:
        store.add("before")
    raw = holder(path)
    with open_store(path, project=None, timeout=0.5) as store:
        begun = time.monotonic()
        with pytest.raises(StoreBusy, match=r"locked by another process for 0\.5 s; nothing was written"):
            store.add("refused")
        assert 0.4 < time.monotonic() - begun < 5
        assert store.search("before").total == 1, "reading goes on"
        raw.execute("ROLLBACK")
        store.add("after")
        assert store.count() == 2
    raw.close()


def test_waiting_ends_when_the_lock_is_free(path, start):
    with open_store(path, project=None, timeout=90) as store:
        store.add("before")
        other = start("hold", path, 30 if FULL else 0.5)
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        store.add("waited for it")
        assert other.wait(60) == 0
        assert {m.content for m in store.search().memories} == {"before", "held", "waited for it"}


def test_reading_does_not_wait_for_its_log(path):
    with open_store(path, project=None, timeout=20) as store:
        memory = store.add("read me")
        raw = holder(path)
        begun = time.monotonic()
        for _ in range(3):
            store.get(memory.id)
            store.search("read")
        assert time.monotonic() - begun < 5
        raw.execute("ROLLBACK")
        store.add("another")
        kinds = [str(event.kind) for event in store.backend.events()]
        assert kinds.count("retrieved") == kinds.count("searched") == 3, (
            "what waited is written with the next write"
        )
        raw.close()


def test_a_lock_of_a_killed_process_is_gone(path, start):
    other = start("hold", path, 60)
    assert other.stdout is not None
    assert other.stdout.readline() == "locked\n"
    other.kill()
    other.wait()
    with open_store(path, project=None, timeout=5) as store:
        store.add("free")
        assert [m.content for m in store.search().memories] == ["free"]


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to itself")
def test_an_interrupt_during_the_wait_is_heard(path, sound):
    with open_store(path, project=None, timeout=60) as store:
        store.add("before")
        raw = holder(path)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        begun = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            store.add("interrupted")
        assert time.monotonic() - begun < 10
        raw.execute("ROLLBACK")
        raw.close()
        store.add("after")
        assert {m.content for m in store.search().memories} == {"before", "after"}
    sound(path)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs setitimer")
def test_interrupts_at_any_moment_leave_the_store_usable(path, sound):
    """^C falls into opening, writing, committing and reading; acknowledged writes stay, the next call works."""
    rng = random.Random(5)
    acknowledged: list[str] = []
    interrupts = 0
    store = open_store(path, project=None, timeout=5)
    before = signal.getsignal(signal.SIGINT)

    armed = False  # only what the store does shall be interrupted, once, and never the test around it

    def interrupt(*_: object) -> None:
        nonlocal armed
        if armed:
            armed = False
            raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    try:
        for number in range(400):
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.00005, 0.006))
            try:
                armed = True
                acknowledged.append(store.add(f"number {number}").id)
                store.search("number", limit=1)
                store.history(acknowledged[-1])
                if number % 7 == 0:
                    store.close()
                armed = False
            except KeyboardInterrupt:
                interrupts += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, before)
    assert interrupts > 50
    last = store.add("after all of them")
    assert store.backend.connection.depth == 0
    store.close()
    with open_store(path, project=None) as again:
        assert set(again.backend.get([*acknowledged, last.id])) == {*acknowledged, last.id}
    sound(path)
