"""Backups are whole, say what is in them, and lead back, while others use the store."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from littlemem_ipy.errors import ArchiveError, InvalidInput, LittleMemError, LittleMemWarning, StoreBusy, StoreError
from littlemem_ipy.models import State
from littlemem_ipy.models.schedules import Schedule
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore, open_store
from littlemem_ipy.transfer import backup as backups
from littlemem_ipy.transfer import files, sealing, snapshots
from littlemem_ipy.transfer.manifest import digest_of

WORDS = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    monkeypatch.setattr(files, "sealer", partial(sealing.sealer, cost=10))


def fill(store, count: int = 30) -> None:
    store.add_many(
        {"content": f"memory number {number}", "tags": ["a"], "project": "lab"} for number in range(count)
    )


def everything(store) -> dict[str, object]:
    memories = store.search("", states=list(State), project="*", limit=1000).memories
    return {memory.id: (memory, tuple(store.backend.revisions(memory.id))) for memory in memories}


def leftovers(path: Path) -> list[str]:
    return [file.name for file in path.iterdir() if file.name.startswith(".")]


def test_a_backup_is_the_store_and_says_what_is_in_it(store, tmp_path):
    fill(store)
    gone = store.add("deleted one")
    store.delete(gone.id)
    made = store.backup(tmp_path / "copy.db")
    manifest = json.loads((tmp_path / "copy.db.manifest.json").read_text())
    assert (manifest["memories"], manifest["figures"]["in_use"], manifest["schema"]) == (31, 30, 1)
    assert manifest["figures"]["by_type"] == {"general": 30}
    assert manifest["figures"]["top_tags"] == ["a"]
    assert manifest["sha256"] == digest_of(made.path) == made.manifest.sha256
    assert manifest["figures"]["oldest"] <= manifest["figures"]["newest"]
    assert "31 memories" in repr(made)
    with open_store(made.path, project=None) as copy:
        assert everything(copy) == everything(store)
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_it_is_for_the_user_alone(store, tmp_path):
    fill(store)
    store.backup(tmp_path / "copy.db")
    store.backup(tmp_path / "copy.sealed", passphrase=WORDS)
    store.backup()
    for file in [*tmp_path.glob("copy*"), *store.snapshots.directory.iterdir()]:
        assert f"{stat.S_IMODE(file.stat().st_mode):o}" == "600", file
    assert f"{stat.S_IMODE(store.snapshots.directory.stat().st_mode):o}" == "700"


def test_an_empty_store_has_a_backup_too(store, tmp_path):
    assert store.backup(tmp_path / "copy.db").manifest.memories == 0


def test_a_file_that_is_there_is_left_alone(store, tmp_path):
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(ArchiveError, match=r"exists already.*overwrite it"):
        store.backup(tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"
    store.backup(tmp_path / "copy.db", overwrite=True)
    with open_store(tmp_path / "copy.db") as copy:
        assert copy.count() == 0


def test_a_directory_gets_a_name_and_a_missing_one_an_error(store, tmp_path):
    assert store.backup(tmp_path).path.parent == tmp_path
    with pytest.raises(ArchiveError, match=r"can't be written \(No such file"):
        store.backup(tmp_path / "missing" / "copy.db")
    with pytest.raises(InvalidInput, match="can't be the name of a file"):
        store.backup("x\x00y")


def test_there_and_back(store, tmp_path):
    fill(store)
    before = everything(store)
    made = store.backup(tmp_path / "copy.db")
    sums = {file.name: digest_of(file) for file in tmp_path.glob("copy*")}
    store.update(next(iter(before)), content="changed")
    fill_more = store.add("came later")
    version = store.backend.version()
    back = store.restore_backup(made.path)
    assert everything(store) == before
    assert int(store.backend.version()) > int(version), "nobody takes the old state for the one it knows"
    assert {file.name: digest_of(file) for file in tmp_path.glob("copy*")} == sums, "the backup is as it was"
    with open_store(back.kept, project=None) as kept:
        assert kept.get(fill_more.id).content == "came later"
    assert "Restored 30 memories" in repr(back)
    store.add("life goes on")
    assert store.search("life goes on").total == 1
    assert leftovers(store.backend.path.parent) == []


def test_sealed_there_and_back(store, tmp_path):
    fill(store)
    before = everything(store)
    made = store.backup(tmp_path / "copy.sealed", passphrase=WORDS)
    assert b"memory number" not in made.path.read_bytes()
    assert "by_type" not in (tmp_path / "copy.sealed.manifest.json").read_text()
    store.add("came later")
    for passphrase, match in ((None, "is sealed; give its passphrase"), ("wrong", "does not open")):
        with pytest.raises(ArchiveError, match=match):
            store.restore_backup(made.path, passphrase=passphrase)
        assert store.count() == 31, "nothing is destroyed"
    store.restore_backup(made.path, passphrase=WORDS)
    assert everything(store) == before
    assert leftovers(tmp_path) == leftovers(store.backend.path.parent) == []


def test_what_is_no_backup_changes_nothing(store, tmp_path):
    fill(store)
    before = everything(store)
    made = store.backup(tmp_path / "copy.db")
    whole = made.path.read_bytes()
    other = sqlite3.connect(tmp_path / "other.db")
    other.executescript("CREATE TABLE cookies (x)")
    other.close()
    (tmp_path / "text.db").write_text("hello")
    (tmp_path / "empty.db").touch()
    made.path.write_bytes(whole[:-1] + b"!")
    for name in ("copy.db", "other.db", "text.db", "empty.db", "missing.db"):
        with pytest.raises(LittleMemError) as error:
            store.restore_backup(tmp_path / name)
        assert "\n" not in str(error.value)
        assert everything(store) == before
    (tmp_path / "copy.db.manifest.json").write_text("[]")
    with pytest.raises(ArchiveError, match=r"manifest .* can't be read"):
        store.restore_backup(made.path)
    assert everything(store) == before


def test_a_backup_without_its_manifest_is_still_looked_at(store, tmp_path):
    fill(store)
    made = store.backup(tmp_path / "copy.db")
    (tmp_path / "copy.db.manifest.json").unlink()
    store.add("came later")
    store.restore_backup(made.path)
    assert store.count() == 30
    broken = bytearray(made.path.read_bytes())
    broken[len(broken) // 2 :] = bytes(len(broken) - len(broken) // 2)
    made.path.write_bytes(broken)
    with pytest.raises(StoreError, match="damaged"):
        store.restore_backup(made.path)
    assert store.count() == 30


def test_a_store_copied_by_hand_with_its_log_leads_back(store, tmp_path):
    fill(store)
    shutil.copytree(store.backend.path.parent, tmp_path / "by hand")
    assert (tmp_path / "by hand" / "memory.db-wal").stat().st_size > 0
    store.add("came later")
    store.restore_backup(tmp_path / "by hand" / "memory.db")
    assert store.count() == 30


def test_a_newer_backup_is_refused(store, tmp_path):
    made = store.backup(tmp_path / "copy.db")
    raw = sqlite3.connect(made.path)
    raw.execute("PRAGMA user_version=99")
    raw.close()
    (tmp_path / "copy.db.manifest.json").unlink()
    with pytest.raises(StoreError, match="newer version"):
        store.restore_backup(made.path)


@pytest.mark.parametrize("damage", ["head", "middle", "cut", "missing", "empty"])
def test_a_damaged_store_is_restored_and_the_damaged_file_kept(damage, store, tmp_path):
    fill(store)
    path = store.backend.path
    made = store.backup(tmp_path / "copy.db")
    store.close()
    whole = path.read_bytes()
    spoilt = {
        "head": b"\x00" * 200 + whole[200:],
        "middle": whole[:4096] + b"\xff" * (len(whole) - 4096),
        "cut": whole[: len(whole) // 2 + 7],
        "missing": None,
        "empty": b"",
    }[damage]
    path.unlink()
    if spoilt is not None:
        path.write_bytes(spoilt)
        path.chmod(0o600)
    back = store.restore_backup(made.path)
    assert store.count() == 30
    store.add("life goes on")
    if damage in ("head", "cut"):
        assert back.kept.read_bytes() == spoilt
    assert [finding for finding in store.backend.check() if not finding.ok] == []


def test_an_interrupt_while_a_restore_clears_up_leaves_nothing(store, tmp_path, monkeypatch):
    fill(store)
    made = store.backup(tmp_path / "copy.db")
    unlink, pending = Path.unlink, [KeyboardInterrupt]

    def interrupted(self, missing_ok=False):
        if self.name.startswith(".restoring-") and pending:
            raise pending.pop()
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.restore_backup(made.path)
    assert pending == []
    assert not list(tmp_path.rglob(".restoring-*"))
    assert store.stats().total == 30


def test_other_handles_see_the_restored_state(store, make_store, tmp_path):
    """Another process has the file open: what it reads and writes afterwards is in the restored store."""
    fill(store)
    other = make_store()
    assert other.count() == 30
    made = store.backup(tmp_path / "copy.db")
    other.add("came later")
    store.restore_backup(made.path)
    assert other.count() == store.count() == 30
    other.add("by the other one")
    assert other.search("by the other one").total == 1
    assert store.search("by the other one").total == 1


def test_a_write_between_copy_and_restore_is_kept(store, make_store, tmp_path, monkeypatch):
    """Somebody writes just before the pages are written over: the kept file must have it."""
    from littlemem_ipy.backends.sqlite import copies

    fill(store)
    other = make_store()
    made = store.backup(tmp_path / "copy.db")
    copied = copies.copy
    slips = iter(["slipped in", None, None])

    def copy(path, target, timeout):
        copied(path, target, timeout)
        text = next(slips)
        if text:
            other.add(text)

    monkeypatch.setattr(copies, "copy", copy)
    back = store.restore_backup(made.path)
    assert next(slips) is None, "it was copied again"
    with open_store(back.kept, project=None) as kept:
        assert kept.search("slipped").total == 1
    assert store.count() == 30


def test_a_held_lock_is_told(store, make_store, tmp_path):
    fill(store)
    made = store.backup(tmp_path / "copy.db")
    impatient = make_store(timeout=0.5)
    with store.backend.write():
        store.add("in the way")
        with pytest.raises(StoreBusy):
            impatient.restore_backup(made.path)
    assert store.count() == 31


def test_backups_while_others_write_are_whole(store, make_store, tmp_path):
    done = threading.Event()
    acknowledged: list[str] = []

    def write() -> None:
        writer = make_store()
        while not done.is_set():
            acknowledged.append(writer.add(f"number {len(acknowledged)}").id)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(8):
            known = list(acknowledged)
            made = store.backup(tmp_path / f"copy-{number}.db")
            assert len(known) <= made.manifest.memories <= len(acknowledged) + 1
            with open_store(made.path, project=None) as copy:
                assert set(copy.backend.get(known)) == set(known)
    finally:
        done.set()
        thread.join()


def test_an_older_format_is_copied_before_it_changes(store, tmp_path, monkeypatch):
    from littlemem_ipy.backends.sqlite import connection

    fill(store)
    before = everything(store)
    store.close()
    monkeypatch.setattr(connection, "MIGRATIONS", (*connection.MIGRATIONS, "CREATE TABLE novelty (x);\n"))
    monkeypatch.setattr(connection, "LATEST", 2)
    with open_store(store.backend.path, project=None) as migrated:
        assert everything(migrated) == before
        former = store.backend.path.with_name("memory.format-1.db")
        raw = sqlite3.connect(former)
        assert raw.execute("SELECT count(*) FROM memories").fetchone() == (30,)
        assert raw.execute("PRAGMA user_version").fetchone() == (1,)
        raw.close()
    with open_store(store.backend.path, project=None) as again:
        assert again.count() == 30


# -- snapshots --------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch):
    """Give a clock that a test moves; looks at the directory are always due."""
    moment = [now()]
    monkeypatch.setattr(snapshots, "now", lambda: moment[0])
    monkeypatch.setattr(backups, "now", lambda: moment[0])
    monkeypatch.setattr(snapshots, "_LOOK", 0)

    def move(**by: float):
        moment[0] += timedelta(**by)
        return moment[0]

    return move


@pytest.fixture
def scheduled(store):
    assert store.count() == 0, "from now on there is a file to copy"
    return MemoryStore(store.backend, schedule=Schedule.of("daily:3"))


def test_off_makes_none(store, clock):
    store.add("x")
    assert not store.snapshots.directory.exists()


def test_the_setting_reaches_the_store(tmp_path, monkeypatch):
    monkeypatch.setenv("LITTLEMEM_BACKUPS", "weekly:2")
    with open_store(tmp_path / "memory.db", project=None) as store:
        store.add("x")
        assert store.snapshots.all() == [], "there was nothing to keep yet"
        store.add("y")
        assert len(store.snapshots.all()) == 1
        assert store.snapshots.schedule == Schedule(timedelta(weeks=1), 2)


def test_one_is_made_when_it_is_due_and_the_oldest_go(scheduled, clock):
    for number in range(6):
        scheduled.add(f"number {number}")
        scheduled.add(f"number {number} again")
        clock(days=1, seconds=1)
    made = scheduled.snapshots.all()
    assert len(made) == 3
    assert len(list(scheduled.snapshots.directory.iterdir())) == 6, "with their manifests, and nothing else"
    counts = [json.loads(Path(f"{path}.manifest.json").read_text())["memories"] for _, path in made]
    assert counts == [6, 8, 10], "each is the state before the change"


def test_a_backup_by_hand_never_goes_by_itself(scheduled, clock):
    mine = scheduled.backup()
    for number in range(5):
        scheduled.add(f"number {number}")
        clock(days=2)
    assert mine.path.exists()


def test_to_a_time(scheduled, clock):
    times = []
    for number in range(3):
        scheduled.add(f"number {number}")
        times.append(clock(hours=13))
        clock(hours=12)
    scheduled.restore_backup(to=times[1])
    assert [m.content for m in scheduled.search("", project="*").memories] == ["number 0"]
    with pytest.raises(ArchiveError, match="the oldest is of"):
        scheduled.restore_backup(to="2001-05-31")
    with pytest.raises(InvalidInput, match="a time chooses"):
        scheduled.restore_backup(scheduled.snapshots.all()[0][1], to=times[1])


def test_a_clock_that_was_wrong_stops_no_snapshots(scheduled, clock):
    clock(days=3650)
    scheduled.add("in ten years")
    clock(days=-3650)
    scheduled.add("now")
    assert len(scheduled.snapshots.all()) == 2


def test_one_process_makes_it(scheduled, clock):
    scheduled.snapshots.directory.mkdir()
    turn = scheduled.snapshots.directory / ".making"
    turn.touch()
    scheduled.add("x")
    assert scheduled.snapshots.all() == []
    os.utime(turn, (0, 0))
    scheduled.add("y")
    assert len(scheduled.snapshots.all()) == 1, "a killed process leaves its turn to others"
    assert not turn.exists()


def test_a_snapshot_that_fails_is_a_warning(scheduled, clock):
    scheduled.snapshots.directory.write_text("in the way")
    with pytest.warns(LittleMemWarning, match="No snapshot was made"):
        scheduled.add("stored nevertheless")
    assert scheduled.count() == 1


@pytest.mark.parametrize("text", ["often", "daily:0", "daily:x", "daily:1001", "hourly 3", "7"])
def test_a_schedule_that_is_none_is_refused(text):
    with pytest.raises(InvalidInput, match="write off, hourly, daily or weekly"):
        Schedule.of(text)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_doctor_names_what_a_killed_backup_left(make_store, monkeypatch):
    store = make_store()
    fill(store)
    monkeypatch.setattr(type(store.backend), "examine", lambda *_: os._exit(0))  # dies with the copy made
    pid = os.fork()
    if pid == 0:
        try:
            store.backup()
        finally:
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0

    def told() -> list[str]:
        return [finding.detail for finding in store.doctor() if finding.what == "left over"]

    (left,) = store.snapshots.directory.glob(".littlemem-*")
    assert told() == [], "it may still be at work"
    os.utime(left, (left.stat().st_atime, left.stat().st_mtime - 7200))
    assert told() == [f"{left} is what an interrupted backup or restore left: remove it"]
