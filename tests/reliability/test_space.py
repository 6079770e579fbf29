"""A full disk: a clear line, nothing lost, and life goes on when there is space again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from littlemem_ipy.errors import StoreError
from littlemem_ipy.store import open_store
from tests.conftest import FULL


def test_a_database_that_may_not_grow(path, sound):
    """SQLite's own limit gives the same answer as a full disk, anywhere."""
    store = open_store(path, project=None)
    kept = [store.add(f"kept {n}").id for n in range(20)]
    raw = store.backend.connection._raw
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count={pages + 5}")
    with pytest.raises(StoreError, match=r"is full; nothing was written. Free some space"):
        store.add_many({"content": f"lost {n} {'filler ' * 200}"} for n in range(200))
    assert store.count() == 20
    raw.execute("PRAGMA max_page_count=100000")
    kept.append(store.add("after").id)
    assert set(store.backend.get(kept)) == set(kept)
    store.close()
    sound(path)


@pytest.mark.slow
def test_full_at_any_point(path, sound):
    """Whatever the page at which there is no more space: a clear line, the old data intact, and life goes on."""
    kept: list[str] = []
    refusals: list[str] = []
    for point in range(50 if FULL else 8):
        store = open_store(path, project=None)
        kept.append(store.add(f"kept {point}").id)
        raw = store.backend.connection._raw
        raw.execute(f"PRAGMA max_page_count={raw.execute('PRAGMA page_count').fetchone()[0] + point}")
        for number in range(40):
            try:
                kept.append(store.add(f"point {point} number {number} {'filler ' * 150}").id)
                store.update(kept[0], content=f"changed at point {point} by number {number} {'filler ' * 150}")
            except StoreError as error:
                refusals.append(str(error))
        assert all("is full; nothing was written" in refusal for refusal in refusals)
        assert set(store.backend.get(kept)) == set(kept)
        assert store.count() == len(kept), "nothing of what was refused is there"
        raw.execute("PRAGMA max_page_count=1000000")
        kept.append(store.add(f"there is space again after {point}").id)
        store.close()
        sound(path)
    assert len(refusals) >= 40


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a directory on a file system of twelve megabytes."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root on Linux")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"mount is not allowed here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("left", [0, 4096, 20_000, 100_000])
def test_a_full_disk(left, small_disk, sound):
    path, ballast = small_disk / "memory.db", small_disk / "ballast"
    store = open_store(path, project=None)
    kept = [store.add(f"kept {n} {'words ' * 20}").id for n in range(50)]
    space = os.statvfs(small_disk)
    ballast.write_bytes(b"\x00" * max(0, space.f_bavail * space.f_frsize - left))
    refused = 0
    for number in range(60):
        try:
            kept.append(store.add(f"number {number} {'words ' * 200}").id)
        except StoreError as error:
            refused += 1
            message = str(error)
    assert refused > 0
    assert "full" in message
    assert "nothing was written" in message
    for _ in range(3):
        assert store.search("kept", limit=5).total >= 50, "reading goes on, although its log finds no space"
    assert set(store.backend.get(kept)) == set(kept)
    ballast.unlink()
    kept.append(store.add("there is space again").id)
    store.close()
    with open_store(path, project=None) as again:
        assert set(again.backend.get(kept)) == set(kept)
        assert again.count() == len(kept)
    sound(path)


def test_no_space_to_begin_with(small_disk, sound):
    space = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(b"\x00" * (space.f_bavail * space.f_frsize))
    store = open_store(small_disk / "memory.db", project=None)
    with pytest.raises(StoreError, match=r"full|No space"):
        store.add("x")
    (small_disk / "ballast").unlink()
    store.add("fits now")
    assert store.count() == 1
    store.close()
    sound(small_disk / "memory.db")
