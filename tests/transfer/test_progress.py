"""What a caller learns of a long export or import, and that it can end it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from littlemem_ipy.store import MemoryStore


class Enough(Exception):
    """The caller wants no more."""


@pytest.fixture
def store(make_store: Callable[..., MemoryStore]) -> MemoryStore:
    store = make_store()
    store.add_many({"content": f"fact {number}"} for number in range(20))
    return store


def test_it_is_told_how_far_the_work_is(store: MemoryStore, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    store.export(tmp_path / "a.jsonl", progress=lambda *step: told.append(step))
    assert told == [(number, 20) for number in range(20)]


def test_ending_an_export_leaves_no_file(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(Enough):
        store.export(tmp_path / "a.jsonl", progress=_until(7))
    assert list(tmp_path.glob("*.jsonl*")) == []


@pytest.mark.parametrize("step", [7, 27], ids=["checking", "writing"])
def test_ending_an_import_writes_nothing(
    store: MemoryStore, make_store: Callable[..., MemoryStore], tmp_path: Path, step: int
) -> None:
    store.export(tmp_path / "a.jsonl")
    other = make_store("other.db")
    version = other.backend.version()
    with pytest.raises(Enough):
        other.import_(tmp_path / "a.jsonl", trust=True, progress=_until(step))
    assert other.count() == 0
    assert other.backend.version() == version


def _until(last: int) -> Callable[[int, int], None]:
    left = iter(range(last))

    def step(done: int, total: int) -> None:
        if next(left, None) is None:
            raise Enough

    return step
