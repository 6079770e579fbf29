"""What is written down once a reply is there: the account of the recall, and what was captured."""

from __future__ import annotations

from collections.abc import Iterable

from littlemem_ipy.capture import Candidate
from littlemem_ipy.chat.reply import Completion
from littlemem_ipy.context import ContextBlock, was_used
from littlemem_ipy.models import Author, EventKind, Memory, Provenance
from littlemem_ipy.redact import redact
from littlemem_ipy.store import MemoryStore

__all__ = ["account", "capture"]

_QUERY = 200  # characters of the message that the log keeps


def account(store: MemoryStore, block: ContextBlock, text: str, completion: Completion, conversation: str) -> None:
    """Log what was considered, what went into the prompt, and what the reply made use of.

    Parameters
    ----------
    store
        Where.
    block
        The outcome of the recall.
    text
        What the user said; its secrets are masked.
    completion
        The reply.
    conversation
        The conversation.
    """
    store.record(
        EventKind.RECALLED,
        conversation=conversation,
        model=completion.model,
        query=redact(text)[:_QUERY],
        tokens=block.tokens,
        considered=[entry.record() for entry in block.considered],
    )
    store.note(EventKind.INJECTED, [memory.id for memory in block.memories], conversation=conversation)
    used = [memory.id for memory in block.memories if was_used(memory.content, text, completion.text)]
    store.note(EventKind.USED, used, conversation=conversation)


def capture(
    store: MemoryStore,
    candidates: Iterable[Candidate],
    sure_from: float | None,
    conversation: str,
    said: Provenance,
) -> list[Memory]:
    """Store what capture proposes, and return it.

    Parameters
    ----------
    store
        Where.
    candidates
        What was found in the exchange.
    sure_from
        The confidence from which on a candidate is taken into use; the others wait in the inbox.
        None lets all of them wait.
    conversation
        The conversation.
    said
        The notebook, cell and model.
    """
    # One transaction, so that one undo takes back all that was captured from the exchange.
    with store.backend.write():
        return [
            store.add(
                candidate.content,
                type=candidate.type,
                title=candidate.title,
                tags=candidate.tags,
                conversation_id=conversation,
                source="chat",
                provenance=said.model_copy(
                    update={"author": Author.CAPTURE, "rule": candidate.reason, "confidence": candidate.confidence}
                ),
                held=None if sure_from is not None and candidate.confidence >= sure_from else "proposed",
            )
            for candidate in candidates
        ]
