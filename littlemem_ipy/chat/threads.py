"""Conversations that outlive the kernel: each exchange is a memory of its thread.

An exchange is stored as ``conversation_context`` with the source `EXCHANGE` and low importance.
The search finds it ("what did we decide last week about the schema?"), lists leave it out
unless asked, and a thread is taken up again by reading its exchanges back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from littlemem_ipy.errors import StoreUnreachable
from littlemem_ipy.models import EXCHANGE, Author, Memory, MemoryType, Provenance
from littlemem_ipy.models.checks import MAX_CONTENT_BYTES, title_of
from littlemem_ipy.store import MemoryStore

__all__ = ["keep", "latest", "messages_of"]

_REPLY = "\n\n[reply]\n"
_IMPORTANCE = 0.2
_MOST = 500  # exchanges that are read back; the history is cut to its budget of tokens anyway


def keep(store: MemoryStore, thread: str, user: str, reply: str, said: Provenance) -> Memory:
    """Store an exchange in its thread; what is too long for one memory is cut at its end.

    A cell of a notebook that is run again replaces what it said before.

    Parameters
    ----------
    store
        Where.
    thread
        The conversation.
    user, reply
        What was said.
    said
        The notebook, cell and model.
    """
    text = f"{user.strip()}{_REPLY}{reply.strip()}".encode()[: MAX_CONTENT_BYTES // 2].decode(errors="ignore")
    origin = said.model_copy(update={"author": Author.CAPTURE, "rule": EXCHANGE})
    try:
        before = _before(store, thread, said)
    except StoreUnreachable:
        before = None  # it waits for the server like every addition; what the cell said before stays beside it
    if before is not None:
        title = title_of(user)
        return store.update(before.id, provenance=origin, content=text, title=title, conversation_id=thread)
    return store.add(
        text,
        type=MemoryType.CONVERSATION_CONTEXT,
        title=title_of(user),
        conversation_id=thread,
        source=EXCHANGE,
        provenance=origin,
        importance=_IMPORTANCE,
    )


def _before(store: MemoryStore, thread: str, said: Provenance) -> Memory | None:
    """Return what the same cell has said before, in this conversation or an earlier one."""
    for memory in store.search("", sources=EXCHANGE, project=store.project, limit=_MOST).memories:
        known_by_id = bool(said.cell_id) or memory.conversation_id != thread
        if known_by_id and said.same_cell(memory.provenance):
            return memory
    return None


def messages_of(store: MemoryStore, thread: str) -> list[dict[str, Any]]:
    """Return the messages of a thread, oldest first; none if it is not known here."""
    return list(_messages(store, thread))


def _messages(store: MemoryStore, thread: str) -> Iterator[dict[str, Any]]:
    found = store.search("", conversation_id=thread, sources=EXCHANGE, limit=_MOST)
    for memory in reversed(found.memories):
        user, _, reply = memory.content.partition(_REPLY)
        if user.strip() and reply.strip():
            yield {"role": "user", "content": user}
            yield {"role": "assistant", "content": reply}


def latest(store: MemoryStore, notebook: str | None) -> str | None:
    """Return the thread that was last talked in: of this notebook, or of the project where there is none."""
    for memory in store.search("", sources=EXCHANGE, limit=_MOST).memories:
        if notebook is None or memory.provenance.notebook == notebook:
            return memory.conversation_id
    return None
