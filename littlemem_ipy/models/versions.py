"""Two changes of one memory, made from the same state: what they have in common, and where they contradict."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from littlemem_ipy.models.memory import Memory

__all__ = ["differences", "put_together"]

# What every change brings along, and what is counted rather than said.
_KEPT = frozenset(("id", "revision", "updated_at", "access_count", "last_accessed_at"))


def differences(before: Memory, after: Memory) -> dict[str, Any]:
    """Return the fields that `after` has otherwise than `before`, the name of the author left aside."""
    found = {
        name: getattr(after, name)
        for name in type(after).model_fields
        if name not in _KEPT and getattr(before, name) != getattr(after, name)
    }
    if (
        "provenance" in found
        and before.provenance.model_copy(update={"user": after.provenance.user}) == found["provenance"]
    ):
        del found["provenance"]
    return found


def put_together(before: Memory, mine: Mapping[str, Any], theirs: Memory) -> tuple[dict[str, Any], list[str]]:
    """Return what has to be changed of `theirs` so that it says both, and the fields where that can't be.

    Different fields go together, and so do different tags and different lines of the content.

    Parameters
    ----------
    before
        The memory that both changes began with.
    mine
        The fields of one change.
    theirs
        The memory after the other one.
    """
    changes: dict[str, Any] = {}
    contradicting = []
    for name, value in mine.items():
        old, now = getattr(before, name), getattr(theirs, name)
        if value in (old, now):
            continue
        together = value if now == old else _both(name, old, value, now)
        if together is None:
            contradicting.append(name)
        else:
            changes[name] = together
    return changes, contradicting


def _both(name: str, old: Any, mine: Any, theirs: Any) -> Any:
    if name == "tags":
        return _tags(old, mine, theirs)
    return _lines(old, mine, theirs) if name == "content" else None


def _tags(old: Iterable[str], mine: Iterable[str], theirs: Iterable[str]) -> tuple[str, ...]:
    gone = set(old) - set(mine)
    return tuple(
        dict.fromkeys([*(tag for tag in theirs if tag not in gone), *(t for t in mine if t not in set(old))])
    )


def _lines(old: str, mine: str, theirs: str) -> str | None:
    """Return a text with the changed lines of both; None where both changed the same or neighbouring lines."""
    lines = old.split("\n")
    changes = sorted({*_changed(lines, mine), *_changed(lines, theirs)})
    for (_, end, _), (start, _, _) in pairwise(changes):
        if start <= end:
            return None
    for start, end, new in reversed(changes):
        lines[start:end] = new
    return "\n".join(lines)


def _changed(lines: list[str], text: str) -> list[tuple[int, int, tuple[str, ...]]]:
    """Return the changed lines: from where to where, and what stands there now."""
    new = text.split("\n")
    blocks = difflib.SequenceMatcher(None, lines, new, autojunk=False).get_opcodes()
    return [(i, j, tuple(new[k:m])) for kind, i, j, k, m in blocks if kind != "equal"]
