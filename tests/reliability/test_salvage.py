"""The doctor finds what is wrong, makes anew what can be derived, and saves what is left of a damaged file."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from littlemem_ipy.errors import LittleMemError
from littlemem_ipy.models import Finding, State
from littlemem_ipy.store import MemoryStore, open_store
from tests.conftest import FULL

FLIPS = 500 if FULL else 12
CUTS = 200 if FULL else 6


@pytest.fixture
def named(path):
    """Give the texts of a closed store with 200 memories, some of them long and changed, by their ids."""
    with open_store(path, project="lab") as store:
        texts = [
            f"memory number {n} about topic{n % 7} {'words ' * 20}{'long ' * (n % 9 == 0) * 900}"
            for n in range(200)
        ]
        store.add_many({"content": text, "tags": ["a", "b"]} for text in texts)
        for hit in store.search("", limit=20):
            store.update(hit.memory.id, title="changed")
            store.get(hit.memory.id)
        return {m.id: m.content for m in store.search("", limit=1000).memories}


def everything(store: MemoryStore) -> dict[str, str]:
    return {m.id: m.content for m in store.search("", states=list(State), project="*", limit=1000).memories}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wrong(findings: list[Finding]) -> dict[str, str]:
    return {finding.what: finding.detail for finding in findings if not finding.ok}


def repaired(path: Path) -> tuple[list[Finding], Path]:
    """Repair a store, assert that a damaged file was only read, and return what was said and where to go on."""
    before, store = digest(path), open_store(path, project=None, timeout=1)
    findings = store.doctor(repair=True)
    store.close()
    new = list(path.parent.glob("memory.salvaged-*.db"))
    if new:
        assert digest(path) == before
        assert str(new[0]) in repr(findings)
    return findings, new[0] if new else path


def came_through(path: Path, named: dict[str, str]) -> set[str]:
    """Return the ids whose text is in the store if nothing is wrong with it, else in what a repair makes of it."""
    try:
        with open_store(path, project=None, timeout=1) as store:
            found = everything(store)
            healthy = not wrong(store.backend.check())
    except LittleMemError:
        healthy = False
    if not healthy:
        _, place = repaired(path)
        with open_store(place, project=None) as saved:
            assert not wrong(saved.backend.check())
            found = everything(saved)
            assert saved.add("life goes on").state is State.ACTIVE
    return {memory_id for memory_id, text in found.items() if text == named.get(memory_id)}


def spans(path: Path, named: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Return where in the file each row lies that lies in one piece: from before its id to behind its text."""
    data, found = path.read_bytes(), {}
    for memory_id, text in named.items():
        end = data.find(text.encode())
        if end >= 0:
            found[memory_id] = (data.rfind(memory_id.encode(), 0, end) - 60, end + len(text) + 120)
    return found


@pytest.mark.slow
def test_a_spoilt_byte_costs_no_more_than_its_row(named, path, tmp_path):
    """Of the memories that a flipped byte does not belong to, at least 99 in 100 come through."""
    whole, rng, lies = path.read_bytes(), random.Random(4), spans(path, named)
    saved = unaffected = 0
    worst = 1.0
    for number in range(FLIPS):
        broken, place = bytearray(whole), rng.randrange(len(whole))
        broken[place] ^= rng.randrange(1, 256)
        spot = tmp_path / f"flip-{number}" / "memory.db"
        spot.parent.mkdir()
        spot.write_bytes(broken)
        spot.chmod(0o600)
        untouched = {i for i in named if not (i in lies and lies[i][0] <= place < lies[i][1])}
        through = came_through(spot, named) & untouched
        saved, unaffected = saved + len(through), unaffected + len(untouched)
        worst = min(worst, len(through) / len(untouched))
        shutil.rmtree(spot.parent)
    assert saved / unaffected >= 0.99
    print(f"{FLIPS} flips: {saved / unaffected:.3%} of the unaffected rows saved, at worst {worst:.1%}")


@pytest.mark.slow
def test_of_a_file_cut_anywhere_everything_before_the_cut_is_saved(named, path, tmp_path):
    whole, rng, lies = path.read_bytes(), random.Random(5), spans(path, named)
    saved = unaffected = 0
    for number in range(CUTS):
        length = rng.randrange(1, len(whole))
        spot = tmp_path / f"cut-{number}" / "memory.db"
        spot.parent.mkdir()
        spot.write_bytes(whole[:length])
        left = {memory_id for memory_id, (_, end) in lies.items() if end <= length}
        saved, unaffected = saved + len(came_through(spot, named) & left), unaffected + len(left)
        shutil.rmtree(spot.parent)
    assert saved / unaffected >= 0.99
    print(f"{CUTS} cuts: {saved / unaffected:.3%} of the rows before the cut saved")


