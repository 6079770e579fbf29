"""What happens when a change is based on a revision that is no longer the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from littlemem_ipy.errors import RevisionConflict
from littlemem_ipy.models import Memory, Revision
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.versions import differences, put_together

__all__ = ["base", "conflict", "merged"]

_SHOWN = 3  # fields of a conflict that a message names


def merged(memory: Memory, revision: int, history: Sequence[Revision], mine: Memory) -> dict[str, Any]:
    """Return the changes that put a change of an older revision together with what came after it.

    Parameters
    ----------
    memory
        The memory as it is now.
    revision
        The number of the revision that the change is based on.
    history
        The revisions of the memory.
    mine
        The memory of that revision with the change made.

    Raises
    ------
    RevisionConflict
        If both changed the same thing; the message shows both.
    """
    before = base(revision, history)
    if before is None:
        raise conflict(memory, revision, history)
    changes, contradicting = put_together(before, differences(before, mine), memory)
    if contradicting:
        raise conflict(memory, revision, history, {name: getattr(mine, name) for name in contradicting})
    return changes


def base(revision: int, history: Sequence[Revision]) -> Memory | None:
    """Return the memory of a revision."""
    return next((each.memory for each in history if each.number == revision), None)


def conflict(
    memory: Memory, revision: int, history: Sequence[Revision], mine: Mapping[str, Any] | None = None
) -> RevisionConflict:
    """Return the error for a change of an older revision: what is there now, and what was wanted."""
    before, mine = base(revision, history), mine or {}
    theirs = differences(before, memory) if before else {}
    if not theirs:
        return RevisionConflict(
            f"the memory {memory.id} has revision {memory.revision}, not {revision}; "
            "nothing was written. Read it again and repeat the change.",
            memory,
        )
    both = [name for name in theirs if name in mine]
    said = "; ".join(_said(name, theirs, mine) for name in (both or list(theirs))[:_SHOWN])
    return RevisionConflict(
        f"the memory {memory.id} has revision {memory.revision}, not {revision}: somebody changed {said}. "
        f"Nothing was written. {_advice(both, memory.revision)}",
        memory,
    )


def _said(name: str, theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> str:
    now = f"its {name.removesuffix('_at')} to {_value(theirs[name])}"
    return f"{now}, you to {_value(mine[name])}" if name in mine else now


def _value(value: Any) -> str:
    return shown(", ".join(value) if isinstance(value, tuple) else value if isinstance(value, str) else str(value))


def _advice(both: Sequence[str], revision: int) -> str:
    if both:
        return f"Read it again and write what holds now, based on revision {revision}."
    return (
        f"Read it again and repeat the change based on revision {revision}, or let both be put together (--merge)."
    )
