"""Two at once where usually one works: imports of one file, a restore under writers, exports to one place."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

import pytest

from littlemem_ipy.errors import ArchiveError, LittleMemError, StoreError
from littlemem_ipy.models import State
from littlemem_ipy.store import MemoryStore, open_store
from tests.conftest import FULL
from tests.reliability.test_space import small_disk  # noqa: F401  a fixture

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def at_once(tasks: list[Callable[[], object]]) -> list[int]:
    """Run each task in a child of its own, all at the same moment; return their exit codes."""
    children, start = [], time.time() + 0.3
    for task in tasks:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                time.sleep(max(0.0, start - time.time()))
                task()
                status = 0
            except ArchiveError:
                status = 2
            finally:
                os._exit(status)
        children.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]


def everything(store: MemoryStore) -> dict[str, str]:
    return {m.id: m.content for m in store.search("", states=list(State), project="*", limit=100_000).memories}


@needs_fork
@pytest.mark.parametrize("mode", ["skip", "overwrite", "newest", "keep-both"])
def test_one_file_imported_by_several(path, tmp_path, sound, mode):
    with open_store(tmp_path / "source.db", project=None) as source:
        wanted = {m.id: m.content for m in source.add_many({"content": f"memory {n}"} for n in range(200))}
        file = source.export(tmp_path / "all.jsonl", progress=False)
    with open_store(path, project=None) as store:
        store.add("there before")

    def task() -> None:
        with open_store(path, project=None, timeout=120) as mine:
            report = mine.import_(file, mode=mode, trust=True, progress=False)
            assert report.imported + report.duplicates == 200, report

    assert at_once([task] * 4) == [0] * 4
    with open_store(path, project=None) as store:
        found = everything(store)
        assert wanted.items() <= found.items()
        assert len(found) == 201
        assert all(len(store.history(memory_id)) == 1 for memory_id in wanted), "written once"
    sound(path)


@needs_fork
@pytest.mark.slow
def test_a_restore_under_writers_loses_nothing_that_was_said(path, tmp_path, sound):
    """What a writer was told is kept is in the store or in a file beside it, whichever came first."""
    with open_store(path, project=None) as store:
        store.add_many({"content": f"old {n}"} for n in range(100))
        base = store.backup(tmp_path / "base.db").path
    said = tmp_path / "said"
    said.mkdir()

    def write(name: int) -> None:
        with open_store(path, project=None, timeout=120) as mine, (said / str(name)).open("w") as log:
            for number in range(300 if FULL else 40):
                memory = mine.add(f"writer {name} number {number}")
                print(memory.id, memory.content, file=log, flush=True)

    def restore() -> None:
        with open_store(path, project=None, timeout=120) as mine:
            for _ in range(20 if FULL else 4):
                mine.restore_backup(base)
                time.sleep(0.05)

    assert at_once([restore, *(lambda name=name: write(name) for name in range(3))]) == [0] * 4
    told = dict(line.split(" ", 1) for file in said.iterdir() for line in file.read_text().splitlines())
    assert len(told) == 3 * (300 if FULL else 40)
    kept: dict[str, str] = {}
    for file in [path, *path.parent.glob("memory.before-*.db")]:
        with open_store(file, project=None) as store:
            kept |= everything(store)
        sound(file)
    assert told.items() <= kept.items()


@needs_fork
@pytest.mark.parametrize("overwrite", [False, True])
def test_exports_to_one_place(path, tmp_path, overwrite):
    with open_store(path, project=None) as store:
        store.add_many({"content": f"memory {n}"} for n in range(300))
    target = tmp_path / "all.json"

    def task() -> None:
        with open_store(path, project=None) as mine:
            mine.export(target, overwrite=overwrite, progress=False)

    codes = at_once([task] * 4)
    assert sorted(codes) == ([0] * 4 if overwrite else [0, 2, 2, 2]), "the others are told that it exists"
    assert json.loads(target.read_text())["totalEntries"] == 300
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".all")] == []


@pytest.mark.parametrize("left", [0, 8_000, 60_000])
def test_a_full_disk_under_exports_backups_and_restores(left, small_disk, sound, tmp_path):  # noqa: F811
    path, out = small_disk / "memory.db", small_disk / "out"
    out.mkdir()
    with open_store(path, project=None) as store:
        store.add_many({"content": f"memory {n} {'words ' * 40}"} for n in range(300))
        base = store.backup(tmp_path / "base.db").path
        for name in ("all.json", "all.jsonl", "all.csv", "all.md.zip"):
            (out / name).write_text("what was there")
        extra = store.add("after the backup")
        before = everything(store)
        space = os.statvfs(small_disk)
        (small_disk / "ballast").write_bytes(b"\x00" * max(0, space.f_bavail * space.f_frsize - left))
        there = {file.name: file.read_bytes() for file in out.iterdir()}
        for name in there:
            with pytest.raises(LittleMemError, match=r"No space|full"):
                store.export(out / name, overwrite=True, progress=False)
        with pytest.raises(LittleMemError, match=r"No space|full"):
            store.export(out / "pages", "md", progress=False)
        with pytest.raises(LittleMemError, match=r"No space|full"):
            store.backup(out / "new.db")
        with pytest.raises(StoreError, match=r"No space|full"):
            store.restore_backup(base)
        assert {file.name: file.read_bytes() for file in out.iterdir()} == there, "as it was, and nothing beside it"
        assert [file.name for file in small_disk.iterdir() if file.name.startswith(".")] == []
        assert everything(store) == before
        (small_disk / "ballast").unlink()
        store.restore_backup(base)
        assert everything(store).keys() == before.keys() - {extra.id}
        store.export(out / "all.json", overwrite=True, progress=False)
    sound(path)
