"""A project's memories as text files beside its notebooks, the same for everybody who has the project."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from littlemem_ipy import redact, transfer
from littlemem_ipy.backends import Moved
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import EXCHANGE, Event, EventKind, Memory, SearchQuery, State
from littlemem_ipy.models.times import now
from littlemem_ipy.store.admission import admitted
from littlemem_ipy.store.moving import Moving
from littlemem_ipy.transfer import bundle
from littlemem_ipy.transfer.bundle import BundleReport, BundleRow, Version, Versions
from littlemem_ipy.transfer.fields import data_of, stamp

__all__ = ["Sharing"]

# What a person keeps when somebody else's version comes in.
_PRIVATE = ("pinned", "conversation_id", "access_count", "last_accessed_at")


@dataclass(frozen=True, slots=True)
class _Mark:
    """Which version of which memory stands here under an id, and what it looked like when it came or went."""

    of: str
    version: str
    replaces: frozenset[str]
    digest: str

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> _Mark:
        return cls(data["of"], data["version"], frozenset(data["replaces"]), data["digest"])


@dataclass(slots=True)
class _Sync:
    """What one sync knows and has found out."""

    project: str
    known: dict[str, Memory]
    marks: dict[str, _Mark]
    own: set[str] = field(default_factory=set)
    moved: list[Moved] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    rows: list[BundleRow] = field(default_factory=list)

    def mark(self, memory_id: str, version: Version, said: Mapping[str, Any]) -> None:
        """Note which version stands under an id."""
        data: dict[str, Any] = {"id": memory_id, "place": self.project, "of": version.id, "version": version.key}
        data |= {"replaces": sorted(version.replaces), "digest": bundle.digest_of(said)}
        self.events.append(Event(EventKind.BUNDLED, now(), memory_id, data))

    def tell(self, memory_id: str, title: str, outcome: str, reason: str = "") -> None:
        """Add a row to the report."""
        self.rows.append(BundleRow(memory_id, title, outcome, reason))


class Sharing(Moving):
    """The part of `MemoryStore` that shares a project through files."""

    def bundle_export(self, directory: str | os.PathLike[str]) -> BundleReport:
        """Write the project's memories to a bundle, and take nothing in.

        Parameters
        ----------
        directory
            The bundle, such as ``.littlemem`` in the root of the project.

        Raises
        ------
        InvalidInput
            If there is no current project.
        ArchiveError
            If the bundle can't be read or written.
        """
        return self._exchange(Path(directory).expanduser(), receive=False, trust=False)

    def bundle_sync(self, directory: str | os.PathLike[str], *, trust: bool = False) -> BundleReport:
        """Put the project's memories and those of a bundle together, in the bundle and here.

        The order in which people do so makes no difference, and doing it again changes nothing. Deletions
        travel. Where two people have changed the same memory, both versions stay. Only memories of the current
        project go out that are in use or archived and are trusted; secrets are masked; how often they were
        used, what is pinned and which conversation they are from stays here.

        Parameters
        ----------
        directory
            The bundle, such as ``.littlemem`` in the root of the project.
        trust
            Whether what comes in is taken into use at once; otherwise it waits in the inbox.

        Returns
        -------
        BundleReport
            What has changed on either side.

        Raises
        ------
        InvalidInput
            If there is no current project.
        ArchiveError
            If the bundle can't be read or written.
        """
        return self._exchange(Path(directory).expanduser(), receive=True, trust=trust)

    def _exchange(self, directory: Path, *, receive: bool, trust: bool) -> BundleReport:
        if self.project is None:
            raise InvalidInput("a bundle is that of a project, and there is none here; %mem use NAME chooses one.")
        with self.backend.write():
            there, trouble = bundle.read_bundle(directory)
            sync = self._begun(self.project)
            mine = _own(sync, there)
            merged = bundle.joined(there, mine)
            for name, reason in trouble:
                sync.tell(name, "", "error", reason)
            bundle.write_bundle(directory, merged)  # first, because a mark says that it is there
            held = _receive(sync, merged, trust) if receive else _note_own(sync, mine)
            self.backend.adopt(sync.moved, sync.events)
        return BundleReport(str(directory), tuple(sync.rows), len(merged), held)

    def _begun(self, project: str) -> _Sync:
        everything = SearchQuery(projects=(project,), states=tuple(State), sources_none=(EXCHANGE,))
        known = {memory.id: memory for memory in transfer.memories(self.backend, everything)}
        marks: dict[str, _Mark] = {}
        for event in self.backend.events([EventKind.BUNDLED]):  # newest first
            if event.data.get("place") == project:
                marks.setdefault(event.data["id"], _Mark.read(event.data))
        sync = _Sync(project, known, marks)
        elsewhere = self.backend.get([memory_id for memory_id in marks if memory_id not in known])
        for memory_id in elsewhere:  # it went to another project: that is no deletion
            del sync.marks[memory_id]
        return sync


def _said(memory: Memory) -> dict[str, Any]:
    """Return what of a memory goes out."""
    said = bundle.said_of(memory)
    for name in ("title", "content"):
        if name in said:
            said[name] = redact.redact(said[name])
    if "tags" in said:
        said["tags"] = [redact.redact(tag) for tag in said["tags"]]
    return said


def _own(sync: _Sync, there: Versions) -> Versions:
    """Return the versions that were made here since the last sync."""
    mine: Versions = {}
    for version in _changes(sync, there):
        mine.setdefault(version.id, {})[version.key] = version
        sync.own.add(version.key)
        sync.tell(version.id, str(version.said.get("title", "")), "sent")
    return mine


def _changes(sync: _Sync, there: Versions) -> Iterator[Version]:
    for memory in sync.known.values():
        mark, said = sync.marks.get(memory.id), _said(memory)
        if not _goes_out(memory):
            continue  # a proposal, also one that was rejected, is nobody's word
        if mark is None:
            same = [v for v in there.get(memory.id, {}).values() if dict(v.said) == said]
            if not same and said:
                yield Version(memory.id, said, frozenset(), stamp(memory.updated_at))
        elif mark.digest != bundle.digest_of(said):
            yield Version(mark.of, said, mark.replaces | {mark.version}, stamp(memory.updated_at))
        elif mark.of not in there:  # another directory, or its files were lost
            yield Version(mark.of, said, mark.replaces, stamp(memory.updated_at))
    for memory_id, mark in sync.marks.items():
        if memory_id not in sync.known and mark.digest != bundle.digest_of({}):
            yield Version(mark.of, {}, mark.replaces | {mark.version}, stamp(now()))


def _goes_out(memory: Memory) -> bool:
    return memory.held is None and memory.trusted and not memory.locked


def _note_own(sync: _Sync, mine: Versions) -> int:
    """Note what went out; nothing came in."""
    for memory_id, versions in mine.items():
        for version in versions.values():
            if memory_id in sync.known:
                sync.mark(memory_id, version, _said(sync.known[memory_id]))
    return 0


def _receive(sync: _Sync, merged: Versions, trust: bool) -> int:
    """Bring the store to what the bundle says, and return how many memories wait in the inbox."""
    vouched = sync.own | {
        mark.version for memory_id, mark in sync.marks.items()
        if memory_id in sync.known and _goes_out(sync.known[memory_id])
    }  # fmt: skip
    places = {memory_id: bundle.standing(memory_id, versions) for memory_id, versions in merged.items()}
    for memory_id, standing in places.items():
        for local_id, version in standing.items():
            mark = sync.marks.get(local_id)
            if mark is None or mark.version != version.key:
                _take(sync, local_id, version, trust, version.key in vouched, beside=local_id != memory_id)
    for local_id, mark in sync.marks.items():
        # A version that stood beside another one and was replaced goes with it.
        if local_id != mark.of and local_id in sync.known and local_id not in places.get(mark.of, {}):
            _remove(sync, local_id, Version(mark.of, {}, mark.replaces | {mark.version}, stamp(now())))
    return sum(moved.memory.held is not None and moved.memory.deleted_at is None for moved in sync.moved)


def _take(sync: _Sync, local_id: str, version: Version, trust: bool, vouched: bool, *, beside: bool) -> None:
    """Let a version stand under an id."""
    known = sync.known.get(local_id)
    if known is not None and _said(known) == dict(version.said):
        sync.mark(local_id, version, version.said)
    elif version.deleted:
        _remove(sync, local_id, version)
    else:
        try:
            memory = _memory_of(sync, local_id, version, known, trust, vouched)
        except InvalidInput as error:
            sync.tell(local_id, "", "error", str(error))
            return
        sync.moved.append(Moved(memory, action="sync"))
        sync.mark(local_id, version, _said(memory))
        sync.tell(local_id, memory.title, "beside" if beside else "received")


def _remove(sync: _Sync, local_id: str, version: Version) -> None:
    known = sync.known.get(local_id)
    if known is None:
        if local_id in sync.marks:  # removed for good here; that is known now
            sync.mark(local_id, version, {})
        return
    if known.deleted_at is None:
        gone = known.changed(deleted_at=now(), revision=known.revision + 1, updated_at=now())
        sync.moved.append(Moved(gone, action="sync"))
        sync.tell(local_id, known.title, "deleted")
    sync.mark(local_id, version, {})


def _memory_of(
    sync: _Sync, local_id: str, version: Version, known: Memory | None, trust: bool, vouched: bool
) -> Memory:
    data = data_of({"id": local_id, "createdAt": version.at, **version.said, "updatedAt": version.at})
    data["project"] = sync.project
    if known is not None:
        data |= {name: getattr(known, name) for name in _PRIVATE}
        data |= {"provenance": known.provenance, "revision": known.revision + 1}
    return admitted(data, own=vouched, trust=trust or vouched, file=bundle.NAME)
