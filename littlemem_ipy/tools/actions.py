"""What the five tools do, within the scope of the store they are given.

A call reaches the store's project and the memories of no project, whatever it asks for: what
a model reads may tell it to look elsewhere. Only a store that has no project of its own isn't
bound to one, so there a call may name any. What waits in the inbox and what is deleted doesn't
exist for a tool.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from littlemem_ipy import redact
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Memory, Provenance, State
from littlemem_ipy.models.checks import check_conversation, check_project, shown
from littlemem_ipy.models.times import now
from littlemem_ipy.store import CURRENT, MemoryStore
from littlemem_ipy.tools.arguments import (
    MAX_HITS,
    DeleteArguments,
    RetrieveArguments,
    SearchArguments,
    StoreArguments,
    UpdateArguments,
)
from littlemem_ipy.tools.results import brief, failed, found, retrieved

__all__ = ["Caller", "delete", "retrieve", "search", "store", "update"]

# The source of logged chats, as `chat.threads` writes it: words find them, a list leaves them out.
_LOGGED = "exchange"
_HIDDEN = {State.HELD, State.DELETED}
_ALL = {"*", "auto"}  # words of the store, not names of projects


@dataclass(frozen=True)
class Caller:
    """On whose behalf, and on which store, a tool acts.

    Attributes
    ----------
    store
        The store; its current project is the scope.
    origin
        The provenance of what is written; its author is the model.
    conversation_id
        The conversation that the call belongs to.
    """

    store: MemoryStore
    origin: Provenance
    conversation_id: str | None = None

    def foreign(self, named: str | None) -> str | None:
        """Say why a project can't be reached from here; None if it can or if none was named."""
        own = self.store.project
        if named is None or (named not in _ALL and (own is None or check_project(named) == own)):
            return None
        reach = f"project {own!r} and memories of no project" if own else "one project at a time"
        return f"projectId {shown(named)} is out of reach: only {reach} can be used from here."

    def visible(self, memory_id: str) -> Memory | None:
        """Give a memory by its id, if it is in scope; reading it so leaves no trace."""
        memory = self.store.backend.get([memory_id]).get(memory_id)
        if memory is None or memory.state in _HIDDEN:
            return None
        own = self.store.project
        return memory if own is None or memory.project in {None, own} else None


def store(caller: Caller, asked: StoreArguments) -> dict[str, Any]:
    """Remember a text as the model's own words."""
    note = caller.foreign(asked.project)
    project = CURRENT if note or asked.project is None else asked.project
    started = now()
    memory = caller.store.add(
        asked.content,
        type=asked.type,
        title=asked.title,
        tags=asked.tags,
        project=project,
        conversation_id=check_conversation(asked.conversation) or caller.conversation_id,
        source="tool",
        provenance=caller.origin,
    )
    if note:
        note += " It was remembered here instead."
    if memory.held:
        return brief("waiting", memory, note=f"The user has to accept it first: {memory.held}.")
    if redact.redact(asked.content) != asked.content:
        note = " ".join(filter(None, [note, "A secret in it was masked."]))
    return brief("created" if memory.created_at >= started else "duplicate", memory, note=note)


def search(caller: Caller, asked: SearchArguments) -> dict[str, Any]:
    """Find memories; in a project that is out of reach there are none."""
    if note := caller.foreign(asked.project):
        return {"status": "ok", "total": 0, "hits": [], "note": note}
    results = caller.store.search(
        asked.text,
        type=asked.type,
        tags=asked.tags,
        project=CURRENT if asked.project is None else asked.project,
        conversation_id=asked.conversation,
        since=asked.since,
        until=asked.until,
        sources_none=() if asked.text.strip() or asked.conversation else _LOGGED,
        limit=min(asked.limit, MAX_HITS),
        offset=asked.offset,
        by="model",
    )
    return found(results)


def retrieve(caller: Caller, asked: RetrieveArguments) -> dict[str, Any]:
    """Give memories in full."""
    if not asked.wanted:
        raise InvalidInput("the argument id is missing; memory-search gives the ids")
    memories = {memory_id: caller.visible(memory_id) for memory_id in asked.wanted}
    here = [caller.store.get(memory_id) for memory_id, memory in memories.items() if memory]
    missing = [memory_id for memory_id, memory in memories.items() if not memory]
    return retrieved(here, missing) if here else _not_found(", ".join(missing))


def update(caller: Caller, asked: UpdateArguments) -> dict[str, Any]:
    """Change a memory; what it was stays in its history."""
    changes = {name: value for name, value in asked if name != "id" and name in asked.model_fields_set}
    if not changes:
        raise InvalidInput("nothing to change: give content, title, tags or type")
    before = caller.visible(asked.id)
    if before is None:
        return _not_found(asked.id)
    seen = before.revision  # what somebody changes meanwhile and the model doesn't is no conflict
    after = caller.store.update(asked.id, expected_revision=seen, merge=True, provenance=caller.origin, **changes)
    if after.held:
        return brief("waiting", after, note=f"The user has to accept it first: {after.held}.")
    return brief("updated" if after.revision > before.revision else "unchanged", after, revision=after.revision)


def delete(caller: Caller, asked: DeleteArguments) -> dict[str, Any]:
    """Delete a memory so that the user can restore it."""
    before = caller.visible(asked.id)
    if before is None:
        return _not_found(asked.id)
    memory = caller.store.delete(asked.id, expected_revision=before.revision)
    return brief("deleted", memory, note="The user can take it back with %mem undo or %mem restore.")


def _not_found(ids: str) -> dict[str, Any]:
    return failed("not_found", f"there is no memory {ids} here; memory-search gives the ids of those that are.")
