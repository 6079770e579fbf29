"""Other processes, and a look at the file from outside."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Give a function that starts a worker; those that still run at the end are ended."""
    running: list[subprocess.Popen[str]] = []

    def begin(task: str, *arguments: object, **options: object) -> subprocess.Popen[str]:
        command = [sys.executable, str(WORKER), task, *map(str, arguments)]
        pipe = subprocess.PIPE
        running.append(subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **options))  # type: ignore[call-overload]
        return running[-1]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def settled() -> Callable[[], None]:
    """Give a function that waits until what killed processes had begun is done or undone; here it is at once."""
    return lambda: None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the path of a store that is not there yet."""
    return tmp_path / "store" / "memory.db"


@pytest.fixture
def sound() -> Callable[[Path], None]:
    """Give a function that asserts that a file is whole, its index complete, and its history too."""
    return assert_sound


def assert_sound(path: Path) -> None:
    raw = sqlite3.connect(path, timeout=30)
    try:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        (index,) = raw.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%VIRTUAL TABLE%fts5%'").fetchone()
        raw.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")
        raw.rollback()
        (missing,) = raw.execute(
            "SELECT count(*) FROM memories m WHERE NOT EXISTS"
            " (SELECT 1 FROM revisions r WHERE r.pk = m.pk AND r.number = m.revision)"
        ).fetchone()
        assert missing == 0, "every state of a memory has its revision"
    finally:
        raw.close()
