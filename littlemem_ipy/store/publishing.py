"""Handing a memory of one's own to a team, and taking it back."""

from __future__ import annotations

from littlemem_ipy import transfer
from littlemem_ipy.backends import Change, Company, Shared
from littlemem_ipy.errors import InvalidInput, StoreReadOnly
from littlemem_ipy.models import EXCHANGE, EventKind, Memory, SearchQuery, State
from littlemem_ipy.models.checks import new_id, shown
from littlemem_ipy.models.times import now
from littlemem_ipy.store.changing import Changing
from littlemem_ipy.store.gates import gated

__all__ = ["Publishing"]

# What goes along when a memory changes hands; its history, its use and its conversation stay where they are.
_SAID = (
    "type",
    "title",
    "content",
    "tags",
    "project",
    "importance",
    "source",
    "provenance",
    "created_at",
    "expires_at",
)


class Publishing(Changing):
    """The part of `MemoryStore` that moves memories between the user's own space and the shared one."""

    @property
    def company(self) -> Company | None:
        """With whom the store is shared; None where everything is the user's own."""
        company = self.backend.company() if isinstance(self.backend, Shared) else None
        return company if company and company.space else None

    def share(self, memory_id: str) -> Memory:
        """Put a memory of one's own where the team sees it, and return it as it is there.

        It gets a new id and begins a new history; what it was before stays private, marked as replaced by the
        shared one. Secrets are masked again, and it is not pinned for the others. Where the team has the same
        text already, that memory is returned. `unshare` and `undo` take it back.

        Parameters
        ----------
        memory_id
            Its id; for a memory that is shared already nothing changes.

        Raises
        ------
        InvalidInput
            If the store has no shared space, or the memory is not in use, sensitive, or an exchange of a chat.
        MemoryNotFound
            If there is no such memory.
        StoreReadOnly
            If the user may only read the shared space.
        """
        with self._writing():
            self._expect_company()
            memory = self._one(memory_id)
            if memory.provenance.user is not None:
                return memory
            if reason := _obstacle(memory):
                raise InvalidInput(f"the memory {memory.id} can't be shared: {reason}.")
            handed = self._known_to_all(memory)
            if handed is None:
                handed = _copy(memory)
                self._hand(handed, "share", shared=True)
            self._put(memory, memory.changed(superseded_by=handed.id), "share", EventKind.EDITED)
            return self._one(handed.id)

    def unshare(self, memory_id: str) -> Memory:
        """Take a memory of one's own out of the shared space again, and return it as the private one it is now.

        It keeps what colleagues have changed in it. In the shared space it is deleted, which `undo` takes back;
        a hard delete of it there removes it for good.

        Parameters
        ----------
        memory_id
            Its id; for a memory that is not shared nothing changes.

        Raises
        ------
        InvalidInput
            If the store has no shared space, or somebody else wrote the memory.
        MemoryNotFound
            If there is no such memory.
        StoreReadOnly
            If the user may only read the shared space.
        """
        with self._writing():
            company = self._expect_company()
            memory = self._one(memory_id)
            author = memory.provenance.user
            if author is None:
                return memory
            if author != company.user:
                raise InvalidInput(
                    f"the memory {memory.id} is {shown(author)[1:-1]}'s, and only its author takes it back; "
                    "%mem rm deletes it for all, %mem add keeps a copy of your own."
                )
            self._put(memory, memory.changed(deleted_at=now()), "unshare", EventKind.DELETED)
            earlier = self._handed(memory.id)
            if earlier is None:
                mine = _copy(memory)
                self._hand(mine, "unshare", shared=False)
                return self._one(mine.id)
            fields = {name: getattr(memory, name) for name in _SAID if name not in ("provenance", "created_at")}
            return self._put(earlier, earlier.changed(superseded_by=None, **fields), "unshare", EventKind.RESTORED)

    def _expect_company(self) -> Company:
        company = self.company
        if company is None:
            raise InvalidInput(
                "this store is yours alone: there is no shared space to move a memory to or from. "
                "The address of a team's store ends with ?space=NAME."
            )
        if not company.may_write:
            raise StoreReadOnly(f"You may only read the space {company.space}; nothing was changed.")
        return company

    def _known_to_all(self, memory: Memory) -> Memory | None:
        """Return the shared memory with the same text, if there is one in use."""
        same = self.backend.same(memory.content_hash, memory.project)
        return next((m for m in same if m.provenance.user is not None and m.state is State.ACTIVE), None)

    def _handed(self, shared_id: str) -> Memory | None:
        """Return the private memory that was handed over as this one."""
        replaced = transfer.memories(self.backend, SearchQuery(states=(State.SUPERSEDED,)))
        mine = (memory for memory in replaced if memory.superseded_by == shared_id and not memory.provenance.user)
        return next(mine, None)

    def _hand(self, memory: Memory, action: str, *, shared: bool) -> None:
        self.backend.put([Change(memory, action, shared)])
        self._log(EventKind.STORED, memory.id, action=action)


def _obstacle(memory: Memory) -> str | None:
    """Return why a memory can't be shared."""
    if memory.locked:
        return "it is sensitive, and only your passphrase opens it"
    if memory.source == EXCHANGE:
        return "it is an exchange of a chat, which stays private"
    if memory.held is not None:
        return "it waits in the inbox; accept it first"
    return None if memory.state is State.ACTIVE else f"it is {memory.state}; restore it first"


def _copy(memory: Memory) -> Memory:
    """Return a memory as it changes hands: under a new id, with what it says, secrets masked."""
    provenance = memory.provenance.model_copy(update={"user": None})
    said = {name: getattr(memory, name) for name in _SAID}
    return gated({**said, "provenance": provenance, "id": new_id(), "updated_at": now()})
