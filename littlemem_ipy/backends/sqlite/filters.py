"""A query's filters as SQL: the same predicate on every path, with every value bound."""

from __future__ import annotations

from typing import Any

from littlemem_ipy.backends.sqlite.rows import to_micros
from littlemem_ipy.models import SearchQuery, State
from littlemem_ipy.models.times import now

__all__ = ["STATE", "order", "where"]

# Mirrors Memory.state; a test holds both against each other.
STATE = (
    "CASE WHEN m.deleted_at IS NOT NULL THEN 'deleted' WHEN m.held IS NOT NULL THEN 'held'"
    " WHEN m.superseded_by IS NOT NULL THEN 'superseded' WHEN m.archived_at IS NOT NULL THEN 'archived'"
    " WHEN m.expires_at <= ? THEN 'expired' ELSE 'active' END"
)
_ACTIVE = (
    "m.deleted_at IS NULL AND m.held IS NULL AND m.superseded_by IS NULL AND m.archived_at IS NULL"
    " AND (m.expires_at IS NULL OR m.expires_at > ?)"
)


def where(query: SearchQuery) -> tuple[str, list[Any]]:
    """Return the condition on ``memories m`` and its values; the text of the query is not part of it."""
    parts: list[tuple[str, list[Any]]] = [
        _states(query.states),
        _one_of("m.type", [str(kind) for kind in query.types]),
        _one_of("m.source", list(query.sources)),
        *[("m.source != ?", [source]) for source in query.sources_none],
        _projects(query.projects),
        *[(f"instr(m.tag_keys, {_TAG}) > 0", [tag]) for tag in query.tags],
        *[(f"instr(m.tag_keys, {_TAG}) = 0", [tag]) for tag in query.tags_none],
    ]
    if query.tags_any:
        parts.append((" OR ".join([f"instr(m.tag_keys, {_TAG}) > 0"] * len(query.tags_any)), [*query.tags_any]))
    if query.conversation_id is not None:
        parts.append(("m.conversation_id = ?", [query.conversation_id]))
    if query.pinned is not None:
        # As a literal, because only then the index of the few pinned ones is used.
        parts.append((f"m.pinned = {int(query.pinned)}", []))
    if query.since is not None:
        parts.append(("m.created_at >= ?", [to_micros(query.since)]))
    if query.until is not None:
        parts.append(("m.created_at < ?", [to_micros(query.until)]))
    used = [(condition, values) for condition, values in parts if condition]
    return " AND ".join(f"({condition})" for condition, _ in used), [v for _, values in used for v in values]


_SORTS = {
    "created": "m.created_at",
    "updated": "m.updated_at",
    "title": "m.title COLLATE NOCASE",
    "type": "m.type",
    "project": "m.project COLLATE NOCASE",
    "tags": "m.tags COLLATE NOCASE",
    "source": "m.source",
    "used": "(SELECT access_count FROM usage WHERE pk = m.pk)",
}


def order(query: SearchQuery) -> str:
    """Return the terms of ORDER BY on ``memories m``; of equals the newest comes first."""
    direction = "DESC" if query.descending else "ASC"
    newest = "" if query.sort == "created" else "m.created_at DESC, "
    return f"{_SORTS[query.sort]} {direction}, {newest}m.pk {direction if not newest else 'DESC'}"


_TAG = "char(10) || ? || char(10)"


def _states(states: tuple[State, ...]) -> tuple[str, list[Any]]:
    if states == (State.ACTIVE,):
        return _ACTIVE, [to_micros(now())]
    if len(states) == len(State):
        return "", []
    if not states:
        return "1 = 0", []
    marks = ", ".join("?" * len(states))
    return f"{STATE} IN ({marks})", [to_micros(now()), *map(str, states)]


def _one_of(column: str, values: list[Any]) -> tuple[str, list[Any]]:
    return (f"{column} IN ({', '.join('?' * len(values))})", values) if values else ("", [])


def _projects(projects: tuple[str | None, ...] | None) -> tuple[str, list[Any]]:
    if projects is None:
        return "", []
    named = [project for project in projects if project is not None]
    condition, values = _one_of("m.project", named)
    options = [condition] * bool(named) + ["m.project IS NULL"] * (None in projects)
    return (" OR ".join(options) or "1 = 0", values)
