"""What becomes of a memory that comes in where the store has something already; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import shown
from littlemem_ipy.transfer.fields import derived_id
from littlemem_ipy.transfer.reports import Outcome

__all__ = ["Decision", "Mode", "decide", "differences", "mode_of"]


class Mode(StrEnum):
    """Who wins where the store has a memory of the same id with other contents."""

    SKIP = "skip"
    """The store."""
    OVERWRITE = "overwrite"
    """The file."""
    NEWEST = "newest"
    """Whichever was changed last; the store if that was at the same time."""
    KEEP_BOTH = "keep-both"
    """Both: the one of the file gets an id of its own."""
    FAIL = "fail"
    """Neither: nothing at all is imported."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a memory.

    Attributes
    ----------
    outcome
        See `Outcome`.
    memory
        What is to be written; for the outcomes that write nothing what the store has.
    reason
        What to say about it.
    """

    outcome: Outcome
    memory: Memory
    reason: str = ""


# What makes a memory another one. Its origin and its reading are not part of it, as both differ by the way
# that it came; neither is its revision.
_COMPARED = (
    "content",
    "title",
    "type",
    "tags",
    "project",
    "conversation_id",
    "source",
    "importance",
    "pinned",
    "created_at",
    "expires_at",
    "archived_at",
    "deleted_at",
    "superseded_by",
)


def mode_of(value: object) -> Mode:
    """Return the mode of this name.

    Raises
    ------
    InvalidInput
        If there is none.
    """
    try:
        return Mode(str(value).strip().lower().replace("_", "-"))
    except ValueError:
        raise InvalidInput(f"{shown(value)} is no way to import; use one of {', '.join(Mode)}.") from None


def decide(coming: Memory, known: Memory | None, same: Sequence[Memory], mode: Mode) -> Decision:
    """Return what becomes of a memory.

    Parameters
    ----------
    coming
        What the file has.
    known
        What the store has under its id.
    same
        What the store has in the same project with exactly the same text.
    mode
        Who wins.
    """
    if known is None:
        rival = None if coming.deleted_at else next((m for m in same if _stands(m, coming)), None)
        if rival is None:
            return Decision(Outcome.IMPORTED, coming)
        return Decision(Outcome.DUPLICATE, rival, f"the same text as {rival.id}")
    different = differences(known, coming)
    if not different:
        return Decision(Outcome.DUPLICATE, known)
    reason = "; ".join(different)
    if mode is Mode.OVERWRITE or (mode is Mode.NEWEST and coming.updated_at > known.updated_at):
        return Decision(Outcome.UPDATED, _over(known, coming), reason)
    if mode is Mode.KEEP_BOTH:
        key = f"{coming.id}\0{coming.title}\0{coming.content}\0{coming.updated_at.isoformat()}"
        return Decision(
            Outcome.IMPORTED,
            coming.model_copy(update={"id": derived_id(key, coming.created_at)}),
            f"beside {known.id}: {reason}",
        )
    if known.deleted_at is not None:
        reason = "it is deleted here; restore it, or let the file overwrite it"
    elif mode is Mode.NEWEST:
        reason = f"the store's is newer: {reason}"
    return Decision(Outcome.SKIPPED, known, reason)


def _stands(memory: Memory, coming: Memory) -> bool:
    """Return whether a memory stands for another one of the same text: one that was replaced doesn't."""
    return memory.superseded_by is None or coming.superseded_by is not None


def _over(known: Memory, coming: Memory) -> Memory:
    """Return the memory that comes in, as the next revision of the one that is there."""
    return coming.model_copy(update={"revision": max(known.revision + 1, coming.revision)})


def differences(old: Memory, new: Memory) -> list[str]:
    """Return what differs, a phrase a field; the content last, as it is the longest."""
    found = [name for name in _COMPARED if getattr(old, name) != getattr(new, name)]
    return [_phrase(name, getattr(old, name), getattr(new, name)) for name in [*found[1:], *found[:1]]]


def _phrase(name: str, old: object, new: object) -> str:
    def told(value: object) -> str:
        if value is None:
            return "–"
        return shown(" ".join(value.split()), 40) if isinstance(value, str) else str(value)

    return f"{name} {told(old)} → {told(new)}"
