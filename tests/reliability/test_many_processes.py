"""Many kernels on one file is the normal case: nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from littlemem_ipy.errors import ArchiveError, RevisionConflict
from littlemem_ipy.models import EventKind, State
from littlemem_ipy.store import open_store
from tests.conftest import FULL

WRITERS = 8
ADDS = 1000 if FULL else 40


@pytest.mark.slow
def test_eight_writers_with_readers_beside_lose_nothing(path, start, sound):
    readers = [start("read", path, 5 if not FULL else 40) for _ in range(2)]
    writers = [start("add", path, name, ADDS) for name in range(WRITERS)]
    acknowledged = []
    for writer in writers:
        out, err = writer.communicate(timeout=600)
        assert (writer.returncode, err) == (0, "")
        acknowledged += out.split()
    for reader in readers:
        out, err = reader.communicate(timeout=600)
        assert (reader.returncode, err) == (0, "")
        assert int(out.split()[0]) > 0
    assert len(set(acknowledged)) == WRITERS * ADDS
    with open_store(path, project=None) as opened:
        present = opened.search(limit=100_000)
        assert {memory.id for memory in present.memories} == set(acknowledged)
        wanted = {f"memory {n} of writer {w}" for n in range(ADDS) for w in range(WRITERS)}
        assert {memory.content for memory in present.memories} == wanted
        assert len(opened.backend.events([EventKind.STORED])) == WRITERS * ADDS
    sound(path)


@pytest.mark.slow
def test_changes_of_one_memory_are_not_lost(path, start, sound):
    """Read, change, write from several processes, with the revision that was read: each change is there once."""
    count, processes = (500, 8) if FULL else (15, 4)
    with open_store(path, project=None) as opened:
        memory = opened.add("a list")
        changers = [start("bump", path, memory.id, name, count) for name in range(processes)]
        for changer in changers:
            out, err = changer.communicate(timeout=1800)  # the long form on a busy machine
            assert (changer.returncode, err, out) == (0, "", "done\n")
        final = opened.get(memory.id)
        lines = final.content.split("\n")
        assert sorted(lines[1:]) == sorted(f"w{name} {n}" for name in range(processes) for n in range(count))
        assert final.revision == 1 + processes * count
        assert [r.number for r in opened.history(memory.id)] == list(range(1, final.revision + 1))
    sound(path)


def test_the_first_use_by_many_at_once_makes_one_store(path, start, sound):
    writers = [start("add", path, name, 1) for name in range(6)]
    for writer in writers:
        _, err = writer.communicate(timeout=120)
        assert (writer.returncode, err) == (0, "")
    with open_store(path, project=None) as opened:
        assert opened.count() == 6
    sound(path)


def test_threads_share_one_store(path, sound):
    opened = open_store(path, project=None)
    barrier = threading.Barrier(8)

    def work(name: int) -> list[str]:
        barrier.wait()
        made = []
        for number in range(25):
            made.append(opened.add(f"thread {name} number {number}").id)
            opened.search(f"thread {name}")
            opened.get(made[-1])
        return made

    with ThreadPoolExecutor(8) as pool:
        made = [one for result in pool.map(work, range(8)) for one in result]
    assert len(set(made)) == opened.count() == 200
    assert len(opened.backend.events([EventKind.RETRIEVED])) == 200
    opened.close()
    sound(path)


def test_threads_do_not_see_each_others_transactions_fail(path):
    """One thread's transaction fails while others write: only its own writes are gone."""
    opened = open_store(path, project=None)

    def fails() -> None:
        with opened.backend.write():
            opened.add("lost")
            raise RuntimeError("stop")

    def work(number: int) -> None:
        if number % 3:
            opened.add(f"kept {number}")
        else:
            with pytest.raises(RuntimeError):
                fails()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(60)))
    assert {m.content for m in opened.search(limit=100).memories} == {f"kept {n}" for n in range(60) if n % 3}
    opened.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_after_opening_is_safe(path, sound):
    opened = open_store(path, project=None)
    first = opened.add("before the fork")
    opened.get(first.id)
    children = []
    for name in range(4):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                for number in range(20):
                    opened.add(f"child {name} number {number}")
                opened.close()
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    for number in range(20):
        opened.add(f"parent number {number}")
    for pid in children:
        assert os.waitpid(pid, 0)[1] == 0
    opened.add("after the children")
    assert opened.count() == 1 + 5 * 20 + 1
    assert len(opened.backend.events([EventKind.STORED])) == 102
    assert len(opened.backend.events([EventKind.RETRIEVED])) == 1
    opened.close()
    sound(path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_that_ends_normally_leaves_the_parent_working(path, sound):
    """A child that only inherits the open store, and runs its exit code, must not take the log away."""
    import subprocess
    import sys

    script = (
        "import os, sys\n"
        "from littlemem_ipy.store import open_store\n"
        "store = open_store(sys.argv[1], project=None)\n"
        "store.add('one')\n"
        "if os.fork() == 0:\n"
        "    sys.exit(0)\n"
        "os.wait()\n"
        "store.add('two')\n"
        "print(store.count(), flush=True)\n"
        "os._exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("2\n", "")
    with open_store(path, project=None) as opened:
        assert opened.count() == 2
    sound(path)


def test_two_handles_of_one_process_are_two_users(make_store):
    one, two = make_store(), make_store()
    memory = one.add("shared")
    assert two.get(memory.id) == memory
    two.update(memory.id, content="changed by two")
    with pytest.raises(RevisionConflict, match="revision 2, not 1"):
        one.update(memory.id, content="changed by one", expected_revision=memory.revision)
    one.delete(memory.id)
    assert two.search("changed").total == 0
    assert two.search("changed", states=[State.DELETED]).total == 1


def seen_by_another(path) -> int:
    """Return how many memories another process finds."""
    import subprocess
    import sys

    script = "import sys; from littlemem_ipy.store import open_store; print(open_store(sys.argv[1]).count())"
    return int(subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, check=True).stdout)


@pytest.mark.parametrize("touch", ["a second handle", "an import of it", "a restore of it"])
def test_nothing_takes_the_locks_of_an_open_store_away(path, touch, sound):
    """POSIX drops them when the file is opened and closed besides; then the next process to go removes the log."""
    opened = open_store(path, project=None)
    opened.add("first")
    if touch == "a second handle":
        with open_store(path, project=None) as second:
            assert second.count() == 1
    elif touch == "an import of it":
        with pytest.raises(ArchiveError, match="is a store and no export"):
            opened.import_(path)
    else:
        with pytest.raises(ArchiveError, match="is open here as a store"):
            opened.restore_backup(path)
    assert seen_by_another(path) == 1
    opened.add("after the other one has gone")
    assert seen_by_another(path) == 2
    opened.close()
    sound(path)
