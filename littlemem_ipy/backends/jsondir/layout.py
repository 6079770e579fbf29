"""The files of the directory: an entry a memory, and one index, as LittleLLM writes and reads them.

What the app does not know stands in each entry under ``littlemem``, which it leaves alone; what we do not know
of an entry is left in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Memory, MemoryType, build
from littlemem_ipy.models.checks import MAX_TAGS, shown
from littlemem_ipy.models.times import as_utc

__all__ = [
    "MAX_BYTES",
    "counted_text",
    "document_of",
    "entry_text",
    "fields_of",
    "index_line",
    "index_text",
    "listed",
    "memory_of",
]

MAX_BYTES = 4 * 1024 * 1024
"""The largest file that is read: sixteen times what a content may have."""
_VERSION = "1.0.0"
_OURS = "littlemem"
_EXTRAS = {
    "provenance": "provenance",
    "importance": "importance",
    "pinned": "pinned",
    "expires_at": "expiresAt",
    "archived_at": "archivedAt",
    "deleted_at": "deletedAt",
    "superseded_by": "supersededBy",
    "held": "held",
    "revision": "revision",
}
_DEFAULTS: dict[str, Any] = {"importance": 0.5, "pinned": False, "revision": 1}
_TIMES = ("expires_at", "archived_at", "deleted_at")
_STATES: dict[str, Any] = dict.fromkeys(("archived_at", "deleted_at", "superseded_by", "held"))
_MAX_TAG = 64
_ID_TIME = re.compile(r"mem_(\d{1,14})_")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


# -- writing ----------------------------------------------------------------------------------


def entry_text(memory: Memory, existing: Mapping[str, Any] | None = None) -> bytes:
    """Return the content of a memory's file.

    Parameters
    ----------
    memory
        The memory.
    existing
        What the file holds now; fields that are not ours are taken over.
    """
    old = dict(existing or {})
    told = old.get("metadata")
    metadata = dict(told) if isinstance(told, dict) else {}
    known = {
        "tags": list(memory.tags),
        "timestamp": _stamp(memory.created_at),
        "projectId": memory.project,
        "conversationId": memory.conversation_id,
        "source": memory.source,
        **_uses(memory),
    }
    metadata = _with(metadata, known)
    entry = {
        "id": memory.id,
        "type": str(memory.type),
        "title": memory.title,
        "content": memory.content,
        "metadata": metadata,
        "searchableText": " ".join((memory.title, memory.content, *memory.tags)).lower(),
        "createdAt": _stamp(memory.created_at),
        "updatedAt": _stamp(memory.updated_at),
    }
    return _dumped(_with(old, entry) | {_OURS: _extras(memory)})


def counted_text(memory: Memory, existing: Mapping[str, Any]) -> bytes:
    """Return the content of a memory's file with its counts of now, and everything else as it is in the file."""
    told = existing.get("metadata")
    counts = {name: value for name, value in _uses(memory).items() if value is not None}
    return _dumped({**existing, "metadata": {**(told if isinstance(told, dict) else {}), **counts}})


def _uses(memory: Memory) -> dict[str, Any]:
    last = memory.last_accessed_at
    return {"accessCount": memory.access_count, "lastAccessed": last and _stamp(last)}


