"""The campaigns of the default backend on a real server: many processes, threads, forks, and kill -9."""

from __future__ import annotations

import pytest

from littlemem_ipy.store import open_store
from tests.conftest import FULL
from tests.reliability import test_kill, test_many_processes

# Pytest collects what it finds under these names; the fixtures `path` and `sound` are those of the server.
test_eight_writers_with_readers_beside_lose_nothing = (
    test_many_processes.test_eight_writers_with_readers_beside_lose_nothing
)
test_a_fork_after_opening_is_safe = test_many_processes.test_a_fork_after_opening_is_safe
test_no_acknowledged_write_is_lost = test_kill.test_no_acknowledged_write_is_lost
if FULL:
    test_changes_of_one_memory_are_not_lost = test_many_processes.test_changes_of_one_memory_are_not_lost
    test_the_first_use_by_many_at_once = test_many_processes.test_the_first_use_by_many_at_once_makes_one_store
    test_threads_share_one_store = test_many_processes.test_threads_share_one_store
    test_threads_do_not_see_failures = test_many_processes.test_threads_do_not_see_each_others_transactions_fail
    test_many_are_added_whole_or_not_at_all = test_kill.test_many_are_added_whole_or_not_at_all


@pytest.mark.slow
def test_eight_processes_count_to_the_end(path, start, sound):
    """Read, add one and write inside of one transaction: no update of one row is lost."""
    processes, count = (8, 500) if FULL else (4, 25)
    with open_store(path, project=None) as opened:
        memory = opened.add("0")
        counters = [start("count", path, memory.id, count) for _ in range(processes)]
        for counter in counters:
            out, err = counter.communicate(timeout=900)
            assert (counter.returncode, err, out) == (0, "", "done\n")
        final = opened.get(memory.id)
        assert (final.content, final.revision) == (str(processes * count), 1 + processes * count)
    sound(path)
