"""What moves a memory between its states, and takes changes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from littlemem_ipy.backends import Change
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import EXCHANGE, Event, EventKind, Memory, SearchQuery, State
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.times import now
from littlemem_ipy.store.reading import Reading
from littlemem_ipy.store.scope import CURRENT, Unset

__all__ = ["Changing"]

_MAX_UNDO = 2**31


class Changing(Reading):
    """The part of `MemoryStore` that changes where memories stand, not what they say."""

    def restore(self, memory_id: str) -> Memory:
        """Take a deleted, archived, superseded or expired memory back into use and return it.

        If the same text is in use already, in the same project, that memory is returned and nothing changes.
        """
        with self._writing():
            memory = self._one(memory_id)
            for other in self.backend.same(memory.content_hash, memory.project):
                if other.state is State.ACTIVE and other.id != memory.id:
                    return other
            expires = None if memory.expires_at and memory.expires_at <= now() else memory.expires_at
            active = memory.changed(deleted_at=None, archived_at=None, superseded_by=None, expires_at=expires)
            return self._put(memory, active, "restore", EventKind.RESTORED)

    def archive(self, memory_id: str) -> Memory:
        """Put a memory out of use without deleting it and return it; `restore` takes it back."""
        with self._writing():
            memory = self._one(memory_id)
            return self._put(
                memory, memory.changed(archived_at=memory.archived_at or now()), "archive", EventKind.EDITED
            )

    def accept(self, memory_id: str) -> Memory:
        """Take a memory out of the inbox: from now on it is trusted like the user's own."""
        with self._writing():
            memory = self._one(memory_id)
            provenance = memory.provenance.model_copy(update={"accepted": True})
            if memory.held is not None:
                self._log(EventKind.ACCEPTED, memory.id, rule=memory.provenance.rule, project=self.project)
            return self._put(memory, memory.changed(held=None, provenance=provenance), "accept", EventKind.EDITED)

    def reject(self, memory_id: str) -> Memory:
        """Delete a memory that waits in the inbox and return it; its rule is trusted less from now on."""
        with self._writing():
            memory = self._one(memory_id)
            if memory.held is not None:
                self._log(EventKind.REJECTED, memory.id, rule=memory.provenance.rule, project=self.project)
            gone = memory.changed(deleted_at=memory.deleted_at or now())
            return self._put(memory, gone, "reject", EventKind.DELETED)

    def supersede(self, old_id: str, new_id: str) -> Memory:
        """Mark a memory as replaced by another one and return it; both stay in the history."""
        with self._writing():
            old, new = self._one(old_id), self._one(new_id)
            if old.id == new.id:
                raise InvalidInput(f"{shown(old.id)} can't replace itself.")
            return self._put(old, old.changed(superseded_by=new.id), "supersede", EventKind.EDITED)

    def undo(self, count: int = 1, *, project: str | Unset | None = CURRENT) -> list[Memory]:
        """Take back the last changes in the current scope, newest first.

        Parameters
        ----------
        count
            How many changes; one call of another method is one change.
        project
            Another scope, as in `search`.

        Returns
        -------
        list of Memory
            What was changed, as it is now; what had been added is now deleted (and restorable).
        """
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InvalidInput(f"the number of changes to undo must be at least 1, not {shown(count)}.")
        # What a chat has kept of itself is no change that anybody would want to take back.
        mine = SearchQuery(projects=self._scope(project), states=tuple(State), sources_none=(EXCHANGE,))
        undone: dict[str, Memory] = {}
        with self._writing():
            for batch in self.backend.batches(min(count, _MAX_UNDO), mine):
                # Of several changes of a memory the first one tells where to go back to.
                earlier = {memory_id: before for memory_id, _, before in reversed(batch.changes)}
                present = self.backend.get(list(earlier))
                goals = [(present[i], goal or present[i].changed(deleted_at=now())) for i, goal in earlier.items()]
                undone |= {memory.id: memory for memory in self._put_all(goals, "undo", EventKind.EDITED)}
                self.backend.mark_undone(batch.key)
        return list(undone.values())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Give one write transaction, after the snapshot that may be due."""
        if self.snapshots:
            self.snapshots.make_if_due(self.backend)
        with self.backend.write():
            yield

    def _put(self, before: Memory | None, memory: Memory, action: str, event: EventKind) -> Memory:
        """Write one change, if it is one."""
        if before is not None:
            return self._put_all([(before, memory)], action, event)[0]
        self.backend.put([Change(memory, action)])
        self._log(event, memory.id, action=action)
        return memory

    def _put_all(self, pairs: Iterable[tuple[Memory, Memory]], action: str, event: EventKind) -> list[Memory]:
        """Write many changes of one kind, each from what was before, and return the memories as they are now."""
        results = [(before, _advanced(before, memory)) for before, memory in pairs]
        changed = [memory for before, memory in results if memory is not before]
        self.backend.put(Change(memory, action) for memory in changed)
        moment = now()
        self.backend.log(Event(event, moment, memory.id, {"action": action}) for memory in changed)
        return [memory for _, memory in results]


def _advanced(before: Memory, memory: Memory) -> Memory:
    """Return the changed memory as the next revision; the one before where nothing has changed."""
    memory = memory.model_copy(update={"revision": before.revision, "updated_at": before.updated_at})
    if memory == before:
        return before
    return memory.model_copy(update={"revision": before.revision + 1, "updated_at": now()})
