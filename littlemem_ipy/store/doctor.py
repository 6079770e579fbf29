"""A look at a store as a whole, with what to do about each thing that is not as it should be."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from littlemem_ipy.config import LittleMem
from littlemem_ipy.errors import InvalidInput, StoreError, StoreUnreachable
from littlemem_ipy.models import EXCHANGE, EventKind, Finding, SearchQuery, State
from littlemem_ipy.models.times import now

if TYPE_CHECKING:
    from littlemem_ipy.store.reading import Reading

__all__ = ["look_over"]

_PARTS = {
    "semantic": ("wordllama", "search by meaning"),
    "crypto": ("cryptography", "sealed files"),
    "postgres": ("psycopg", "a store on PostgreSQL"),
}
_LATELY = 500  # searches
_SLOW = 250  # milliseconds
_WORTH_KEEPING = 50  # memories without any backup
_FULL_INBOX = 20
_UNFINISHED = (".littlemem-*", ".restoring-*")  # how backups and restores call what they work on
_RUNNING = 3600  # seconds that one may take


def look_over(store: Reading) -> Iterator[Finding]:
    """Yield what was found: first the file, then what is around it, then what would be good to do.

    Parameters
    ----------
    store
        The store; it is not changed.
    """
    try:
        yield from store.backend.check()
        yield _lock(store)
        yield _speed(store)
        yield _backups(store)
        yield from _left_over(store)
        yield from _waiting(store)
    except StoreUnreachable:
        pass  # the backend has said so itself
    except StoreError as error:
        yield Finding("file", False, f"{error} %mem doctor --repair writes what is left into a new file.")
    yield _settings()
    yield from _parts()


def _lock(store: Reading) -> Finding:
    begun = time.perf_counter()
    try:
        with store.backend.write():
            pass
    except StoreError as error:
        return Finding("lock", False, str(error))
    return Finding("lock", True, f"free after {(time.perf_counter() - begun) * 1000:.0f} ms")


def _speed(store: Reading) -> Finding:
    events = store.backend.events([EventKind.SEARCHED], _LATELY)
    took = [float(event.data["ms"]) for event in events if "ms" in event.data]
    if len(took) < 2:
        return Finding("speed of searches", True, "too few searches yet to tell")
    cuts = statistics.quantiles(took, n=20, method="inclusive")
    detail = f"p50 {cuts[9]:.1f} ms, p95 {cuts[18]:.1f} ms over the last {len(took):,}"
    slow = cuts[18] > _SLOW
    return Finding(
        "speed of searches", not slow, f"{detail}; %mem cleanup makes the store smaller" if slow else detail
    )


def _backups(store: Reading) -> Finding:
    if store.snapshots is None:
        return Finding("backups", True, "not made here: the store lies in no file")
    made = store.snapshots.all()
    if made:
        age = now() - made[-1][0]
        late = store.snapshots.schedule is None and age > timedelta(days=30)
        advice = "; %mem backup makes a new one" if late else ""
        return Finding(
            "backups", not late, f"{len(made)}, the newest of {made[-1][0].astimezone():%Y-%m-%d %H:%M}{advice}"
        )
    needed = store.backend.stats().total >= _WORTH_KEEPING and store.snapshots.schedule is None
    advice = ": %mem backup makes one, %mem config backups=daily makes them by itself" if needed else ""
    return Finding("backups", not needed, f"none yet{advice}")


def _left_over(store: Reading) -> Iterator[Finding]:
    """Yield the hidden copies of the store that a backup or restore left behind when its process was killed."""
    places = (
        {store.backend.path.parent, store.snapshots.directory} if store.backend.path and store.snapshots else set()
    )
    for place in sorted(places):
        for name in _UNFINISHED:
            for path in sorted(place.glob(name)):
                if time.time() - path.stat().st_mtime > _RUNNING:
                    yield Finding(
                        "left over", False, f"{path} is what an interrupted backup or restore left: remove it"
                    )


def _waiting(store: Reading) -> Iterator[Finding]:
    waiting = store.backend.select(SearchQuery(states=(State.HELD,), sources_none=(EXCHANGE,), limit=0))[1]
    if waiting >= _FULL_INBOX:
        yield Finding("inbox", False, f"{waiting:,} wait: %mem inbox accept or reject takes them out")


def _settings() -> Finding:
    try:
        settings = LittleMem()
    except InvalidInput as error:
        return Finding("settings", False, str(error))
    changed = [name for name in settings.settings() if settings.origin(name) != "default"]
    return Finding("settings", True, f"changed: {', '.join(changed)}" if changed else "all as they came")


def _parts() -> Iterator[Finding]:
    for extra, (library, purpose) in _PARTS.items():
        there = find_spec(library) is not None
        detail = "installed" if there else f'not installed; pip install "littlemem-ipy[{extra}]" brings it'
        yield Finding(f"optional: {purpose}", True, detail)
