"""The store while one exchange is written to it: what is said is added, taken for known, replaces, withdraws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from littlemem_ipy.capture.candidate import Candidate, Withdrawal
from littlemem_ipy.capture.changes import Relation, amended, cancels, changes, relation, share_of, touches, turns
from littlemem_ipy.capture.ellipsis import NewValue, completed
from littlemem_ipy.capture.propose import candidates
from littlemem_ipy.capture.remainder import of_sentences, remainder
from littlemem_ipy.capture.report import CaptureReport
from littlemem_ipy.capture.titles import tags_of, title_of
from littlemem_ipy.models import Author, Memory, MemoryType, Provenance
from littlemem_ipy.models.times import now
from littlemem_ipy.redact import redact

if TYPE_CHECKING:
    from littlemem_ipy.store import MemoryStore

__all__ = ["LOOSE", "Desk"]

LOOSE = frozenset({MemoryType.USER_PREFERENCE, MemoryType.PROJECT_KNOWLEDGE, MemoryType.GENERAL})
"""Types of which one may take the place of another: what a statement is of them is a matter of wording."""
_NEAREST, _NEWEST, _LATEST = 10, 60, 3
_MOST_WITHDRAWN = 3
_COMPLETED = 0.85


class Desk:
    """The store while one exchange is written to it."""

    def __init__(
        self,
        store: MemoryStore,
        conversation_id: str | None,
        sure_from: float | None,
        said: Provenance,
        proposed: frozenset[str],
        stored: tuple[str, ...],
        before: tuple[str, ...] = (),
    ) -> None:
        self.store = store
        self.conversation_id = conversation_id
        self.sure_from = sure_from
        self.said = said
        self.proposed = proposed
        self.stored = store.backend.get(list(stored)) if stored else {}
        self.before = before
        self.started = now()
        self.done: dict[str, dict[str, Memory]] = {name: {} for name in CaptureReport.model_fields}
        self._said_last: list[Memory] | None = None

    def report(self) -> CaptureReport:
        """Return what has changed."""
        return CaptureReport(**{name: tuple(memories.values()) for name, memories in self.done.items()})

    def _note(self, what: str, memory: Memory) -> None:
        self.done[what][memory.id] = memory
        self._said_last = None

    def _near(self, text: str, kind: MemoryType | None) -> Iterator[Memory]:
        """Yield the memories in use that may be about the same: those like the text, then the newest of a kind."""
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
        near = list(self._near(content, candidate.type))
        related = [(memory, self._relation(memory, content, candidate.amends)) for memory in near]
        if ended := [memory for memory, how in related if how is Relation.CANCELS]:
            self.withdraw(ended[:_MOST_WITHDRAWN])
            return
        related = [(memory, how) for memory, how in related if _comparable(memory.type, candidate.type)]
        known = next((memory for memory, how in related if how is Relation.SAME), None)
        if known is not None:
            self._note("repeated", known)
            return
        memory = self.keep(candidate)
        self._supersede([old for old, how in related if how is Relation.SUPERSEDES], memory)

    def _supersede(self, replaced: Iterable[Memory], memory: Memory) -> None:
        for old in replaced if memory.held is None else ():
            if old.id not in {memory.id, *self.stored, *self.done["superseded"]} and not old.pinned:
                self._note("superseded", self.store.supersede(old.id, memory.id))
                self._keep_rest(old, memory.content)

    def _keep_rest(self, old: Memory, said: str) -> None:
        """Keep what a replaced memory said of other things."""
        if rest := remainder(old.content, said):
            self.keep(_as(old, rest, "amended.rest"))

    def keep(self, candidate: Candidate) -> Memory:
        """Store a candidate, whatever else is known, and return its memory."""
        memory = self._add(candidate)
        repeated = memory.held and memory.created_at < self.started
        self._note("repeated" if repeated else "proposed" if memory.held else "saved", memory)
        return memory

    def _stored_as(self, content: str) -> Memory | None:
        """Return the memory in which the model has stored the same in this turn, in its own words."""
        return next((m for m in self.stored.values() if cancels(m.content, content)), None)

    def amend(self, candidate: Candidate, types: frozenset[str]) -> bool:
        """Take a statement over if a memory of one of the types says something else of the same thing."""
        content = redact(candidate.content)
        near = [memory for memory in self._near(content, None) if memory.id not in self.stored]
        if ended := [memory for memory in near if relation(memory.content, content) is Relation.CANCELS]:
            self.withdraw(ended[:_MOST_WITHDRAWN])
            return True
        old = next((memory for memory in near if amended(memory.content, content, amends=candidate.amends)), None)
        if old is None or old.type not in types:
            return False
        update = {"type": old.type, "tags": tags_of(candidate.content, old.type), "amends": True}
        self.take(candidate.model_copy(update=update))
        return True

    def complete(self, value: NewValue, types: frozenset[str]) -> bool:
        """Put a value that was named alone into the statement that the user made before."""
        for old in self._latest():
            content = completed(old.content, value) if old.type in types and old.id not in self.stored else ""
            if content:
                memory = self.keep(_as(old, content, "amended.value"))
                self._supersede([old], memory)
                return True
        return False

    def retract(self) -> None:
        """Let what was saved now stand for what the user said last and takes back."""
        for memory in list(self.done["saved"].values())[:1]:
            before = [old for old in self._latest() if old.created_at < self.started]
            self._supersede([old for old in before if _comparable(old.type, memory.type)], memory)

    def _latest(self) -> list[Memory]:
        """Return the memories that were made of what the user said last in this conversation."""
        if self._said_last is None:  # asked for each of many memories, and the same until one is noted
            hits = self.store.search("", conversation_id=self.conversation_id, sources=("chat",), limit=_LATEST)
            latest = (hit.memory for hit in hits)
            self._said_last = [m for m in latest if any(touches(m.content, said) for said in self.before)]
        return self._said_last

    def _relation(self, memory: Memory, content: str, amends: bool) -> Relation:
        how = relation(memory.content, content, amends=amends)
        if how is Relation.UNRELATED and (one := of_sentences(memory.content, content, amends)):
            return one
        if memory.type is MemoryType.SOLUTION and how is Relation.UNRELATED and (amends or turns(content)):
            return Relation.SUPERSEDES if memory in self._latest() else how
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
        near = [memory for memory in self._near(wish.about, None) if memory.type in kinds]
        meant = [memory for memory in near if cancels(memory.content, wish.about)]
        shares = [share_of(wish.about, memory.content) for memory in meant]
        best = [memory for memory, share in zip(meant, shares, strict=True) if share == max(shares)]
        return best[:_MOST_WITHDRAWN]

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
    return one is two or {one, two} <= LOOSE


def _as(old: Memory, content: str, rule: str) -> Candidate:
    """Return a candidate of the kind of an old memory with another content."""
    return Candidate(
        type=old.type,
        title=title_of(content, old.type),
        content=content,
        tags=tags_of(content, old.type),
        confidence=_COMPLETED,
        reason=rule,
        amends=True,
    )