@pytest.mark.parametrize("damage", ["head", "first page", "every fifth page"])
def test_a_file_that_nothing_opens_is_saved(damage, named, path):
    data = bytearray(path.read_bytes())
    pages = {"head": [], "first page": [0], "every fifth page": range(0, len(data) // 4096, 5)}[damage]
    for number in pages:
        data[number * 4096 : (number + 1) * 4096] = os.urandom(4096)
    data[:100] = bytes(100)
    path.write_bytes(data)
    findings, place = repaired(path)
    with open_store(place, project="lab") as saved:
        texts = everything(saved)
        assert set(texts.items()) <= set(named.items()) or wrong(findings), "what is damaged is told"
        told = wrong(findings).get("lost", "")
        assert all(i in told or told.endswith("more") for i in set(named) - set(texts) if i.encode() in bytes(data))
        if damage != "every fifth page":
            assert texts == named
            changed = [r for i in named for r in saved.history(i) if r.number == 2]
            assert len(changed) == 20, "with its history"
            assert sum(m.access_count for m in saved.backend.get(list(named)).values()) == 20, "and its counts"


def test_what_was_only_in_the_log_is_saved(path, tmp_path):
    store = open_store(path, project=None)
    memory = store.add("only in the log yet")
    copy = tmp_path / "copy"
    shutil.copytree(path.parent, copy)
    store.close()
    (copy / "memory.db-shm").unlink()
    (copy / "memory.db").write_bytes(b"\x00" * 4096)
    _, place = repaired(copy / "memory.db")
    with open_store(place, project=None) as saved:
        assert everything(saved) == {memory.id: "only in the log yet"}


def test_a_text_that_changed_on_the_disk_waits_in_the_inbox(named, path):
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"memory number 7 about", b"memory number 7 akout"))
    raw = sqlite3.connect(path)
    raw.execute("UPDATE memories SET tags = '[oops' WHERE content LIKE 'memory number 8 %'")
    raw.commit()
    raw.close()
    findings, place = repaired(path)
    with open_store(place, project="lab") as saved:
        (held,) = saved.search("", states=[State.HELD]).memories
        assert held.content.startswith("memory number 7 akout")
        assert "damaged on the disk" in held.held
        assert held.id in wrong(findings)["damaged texts"]
        assert saved.count() == len(named) - 1


def test_the_way_back_from_damage(named, path):
    """Damage is noticed, repaired into a new file, and the store goes on from there."""
    data = bytearray(path.read_bytes())
    data[4096:8192] = os.urandom(4096)
    data[:16] = bytes(16)
    path.write_bytes(data)
    store = open_store(path, project="lab")
    assert "--repair" in wrong(store.doctor())["file"]
    _, place = repaired(path)
    back = store.restore_backup(place)
    assert store.count() >= len(named) * 0.9
    assert back.kept.read_bytes() == bytes(data), "the damaged file is kept"
    assert not {"file", "integrity", "search index"} & set(wrong(store.doctor()))
    store.close()


def test_an_index_that_differs_is_found_and_made_anew(named, path):
    raw = sqlite3.connect(path)
    raw.execute("INSERT INTO memories_fts (memories_fts) VALUES ('delete-all')")
    raw.commit()
    raw.close()
    with open_store(path, project="lab") as store:
        assert store.search("topic3").total == 0
        assert "--repair" in wrong(store.doctor())["search index against memories"]
        assert not wrong(store.doctor(repair=True))
        assert store.search("topic3").total > 0
        assert not wrong(store.backend.check())
    assert list(path.parent.glob("*salvaged*")) == []


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_file_that_others_can_read_is_closed_to_them(named, path):
    path.chmod(0o644)
    with open_store(path, project="lab") as store:
        assert "permissions of memory.db" in wrong(store.doctor())
        store.doctor(repair=True)
        assert "permissions of memory.db" not in wrong(store.doctor())


def test_what_the_doctor_looks_at(named, path, monkeypatch):
    with open_store(path, project="lab") as store:
        for _ in range(5):
            store.search("topic1")
        found = {finding.what: finding for finding in store.doctor()}
        assert "p95" in found["speed of searches"].detail
        assert {"file", "integrity", "journal", "lock", "disk space", "settings", "optional: sealed files"} <= set(
            found
        )
        assert not found["backups"].ok, "so many memories and no backup"
        store.backup()
        assert {f.what: f.ok for f in store.doctor()}["backups"]
        monkeypatch.setenv("LITTLEMEM_BUDGET", "much")
        assert "LITTLEMEM_BUDGET" in wrong(store.doctor())["settings"]
