"""A query's filters in PostgreSQL's words: the same predicate as in the default backend, translated."""

from __future__ import annotations

from typing import Any

from littlemem_ipy.backends.sqlite import filters
from littlemem_ipy.backends.sqlite.rows import to_micros
from littlemem_ipy.models import SearchQuery
from littlemem_ipy.models.times import now

__all__ = ["STATE", "order", "state_values", "where"]


def _translated(sql: str) -> str:
    """Return a condition of the default backend; every value in it is bound, so a mark is always a mark."""
    return sql.replace("?", "%s").replace("instr(", "strpos(").replace("char(10)", "chr(10)")


STATE = _translated(filters.STATE)


def state_values() -> list[Any]:
    """Return the values of `STATE`."""
    return [to_micros(now())]


def where(query: SearchQuery, spaces: list[int]) -> tuple[str, list[Any]]:
    """Return the condition on ``memories m`` in some spaces, and its values."""
    condition, values = filters.where(query)
    # One number is written as one, because then an index can give the order as well.
    space, place = ("m.space = %s", spaces[0]) if len(spaces) == 1 else ("m.space = ANY (%s)", spaces)
    return f"{space}{f' AND {_translated(condition)}' if condition else ''}", [place, *values]


# Letters are compared as the default backend does it: by their bytes, A to Z without case.
_SORTS = {
    "created": "m.created_at",
    "updated": "m.updated_at",
    "title": 'lower(m.title COLLATE "C")',
    "type": 'm.type COLLATE "C"',
    "project": "lower(coalesce(m.project, '') COLLATE \"C\")",
    "tags": 'lower(m.tags COLLATE "C")',
    "source": 'm.source COLLATE "C"',
    "used": "coalesce(u.access_count, 0)",
}


def order(query: SearchQuery) -> str:
    """Return the terms of ORDER BY on the rows of `SELECT`; of equals the newest comes first."""
    direction = "DESC" if query.descending else "ASC"
    newest = "" if query.sort == "created" else "m.created_at DESC, "
    return f"{_SORTS[query.sort]} {direction}, {newest}m.key {direction if not newest else 'DESC'}"
