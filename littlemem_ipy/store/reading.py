"""What can be asked of a store."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Self

from littlemem_ipy import redact, search
from littlemem_ipy.backends import Backend
from littlemem_ipy.embeddings import Embedder, Embeddings
from littlemem_ipy.errors import MemoryNotFound
from littlemem_ipy.models import (
    Event,
    EventKind,
    Memory,
    MemoryStats,
    MemoryType,
    Revision,
    SearchQuery,
    SearchResults,
    State,
    build,
)
from littlemem_ipy.models.checks import check_id, check_project
from littlemem_ipy.models.schedules import Schedule
from littlemem_ipy.models.times import now
from littlemem_ipy.store.scope import CURRENT, Unset
from littlemem_ipy.transfer.envelopes import Vault
from littlemem_ipy.transfer.snapshots import Snapshots

__all__ = ["Reading"]


class Reading:
    """The reading half of `MemoryStore`.

    Parameters
    ----------
    backend
        Where the memories are kept.
    project
        The current project; None for none.
    embedder
        What makes vectors for a search by meaning; None searches by words alone.
    schedule
        When a snapshot of the whole is made before a change; None for never.

    Attributes
    ----------
    share_sensitive
        Whether searches, chats and tools see sensitive memories while these are unlocked.
    """

    def __init__(
        self,
        backend: Backend,
        project: str | None = None,
        embedder: Embedder | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.backend = backend
        self.project = project
        self.embeddings = Embeddings(backend.vectors, embedder) if embedder else None
        self.vault = Vault()
        self.share_sensitive = False
        place = backend.path
        self.snapshots = Snapshots(place.with_name(f"{place.stem}-snapshots"), schedule) if place else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.backend.url!r}, project={self.project!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file; a later call opens it again."""
        self.backend.close()

    def get(self, memory_id: str) -> Memory:
        """Return a memory by its id, whatever its state.

        Raises
        ------
        InvalidInput
            If it is not the id of a memory.
        MemoryNotFound
            If there is no such memory; the message names close ids.
        """
        memory = self._one(memory_id)
        self._log(EventKind.RETRIEVED, memory.id)
        return self.vault.opened(memory) if self.share_sensitive else memory

    def search(
        self,
        text: str = "",
        *,
        type: str | Sequence[str] | None = None,  # noqa: A002
        tags: Iterable[str] | str = (),
        tags_any: Iterable[str] | str = (),
        tags_none: Iterable[str] | str = (),
        project: str | Unset | None = CURRENT,
        conversation_id: str | None = None,
        since: Any = None,
        until: Any = None,
        limit: int = 10,
        offset: int = 0,
        include_archived: bool = False,
        states: Sequence[State] | None = None,
        pinned: bool | None = None,
        sources: Iterable[str] | str = (),
        sources_none: Iterable[str] | str = (),
        sort: str = "created",
        descending: bool = True,
        by: str | None = "user",
    ) -> SearchResults:
        """Find memories; without words, list them newest first.

        Parameters
        ----------
        text
            Words to find; any string is legal.
        type
            One type or several.
        tags, tags_any, tags_none
            Tags of which all, at least one, or none must be there.
        project
            Left out: the current project and memories of no project. A name: that project. ``"*"``: all.
            None: memories of no project.
        conversation_id
            Only this conversation.
        since, until
            Only memories created from then on, or until then: dates, times or words such as ``7d``,
            ``yesterday``, ``last week``. A day, week or month counts to its end.
        limit, offset
            How many, after leaving out how many.
        include_archived
            Whether archived and superseded memories count as well.
        states
            Exactly these states instead.
        pinned
            Only memories that are pinned, or that aren't; None for both.
        sources, sources_none
            Only memories with one of these sources, and with none of those.
        sort, descending
            The order of a search without words: ``created updated title type project tags source used``.
        by
            Who asks, for the log: ``user``, ``chat``, ``model``, ``browser``. None keeps it out of the log.

        Raises
        ------
        InvalidInput
            If a filter is refused.
        """
        started = time.perf_counter()
        if states is None:
            states = (State.ACTIVE, State.ARCHIVED, State.SUPERSEDED) if include_archived else (State.ACTIVE,)
        query = build(
            SearchQuery,
            {
                "text": text,
                "types": type,
                "tags": tags,
                "tags_any": tags_any,
                "tags_none": tags_none,
                "projects": self._scope(project),
                "conversation_id": conversation_id,
                "since": since,
                "until": until,
                "limit": limit,
                "offset": offset,
                "states": states,
                "pinned": pinned,
                "sources": sources,
                "sources_none": sources_none,
                "sort": sort,
                "descending": descending,
            },
        )
        hits, total = search.find(self.backend, query, self.embeddings)
        if self.share_sensitive:
            hits = [replace(hit, memory=self.vault.opened(hit.memory)) for hit in hits]
        elapsed = (time.perf_counter() - started) * 1000
        if by is not None and query.text.strip():
            self._log(
                EventKind.SEARCHED,
                None,
                by=by,
                query=redact.redact(query.text[:2000])[:500],
                hits=total,
                ms=round(elapsed, 3),
            )
        return SearchResults(tuple(hits), total, elapsed, query)

    def profile(self, limit: int = 200) -> list[Memory]:
        """Return what every chat considers in the current scope: pinned memories and the user's preferences.

        Parameters
        ----------
        limit
            How many of each at most, the newest ones.
        """
        newest = SearchQuery(projects=self._scope(CURRENT), limit=limit, counted=False)
        pinned, _ = self.backend.select(newest.model_copy(update={"pinned": True}))
        preferences, _ = self.backend.select(newest.model_copy(update={"types": (MemoryType.USER_PREFERENCE,)}))
        found = {memory.id: memory for memory in (*pinned, *preferences)}.values()
        return [self.vault.opened(memory) for memory in found] if self.share_sensitive else list(found)

    def embed(self, *, progress: bool = False) -> int:
        """Make the vectors that are missing, all of them, and return how many; 0 without an embedder.

        A search makes those of the newest memories itself, and finds the others by their words until then.

        Parameters
        ----------
        progress
            Whether to show a bar.
        """
        return self.embeddings.catch_up(progress=progress) if self.embeddings else 0

    def count(self, **filters: Any) -> int:
        """Return how many memories are in use, in the whole store unless filtered as in `search`."""
        filters = {"project": "*"} | filters
        return self.search("", limit=0, **filters).total

    def stats(self) -> MemoryStats:
        """Return how much there is of what, in the whole store."""
        return self.backend.stats()

    def history(self, memory_id: str) -> list[Revision]:
        """Return what a memory was, change by change, oldest first."""
        self._one(memory_id)
        return self.backend.revisions(memory_id)

    def note(self, kind: str, memory_ids: Iterable[str], **data: Any) -> None:
        """Log that something happened to memories: ``injected`` or ``used``, for example."""
        self.backend.log([Event(str(kind), now(), memory_id, data) for memory_id in memory_ids])

    def record(self, kind: str, **data: Any) -> None:
        """Log something that happened to no single memory."""
        self.backend.log([Event(str(kind), now(), None, data)])

    def events(self, *kinds: str, limit: int | None = None) -> list[Event]:
        """Return the log, newest first.

        Parameters
        ----------
        *kinds
            Only these kinds; all when there are none.
        limit
            At most this many.
        """
        return self.backend.events(kinds, limit)

    def _scope(self, project: str | Unset | None) -> tuple[str | None, ...] | None:
        if project is CURRENT:
            return (None,) if self.project is None else (self.project, None)
        return None if project == "*" else (check_project(project),)

    def _one(self, memory_id: str) -> Memory:
        found = self.backend.get([check_id(memory_id)])
        if memory_id not in found:
            close = difflib.get_close_matches(memory_id, self.backend.near("mem_", 500), 3, 0.8)
            advice = f"did you mean {' or '.join(close)}?" if close else "%mem list -l shows what there is."
            raise MemoryNotFound(f"there is no memory {memory_id}; {advice}")
        return found[memory_id]

    def _log(self, kind: EventKind, memory_id: str | None, **data: Any) -> None:
        self.backend.log([Event(kind, now(), memory_id, data)])
