"""What is written down once a reply is there: the account of the recall."""

from __future__ import annotations

from typing import Any

from littlemem_ipy.chat.reply import Completion
from littlemem_ipy.context import Considered, ContextBlock, was_used
from littlemem_ipy.models import Event, EventKind
from littlemem_ipy.models.times import now
from littlemem_ipy.redact import redact
from littlemem_ipy.store import MemoryStore

__all__ = ["account"]

_QUERY = 200  # characters of the message that the log keeps


def account(
    store: MemoryStore, block: ContextBlock, text: str, completion: Completion, conversation: str, seconds: float
) -> None:
    """Log what was considered, what went into the prompt, what the reply made use of, and what it cost.

    A memory's share of the cost is its share of the tokens of prompt and reply.

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
    seconds
        From the message to the whole reply.
    """
    moment, about = now(), {"conversation": conversation, "model": completion.model}
    store.record(
        EventKind.RECALLED,
        **about,
        query=redact(text)[:_QUERY],
        tokens=block.tokens,
        considered=[entry.record() for entry in block.considered],
    )
    usage, cost = completion.usage, completion.cost
    used = [memory.id for memory in block.memories if was_used(memory.content, text, completion.text)]
    events = [
        Event(EventKind.INJECTED, moment, entry.memory.id, about | _took(entry, completion))
        for entry in block.considered
        if entry.injected
    ]
    events += [Event(EventKind.USED, moment, memory_id, about) for memory_id in used]
    answer = {
        "prompt": usage.prompt if usage else None,
        "completion": usage.completion if usage else None,
        "memory": block.tokens,
        "cost": cost,
        "ms": round(seconds * 1000),
        "injected": len(block.memories),
        "used": len(used),
    }
    store.backend.log([*events, Event(EventKind.ANSWERED, moment, None, about | answer)])


def _took(entry: Considered, completion: Completion) -> dict[str, Any]:
    """Return what a memory took of the prompt: tokens, and US dollars where the model has a price."""
    if completion.cost is None or not completion.usage or not completion.usage.total:
        return {"tokens": entry.tokens, "cost": None}
    share = min(1.0, entry.tokens / completion.usage.total)
    return {"tokens": entry.tokens, "cost": completion.cost * share}
