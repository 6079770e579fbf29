"""What people say about one memory, and how it is put together: a join that knows no order.

A bundle holds for each memory the versions that nobody has replaced. A version never changes; it names all
versions that it replaces, also those before them. So putting two bundles together is a union, from which what
is replaced by something else in it is left out: commutative, associative and idempotent. Two people who
change the same version make two that replace neither each other: both stay. A deletion is a version as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import check_id, shown
from littlemem_ipy.models.times import as_utc
from littlemem_ipy.transfer.documents import checked, dumped, sorted_names
from littlemem_ipy.transfer.fields import derived_id, plain

__all__ = ["SHARED", "Version", "Versions", "digest_of", "joined", "ordered", "said_of", "standing", "version_of"]

SHARED = (
    "type",
    "title",
    "content",
    "tags",
    "importance",
    "source",
    "createdAt",
    "expiresAt",
    "archivedAt",
    "supersededBy",
)
"""What of a memory goes to others; how it is used, pinned and where it was said stays here."""

_DIGITS = 16
_MAX_REPLACED = 10_000


@dataclass(frozen=True, slots=True)
class Version:
    """One person's word on a memory.

    Attributes
    ----------
    id
        The memory.
    said
        The shared fields; empty for a deletion.
    replaces
        The keys of all versions that it replaces.
    at
        When it was changed, as in `littlemem_ipy.transfer.fields.stamp`; not part of the key, so that the same
        change made twice is one.
    """

    id: str
    said: Mapping[str, Any]
    replaces: frozenset[str]
    at: str

    @property
    def key(self) -> str:
        """What names the version: it follows from its content."""
        told = dumped([self.id, sorted_names(dict(self.said)), sorted(self.replaces)])
        return hashlib.sha256(told.encode()).hexdigest()[:_DIGITS]

    @property
    def deleted(self) -> bool:
        """Whether it says that the memory is no more."""
        return not self.said

    def plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"id": self.id, "at": self.at, "replaces": sorted(self.replaces), "said": dict(self.said)}


Versions = dict[str, dict[str, Version]]
"""For each memory its versions by their keys."""


def said_of(memory: Memory) -> dict[str, Any]:
    """Return the shared fields of a memory; nothing if it is deleted."""
    if memory.deleted_at is not None:
        return {}
    record = plain(memory)
    return {name: record[name] for name in SHARED if name in record}


def digest_of(said: Mapping[str, Any]) -> str:
    """Return a short text that is the same for the same shared fields."""
    return hashlib.sha256(dumped(sorted_names(dict(said))).encode()).hexdigest()[:_DIGITS]


def version_of(record: Any) -> Version:
    """Return the version of plain values.

    Raises
    ------
    InvalidInput
        If they are none.
    """
    checked(record)
    replaces = record.get("replaces") if isinstance(record, dict) else None
    said = record.get("said") if isinstance(record, dict) else None
    if not isinstance(said, dict) or not isinstance(replaces, list) or len(replaces) > _MAX_REPLACED:
        raise InvalidInput(f"{shown(record)} is no version of a memory.")
    if not all(isinstance(key, str) and len(key) == _DIGITS for key in replaces):
        raise InvalidInput("a version names the ones that it replaces by their keys.")
    as_utc(record.get("at"))
    kept = {name: value for name, value in said.items() if name in SHARED and value is not None}
    if kept and not isinstance(kept.get("content"), str):
        raise InvalidInput("a version must have a content, or say nothing at all for a deletion.")
    return Version(check_id(record.get("id")), kept, frozenset(replaces), str(record["at"]))


def joined(*several: Versions) -> Versions:
    """Return what several bundles say together."""
    result: Versions = {}
    for versions in several:
        for memory_id, some in versions.items():
            there = result.setdefault(memory_id, {})
            for key, version in some.items():
                known = there.get(key)
                # The same change made by two people: the later time stands, whoever comes first.
                there[key] = version if known is None or version.at > known.at else known
    return {memory_id: _heads(some) for memory_id, some in result.items()}


def _heads(versions: dict[str, Version]) -> dict[str, Version]:
    replaced = frozenset[str]().union(*(version.replaces for version in versions.values()))
    return {key: version for key, version in versions.items() if key not in replaced}


def ordered(versions: Iterable[Version]) -> list[Version]:
    """Return versions in the order that everybody gives them: what stands before what is deleted, newest first."""
    by_time = sorted(versions, key=lambda version: (version.at, version.key), reverse=True)
    return sorted(by_time, key=lambda version: version.deleted)


def standing(memory_id: str, versions: Mapping[str, Version]) -> dict[str, Version]:
    """Return under which id each version of a memory stands in a store.

    The first one has the memory's own id. Others that differ from it stand beside it, under ids that everybody
    makes in the same way; a deletion stands only if there is nothing else.
    """
    first, *others = ordered(versions.values())
    places = {memory_id: first}
    seen = {digest_of(first.said)}
    for version in others:
        if version.deleted or digest_of(version.said) in seen:
            continue
        seen.add(digest_of(version.said))
        created = as_utc(version.said.get("createdAt", version.at))
        places[derived_id(f"{memory_id}\0{version.key}", created)] = version
    return places
