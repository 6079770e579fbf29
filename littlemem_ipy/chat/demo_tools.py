"""How the demo model uses the memory tools: when it is told to in so many words, and only then.

"memory-search joins", "search my memory for joins", "memory-store: we use polars", "store in
memory: …", "memory-update mem_… : new text", "memory-delete mem_…" each make one call, and the
result is told in a sentence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

__all__ = ["call_for", "told"]

_ID = r"(mem_\d+_[a-z0-9]{9})"
_ORDERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("memory-search", r"\bmemory[-_]search\b(?: to (?:find|search))?(?: for)?[\s:]*(.+)", ("text",)),
    ("memory-search", r"\b(?:search|look (?:in|up in)) (?:my|your|the) memory (?:for|about)[\s:]*(.+)", ("text",)),
    ("memory-store", r"\bmemory[-_]store\b(?: to (?:store|save|remember))?(?: that)?[\s:]*(.+)", ("content",)),
    ("memory-store", r"^\W*(?:store|save)(?: this)? in (?:my |your |the )?memory[\s:]+(.+)", ("content",)),
    ("memory-retrieve", rf"\bmemory[-_]retrieve\b.*?{_ID}", ("id",)),
    ("memory-update", rf"\bmemory[-_]update\b.*?{_ID}(?: to)?[\s:]+(.+)", ("id", "content")),
    ("memory-delete", rf"\bmemory[-_]delete\b.*?{_ID}", ("id",)),
)


def call_for(question: str, offered: Collection[str]) -> tuple[str, dict[str, str]] | None:
    """Find the tool call that a message orders, as (name, arguments); None if it orders none.

    Parameters
    ----------
    question
        What the user wrote.
    offered
        The names of the tools that may be called.

    Examples
    --------
    >>> call_for("Search your memory for joins!", ["memory-search"])
    ('memory-search', {'text': 'joins'})
    """
    for name, pattern, arguments in _ORDERS:
        found = re.search(pattern, question, re.IGNORECASE | re.DOTALL) if name in offered else None
        if found:
            values = (value.strip().strip("\"'“”").rstrip("?!") for value in found.groups())
            return name, dict(zip(arguments, values, strict=True))
    return None


def told(results: Sequence[Mapping[str, Any]]) -> str:
    """Tell the results of tools, given as the messages that carry them."""
    return "\n\n".join(_told(_read(result.get("content"))) for result in results)


def _read(content: object) -> dict[str, Any]:
    try:
        value = json.loads(str(content))
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"status": "error", "message": str(content)}


def _told(result: dict[str, Any]) -> str:
    status = str(result.get("status"))
    if status == "ok":
        return _listed(result.get("hits", result.get("memories", [])))
    return _SENTENCES.get(status, _SENTENCES["error"])(result)


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "created": lambda result: f"I stored “{result.get('title')}” ({result.get('id')}).",
    "duplicate": lambda result: f"That was stored already: “{result.get('title')}” ({result.get('id')}).",
    "waiting": lambda result: f"“{result.get('title')}” waits in the inbox until you accept it.",
    "updated": lambda result: f"I changed “{result.get('title')}”.",
    "unchanged": lambda result: f"“{result.get('title')}” says so already.",
    "deleted": lambda result: f"I deleted “{result.get('title')}”; `%mem undo` takes it back.",
    "error": lambda result: f"The tool refused: {result.get('message')}",
}


def _listed(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return "I searched the memory and found nothing."
    texts = [str(one.get("snippet") or one.get("content")) for one in found]
    return "I found this in the memory:\n\n" + "\n".join(
        f"- “{' '.join(re.sub('[«»]', '', text).split())}”" for text in texts
    )
