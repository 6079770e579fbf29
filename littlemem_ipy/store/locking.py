"""Sensitive memories: their text is in an envelope, and only who has its passphrase reads it."""

from __future__ import annotations

from littlemem_ipy.models import Memory, SearchQuery, State
from littlemem_ipy.models.envelope import MARK, is_envelope
from littlemem_ipy.store.keeping import Keeping
from littlemem_ipy.transfer.envelopes import kept_passphrase

__all__ = ["Locking"]

_SAMPLE = 50


class Locking(Keeping):
    """The part of `MemoryStore` that opens and closes sensitive memories.

    A sensitive memory is kept as an envelope: its text is in no index, revision, event, export or backup, and
    searches, chats and tools see only that it is there. `reveal` opens it, while the store is unlocked.
    """

    @property
    def unlocked(self) -> bool:
        """Whether sensitive memories can be opened and added."""
        return self.vault.unlocked

    def unlock(self, passphrase: str | None = None) -> None:
        """Make it possible to open and to add sensitive memories, until `lock` or the end of the process.

        Parameters
        ----------
        passphrase
            What they are sealed with. The first one ever given is what later ones must be. None uses the
            system's keyring, which gets a random one at first use.

        Raises
        ------
        InvalidInput
            If it does not open the ones that are there, or there is no keyring.
        MissingExtra
            If the extra ``crypto`` is not installed.
        """
        self.vault.unlock(kept_passphrase() if passphrase is None else passphrase, self._envelopes())

    def has_sensitive(self) -> bool:
        """Return whether there are sensitive memories."""
        return bool(self._envelopes())

    def lock(self) -> None:
        """Forget the passphrase."""
        self.vault.lock()

    def reveal(self, memory: Memory) -> Memory:
        """Return the memory with its text if it is sensitive and can be opened, else as it is."""
        return self.vault.opened(memory)

    def protect(self, memory_id: str) -> Memory:
        """Make a memory sensitive and return it under its new id; the plain one is removed for good.

        Its text is removed from every table, index and revision, as by a hard delete; copies in backups and
        exports are out of reach.

        Raises
        ------
        InvalidInput
            If the store is locked.
        MemoryNotFound
            If there is no such memory.
        """
        memory = self._one(memory_id)
        if is_envelope(memory.content):
            return memory
        fields = {name: getattr(memory, name) for name in Memory.model_fields if name not in ("id", "revision")}
        sealed = self.vault.sealed(Memory(**fields))
        # First the new one: a crash in between leaves both.
        (kept,) = self.add_many([sealed])
        self.delete(memory_id, hard=True)
        return kept

    def _envelopes(self) -> list[str]:
        everywhere = SearchQuery(states=tuple(State), limit=_SAMPLE)
        keys = self.backend.index.postings([[MARK]], everywhere, _SAMPLE)
        found = self.backend.index.memories(keys).values()
        return [memory.content for memory in found if is_envelope(memory.content)]
