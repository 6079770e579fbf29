"""What is captured from an exchange, written to a store: added, taken for known, replaced, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from littlemem_ipy.capture.candidate import Candidate, Withdrawal
from littlemem_ipy.capture.changes import (
    Relation,
    adds_to,
    cancels,
    changes,
    over,
    relation,
    same_subject,
    touches,
)
from littlemem_ipy.capture.propose import amendments, candidates
from littlemem_ipy.capture.standing import weighed
from littlemem_ipy.capture.titles import tags_of, title_of
from littlemem_ipy.capture.withdraw import cancellations
from littlemem_ipy.errors import StoreUnreachable
from littlemem_ipy.models import Author, Memory, MemoryType, Provenance
from littlemem_ipy.models.kinds import captured_types, proposed_types
from littlemem_ipy.models.times import now
from littlemem_ipy.redact import redact

if TYPE_CHECKING:
    from littlemem_ipy.store import MemoryStore

__all__ = ["SURE", "CaptureReport", "capture_exchange", "store_captured"]

SURE = 0.7
"""The confidence from which on a candidate is taken into use without being asked about."""
_NEAREST, _NEWEST = 10, 60
_LOOSE = frozenset({MemoryType.USER_PREFERENCE, MemoryType.PROJECT_KNOWLEDGE, MemoryType.GENERAL})
_MOST_WITHDRAWN = 3
_PART = re.compile(r"[,;.:，；。、](?:\s+|(?<=[，；。、]))")


class CaptureReport(BaseModel):
    """What an exchange changed in a store.

    Attributes
    ----------
    saved
        Memories that were added and are in use.
    proposed
        Memories that were added but wait in the inbox.
    repeated
        Memories that said the same already.
    superseded
        Memories that a saved one replaces.
    withdrawn
        Memories that the user wanted forgotten; deleted, restorable.
    """

    model_config = ConfigDict(frozen=True)

    saved: tuple[Memory, ...] = ()
    proposed: tuple[Memory, ...] = ()
    repeated: tuple[Memory, ...] = ()
    superseded: tuple[Memory, ...] = ()
    withdrawn: tuple[Memory, ...] = ()

    @property
    def captured(self) -> tuple[Memory, ...]:
        """Return what is new in the store: saved, then proposed."""
        return self.saved + self.proposed


def capture_exchange(
    store: MemoryStore,
    user: str,
    assistant: str,
    history: Sequence[Mapping[str, str]] | None = None,
    conversation_id: str | None = None,
    *,
    sure_from: float | None = SURE,
    types: Iterable[str] = tuple(MemoryType),
    said: Provenance | None = None,
    stored: Iterable[str] = (),
) -> CaptureReport:
    """Store what is worth keeping of an exchange, and return what changed; one `undo` takes it back.

    A statement that is known already is not stored twice, a changed one supersedes the older one, and what
    the user wants forgotten is withdrawn. Secrets are masked by the store before anything is written.

    Parameters
    ----------
    store
        Where.
    user, assistant, history
        The exchange, as `candidates` takes it.
    conversation_id
        The conversation that it belongs to.
    sure_from
        The confidence from which on a candidate is taken into use; the others wait in the inbox.
        None lets all of them wait.
    types
        The types that may be captured; of ``"solution:propose"`` all wait in the inbox.
    said
        The notebook, cell and model.
    stored
        Ids of the memories that the model has stored itself in this turn: what they say is not captured again.
    """
    types = tuple(types)
    allowed = captured_types(types)
    found = [candidate for candidate in candidates(user, assistant, history) if candidate.type in allowed]
    wishes = cancellations(user, history)
    amended = (
        [] if wishes else [one for one in amendments(user) if not any(_overlap(one, other) for other in found)]
    )
    return store_captured(
        store, found, wishes, conversation_id, sure_from, said, amended=amended, types=types, stored=stored
    )


def store_captured(
    store: MemoryStore,
    found: Sequence[Candidate],
    wishes: Sequence[Withdrawal],
    conversation_id: str | None = None,
    sure_from: float | None = SURE,
    said: Provenance | None = None,
    *,
    amended: Sequence[Candidate] = (),
    types: Iterable[str] = tuple(MemoryType),
    stored: Iterable[str] = (),
) -> CaptureReport:
    """Store candidates and carry out withdrawals, in one transaction; see `capture_exchange`.

    `amended` are statements that are only worth keeping where they change a memory of one of the `types`. While
    the server of a shared store is away, candidates are stored without a look at what is known.
    """
    types = tuple(types)
    about = (conversation_id, sure_from, said or Provenance(), proposed_types(types))
    try:
        return _compared(_Desk(store, *about, tuple(stored)), found, wishes, amended, types)
    except StoreUnreachable:
        if stored or not found:
            raise
    desk = _Desk(store, *about, ())
    with store.backend.write():
        for candidate in found:
            desk.keep(candidate)
    return desk.report()


def _compared(
    desk: _Desk,
    found: Sequence[Candidate],
    wishes: Sequence[Withdrawal],
    amended: Sequence[Candidate],
    types: Iterable[str],
) -> CaptureReport:
    """Store candidates and carry out withdrawals, compared with what is known."""
    store, allowed = desk.store, captured_types(types)
    found = weighed(store, found)
    with store.backend.write():
        gone = [(wish, desk.meant(wish)) for wish in wishes]
        for candidate in found:
            if not any(memories and _merely(candidate, wish) for wish, memories in gone):
                desk.take(candidate)
        for candidate in amended:
            desk.amend(candidate, allowed)
        for _, memories in gone:
            desk.withdraw(memories)
    return desk.report()


def _merely(candidate: Candidate, wish: Withdrawal) -> bool:
    """Tell whether a candidate says no more than that something is over ("I no longer use X, I'm done with it")."""
    if not wish.about or wish.about not in candidate.content:
        return False
    return not any(adds_to(wish.about, part) and not over(part) for part in _PART.split(candidate.content))


def _overlap(one: Candidate, two: Candidate) -> bool:
    return one.content in two.content or two.content in one.content


class _Desk:
    """The store while one exchange is written to it."""

    def __init__(
        self,
        store: MemoryStore,
        conversation_id: str | None,
        sure_from: float | None,
        said: Provenance,
        proposed: frozenset[str],
        stored: tuple[str, ...],
    ) -> None:
        self.store = store
        self.conversation_id = conversation_id
        self.sure_from = sure_from
        self.said = said
        self.proposed = proposed
        self.stored = store.backend.get(list(stored)) if stored else {}
        self.started = now()
        self.done: dict[str, dict[str, Memory]] = {name: {} for name in CaptureReport.model_fields}

    def report(self) -> CaptureReport:
        return CaptureReport(**{name: tuple(memories.values()) for name, memories in self.done.items()})

    def _note(self, what: str, memory: Memory) -> None:
        self.done[what][memory.id] = memory

    def _near(self, text: str, kind: MemoryType) -> Iterator[Memory]:
        """Yield the memories in use that may be about the same: those like the text, then the newest ones."""
        seen: set[str] = set()
        lists = (
            self.store.search(text, limit=_NEAREST, by=None),
            self.store.search("", type=kind, limit=_NEWEST),
        )
        for hit in (hit for hits in lists for hit in hits):
            if hit.memory.id not in seen:
                seen.add(hit.memory.id)
                yield hit.memory

    def take(self, candidate: Candidate) -> None:
        """Store a candidate, unless it is known; what it replaces is superseded."""
        content = redact(candidate.content)
        if known := self._stored_as(content):
            self._note("repeated", known)
            return
        near = [m for m in self._near(content, candidate.type) if _comparable(m.type, candidate.type)]
        related = [(memory, self._relation(memory, content, candidate.amends)) for memory in near]
        known = next((memory for memory, how in related if how is Relation.SAME), None)
        if known is not None:
            self._note("repeated", known)
            return
        memory = self.keep(candidate)
        if memory.held is None:
            for old, how in related:
                if how is Relation.SUPERSEDES and old.id not in {memory.id, *self.stored} and not old.pinned:
                    self._note("superseded", self.store.supersede(old.id, memory.id))

    def keep(self, candidate: Candidate) -> Memory:
        """Store a candidate, whatever else is known, and return its memory."""
        memory = self._add(candidate)
        repeated = memory.held and memory.created_at < self.started
        self._note("repeated" if repeated else "proposed" if memory.held else "saved", memory)
        return memory

    def _stored_as(self, content: str) -> Memory | None:
        """Return the memory in which the model has stored the same in this turn, in its own words."""
        return next((m for m in self.stored.values() if cancels(m.content, content)), None)

    def amend(self, candidate: Candidate, types: frozenset[str]) -> None:
        """Take a statement over if a memory of one of the types says something else of the same thing."""
        content = redact(candidate.content)
        old = next((m for m in self._near(content, candidate.type) if self._amends(m, content)), None)
        if old is not None and old.type in types:
            tags = tags_of(candidate.content, old.type)
            self.take(candidate.model_copy(update={"type": old.type, "tags": tags}))

    def _amends(self, memory: Memory, content: str) -> bool:
        return same_subject(memory.content, content) and relation(memory.content, content) is Relation.SUPERSEDES

    def _relation(self, memory: Memory, content: str, amends: bool) -> Relation:
        how = relation(memory.content, content, amends=amends)
        amends = amends or changes(content)
        if memory.type is MemoryType.CONVERSATION_CONTEXT and how is Relation.UNRELATED and amends:
            return Relation.SUPERSEDES if memory.conversation_id == self.conversation_id else how
        if how is Relation.UNRELATED and self.said.same_cell(memory.provenance):
            # The same cell, run again with another wording of its message.
            return Relation.SUPERSEDES if touches(memory.content, content) else how
        return how

    def _add(self, candidate: Candidate) -> Memory:
        origin = {"author": Author.CAPTURE, "rule": candidate.reason, "confidence": candidate.confidence}
        asked = self.sure_from is None or candidate.type in self.proposed
        sure = not asked and candidate.confidence >= (self.sure_from or 0)
        content = redact(candidate.content)
        # A title that was cut may end within a secret, where no gate can tell it any more.
        title = candidate.title if content == candidate.content else title_of(content, candidate.type)
        return self.store.add(
            content,
            type=candidate.type,
            title=title,
            tags=candidate.tags,
            conversation_id=self.conversation_id,
            source="chat",
            provenance=self.said.model_copy(update=origin),
            held=None if sure else "proposed",
        )

    def meant(self, wish: Withdrawal) -> list[Memory]:
        """Return the memories that a wish to forget is about."""
        if not wish.about:
            return self._last()
        if wish.reason.endswith("forget.last"):
            said = {redact(candidate.content) for candidate in candidates(wish.about, "")}
            return [m for text in said for m in self._near(text, MemoryType.GENERAL) if m.content in said]
        kinds = (MemoryType.CONVERSATION_CONTEXT,) if wish.reason.endswith("forget.done") else tuple(MemoryType)
        hits = self.store.search(wish.about, type=kinds, limit=_NEAREST, by=None)
        return [hit.memory for hit in hits if cancels(hit.memory.content, wish.about)][:_MOST_WITHDRAWN]

    def _last(self) -> list[Memory]:
        """Return what was captured last in this conversation; without one, what was captured last at all."""
        hits = self.store.search("", conversation_id=self.conversation_id, sources=("chat",), limit=1)
        return [hit.memory for hit in hits]

    def withdraw(self, memories: list[Memory]) -> None:
        """Delete memories that are still in use."""
        gone = {**self.done["superseded"], **self.done["withdrawn"]}
        for memory in memories:
            if memory.id not in gone and memory.id not in {*self.done["saved"], *self.stored}:
                self._note("withdrawn", self.store.delete(memory.id))


def _comparable(one: MemoryType, two: MemoryType) -> bool:
    return one is two or {one, two} <= _LOOSE
