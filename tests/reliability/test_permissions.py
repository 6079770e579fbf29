"""Files for the user alone, and files that the user may not write."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from littlemem_ipy.errors import StoreError
from littlemem_ipy.store import open_store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
NOBODY = 65534


def modes(directory: Path) -> dict[str, str]:
    return {file.name: f"{stat.S_IMODE(file.stat().st_mode):o}" for file in directory.iterdir()}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277, 0o777])
def test_modes_under_any_umask(umask, tmp_path):
    path = tmp_path / "one" / "two" / "memory.db"
    before = os.umask(umask)
    try:
        store = open_store(path, project=None)
        store.add("private")
        found = modes(path.parent)
        store.close()
    finally:
        os.umask(before)
    assert found == {"memory.db": "600", "memory.db-wal": "600", "memory.db-shm": "600"}
    assert modes(tmp_path / "one") == {"two": "700"}
    assert modes(tmp_path)["one"] == "700"


def test_directories_that_were_there_keep_their_modes(tmp_path):
    (tmp_path / "shared").mkdir(mode=0o750)
    with open_store(tmp_path / "shared" / "memory.db", project=None) as store:
        store.add("x")
    assert modes(tmp_path)["shared"] == "750"


def test_the_doctor_sees_an_open_file(tmp_path):
    with open_store(tmp_path / "memory.db", project=None) as store:
        store.add("x")
        (tmp_path / "memory.db").chmod(0o644)
        (finding,) = [f for f in store.backend.check() if f.what == "permissions of memory.db"]
        assert (finding.ok, "chmod 600" in finding.detail) == (False, True)


def as_nobody(start, path: Path) -> list[str]:
    """Read and write as a user who owns nothing, and return what happened to each."""
    user = {"LITTLEMEM_TEST_USER": str(NOBODY)} if os.geteuid() == 0 else {}
    user["LITTLEMEM_HOME"] = str(path.parent.parent / "home of nobody")
    out, err = start("touch", path, env=os.environ | user, cwd="/").communicate(timeout=60)
    assert err == ""
    return out.splitlines()


@pytest.fixture
def place():
    """Give a directory that everybody can reach, where root runs the tests and drops its rights for them.

    Not below pytest's own, which every other session of the same user closes again for everybody else.
    """
    with tempfile.TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        yield Path(outer) / "place"
        if (Path(outer) / "place").exists():
            (Path(outer) / "place").chmod(0o755)


@pytest.fixture
def filled(place):
    path = place / "memory.db"
    with open_store(path, project=None) as store:
        store.add("a memory of before")
    return path


@pytest.mark.parametrize(
    ("file_mode", "directory_mode"),
    [(0o444, 0o555), (0o666, 0o555), (0o444, 0o777)],
    ids=["both", "directory", "file"],
)
def test_what_may_not_be_written_is_read(file_mode, directory_mode, filled, start):
    filled.chmod(file_mode)
    filled.parent.chmod(directory_mode)
    read, wrote = as_nobody(start, filled)
    assert read == "ok 1"
    assert wrote.startswith("StoreReadOnly ")
    assert str(filled) in wrote
    assert "nothing was changed" in wrote


def test_what_may_not_be_read_is_told(filled, start):
    filled.chmod(0o000)
    filled.parent.chmod(0o755)
    for line in as_nobody(start, filled):
        assert line.startswith("StoreError ")
        assert "ermission denied" in line


def test_a_home_that_may_not_be_written_is_told(place, start):
    place.mkdir()
    place.chmod(0o555)
    for line in as_nobody(start, place / "below" / "memory.db"):
        assert line.startswith("StoreError ")
        assert "can't be opened: Permission denied" in line
    assert list(place.iterdir()) == []


def test_a_log_that_somebody_left_is_read_even_then(filled, start):
    """A process was killed and left its log, and then the directory became write-protected."""
    writer = start("hold", filled, 60)
    assert writer.stdout is not None
    writer.stdout.readline()
    store = open_store(filled, project=None)
    writer.kill()
    writer.wait()
    store.add("memory number two")
    for file in filled.parent.iterdir():
        file.chmod(0o444)
    filled.parent.chmod(0o555)
    read, wrote = as_nobody(start, filled)
    assert read == "ok 2"
    assert wrote.startswith("StoreReadOnly ")
    store.close()


def test_a_file_in_the_way_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="can't be opened"):
        open_store(tmp_path / "file" / "memory.db", project=None).add("x")
    with pytest.raises(StoreError, match="is a directory"):
        open_store(tmp_path, project=None).add("x")
    with pytest.raises(StoreError, match="can't be opened"):
        open_store(tmp_path / ("x" * 300), project=None).add("x")
