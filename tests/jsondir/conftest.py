"""A directory of JSON files in place of the file of the default backend."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reliability.conftest import assert_sound as assert_whole
from tests.reliability.conftest import settled, start  # noqa: F401  fixtures


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Give the address of a directory that is not there yet."""
    return f"json://{tmp_path / 'store'}"


@pytest.fixture
def longest() -> float:
    """Give the seconds after which a process that works is killed; each step waits for several files."""
    return 1.2


@pytest.fixture
def sound() -> Callable[[str], None]:
    """Give a function that asserts that the database is whole, and that the files say the same."""
    return assert_sound


def assert_sound(address: str) -> None:
    directory = Path(address.removeprefix("json://"))
    database = directory / "littlemem" / "memory.db"
    assert_whole(database)
    raw = sqlite3.connect(database, timeout=30)
    in_use = "deleted_at IS NULL AND held IS NULL AND superseded_by IS NULL AND archived_at IS NULL"
    rows = dict(raw.execute(f"SELECT id, content FROM memories WHERE {in_use}").fetchall())
    raw.close()
    entries = [json.loads(path.read_text(encoding="utf-8")) for path in (directory / "entries").glob("*.json")]
    assert {entry["id"]: entry["content"] for entry in entries} == rows
    index = json.loads((directory / "index.json").read_text(encoding="utf-8"))
    assert {line["id"] for line in index["entries"]} == rows.keys()
