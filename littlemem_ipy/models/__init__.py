"""The words of the package: what a memory is, what may be asked, and what comes back."""

from littlemem_ipy.models.kinds import TYPES, Injection, MemoryType, TypeInfo, type_info
from littlemem_ipy.models.memory import EXCHANGE, Author, Memory, Provenance, State, build, build_stored
from littlemem_ipy.models.reports import Contents, Event, EventKind, Finding, MemoryStats, Revision
from littlemem_ipy.models.searching import MAX_LIMIT, SearchHit, SearchQuery, SearchResults
from littlemem_ipy.models.tables import Table

__all__ = [
    "EXCHANGE",
    "MAX_LIMIT",
    "TYPES",
    "Author",
    "Contents",
    "Event",
    "EventKind",
    "Finding",
    "Injection",
    "Memory",
    "MemoryStats",
    "MemoryType",
    "Provenance",
    "Revision",
    "SearchHit",
    "SearchQuery",
    "SearchResults",
    "State",
    "Table",
    "TypeInfo",
    "build",
    "build_stored",
    "type_info",
]
