"""Between a `Memory` and its row: the columns of the default backend, with words, space and author.

What a row holds, and how a change of it is kept, is the same as in the default backend, hence its functions.
The author's name is the server's own column: nobody can write another one, so it is never kept in the provenance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from littlemem_ipy.backends.postgres.lexemes import facets, stems, within
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.backends.words import index_terms
from littlemem_ipy.models import Memory, Revision

__all__ = ["PLAIN", "SELECT", "UPSERT", "history_of", "memory_of", "named", "nameless", "record_of", "words_of"]

_FIELDS = {
    **dict.fromkeys(rows.COLUMNS, "text"),
    **dict.fromkeys(("created_at", "updated_at", "expires_at", "archived_at", "deleted_at", "revision"), "bigint"),
    "importance": "float8",
    "pinned": "smallint",
    "content_hash": "bytea",
    "length": "int",
    "words": "text[]",
}
_READ = [f"m.{name}" for name in _FIELDS if name not in ("words", "terms", "tag_keys", "content_hash")]
_GIVEN = [f"r.{name}" if name != "words" else "array_to_tsvector(r.words)" for name in _FIELDS]

SELECT = (
    f"SELECT m.space, m.key, m.member, {', '.join(_READ)}, u.access_count, u.last_accessed_at"
    " FROM littlemem.memories m LEFT JOIN littlemem.usage u ON u.space = m.space AND u.key = m.key"
)
# What `MemoryRow` holds, in its order; whose it is goes into the provenance as in `memory_of`.
PLAIN = (
    "SELECT m.id, m.type, m.title, m.content, m.tags, m.project, m.conversation_id, m.source,"
    " CASE WHEN m.space = %s THEN m.provenance ELSE"
    " (coalesce(m.provenance, '{}')::jsonb || jsonb_build_object('user', m.member))::text END AS provenance,"
    " m.importance, m.pinned, m.created_at, m.updated_at, m.expires_at, m.archived_at, m.deleted_at,"
    " m.superseded_by, m.held, m.revision, coalesce(u.access_count, 0) AS access_count, u.last_accessed_at"
    " FROM littlemem.memories m LEFT JOIN littlemem.usage u ON u.space = m.space AND u.key = m.key"
)
UPSERT = (
    f"INSERT INTO littlemem.memories (space, key, {', '.join(_FIELDS)})"
    f" SELECT r.space, coalesce(r.key, nextval('littlemem.keys')), {', '.join(_GIVEN)}"
    " FROM json_to_recordset(%s::json)"
    f" AS r (space int, key bigint, {', '.join(f'{name} {kind}' for name, kind in _FIELDS.items())})"
    f" ON CONFLICT (space, id) DO UPDATE SET {', '.join(f'{n} = excluded.{n}' for n in _FIELDS if n != 'id')}"
    " RETURNING id, space, key"
)


def record_of(memory: Memory, space: int) -> tuple[dict[str, Any], list[str]]:
    """Return the columns of a memory in a space as JSON takes them, and its words as often as they occur."""
    row = rows.row_of(nameless(memory))
    words = stems(memory, row["terms"])
    row |= {
        "space": space,
        "content_hash": f"\\x{memory.content_hash.hex()}",
        "length": len(words),
        "words": within(space, (*facets(memory), *words)),
    }
    return row, words


def words_of(memory: Memory) -> list[str]:
    """Return the words by which a memory is found."""
    return stems(memory, index_terms(memory.title, memory.content, memory.tags))


def memory_of(row: Mapping[str, Any], private: int) -> Memory:
    """Return the memory of a row of `SELECT`, with its author's name unless the space is the user's own."""
    return named(rows.memory_of(row), row, private)


def history_of(row: Mapping[str, Any], revisions: Iterable[Mapping[str, Any]], private: int) -> list[Revision]:
    """Return the history of a memory, oldest first, from its row and those of its revisions, newest first."""
    found = rows.history(rows.memory_of(row), revisions)
    return [replace(each, memory=named(each.memory, row, private)) for each in found]


def nameless(memory: Memory) -> Memory:
    """Return a memory without its author's name."""
    return memory if memory.provenance.user is None else _with_name(memory, None)


def named(memory: Memory, row: Mapping[str, Any], private: int) -> Memory:
    """Return a memory with the name of its row's author, unless the space is the user's own."""
    return memory if row["space"] == private else _with_name(memory, row["member"])


def _with_name(memory: Memory, name: str | None) -> Memory:
    return memory.model_copy(update={"provenance": memory.provenance.model_copy(update={"user": name})})
