"""Files that are damaged, foreign, newer, or gone: one clear line, and nothing is written over."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from littlemem_ipy.errors import LittleMemError, StoreDamaged, StoreError, StoreReadOnly
from littlemem_ipy.models import State
from littlemem_ipy.store import MemoryStore, open_store
from tests.conftest import FULL

FLIPS = 500 if FULL else 25


@pytest.fixture
def kept(path):
    """Give a closed store with 200 memories, and their texts."""
    texts = {f"memory number {n} about topic{n % 7} {'words ' * 20}".strip() for n in range(200)}
    with open_store(path, project="lab") as store:
        store.add_many({"content": text, "tags": ["a", "b"]} for text in sorted(texts))
    assert not path.with_name("memory.db-wal").exists()
    return texts


def digest(directory: Path) -> dict[str, str]:
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in directory.iterdir()
        if not file.name.endswith("-shm")
    }


def refuse_everything(path: Path, error: type[StoreError] = StoreDamaged, match: str = "") -> None:
    """Assert that reading and writing are refused with a clear line and change no byte."""
    before = digest(path.parent)
    store = open_store(path, project=None, timeout=1)
    for call in (store.count, lambda: store.add("x"), lambda: store.search("topic1"), store.stats, store.undo):
        with pytest.raises(error, match=match) as refused:
            call()
        assert "\n" not in str(refused.value)
        assert str(path) in str(refused.value)
    store.close()
    assert digest(path.parent) == before


@pytest.mark.parametrize(
    "content",
    [b"hello", b"\x00" * 4096, b"SQLite format 4\x00" + b"x" * 4096, b"{}", os.urandom(4096)],
    ids=range(5),
)
def test_a_file_that_is_no_database_is_left_alone(content, path):
    path.parent.mkdir()
    path.write_bytes(content)
    refuse_everything(path, match="not a memory store.*left as it is")


def test_a_head_and_nothing_behind_it(path):
    path.parent.mkdir()
    path.write_bytes(b"SQLite format 3\x00" + os.urandom(3000))
    refuse_everything(path, match="damaged.*left as it is")


def test_the_database_of_another_program_is_left_alone(path):
    path.parent.mkdir()
    raw = sqlite3.connect(path)
    raw.executescript("CREATE TABLE cookies (x); INSERT INTO cookies VALUES (1);")
    raw.close()
    refuse_everything(path, StoreError, "another program")


def test_another_programs_version_number_is_no_invitation(path):
    path.parent.mkdir()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version=1")
    raw.close()
    refuse_everything(path, StoreError, "another program")


def test_an_empty_file_becomes_a_store(path):
    path.parent.mkdir()
    path.touch()
    with open_store(path, project=None) as store:
        store.add("fine")
        assert store.count() == 1


def test_an_empty_file_beside_a_full_log_is_left_alone(path):
    store = open_store(path, project=None)
    store.add("only in the log yet")
    copy = path.parent.parent / "copy"
    shutil.copytree(path.parent, copy)
    store.close()
    (copy / "memory.db").write_bytes(b"")
    assert (copy / "memory.db-wal").stat().st_size > 0
    refuse_everything(copy / "memory.db", match="empty although its log")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95, 0.999])
def test_a_file_cut_short(share, kept, path):
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * share))
    before = path.read_bytes()
    for call in (lambda s: s.count(), lambda s: s.add("x"), lambda s: s.search("topic1")):
        store = open_store(path, project=None)
        with pytest.raises(StoreDamaged, match="left as it"):
            call(store)
        store.close()
    assert path.read_bytes() == before


@pytest.mark.slow
def test_random_damage_never_crashes_and_is_never_made_worse(kept, path, tmp_path):
    """A flipped byte is noticed with a clear line, or does no harm beyond itself; nothing else is raised."""
    whole, rng = path.read_bytes(), random.Random(3)
    noticed = 0
    for number in range(FLIPS):
        broken = bytearray(whole)
        for _ in range(rng.choice((1, 1, 30))):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        spot = tmp_path / f"flip-{number}" / "memory.db"
        spot.parent.mkdir()
        spot.write_bytes(broken)
        noticed += tortured(spot, kept)
        shutil.rmtree(spot.parent)
    assert noticed > 0


def tortured(path: Path, kept: set[str]) -> bool:
    """Use a damaged store in every way; return whether the damage was noticed."""
    noticed = False
    calls = (
        lambda s: [m.content for m in s.search(limit=1000, project="*").memories],
        lambda s: s.search("topic3 words", project="*"),
        lambda s: s.stats(),
        lambda s: [s.history(m.id) for m in s.search(limit=3, project="*").memories],
        lambda s: s.backend.check(),
        lambda s: s.add("one more"),
        lambda s: s.undo(),
        lambda s: s.backend.events(),
        lambda s: s.backend.names("tags"),
    )
    for call in calls:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            message = refusal(call, open_store(path, project=None, timeout=1))
            assert "\n" not in message
            noticed |= bool(message)
    return noticed


def refusal(call: Callable[[MemoryStore], object], store: MemoryStore) -> str:
    try:
        call(store)
        store.close()
    except LittleMemError as error:
        return str(error)
    return ""


def test_a_damaged_row_is_named(kept, path):
    raw = sqlite3.connect(path)
    raw.execute("UPDATE memories SET tags = '[oops' WHERE content LIKE 'memory number 5 %'")
    raw.commit()
    (damaged,) = raw.execute("SELECT id FROM memories WHERE tags = '[oops'").fetchone()
    (healthy,) = raw.execute("SELECT id FROM memories WHERE content LIKE 'memory number 6 %'").fetchone()
    raw.close()
    with open_store(path, project="lab") as store:
        with pytest.raises(StoreDamaged, match=damaged):
            store.get(damaged)
        assert store.get(healthy).content.startswith("memory number 6 ")


# -- newer ------------------------------------------------------------------------------------


@pytest.fixture
def newer(kept, path):
    """Give a store that a later version has written, with a type that this one does not know."""
    from littlemem_ipy.backends.sqlite.schema import LATEST

    raw = sqlite3.connect(path)
    raw.execute("UPDATE memories SET type = 'hypothesis' WHERE content LIKE 'memory number 7 %'")
    raw.execute(f"PRAGMA user_version={LATEST + 1}")
    raw.commit()
    raw.close()
    return path


def test_a_newer_store_is_read_but_not_written(newer):
    before = newer.read_bytes()
    with open_store(newer, project="lab") as store:
        assert store.count() == 200
        (hit,) = store.search("memory number 7", limit=1)
        assert str(hit.memory.type) == "hypothesis"
        assert "hypothesis" in repr(hit) + repr(store.search("number 7")) + repr(store.stats())
        assert store.get(hit.memory.id).content == hit.memory.content
        assert [revision.memory for revision in store.history(hit.memory.id)] == [store.get(hit.memory.id)]
        assert len(store.search("topic1", limit=3).df) == 3
        for call in (
            lambda: store.add("x"),
            lambda: store.update(hit.memory.id, content="x"),
            lambda: store.delete(hit.memory.id),
            lambda: store.delete(hit.memory.id, hard=True),
            store.undo,
            lambda: store.add_many([{"content": "x"}]),
        ):
            with pytest.raises(StoreReadOnly, match=r"newer version of littlemem_ipy \(format \d+.*Upgrade"):
                call()
        findings = {finding.what: finding.ok for finding in store.backend.check()}
        assert findings["format"] is findings["writable"] is False
        assert findings["integrity"] is True
    assert newer.read_bytes() == before


# -- gone -------------------------------------------------------------------------------------


def lose(path: Path) -> None:
    for file in path.parent.iterdir():
        file.unlink()


def replace(path: Path) -> None:
    other = path.with_name("other.db")
    with open_store(other, project=None) as store:
        store.add("in the other file")
    lose_only = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")]
    for file in lose_only:
        file.unlink(missing_ok=True)
    other.rename(path)


@pytest.mark.parametrize(
    ("happens", "then"),
    [(lose, []), (lambda path: shutil.rmtree(path.parent), []), (replace, ["in the other file"])],
    ids=["deleted", "directory deleted", "replaced"],
)
def test_a_file_that_goes_away_is_noticed_before_a_write_is_lost(happens, then, path, sound):
    store = open_store(path, project=None)
    store.add("before")
    happens(path)
    with pytest.raises(StoreError, match="moved, deleted or replaced while it was open; nothing was written"):
        store.add("into the void?")
    store.add("after")
    assert sorted(m.content for m in store.search().memories) == sorted([*then, "after"])
    store.close()
    sound(path)


def test_a_file_that_was_moved_keeps_what_was_acknowledged(path):
    store = open_store(path, project=None)
    memory = store.add("kept")
    store.close()
    moved = path.with_name("moved.db")
    path.rename(moved)
    with open_store(moved, project=None) as again:
        assert again.get(memory.id).content == "kept"


def test_a_log_without_its_index_is_read(path, sound):
    """The ``-shm`` file can be made anew from the log at any time."""
    store = open_store(path, project=None)
    store.add("in the log")
    copy = path.parent.parent / "copy"
    shutil.copytree(path.parent, copy)
    store.close()
    (copy / "memory.db-shm").unlink()
    with open_store(copy / "memory.db", project=None) as again:
        assert again.search("log").total == 1
        assert again.search(states=list(State)).total == 1
    sound(copy / "memory.db")
