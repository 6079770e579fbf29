"""Clocks that jump: order comes from numbers, not from times, and nothing gets lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from littlemem_ipy.models import State, times
from littlemem_ipy.store import open_store


@pytest.fixture
def jump(monkeypatch):
    """Give a function that sets the clock off by so many days, forward or back."""

    class Kind(type):
        def __instancecheck__(cls, value):
            return isinstance(value, datetime)

    class Wrong(datetime, metaclass=Kind):
        off = timedelta()

        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + cls.off

    monkeypatch.setattr(times, "datetime", Wrong)

    def by(days: float) -> None:
        Wrong.off = timedelta(days=days)

    return by


def test_ten_years_forward_and_back(path, jump, sound):
    with open_store(path, project=None) as store:
        memory = store.add("first")
        for number, days in enumerate((3650, -3650, 0, -0.05, 3649)):
            jump(days)
            store.update(memory.id, content=f"change {number}")
            store.add(f"added at {days}")
        history = store.history(memory.id)
        assert [r.number for r in history] == list(range(1, 7)), "the order is that of the changes"
        assert [r.memory.content for r in history] == ["first", *(f"change {n}" for n in range(5))]
        assert (history[1].at - history[2].at).days > 7000, "the clock did jump"
        jump(-3650)
        store.undo()
        store.undo()
        assert store.get(memory.id).content == "change 3", "undo takes back what was done last"
        store.delete(memory.id)
        jump(0)
        assert store.restore(memory.id).state is State.ACTIVE
        assert store.count() == 5
        assert {hit.memory.content for hit in store.search("added", limit=10)} == {
            f"added at {days}" for days in (3650, -3650, 0, -0.05)
        }
        assert all(finding.ok for finding in store.backend.check())
    sound(path)


def test_what_expires_does_so_by_the_clock_of_now(path, jump):
    with open_store(path, project=None) as store:
        memory = store.add("for a week", expires_at=times.now() + timedelta(days=7))
        jump(30)
        assert store.search("week").total == 0
        assert store.get(memory.id).state is State.EXPIRED
        jump(-30)
        assert store.search("week").total == 1
