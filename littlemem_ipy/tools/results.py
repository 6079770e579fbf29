"""What the five tools answer: compact, within a budget of tokens, and of one shape each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from littlemem_ipy.context import tokens
from littlemem_ipy.models import Memory, SearchHit, SearchResults

__all__ = ["brief", "failed", "found", "retrieved"]

SEARCH_TOKENS = 1500
"""What a page of hits may take in the model's context."""
RETRIEVE_TOKENS = 6000
"""What retrieved memories may take together."""
_SNIPPET = 300


def failed(error: str, message: str) -> dict[str, Any]:
    """Build the result of a call that did nothing.

    Parameters
    ----------
    error
        ``invalid``, ``not_found``, ``unknown_tool``, ``not_allowed``, ``conflict`` or ``store``.
    message
        What was wrong and what would be right, for the model to read.
    """
    return {"status": "error", "error": error, "message": " ".join(message.split())}


def brief(status: str, memory: Memory, **more: Any) -> dict[str, Any]:
    """Build the result of a change: what became of which memory."""
    told = {"status": status, "id": memory.id, "type": str(memory.type), "title": memory.title}
    return told | {"project": memory.project} | {name: value for name, value in more.items() if value is not None}


def found(results: SearchResults) -> dict[str, Any]:
    """Build a page of hits; what doesn't fit the budget is left for the next page."""
    hits = [_hit(hit) for hit in results]
    kept = _within(hits, SEARCH_TOKENS)
    more = results.total - results.query.offset - len(kept)
    page: dict[str, Any] = {"status": "ok", "total": results.total, "hits": kept}
    if more > 0 and kept:
        page["more"] = more
        page["next_offset"] = results.query.offset + len(kept)
    return page


def _hit(hit: SearchHit) -> dict[str, Any]:
    memory = hit.memory
    text = " ".join((hit.snippet or memory.content).split())
    return {
        "id": memory.id,
        "type": str(memory.type),
        "title": memory.title,
        "snippet": _cut(text, _SNIPPET),
        "tags": list(memory.tags),
        "project": memory.project,
        "created": f"{memory.created_at:%Y-%m-%d}",
        "score": round(hit.score, 3),
        "matched": list(hit.matched_fields),
    }


def retrieved(memories: Sequence[Memory], missing: Iterable[str]) -> dict[str, Any]:
    """Build the memories in full; a text that doesn't fit the budget is cut and says so."""
    room = RETRIEVE_TOKENS
    told = []
    for at, memory in enumerate(memories):
        share = room // (len(memories) - at)
        one = _whole(memory, share)
        room -= tokens(str(one["content"]))
        told.append(one)
    result: dict[str, Any] = {"status": "ok", "memories": told}
    if lost := list(missing):
        result["missing"] = lost
    return result


def _whole(memory: Memory, share: int) -> dict[str, Any]:
    content = _fitting(memory.content, share)
    one = {
        "id": memory.id,
        "type": str(memory.type),
        "title": memory.title,
        "content": content,
        "tags": list(memory.tags),
        "project": memory.project,
        "conversationId": memory.conversation_id,
        "author": str(memory.provenance.author),
        **({"user": memory.provenance.user} if memory.provenance.user else {}),
        "created": memory.created_at.isoformat(timespec="seconds"),
        "updated": memory.updated_at.isoformat(timespec="seconds"),
        "state": str(memory.state),
        "revision": memory.revision,
    }
    if len(content) < len(memory.content):
        one["cut"] = f"{len(content)} of {len(memory.content)} characters"
    return one


def _within(items: list[dict[str, Any]], budget: int) -> list[dict[str, Any]]:
    """Give as many items as fit, the first one always."""
    kept: list[dict[str, Any]] = []
    for item in items:
        budget -= tokens(str(item))
        if budget < 0 and kept:
            break
        kept.append(item)
    return kept


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _fitting(text: str, budget: int) -> str:
    """Give the longest start of a text within a budget of tokens, found by halving."""
    if tokens(text) <= budget:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens(text[:middle]) <= budget else (low, middle - 1)
    return text[:low]