def _with(old: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what we know in its order, without what is None, and then what else was there."""
    mine = {name: value for name, value in known.items() if value is not None}
    return mine | {name: value for name, value in old.items() if name not in known}


def _extras(memory: Memory) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, name in _EXTRAS.items():
        value = getattr(memory, field)
        if field == "provenance":
            value = value.compact() or None
        elif field in _TIMES:
            value = value and _stamp(value)
        if value is not None and value != _DEFAULTS.get(field):
            values[name] = value
    return values


@lru_cache(maxsize=1 << 15)
def index_line(
    memory_id: str,
    kind: str,
    title: str,
    tags: str,
    created_at: int,
    project: str | None,
    conversation_id: str | None,
    size: int,
) -> str:
    """Return a memory's line of the index from its columns and the bytes of its file.

    It is kept for the next time: the index is written with every change, and most of its lines stay.
    """
    told = {
        "id": memory_id,
        "type": kind,
        "title": title,
        "tags": json.loads(tags),
        "timestamp": _stamp(_EPOCH + timedelta(microseconds=created_at)),
        "projectId": project,
        "conversationId": conversation_id,
        "fileSize": size,
    }
    return json.dumps({name: value for name, value in told.items() if value is not None}, ensure_ascii=False)


def index_text(lines: Sequence[str], at: datetime) -> bytes:
    """Return the content of the index, a line an entry."""
    tail = {"lastUpdated": _stamp(at), "totalEntries": len(lines), "version": _VERSION}
    body = ",\n    ".join(lines)
    return f'{{\n  "entries": [\n    {body}\n  ],\n  {json.dumps(tail)[1:-1]}\n}}'.encode()


def _stamp(time: datetime) -> str:
    """Return a time as JavaScript writes it, with microseconds only where there are some."""
    precision = "microseconds" if time.microsecond % 1000 else "milliseconds"
    return time.astimezone(UTC).isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def _dumped(value: Any) -> bytes:
    # Half a surrogate pair in what is not ours becomes the escape that it was.
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False).encode("utf-8", "backslashreplace")


# -- reading ----------------------------------------------------------------------------------


def document_of(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that a file holds.

    Raises
    ------
    InvalidInput
        If it holds none; the message says why.
    """
    try:
        document = json.loads(raw.decode("utf-8-sig"), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise InvalidInput(f"it is no JSON ({shown(reason, 100)})") from None
    if not isinstance(document, dict):
        raise InvalidInput(f"it must hold an object, not {shown(document)}")
    return document


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def listed(index: Mapping[str, Any]) -> set[str]:
    """Return the ids that an index names.

    Raises
    ------
    InvalidInput
        If it has no list of entries.
    """
    entries = index.get("entries")
    if not isinstance(entries, list):
        raise InvalidInput("it has no list of entries")
    return {str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry}


def memory_of(fields: Mapping[str, Any], before: Memory | None = None) -> Memory:
    """Return the memory of an entry's `fields_of`, on top of what was known of it.

    Raises
    ------
    InvalidInput
        If it can't be one.
    """
    known = {} if before is None else {name: getattr(before, name) for name in Memory.model_fields}
    if "revision" in fields and before is not None and fields["revision"] < before.revision:
        fields = {**fields, "revision": before.revision}
    kind = fields["type"]
    usual = kind if kind in set(MemoryType) else MemoryType.GENERAL
    memory = build(Memory, known | dict(fields) | {"type": usual})
    return memory if usual == kind else memory.model_copy(update={"type": kind})


def fields_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry says, by the names of our fields; the app checks nothing, so what can be mended is.

    Raises
    ------
    InvalidInput
        If it says nothing that can be used.
    """
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kind = document.get("type")
    if not isinstance(kind, str) or not 0 < len(kind) <= _MAX_TAG:
        raise InvalidInput(f"its type is {shown(kind)}")
    created = _moment(document.get("createdAt")) or _moment(metadata.get("timestamp")) or _of_id(document)
    fields: dict[str, Any] = {
        "id": document.get("id"),
        "type": kind,
        "title": _text(document.get("title")),
        "content": document.get("content"),
        "tags": _tags(metadata.get("tags")),
        "project": _text(metadata.get("projectId")),
        "conversation_id": _text(metadata.get("conversationId")),
        "source": _text(metadata.get("source")) or "user",
        "created_at": created,
        "updated_at": _moment(document.get("updatedAt")) or created,
        "access_count": _count(metadata.get("accessCount")),
        "last_accessed_at": _moment(metadata.get("lastAccessed")),
    }
    ours = document.get(_OURS)
    return fields | _STATES | (_own(ours) if isinstance(ours, dict) else {})


def _own(extras: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands under our own name; what is left out there has its default."""
    found = {field: extras.get(name, _DEFAULTS.get(field)) for field, name in _EXTRAS.items()}
    found |= {field: _moment(found[field]) for field in _TIMES}
    found["provenance"] = found["provenance"] or {}
    if not isinstance(found["revision"], int):
        raise InvalidInput(f"its revision is {shown(found['revision'])}")
    return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _tags(value: Any) -> list[str]:
    wanted = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    tags = [tag.replace(",", " ").strip() for tag in wanted if isinstance(tag, str)]
    return [tag for tag in tags if tag and len(tag) <= _MAX_TAG][:MAX_TAGS]


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2**53 else 0


def _moment(value: Any) -> datetime | None:
    """Return the time that was written, None where it is none; without an offset it is UTC, as in JavaScript."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = _of_milliseconds(value)
    if not isinstance(value, str):
        return value if isinstance(value, datetime) else None
    try:
        time = datetime.fromisoformat(value.strip())
        return as_utc(time if time.tzinfo else time.replace(tzinfo=UTC))
    except ValueError:
        return None


def _of_milliseconds(value: float) -> datetime | None:
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        return None


def _of_id(document: Mapping[str, Any]) -> datetime | None:
    found = _ID_TIME.match(str(document.get("id")))
    return _of_milliseconds(int(found[1])) if found else None
