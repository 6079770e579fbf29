"""The format of LittleLLM, the app that this memory comes from: its export file, and its directory.

We write its export file so that the app imports it; what the app does not know stands in each memory
under ``littlemem``, which it leaves alone. Of its directory the entries are the truth, as the index can
be missing or cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Author, Memory, MemoryType, Provenance
from littlemem_ipy.models.checks import MAX_TAGS, check_id, check_source, shown
from littlemem_ipy.transfer.archive import Row, name_of, rows_of
from littlemem_ipy.transfer.documents import checked, decoded, parsed
from littlemem_ipy.transfer.fields import data_of, derived_id, kind_of, moment, stamp, with_unknown
from littlemem_ipy.transfer.jsonl import SCHEMA, own_row, record_of
from littlemem_ipy.transfer.limits import Limits
from littlemem_ipy.transfer.selection import Entry, Summary
from littlemem_ipy.transfer.trees import Tree

__all__ = [
    "EXTRAS",
    "directory_rows",
    "entry_of",
    "entry_text",
    "export_rows",
    "finish",
    "index_line",
    "is_directory",
    "is_export",
]

VERSION = "1.0.0"
EXTRAS = "littlemem"
# What stands in an entry of LittleLLM; the rest of our record goes under `EXTRAS`.
_SHARED = ("id", "type", "title", "content", "createdAt", "updatedAt")
_METADATA = {
    "tags": "tags",
    "projectId": "project",
    "conversationId": "conversationId",
    "source": "source",
    "accessCount": "accessCount",
    "lastAccessed": "lastAccessedAt",
}
_IN_METADATA = frozenset(_METADATA.values())
_ENTRY = frozenset((*_SHARED, "metadata", "searchableText", EXTRAS))
_MAX_TAG = 64


# -- writing ----------------------------------------------------------------------------------


def entry_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record of `littlemem_ipy.transfer.jsonl.record_of` as an entry of LittleLLM."""
    metadata: dict[str, Any] = {"tags": record.get("tags", []), "timestamp": record["createdAt"]}
    for name, ours in _METADATA.items():
        if ours in record:
            metadata[name] = record[ours]
    metadata.setdefault("accessCount", 0)
    words = [record["title"], record["content"], *record.get("tags", [])]
    entry = {name: record[name] for name in ("id", "type", "title", "content")} | {"metadata": metadata}
    entry["searchableText"] = " ".join(words).lower()
    entry |= {name: record[name] for name in ("createdAt", "updatedAt")}
    extras = {name: value for name, value in record.items() if name not in _SHARED and name not in _IN_METADATA}
    return entry | {EXTRAS: extras}  # also an empty one: it tells that the entry is ours


def entry_text(entry: Entry) -> str:
    """Return the text of an entry, as the app writes it."""
    return json.dumps(entry_of(record_of(entry)), ensure_ascii=False, indent=2, allow_nan=False)


def index_line(memory: Memory, size: int | None = None) -> dict[str, Any]:
    """Return the line of a memory in the index; `size` is the length of its entry in bytes."""
    line: dict[str, Any] = {
        "id": memory.id,
        "type": str(memory.type),
        "title": memory.title,
        "tags": list(memory.tags),
    }
    line["timestamp"] = stamp(memory.created_at)
    if memory.project is not None:
        line["projectId"] = memory.project
    if memory.conversation_id is not None:
        line["conversationId"] = memory.conversation_id
    return line if size is None else line | {"fileSize": size}


