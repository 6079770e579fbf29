"""What is captured from an exchange, written to a store: added, taken for known, replaced, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from littlemem_ipy.capture.candidate import Candidate, Withdrawal
from littlemem_ipy.capture.changes import adds_to, changes, over
from littlemem_ipy.capture.changes import amended as is_amended
from littlemem_ipy.capture.desk import LOOSE, Desk
from littlemem_ipy.capture.earlier import Past
from littlemem_ipy.capture.ellipsis import NewValue, completed
from littlemem_ipy.capture.propose import amendments, candidates, leaning, new_values, retracts
from littlemem_ipy.capture.report import CaptureReport
from littlemem_ipy.capture.standing import weighed
from littlemem_ipy.capture.statement import states_value
from littlemem_ipy.capture.titles import tags_of, title_of
from littlemem_ipy.capture.withdraw import cancellations
from littlemem_ipy.errors import StoreUnreachable
from littlemem_ipy.models import MemoryType, Provenance
from littlemem_ipy.models.kinds import captured_types, proposed_types

if TYPE_CHECKING:
    from littlemem_ipy.store import MemoryStore

__all__ = ["SURE", "Earlier", "capture_exchange", "store_captured"]

SURE = 0.7
"""The confidence from which on a candidate is taken into use without being asked about."""
_BEFORE = 2
_PART = re.compile(r"[,;.:，；。、](?:\s+|(?<=[，；。、]))")


@dataclass(frozen=True)
class Earlier:
    """What a message says of earlier ones.

    Attributes
    ----------
    amended
        Statements that are only worth keeping where they change a memory.
    values
        New values that are named without saying of what.
    corrected
        What the user said last, with the new value: not sure enough to be kept before, but worth a correction.
    before
        What the user said before, the last message first.
    retracts
        Whether the message takes the last one back.
    """

    amended: tuple[Candidate, ...] = ()
    values: tuple[NewValue, ...] = ()
    corrected: tuple[Candidate, ...] = ()
    before: tuple[str, ...] = ()
    retracts: bool = False

    @classmethod
    def of(cls, user: str, history: Sequence[Mapping[str, str]] | None, found: Sequence[Candidate]) -> Earlier:
        """Return what a message says of earlier ones beside what was found in it."""
        settled = [candidate for candidate in found if candidate.type in LOOSE]
        amended = [one for one in amendments(user) if not any(_overlap(one, other) for other in settled)]
        before = tuple(asked for asked, _ in Past.of(user, "", history).turns[:_BEFORE])
        values = tuple(new_values(user)) if before else ()
        corrected = tuple(_corrected(leaning(before[0]), amended, values)) if before and not found else ()
        return cls(tuple(amended), values, corrected, before, retracts(user))


def _corrected(
    said: Sequence[Candidate], amended: Sequence[Candidate], values: Sequence[NewValue]
) -> Iterator[Candidate]:
    """Yield what was said, with the new value that it is given."""
    for old in said:
        fuller = [one.content for one in amended if is_amended(old.content, one.content, amends=one.amends)]
        for content in [*fuller, *filter(None, (completed(old.content, value) for value in values))]:
            title, tags = title_of(content, old.type), tags_of(content, old.type)
            yield old.model_copy(update={"content": content, "title": title, "tags": tags})


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
    about = Earlier.of(user, history, found)
    return store_captured(
        store, found, wishes, conversation_id, sure_from, said, earlier=about, types=types, stored=stored
    )


def store_captured(
    store: MemoryStore,
    found: Sequence[Candidate],
    wishes: Sequence[Withdrawal],
    conversation_id: str | None = None,
    sure_from: float | None = SURE,
    said: Provenance | None = None,
    *,
    earlier: Earlier | None = None,
    types: Iterable[str] = tuple(MemoryType),
    stored: Iterable[str] = (),
) -> CaptureReport:
    """Store candidates and carry out withdrawals, in one transaction; see `capture_exchange`.

    `earlier` is what the message says of memories of the `types` beside that. While the server of a shared store
    is away, candidates are stored without a look at what is known.
    """
    types = tuple(types)
    earlier = earlier or Earlier()
    about = (conversation_id, sure_from, said or Provenance(), proposed_types(types))
    try:
        return _compared(Desk(store, *about, tuple(stored), earlier.before), found, wishes, earlier, types)
    except StoreUnreachable:
        if stored or not found:
            raise
    desk = Desk(store, *about, ())
    with store.backend.write():
        for candidate in found:
            desk.keep(candidate)
    return desk.report()


def _compared(
    desk: Desk,
    found: Sequence[Candidate],
    wishes: Sequence[Withdrawal],
    earlier: Earlier,
    types: Iterable[str],
) -> CaptureReport:
    """Store candidates and carry out withdrawals, compared with what is known."""
    store, allowed = desk.store, captured_types(types)
    found = weighed(store, found)
    with store.backend.write():
        gone = [(wish, memories) for wish in wishes if (memories := desk.meant(wish))]
        amended = [one for one in earlier.amended if not any(_merely(one, wish) for wish, _ in gone)]
        taken = [one for one in amended if desk.amend(one, allowed)]
        for candidate in found:
            if not any(_merely(candidate, wish) for wish, _ in gone) and not any(
                _overlap(candidate, t) for t in taken
            ):
                desk.take(candidate)
        if not found and not taken and not any(desk.complete(value, allowed) for value in earlier.values):
            for candidate in [one for one in earlier.corrected if one.type in allowed][:1]:
                desk.take(candidate)
        if earlier.retracts:
            desk.retract()
        for _, memories in gone:
            desk.withdraw(memories)
    return desk.report()


def _merely(candidate: Candidate, wish: Withdrawal) -> bool:
    """Tell whether a candidate says no more than that something is over ("I no longer use X, I'm done with it")."""
    if not wish.about or wish.about not in candidate.content:
        return False
    parts = _PART.split(candidate.content)
    if len(parts) > _BEFORE and over(parts[0]) and over(parts[-1]):
        # "Ties are fine again, my neck has healed, so forget the tie rule": what stands between is the reason.
        parts = [part for part in parts if states_value(part) or changes(part)]
    return not any(adds_to(wish.about, part) and not over(part) for part in parts)


def _overlap(one: Candidate, two: Candidate) -> bool:
    return one.content in two.content or two.content in one.content
