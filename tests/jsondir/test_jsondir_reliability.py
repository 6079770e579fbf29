"""The campaigns of the default backend on a directory of JSON files: many processes, forks, and kill -9."""

from __future__ import annotations

import pytest

from tests.conftest import FULL
from tests.reliability import test_kill, test_many_processes

# Pytest collects what it finds under these names; the fixtures `path` and `sound` are those of the directory.
test_a_fork_after_opening_is_safe = test_many_processes.test_a_fork_after_opening_is_safe
if FULL:
    test_no_acknowledged_write_is_lost = test_kill.test_no_acknowledged_write_is_lost
    test_many_are_added_whole_or_not_at_all = test_kill.test_many_are_added_whole_or_not_at_all
    test_changes_of_one_memory_are_not_lost = test_many_processes.test_changes_of_one_memory_are_not_lost
    test_threads_share_one_store = test_many_processes.test_threads_share_one_store


@pytest.mark.slow
def test_writers_with_a_reader_beside_lose_nothing(path, start, sound, monkeypatch):
    if not FULL:  # each addition waits for several files
        monkeypatch.setattr(test_many_processes, "ADDS", 4)
        monkeypatch.setattr(test_many_processes, "WRITERS", 4)
    test_many_processes.test_eight_writers_with_readers_beside_lose_nothing(path, start, sound)


@pytest.mark.slow
def test_what_was_acknowledged_survives_a_kill(path, sound):
    """A short form of the campaign, which is one of the long forms above."""
    acknowledged: dict[str, tuple[str, str]] = {}
    from littlemem_ipy.store import open_store

    for number in range(6):
        latest = test_kill.expected(test_kill.killed(test_kill.writer(path, number), 0.2 * number)[1:])
        acknowledged |= latest
        with open_store(path, project=None) as store:
            changed = [m for m in latest if not test_kill._as_said(store, m, latest[m])]
            assert len(changed) <= 1, "one operation may be there without its acknowledgement"
            for memory_id in changed:
                test_kill._assert_changed_later(store, memory_id, latest[memory_id])
                del acknowledged[memory_id]
            store.add(f"life goes on after {number}")
        sound(path)
    assert acknowledged
    with open_store(path, project=None) as store:
        assert all(test_kill._as_said(store, memory_id, said) for memory_id, said in acknowledged.items())