def finish(target: IO[bytes], body: IO[bytes], index: IO[bytes], summary: Summary, description: str | None) -> None:
    """Write the export file.

    Parameters
    ----------
    target
        The file.
    body, index
        The entries and the lines of the index, separated by commas and indented as they shall stand.
    summary
        The figures.
    description
        What the user says about it.
    """
    saved = stamp(summary.changed)
    stats = summary.plain()
    if summary.most_used is not None:
        stats["mostAccessedEntry"] = index_line(summary.most_used, 0) | {
            "accessCount": summary.most_used.access_count
        }
        del stats["mostAccessedEntry"]["fileSize"]
    metadata = {"exportedBy": "littlemem_ipy", "source": "manual_export"}
    if description:
        metadata["description"] = description
    head = {"version": VERSION, "exportDate": saved, "totalEntries": summary.total}
    target.write(f'{_indented(head)[:-2]},\n  "memories": ['.encode())
    _copy(body, target, "\n  ")
    target.write(b'],\n  "index": {\n    "entries": [')
    _copy(index, target, "\n    ")
    tail = {"lastUpdated": saved, "totalEntries": summary.total, "version": VERSION}
    target.write(f"],\n{_shifted(_indented(tail)[2:-2])}\n  }},\n".encode())
    rest = {"stats": stats, "metadata": metadata, EXTRAS: {"schema": SCHEMA}}
    target.write(f"{_indented(rest)[2:]}\n".encode())


def _copy(source: IO[bytes], target: IO[bytes], end: str) -> None:
    some = False
    while part := source.read(1 << 20):
        target.write(part)
        some = True
    if some:
        target.write(end.encode())


def _indented(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)


def _shifted(text: str, by: str = "  ") -> str:
    return "\n".join(by + line for line in text.split("\n"))


# -- reading ----------------------------------------------------------------------------------


def is_export(document: Any) -> bool:
    """Return whether a JSON document is an export of LittleLLM, or one entry of it."""
    if not isinstance(document, dict):
        return False
    if isinstance(document.get("memories"), list):
        some = next((m for m in document["memories"] if isinstance(m, dict)), {})
        return "exportDate" in document or "totalEntries" in document or isinstance(some.get("metadata"), dict)
    return {"id", "type", "content", "metadata"} <= set(document)


def export_rows(document: dict[str, Any], limits: Limits) -> Iterator[Row]:
    """Yield the rows of an export file, and one more if it has fewer than it says."""
    entries = document["memories"] if isinstance(document.get("memories"), list) else [document]
    yield from rows_of(entries, _row, limits)
    total = document.get("totalEntries")
    if isinstance(total, int) and not isinstance(total, bool) and len(entries) < total:
        problem = f"the file was cut off: it says {total:,} memories and has {len(entries):,}."
        yield Row(len(entries) + 1, problem=problem)


def is_directory(names: list[str]) -> bool:
    """Return whether a directory with files of these names is a store of LittleLLM."""
    return any(name == "index.json" or name.endswith("/index.json") or _is_entry(name) for name in names)


def _is_entry(name: str) -> bool:
    return name.endswith(".json") and (name.startswith("entries/") or "/entries/" in name)


def directory_rows(tree: Tree, limits: Limits) -> Iterator[Row]:
    """Yield a row for each entry's file, and one for each entry that the index names and that is missing."""
    listed, trouble = _listed(tree, limits)
    seen: set[str] = set()
    number = 0
    for number, name in enumerate(sorted(filter(_is_entry, tree.names())), 1):
        record: Any = None
        try:
            record = parsed(decoded(tree.read(name), name), limits, name)
            row = _row(checked(record) if isinstance(record, dict) else _no_entry(record))
        except InvalidInput as error:
            yield Row(number, name_of(record) or name, problem=str(error))
            continue
        seen.add(str(record.get("id")))
        orphan = "" if listed is None or record.get("id") in listed else "not in the index"
        notes = "; ".join(filter(None, (row.note, orphan)))
        yield Row(number, row.name or name, row.data, "", notes, row.history, row.events)
    for name, reason in [*tree.refused(), *trouble]:
        number += 1
        yield Row(number, name, problem=reason)
    for missing in sorted((listed or set()) - seen):
        number += 1
        yield Row(number, missing, problem="the index names it, but there is no such entry.")


def _no_entry(record: Any) -> dict[str, Any]:
    raise InvalidInput(f"an entry must be an object, not {shown(record)}.")


