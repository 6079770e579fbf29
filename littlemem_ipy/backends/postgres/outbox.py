"""Changes that a server could not take yet: kept in a small file in the user's own directory.

One transaction is one row, whole: what was changed, and what each memory was before as far as that was known. The
row is taken out when the server has acknowledged the transaction, or turns out to have it already. Whoever brings
rows to the server holds a lock of its own, not the file's: a server can take long, and others go on adding.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from littlemem_ipy.backends.base import Change
from littlemem_ipy.backends.sqlite.faults import explained
from littlemem_ipy.backends.sqlite.files import prepare
from littlemem_ipy.models import Memory

__all__ = ["Outbox", "Waiting"]

_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """One transaction that waits.

    Attributes
    ----------
    number
        Its number in the file.
    token
        The transaction's name on the server, if it got there.
    changes
        The changes, each with what the memory was before; None where that is not known, or there was none.
    """

    number: int
    token: uuid.UUID
    changes: tuple[tuple[Change, Memory | None], ...]


class Outbox:
    """The changes that wait for one address.

    Parameters
    ----------
    path
        The file; made when the first change has to wait.
    url
        The address of the store that they are for.
    """

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.url = url

    def add(self, token: uuid.UUID, changes: Sequence[tuple[Change, Memory | None]]) -> None:
        """Keep a transaction; when this returns, it is safely on this computer's disk."""
        text = json.dumps([_as_json(change, before) for change, before in changes], ensure_ascii=False)
        with self._open() as raw:
            raw.execute(
                "INSERT INTO waiting (url, token, at, changes) VALUES (?, ?, ?, ?)",
                (self.url, str(token), time.time_ns() // 1000, text),
            )

    def count(self) -> int:
        """Return how many transactions wait for this address."""
        if not self.path.exists():
            return 0
        with self._open() as raw:
            (count,) = raw.execute("SELECT count(*) FROM waiting WHERE url = ?", (self.url,)).fetchone()
        return int(count)

    @contextmanager
    def taken(self) -> Iterator[Iterator[Waiting]]:
        """Give what waits, oldest first, to one process at a time; what was taken from the iterator is done.

        A transaction whose delivery raises stays, and so does everything after it.

        Raises
        ------
        StoreBusy
            If another process has been delivering for some seconds and is not done.
        """
        place = hashlib.sha256(self.url.encode()).hexdigest()[:8]
        with _locked(self.path.with_name(f"{self.path.stem}-{place}.lock"), "EXCLUSIVE"):
            yield self._one_by_one()

    def _one_by_one(self) -> Iterator[Waiting]:
        while (first := self._first()) is not None:
            yield first
            # Reached only when the caller comes back for more: this one has been delivered.
            with self._open() as raw:
                raw.execute("DELETE FROM waiting WHERE seq = ?", (first.number,))

    def _first(self) -> Waiting | None:
        with self._open() as raw:
            row = raw.execute(
                "SELECT seq, token, changes FROM waiting WHERE url = ? ORDER BY seq LIMIT 1", (self.url,)
            ).fetchone()
        if row is None:
            return None
        return Waiting(row[0], uuid.UUID(row[1]), tuple(map(_of_json, json.loads(row[2]))))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give the file, locked for this process until the end; what was done before an error stays done."""
        with _locked(self.path, "IMMEDIATE") as raw:
            raw.execute(
                "CREATE TABLE IF NOT EXISTS waiting (seq INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL,"
                " token TEXT NOT NULL, at INTEGER NOT NULL, changes TEXT NOT NULL)"
            )
            yield raw


@contextmanager
def _locked(path: Path, how: str) -> Iterator[sqlite3.Connection]:
    """Give a file in a transaction that keeps other processes out; what was done before an error stays done."""
    try:
        prepare(path)
        with closing(sqlite3.connect(path, timeout=_TIMEOUT, isolation_level=None)) as raw:
            raw.execute("PRAGMA secure_delete=ON")
            raw.execute("PRAGMA synchronous=FULL")
            raw.execute(f"BEGIN {how}")
            try:
                yield raw
            finally:
                raw.execute("COMMIT")
    except sqlite3.Error as error:
        raise explained(error, path, _TIMEOUT) from error


def _as_json(change: Change, before: Memory | None) -> dict[str, Any]:
    return {
        "action": change.action,
        "shared": change.shared,
        "memory": change.memory.model_dump(mode="json"),
        "before": before and before.model_dump(mode="json"),
    }


def _of_json(data: dict[str, Any]) -> tuple[Change, Memory | None]:
    before = data["before"]
    change = Change(Memory.model_validate(data["memory"]), data["action"], data.get("shared"))
    return change, Memory.model_validate(before) if before else None
