"""What a memory from a file passes before it may be stored: the gates of every memory, and doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from littlemem_ipy import redact
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Author, Memory, Provenance, Revision
from littlemem_ipy.models.checks import check_held, shown
from littlemem_ipy.store.gates import gated
from littlemem_ipy.transfer import Past

__all__ = ["admitted", "past", "taken_in"]

_WORDING = ("title", "content", "tags")


def admitted(data: Mapping[str, Any], *, own: bool, trust: bool, file: str) -> Memory:
    """Return a validated memory with secrets masked; unless it is trusted, it waits in the inbox.

    Parameters
    ----------
    data
        The fields; the type may be a word that only a newer version knows.
    own
        Whether littlemem_ipy or LittleLLM wrote it, so that its origin can be believed if the file is.
    trust
        Whether the user vouches for the file. What looks like an instruction waits all the same, unless it
        was accepted where it comes from.
    file
        The name of the file, kept in the origin of what is not trusted.

    Raises
    ------
    InvalidInput
        If a value is refused.
    """
    origin: Provenance = _masked_origin(data.get("provenance", Provenance()))
    checked = {**data, "held": check_held(data.get("held"))}
    if trust and own:
        return gated({**checked, "provenance": origin})
    if trust:
        # Another program's word for its author says nothing here, but the look for instructions is made.
        memory = gated({**checked, "provenance": origin.model_copy(update={"author": Author.USER})})
        vouched = origin.model_copy(update={"author": Author.IMPORT, "accepted": memory.held is None})
        return memory.model_copy(update={"provenance": vouched})
    return gated({**checked, "provenance": _doubted(origin, file)})


def taken_in(found: Memory, before: Memory | None) -> Memory:
    """Return a memory that another program has written into a shared directory as it may be kept.

    The directory is the user's own, so its memories are trusted as their origin says. Secrets are masked, and what
    looks like an instruction waits in the inbox, whatever the file claims: that it was accepted holds for the
    wording that was accepted.

    Parameters
    ----------
    found
        What the file says.
    before
        What was known of the memory.
    """
    origin: Provenance = _masked_origin(found.provenance)
    fields = {name: getattr(found, name) for name in Memory.model_fields}
    doubtful = not origin.author.trusted and not origin.accepted
    look = origin if doubtful else origin.model_copy(update={"author": Author.USER, "accepted": False})
    memory = gated(fields | {"provenance": look}).model_copy(update={"provenance": origin})
    if before is None or any(getattr(before, name) != getattr(memory, name) for name in _WORDING):
        return memory
    return memory.model_copy(update={"held": before.held if origin == before.provenance else found.held})


def _doubted(origin: Provenance, file: str) -> Provenance:
    """Return the origin of what a file says: the file, and inside of it what it was before."""
    if origin.author is Author.IMPORT:
        return origin.model_copy(update={"accepted": False})
    before = origin.compact()
    unknown = {"unknown": before.pop("unknown")} if "unknown" in before else {}
    return Provenance.model_validate({"author": Author.IMPORT, "file": file, "origin": before, **unknown})


def _masked_origin(origin: Provenance) -> Provenance:
    """Return an origin whose further fields hold no secrets: anything may have come along in them."""
    extras = {name: _masked(value) for name, value in (origin.model_extra or {}).items()}
    return origin.model_copy(update=extras) if extras else origin


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return redact.redact(value)
    if isinstance(value, dict):
        return {redact.redact(name): _masked(part) for name, part in value.items()}
    return [_masked(part) for part in value] if isinstance(value, list | tuple) else value


def past(memory: Memory, changes: tuple[Past, ...], *, own: bool, trust: bool, file: str) -> tuple[Revision, ...]:
    """Return the history of a memory, its last state being the memory itself.

    Raises
    ------
    InvalidInput
        If a state of it is refused, or it leads to another memory.
    """
    revisions = []
    for change in changes:
        state = admitted(change.data, own=own, trust=trust, file=file)
        counts = {"access_count": memory.access_count, "last_accessed_at": memory.last_accessed_at}
        revisions.append(Revision(change.number, change.action, change.at, state.model_copy(update=counts)))
    if revisions and revisions[-1].memory != memory:
        raise InvalidInput(f"the history of {shown(memory.id)} does not lead to it.")
    return tuple(revisions)