def _listed(tree: Tree, limits: Limits) -> tuple[set[str] | None, list[tuple[str, str]]]:
    """Return the ids of the index, or None and what is wrong with it."""
    names = [name for name in tree.names() if name.rpartition("/")[2] == "index.json"]
    if not names:
        return None, []
    try:
        index = parsed(decoded(tree.read(names[0]), names[0]), limits, names[0])
        entries = index["entries"] if isinstance(index, dict) else None
    except (InvalidInput, KeyError) as error:
        return None, [(names[0], f"the index can't be read ({error}); the entries were read without it.")]
    if not isinstance(entries, list):
        return None, [(names[0], "the index has no list of entries; the entries were read without it.")]
    return {str(entry["id"]) for entry in entries if isinstance(entry, dict) and entry.get("id")}, []


def _row(entry: dict[str, Any]) -> Row:
    """Return the row of an entry: ours with everything under `EXTRAS`, or the app's own."""
    metadata = entry.get("metadata", {})
    if not isinstance(metadata, dict):
        raise InvalidInput(f"metadata must be an object, not {shown(metadata)}.")
    record = {name: entry[name] for name in _SHARED if name in entry}
    record |= {ours: metadata[name] for name, ours in _METADATA.items() if metadata.get(name) is not None}
    extras = entry.get(EXTRAS)
    if isinstance(extras, dict):
        return own_row(record | extras)
    unknown = {name: value for name, value in entry.items() if name not in _ENTRY}
    beside = {n: v for n, v in metadata.items() if n not in _METADATA and n != "timestamp"}
    return _foreign(record, metadata, unknown | ({"metadata": beside} if beside else {}))


def _foreign(record: dict[str, Any], metadata: dict[str, Any], unknown: dict[str, Any]) -> Row:
    """Return the row of an entry that the app wrote: it checks nothing, so what can be mended is."""
    notes: list[str] = []
    created = moment(record.get("createdAt")) or moment(metadata.get("timestamp"))
    if created is None:
        raise InvalidInput("it has no time of creation.")
    record["createdAt"] = stamp(created)
    record["updatedAt"] = stamp(moment(record.get("updatedAt")) or created)
    last = moment(record.pop("lastAccessedAt", None))
    if last is not None:
        record["lastAccessedAt"] = stamp(last)
    record["tags"] = _tags(record.get("tags"), notes)
    origin: dict[str, Any] = {"author": Author.of_source(check_source(record.get("source") or "user"))}
    for step in (_known_type, _legal_id):
        step(record, origin, notes)
    if not isinstance(record.get("title"), str) or not record["title"].strip():
        record.pop("title", None)
    data = data_of(record)
    data["provenance"] = Provenance(**with_unknown(origin, unknown))
    return Row(0, str(record["id"]), data, note="; ".join(notes))


def _tags(value: Any, notes: list[str]) -> list[str]:
    """Return tags that are short and few enough; the app spreads a text into its letters and bounds nothing."""
    wanted = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    tags = [tag.replace(",", " ").strip() for tag in wanted if isinstance(tag, str)]
    kept = [tag for tag in tags if tag and len(tag) <= _MAX_TAG][:MAX_TAGS]
    if value is not None and len(kept) != len(wanted):
        notes.append(f"{len(wanted) - len(kept)} of its tags can't be tags and were left out")
    return kept


def _known_type(record: dict[str, Any], origin: dict[str, Any], notes: list[str]) -> None:
    kind = record.get("type")
    if not isinstance(kind, str) or kind not in set(MemoryType):
        record["type"] = kind_of("general")
        origin["original_type"] = kind
        notes.append(f"{shown(kind)} is no type; taken as general")


def _legal_id(record: dict[str, Any], origin: dict[str, Any], notes: list[str]) -> None:
    try:
        check_id(record.get("id"))
    except InvalidInput:
        given = record.get("id")
        created = moment(record["createdAt"])
        assert created is not None  # was written by `stamp`
        key = f"{given}\0{record.get('title')}\0{record.get('content')}"
        record["id"], origin["original_id"] = derived_id(key, created), given
        notes.append(f"{shown(given)} is no id of a memory; it got one")
