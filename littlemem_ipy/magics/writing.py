"""The verbs that change memories: add, edit, rm, restore, undo and inbox."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.magics.reading import reply_event
from littlemem_ipy.magics.views import Message
from littlemem_ipy.magics.workspace import Workspace
from littlemem_ipy.models import EXCHANGE, EventKind, Memory, SearchResults, State
from littlemem_ipy.models.times import now, span_of

__all__ = ["add", "bad", "edit", "good", "inbox", "restore", "rm", "share", "undo", "unshare"]

_SECRET = "[redacted"
_INBOX_PAGE = 50


def add(work: Workspace, args: argparse.Namespace) -> Message:
    """Remember a text."""
    given = {"content": " ".join(args.text), **_fields(args)}
    started = now()
    memory = work.store.add(**given, pinned=args.pin, sensitive=args.sensitive)
    work.show([memory])
    return Message(_stored(memory, given["content"], known=memory.created_at < started), (memory,))


def _stored(memory: Memory, content: str, *, known: bool) -> str:
    notes = [f"Remembered {'already ' if known else ''}as {memory.type}: {memory.title}"]
    if _SECRET in memory.content and _SECRET not in content:
        notes.append("A secret in it was masked.")
    if memory.held:
        notes.append(f"It waits in the inbox: {memory.held}. %mem inbox accept 1 takes it into use.")
    return "\n".join(notes)


def _fields(args: argparse.Namespace) -> dict[str, Any]:
    """Return the fields that were given on the line."""
    fields: dict[str, Any] = {
        "type": args.type,
        "title": args.title,
        "tags": args.tag,
        "importance": args.importance,
        "expires_at": span_of(args.expires).end if args.expires else None,
        "project": args.project,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return given | ({"project": None} if args.no_project else {})


def edit(work: Workspace, args: argparse.Namespace) -> Message:
    """Change a memory."""
    changes = _fields(args)
    if args.content is not None:
        changes["content"] = args.content
    if args.pin is not None:
        changes["pinned"] = args.pin
    if not changes and not args.sensitive:
        raise InvalidInput("nothing to change; %mem edit --help lists what can be.")
    if args.merge and args.revision is None:
        raise InvalidInput("--merge needs the revision that your change is based on: --revision N.")
    memory_id = work.id_of(args.ref)
    if args.sensitive:
        memory_id = work.store.protect(memory_id).id
        if not changes:
            return Message(f"Sensitive from now on, under the id {memory_id}; the plain text was removed for good.")
    memory = work.store.update(memory_id, expected_revision=args.revision, merge=args.merge, **changes)
    return Message(f"Changed (revision {memory.revision}): {memory.title}", (memory,))


def rm(work: Workspace, args: argparse.Namespace) -> Message:
    """Delete memories."""
    ids = [work.id_of(ref) for ref in args.ref]
    if args.hard and not args.yes:
        titles = [memory.title for memory in work.store.backend.get(ids).values()]
        return Message(
            f"Would remove {len(titles)} for good: {'; '.join(titles)}\nAdd --yes to do it; it can't be undone."
        )
    memories = tuple(work.store.delete(memory_id, hard=args.hard) for memory_id in ids)
    if args.hard:
        return Message(f"Removed for good: {_titles(memories)}\nCopies in backups and exports are out of reach.")
    return Message(f"Deleted: {_titles(memories)}\n%mem undo takes it back.", memories)


def restore(work: Workspace, args: argparse.Namespace) -> Message:
    """Take memories back into use."""
    memories = tuple(work.store.restore(work.id_of(ref)) for ref in args.ref)
    return Message(f"Back in use: {_titles(memories)}", memories)


def share(work: Workspace, args: argparse.Namespace) -> Message:
    """Hand memories to the team."""
    memories = _each(work, args.ref, work.store.share)
    company = work.store.company
    where = company.space if company else None  # there is one, else nothing was shared
    return Message(f"In {where} now, for all: {_titles(memories)}\n%mem undo takes it back.", memories)


def unshare(work: Workspace, args: argparse.Namespace) -> Message:
    """Take memories back from the team."""
    memories = _each(work, args.ref, work.store.unshare)
    return Message(f"Yours alone again: {_titles(memories)}\n%mem undo takes it back.", memories)


def _each(work: Workspace, refs: Sequence[str], act: Callable[[str], Memory]) -> tuple[Memory, ...]:
    """Do something with memories, all or none, and remember them as the list shown last."""
    with work.store.backend.write():
        memories = tuple(act(work.id_of(ref)) for ref in refs)
    work.show(memories)
    return memories


def _titles(memories: Sequence[Memory]) -> str:
    return "; ".join(memory.title for memory in memories)


def undo(work: Workspace, args: argparse.Namespace) -> Message:
    """Take back the last changes."""
    memories = tuple(work.store.undo(args.count))
    if not memories:
        return Message("There is no change to take back.")
    lines = [
        f"Taken back: {memory.title} is {'deleted' if memory.deleted_at else 'as it was before'}"
        for memory in memories
    ]
    return Message("\n".join(lines), memories)


def inbox(work: Workspace, args: argparse.Namespace) -> Message | SearchResults:
    """See, accept or reject what waits."""
    waiting = work.store.search("", states=[State.HELD], sources_none=EXCHANGE, limit=_INBOX_PAGE)
    if args.action is None:
        work.show(waiting.memories)
        return waiting if waiting else Message("Nothing waits in the inbox.")
    if not args.ref:
        raise InvalidInput(f"which? %mem inbox {args.action} 1, or 'all'.")
    everything = args.ref == ["all"]
    ids = [m.id for m in waiting.memories] if everything else [work.id_of(ref) for ref in args.ref]
    if args.action == "edit":
        return _edited(work, ids, args.content)
    act = work.store.accept if args.action == "accept" else work.store.reject
    with work.store.backend.write():
        memories = tuple(act(memory_id) for memory_id in ids)
    done = "Accepted" if args.action == "accept" else "Rejected"
    return Message(f"{done}: {'; '.join(memory.title for memory in memories) or 'nothing'}", memories)


def _edited(work: Workspace, ids: list[str], content: str | None) -> Message:
    """Take a proposal into use in the user's own words."""
    if len(ids) != 1 or content is None:
        raise InvalidInput("write one number and the text: %mem inbox edit 1 --content 'the new text'.")
    with work.store.backend.write():
        work.store.update(ids[0], content=content)
        memory = work.store.accept(ids[0])
    return Message(f"Accepted as edited: {memory.title}", (memory,))


def good(work: Workspace, args: argparse.Namespace) -> Message:
    """Say that a reply was good."""
    return _rate(work, args.number, 1)


def bad(work: Workspace, args: argparse.Namespace) -> Message:
    """Say that a reply was bad."""
    return _rate(work, args.number, -1)


def _rate(work: Workspace, number: int, value: int) -> Message:
    event = reply_event(work, number)
    ids = [entry["id"] for entry in event.data.get("considered", []) if entry["injected"]]
    known = work.store.backend.get(ids)
    work.store.note(EventKind.RATED, known, value=value)
    word = "good" if value > 0 else "bad"
    if not known:
        return Message(f"Noted as {word}; there was no memory in that reply.")
    return Message(f"Noted as {word} for: {'; '.join(m.title for m in known.values())}", tuple(known.values()))
