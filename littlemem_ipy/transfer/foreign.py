"""The exports of other programs that remember: what each of their records becomes here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Author, MemoryType
from littlemem_ipy.models.checks import MAX_TAGS, shown, title_of
from littlemem_ipy.transfer.archive import Row, rows_of
from littlemem_ipy.transfer.documents import texts
from littlemem_ipy.transfer.fields import derived_id, moment, origin_of
from littlemem_ipy.transfer.limits import Limits

__all__ = [
    "foreign_row",
    "is_graph",
    "is_mem0",
    "is_open_webui",
    "mem0_records",
    "rows_of_graph",
    "rows_of_mem0",
    "rows_of_open_webui",
]


def foreign_row(
    key: str,
    content: str,
    created: datetime,
    *,
    source: str,
    kind: MemoryType = MemoryType.GENERAL,
    updated: datetime | None = None,
    origin: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Row:
    """Return the row of another program's record.

    Parameters
    ----------
    key
        What the record is called there; its id here is made from it.
    content
        The text.
    created, updated
        The times.
    source
        The name of the program.
    kind
        The type.
    origin
        What else the program says about it.
    **fields
        More fields of a memory.
    """
    known = {name: value for name, value in fields.items() if value is not None}
    provenance = {"author": Author.IMPORT, "original_id": key, **(origin or {})}
    data = {
        "id": derived_id(f"{source}\0{key}", created),
        "type": kind,
        "content": content,
        "created_at": created,
        "updated_at": max(created, updated or created),
        "source": source,
        "provenance": origin_of({n: v for n, v in provenance.items() if v not in (None, {}, [])}),
    }
    return Row(0, known.get("title", "") or key, data | known)


# -- mem0 -------------------------------------------------------------------------------------


def mem0_records(document: Any) -> list[Any] | None:
    """Return the records of an export of mem0, None if the document is something else."""
    if isinstance(document, dict):
        document = next((document[name] for name in ("results", "memories") if name in document), None)
    return document if is_mem0(document) else None


def is_mem0(document: Any) -> bool:
    """Return whether a document is a list of mem0's memories."""
    first = document[0] if isinstance(document, list) and document else None
    return isinstance(first, dict) and isinstance(first.get("memory"), str)


def rows_of_mem0(records: list[Any], limits: Limits, written_at: datetime) -> Iterator[Row]:
    """Yield the rows of mem0's memories, as its ``get_all`` and its exports have them."""

    def convert(record: dict[str, Any]) -> Row:
        content = _text(record, "memory")
        created = moment(record.get("created_at")) or written_at
        return foreign_row(
            str(record.get("id") or content),
            content,
            created,
            source="mem0",
            updated=moment(record.get("updated_at")),
            origin={name: record.get(name) for name in ("user_id", "agent_id", "app_id", "metadata")},
            tags=_tags(record.get("categories")),
            conversation_id=_word(record.get("run_id")),
            expires_at=moment(record.get("expiration_date")),
        )

    yield from rows_of(records, convert, limits)


# -- Open WebUI -------------------------------------------------------------------------------


def is_open_webui(document: Any) -> bool:
    """Return whether a document is the list of memories of an Open WebUI."""
    first = document[0] if isinstance(document, list) and document else None
    return isinstance(first, dict) and "user_id" in first and isinstance(first.get("content"), str)


def rows_of_open_webui(records: list[Any], limits: Limits, written_at: datetime) -> Iterator[Row]:
    """Yield the rows of Open WebUI's memories: what it knows of the person."""

    def convert(record: dict[str, Any]) -> Row:
        content = _text(record, "content")
        created = moment(record.get("created_at")) or written_at
        return foreign_row(
            str(record.get("id") or content),
            content,
            created,
            source="open-webui",
            kind=MemoryType.USER_PREFERENCE,
            updated=moment(record.get("updated_at")),
            origin={"user_id": record.get("user_id")},
        )

    yield from rows_of(records, convert, limits)


# -- the graph of the MCP reference server ----------------------------------------------------


def is_graph(record: Any) -> bool:
    """Return whether a record is an entity or a relation of the MCP memory server."""
    if not isinstance(record, dict):
        return False
    entity = record.get("type") == "entity" and "observations" in record
    return entity or (record.get("type") == "relation" and {"from", "to", "relationType"} <= set(record))


def rows_of_graph(records: list[Any], limits: Limits, written_at: datetime) -> Iterator[Row]:
    """Yield a row for each entity with its observations and relations, and one for each relation of no entity."""
    relations: dict[str, list[str]] = {}
    for record in records:
        if is_graph(record) and record["type"] == "relation":
            told = f"{record['from']} {record['relationType']} {record['to']}"
            relations.setdefault(str(record["from"]), []).append(told)
    entities = {str(record.get("name")) for record in records if is_graph(record) and record["type"] == "entity"}

    def convert(record: dict[str, Any]) -> Row:
        if not is_graph(record):
            raise InvalidInput(f"{shown(record)} is neither an entity nor a relation.")
        if record["type"] == "relation":
            told = f"{record['from']} {record['relationType']} {record['to']}"
            return foreign_row(told, told, written_at, source="mcp-memory", kind=MemoryType.PROJECT_KNOWLEDGE)
        return _entity(record, relations.get(str(record.get("name")), []), written_at)

    lonely = [
        record
        for record in records
        if not is_graph(record) or record["type"] == "entity" or str(record["from"]) not in entities
    ]
    yield from rows_of(lonely, convert, limits)


def _entity(record: dict[str, Any], relations: list[str], written_at: datetime) -> Row:
    name, kind = _text(record, "name"), _word(record.get("entityType"))
    observations = record["observations"] if isinstance(record["observations"], list) else []
    facts = [f"- {fact}" for fact in (*texts(observations), *relations)]
    head = f"{name} ({kind})" if kind else name
    return foreign_row(
        name,
        "\n".join([head, *facts]),
        written_at,
        source="mcp-memory",
        kind=MemoryType.PROJECT_KNOWLEDGE,
        title=title_of(name),
        tags=_tags([kind]),
    )


# -- values -----------------------------------------------------------------------------------


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"{name} must be text, not {shown(value)}.")
    return value


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _tags(values: Any) -> list[str]:
    """Return what can be a tag."""
    wanted = values if isinstance(values, list) else []
    return [tag.replace(",", " ") for tag in texts(wanted) if len(tag) <= 64][:MAX_TAGS]
