"""A memory as plain values with camelCase names, and back: what all formats of ours are made of.

What equals the default is left out. A field that this version does not know is kept in the provenance
under ``unknown`` and comes out again where it was, so that a newer version loses nothing by us.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Author, Memory, MemoryType, Provenance, build
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.times import as_utc
from littlemem_ipy.transfer.documents import checked, dumped, sorted_names

__all__ = ["NAMES", "data_of", "derived_id", "kind_of", "moment", "origin_of", "plain", "stamp", "with_unknown"]

NAMES: Mapping[str, str] = {
    "id": "id",
    "type": "type",
    "title": "title",
    "content": "content",
    "tags": "tags",
    "project": "project",
    "conversation_id": "conversationId",
    "source": "source",
    "provenance": "provenance",
    "importance": "importance",
    "pinned": "pinned",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "last_accessed_at": "lastAccessedAt",
    "access_count": "accessCount",
    "expires_at": "expiresAt",
    "archived_at": "archivedAt",
    "deleted_at": "deletedAt",
    "superseded_by": "supersededBy",
    "held": "held",
    "revision": "revision",
}
"""The names of the fields in files, in their order."""

_FIELDS = {name: field for field, name in NAMES.items()}
_DEFAULTS = {
    "tags": [],
    "importance": 0.5,
    "pinned": False,
    "access_count": 0,
    "revision": 1,
    "provenance": {},
}
_TIMES = frozenset({"created_at", "updated_at", "last_accessed_at", "expires_at", "archived_at", "deleted_at"})
_KINDS = {kind.value for kind in MemoryType}
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_MAX_PROVENANCE = 64 * 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


def stamp(time: datetime) -> str:
    """Return a time as JavaScript writes it, with microseconds only where there are some.

    >>> stamp(datetime(2026, 5, 31, 14, tzinfo=UTC))
    '2026-05-31T14:00:00.000Z'
    """
    precision = "microseconds" if time.microsecond % 1000 else "milliseconds"
    return time.astimezone(UTC).isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def moment(value: object) -> datetime | None:
    """Return the time that another program wrote: ISO 8601 text, or seconds or milliseconds since 1970.

    A text without an offset means UTC, as JavaScript and the databases of these programs have it.

    Raises
    ------
    InvalidInput
        If it is no time.
    """
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) > 1e11 else value
        try:
            return _EPOCH + timedelta(seconds=seconds)
        except (OverflowError, ValueError):
            raise InvalidInput(f"{shown(value)} is not a time.") from None
    if isinstance(value, str) and not re.search(r"(Z|[+-]\d\d:?\d\d)$", value.strip()):
        value = value.strip() + ("Z" if "T" in value or " " in value.strip() else "T00:00:00Z")
    return as_utc(value)


def derived_id(key: str, created: datetime) -> str:
    """Return an id that is always the same for the same key and time."""
    number = int.from_bytes(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:8], "big")
    tail = ""
    for _ in range(9):
        number, place = divmod(number, 36)
        tail += _ALPHABET[place]
    return f"mem_{max(0, (created - _EPOCH) // timedelta(milliseconds=1))}_{tail}"


def kind_of(value: object) -> str:
    """Return the word of a type, also of one that only a newer version knows.

    Raises
    ------
    InvalidInput
        If it can't be the word of a type.
    """
    if not isinstance(value, str) or not _KIND.fullmatch(value):
        raise InvalidInput(f"{shown(value)} can't be the type of a memory.")
    return MemoryType(value) if value in _KINDS else value


def plain(memory: Memory, *, counts: bool = True) -> dict[str, Any]:
    """Return what differs from the defaults, by the names of files and in their order."""
    found: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for field, name in NAMES.items():
        value = getattr(memory, field)
        if field in _TIMES:
            value = None if value is None else stamp(value)
        elif field == "provenance":
            value = sorted_names(value.compact())
            if isinstance(value.get("unknown"), dict):
                unknown = value.pop("unknown")
        elif field == "tags":
            value = list(value)
        elif field == "type":
            value = str(value)
        if value is not None and value != _DEFAULTS.get(field):
            found[name] = value
    if not counts:
        found.pop("accessCount", None)
        found.pop("lastAccessedAt", None)
    return found | {name: value for name, value in unknown.items() if name not in found}


def data_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a memory from the plain values of `plain`.

    Raises
    ------
    InvalidInput
        If something in it can't be stored or can't be understood.
    """
    checked(record)
    data = {_FIELDS[name]: value for name, value in record.items() if name in _FIELDS and value is not None}
    data["type"] = kind_of(data.get("type", MemoryType.GENERAL))
    provenance = data.get("provenance", {})
    if not isinstance(provenance, dict):
        raise InvalidInput(f"provenance must be an object, not {shown(provenance)}.")
    unknown = {name: value for name, value in record.items() if name not in _FIELDS}
    data["provenance"] = origin_of(with_unknown(provenance, unknown))
    data.setdefault("project", None)
    return data


def origin_of(provenance: Mapping[str, Any]) -> Provenance:
    """Return a provenance of bounded size.

    Raises
    ------
    InvalidInput
        If it is too large, or a field of it is refused.
    """
    if len(dumped(provenance)) > _MAX_PROVENANCE:
        raise InvalidInput(f"what came along beside the memory has more than {_MAX_PROVENANCE:,} characters.")
    author = provenance.get("author", Author.USER)
    if author not in list(Author):  # what is no text can't be looked up in a set
        raise InvalidInput(f"{shown(author)} is no author; one of {', '.join(Author)} is.")
    return build(Provenance, dict(provenance))


def with_unknown(provenance: Mapping[str, Any], unknown: Mapping[str, Any]) -> dict[str, Any]:
    """Return a provenance that carries fields which this version does not know."""
    return {**provenance, **({"unknown": dict(unknown)} if unknown else {})}
