"""What is written down once a reply is there: the account of the recall."""

from __future__ import annotations

from littlemem_ipy.chat.reply import Completion
from littlemem_ipy.context import ContextBlock, was_used
from littlemem_ipy.models import EventKind
from littlemem_ipy.redact import redact
from littlemem_ipy.store import MemoryStore

__all__ = ["account"]

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
