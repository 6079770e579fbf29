"""What the other processes of these tests do; run as a script: ``worker.py TASK STORE ARGUMENT…``."""

from __future__ import annotations

import os
import sys
import tempfile
import time

from littlemem_ipy.errors import LittleMemError
from littlemem_ipy.store import open_store


def add(address: str, name: str, count: str) -> None:
    """Add memories and print the id of each once it is acknowledged."""
    with open_store(address, project=None, timeout=120) as store:
        for number in range(int(count)):
            print(store.add(f"memory {number} of writer {name}").id, flush=True)


def read(address: str, seconds: str) -> None:
    """Search, list and count until the time is over or the input ends."""
    with open_store(address, project=None, timeout=120) as store:
        end, rounds, last = time.monotonic() + float(seconds), 0, 0
        while time.monotonic() < end:
            found = store.search("memory writer", limit=20)
            assert all("writer" in hit.memory.content for hit in found)
            total = store.count()
            assert total >= last, f"{total} memories after {last}"
            last, rounds = total, rounds + 1
            time.sleep(0.01)
        print(rounds, last, flush=True)


def bump(address: str, memory_id: str, name: str, count: str) -> None:
    """Add tags to one memory, again and again, each with the revision that was read."""
    with open_store(address, project=None, timeout=120) as store:
        for number in range(int(count)):
            done = False
            while not done:
                memory = store.get(memory_id)
                done = _changed(store, memory, f"w{name} {number}")
        print("done", flush=True)


def _changed(store, memory, word: str) -> bool:
    from littlemem_ipy.errors import RevisionConflict

    try:
        store.update(memory.id, content=f"{memory.content}\n{word}", expected_revision=memory.revision)
    except RevisionConflict:
        return False
    return True


def count(address: str, memory_id: str, times: str) -> None:
    """Add one to the number that a memory holds, each time in one transaction."""
    with open_store(address, project=None, timeout=120) as store:
        for _ in range(int(times)):
            with store.backend.write():
                store.update(memory_id, content=str(int(store.get(memory_id).content) + 1))
        print("done", flush=True)


def clean(address: str, end: str, keep: str) -> None:
    """Clean up again and again until the file `end` is there, and print how many memories each cleanup archived."""
    from littlemem_ipy.cleanup import RetentionPolicy

    policy = RetentionPolicy(max_count=int(keep), grace=0)
    with open_store(address, project=None, timeout=120) as store:
        print("ready", flush=True)
        while not os.path.exists(end):
            report = store.cleanup(policy, dry_run=False, project="*")
            print(len(report.steps), flush=True)
            time.sleep(0.05)


def hold(address: str, seconds: str) -> None:
    """Hold the write lock."""
    with open_store(address, project=None) as store, store.backend.write():
        store.add("held")
        print("locked", flush=True)
        time.sleep(float(seconds))


def touch(address: str) -> None:
    """Read and then write, and print what happened to each."""
    for what in (lambda store: store.search("memory").total, lambda store: store.add("a new memory").content):
        try:
            with open_store(address, project=None, timeout=2) as store:
                print("ok", what(store), flush=True)
        except LittleMemError as error:
            print(type(error).__name__, str(error), flush=True)


if __name__ == "__main__":
    if os.environ.get("LITTLEMEM_TEST_USER"):
        # What is imported late may lie where only the first user can read.
        with tempfile.TemporaryDirectory() as warm, open_store(f"{warm}/memory.db", project=None) as first:
            first.add("a memory")
            first.search("memory")
        os.setgid(int(os.environ["LITTLEMEM_TEST_USER"]))
        os.setuid(int(os.environ["LITTLEMEM_TEST_USER"]))
    {"add": add, "read": read, "bump": bump, "count": count, "hold": hold, "touch": touch, "clean": clean}[
        sys.argv[1]
    ](*sys.argv[2:])
