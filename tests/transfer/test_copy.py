"""A whole store goes to another place: nothing is lost, and an interrupted copy goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from littlemem_ipy.backends import Backend, open_backend
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.store import MemoryStore, open_store
from littlemem_ipy.transfer import copy_store, copying
from tests.test_backends import ADDRESSES
from tests.test_magics import cell, mistake, shell, the_shell  # noqa: F401
from tests.transfer.lives import lived, state_of


def everything(backend: Backend) -> Any:
    store = MemoryStore(backend, None)
    return state_of(store), [(str(e.kind), e.at, e.memory_id, dict(e.data)) for e in backend.events()]


@pytest.fixture
def source(tmp_path: Path) -> Backend:
    store = open_store(tmp_path / "source.db", project="p")
    for seed in range(6):
        lived(store, seed, 12)
    store.search("what was asked")
    return store.backend


@pytest.mark.parametrize("kind", sorted(ADDRESSES))
def test_both_ways_without_loss(source, tmp_path, kind):
    middle = open_backend(ADDRESSES[kind](tmp_path / "middle"))
    back = open_backend(tmp_path / "back.db")
    report = copy_store(source, middle)
    assert (report.there, report.kept) == (0, ())
    assert everything(middle) == everything(source)
    copy_store(middle, back)
    assert everything(back) == everything(source)
    again = copy_store(source, middle)
    assert (again.copied, again.there, again.events) == (0, report.copied, 0)
    assert everything(middle) == everything(source)
    for backend in (middle, back):
        backend.close()


def test_an_interrupted_copy_goes_on(source, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "_AT_ONCE", 5)
    target = open_backend(tmp_path / "target.db")
    revisions, left = source.revisions, [12]

    def breaking(memory_id: str) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return revisions(memory_id)

    monkeypatch.setattr(source, "revisions", breaking)
    with pytest.raises(KeyboardInterrupt):
        copy_store(source, target)
    report = copy_store(source, target)
    assert report.there == 10, "what was copied before stays"
    assert everything(target) == everything(source)


def test_what_has_gone_on_there_stays(source, tmp_path):
    target = open_backend(tmp_path / "target.db")
    one = MemoryStore(source, "p").add("first")
    copy_store(source, target)
    MemoryStore(target, "p").update(one.id, content="second")
    report = copy_store(source, target)
    assert report.kept == (one.id,)
    assert target.get([one.id])[one.id].content == "second"
    assert copy_store(target, source).copied == 1
    assert source.get([one.id])[one.id].content == "second"


def test_the_verb(cell, tmp_path):  # noqa: F811
    cell("%mem add use polars")
    here = cell("x = %mem doctor\nx") and tmp_path / "home" / "memory.db"
    report = cell(f"x = %mem copy {here} sqlite:///{tmp_path / 'new.db'}\nx")
    assert report.copied == 1
    assert "copied" in repr(report)
    assert "<table" in report._repr_html_()
    assert open_store(tmp_path / "new.db", project=None).backend.stats().total == 1
    assert "to itself" in mistake(cell, f"%mem copy {here} {here}")
    assert "no store" in mistake(cell, f"%mem copy {tmp_path / 'missing.db'} {tmp_path / 'y.db'}")
    with pytest.raises(InvalidInput, match="itself"):
        copy_store(open_backend(here), open_backend(here))
