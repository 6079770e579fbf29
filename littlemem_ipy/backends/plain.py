"""Memories and their log as plain values, many at once, for tables and the search: nothing is parsed or checked."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NEVER", "EventRow", "MemoryRow", "Passage", "UsageRow"]


class Passage(NamedTuple):
    """What the search scores of a memory.

    Attributes
    ----------
    key
        The backend's own number of the memory.
    tags
        The tags, separated by spaces.
    terms
        The extra index words; see `littlemem_ipy.backends.words`.
    created_at
        Microseconds since 1970 UTC.
    injected, used
        How often it went into a prompt, and how often the reply made use of it.
    rated
        The sum of the user's ratings of replies that it went into, 1 for a good and -1 for a bad one.
    """

    key: int
    title: str
    content: str
    tags: str
    terms: str
    conversation_id: str | None
    created_at: int
    importance: float
    pinned: int
    access_count: int
    injected: int = 0
    used: int = 0
    rated: int = 0


class MemoryRow(NamedTuple):
    """A memory as plain values, for tables: nothing is parsed or checked, which makes it fast.

    Attributes
    ----------
    tags
        A JSON array of texts.
    provenance
        A JSON object of what differs from `Provenance`'s defaults; None where nothing does.
    pinned
        0 or 1.
    created_at, updated_at, expires_at, archived_at, deleted_at, last_accessed_at
        Microseconds since 1970 UTC.
    """

    id: str
    type: str
    title: str
    content: str
    tags: str
    project: str | None
    conversation_id: str | None
    source: str
    provenance: str | None
    importance: float
    pinned: int
    created_at: int
    updated_at: int
    expires_at: int | None
    archived_at: int | None
    deleted_at: int | None
    superseded_by: str | None
    held: str | None
    revision: int
    access_count: int
    last_accessed_at: int | None


class EventRow(NamedTuple):
    """An event as plain values.

    Attributes
    ----------
    at
        Microseconds since 1970 UTC.
    memory_id
        None where it concerns no memory, or one that was removed for good.
    data
        A JSON object; None where nothing else is known.
    """

    at: int
    kind: str
    memory_id: str | None
    data: str | None


class UsageRow(NamedTuple):
    """What the log says of one memory's part in prompts and replies, added up.

    Attributes
    ----------
    memory_id
        None for memories that were removed for good.
    retrieved, injected, used
        How often it was read in full, went into a prompt, and was made use of by the reply.
    good, bad
        How many replies with it were called good, and how many bad.
    tokens, cost
        What it took in prompts: estimated tokens, and US dollars; 0 where nothing is known.
    last_injected_at, last_used_at
        Microseconds since 1970 UTC; None for never.
    """

    memory_id: str | None
    retrieved: int = 0
    injected: int = 0
    used: int = 0
    good: int = 0
    bad: int = 0
    tokens: float = 0.0
    cost: float = 0.0
    last_injected_at: int | None = None
    last_used_at: int | None = None


NEVER = UsageRow(None)
"""What the log says of a memory that it doesn't know."""
