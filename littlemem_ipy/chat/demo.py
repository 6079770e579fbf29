"""A model without a key, for trying things out: it answers by quoting the memories it was given.

It reads the fenced block of the latest user message, as a real model would,
and picks the memories that share the most words with the question. It says
that it is a demo in every answer. Nothing leaves the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["DISCLAIMER", "MODEL", "PROVIDER", "answer", "handler"]

PROVIDER = "demo"
MODEL = f"{PROVIDER}/memory"
DISCLAIMER = (
    "_This is the built-in demo model: it can only quote memories. For a real answer choose one with "
    "`-m provider/model`._"
)
_FENCE = re.compile(r"<memory-(\w+)>(.*?)</memory-\1>", re.DOTALL)
# A memory is a line "- [what, when] text", and the indented lines that follow it.
_MEMORY = re.compile(r"^- (?:\[[^\]\n]*\] )?(.*(?:\n  .*)*)", re.MULTILINE)
_WORD = re.compile(r"[^\W_]{2,}")
_ASKING = re.compile(
    r"\?\s*$|^\W*(what|which|who|whom|whose|where|when|why|how|do|does|did|is|are|was|were|can|could|should|would|will"
    r"|tell|show|list|give|find|explain|summari[sz]e)\b",
    re.IGNORECASE,
)
_SMALL = frozenset(
    """
    a about all am an and any are as at be been but by can could did do does for from had has have how i
    if in into is it its just me my no not of on or our please shall should so tell that the their them
    then there these they this to up us use used user using was we were what when where which who why
    will with would you your
    """.split()  # noqa: SIM905  a line of words reads better
)
_ENDINGS = ("ings", "ing", "ied", "ies", "ed", "es", "er", "s", "e")


def answer(messages: Sequence[dict[str, Any]]) -> str:
    """Answer the latest user message from the memories in its fenced block."""
    text = _latest(messages)
    memories = [
        found.replace("\n  ", "\n").strip()
        for fence in _FENCE.finditer(text)
        for found in _MEMORY.findall(fence[2])
    ]
    question = _FENCE.sub("\n", text).strip()
    return f"{_said(question, [memory for memory in memories if memory])}\n\n{DISCLAIMER}"


def _latest(messages: Sequence[dict[str, Any]]) -> str:
    """Find the text of the last user message, which may be in parts."""
    content = next((one.get("content") for one in reversed(messages) if one.get("role") == "user"), "")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return str(content or "")


def _said(question: str, memories: Sequence[str]) -> str:
    relevant = _relevant(question, memories)
    if len(relevant) == 1 and "\n" not in relevant[0]:
        return f"I remember this about it: “{relevant[0]}”."
    if relevant:
        return "I remember this about it:\n\n" + "\n".join(map(_bullet, relevant))
    if not _ASKING.search(question):
        return "Understood."
    if memories:
        return f"I was given {_counted(memories)}, but nothing in it speaks of that."
    return "I know nothing about that: no memory came with the question."


def _bullet(memory: str) -> str:
    """Quote a memory in a list; several lines, which may be code, as a block."""
    if "\n" not in memory:
        return f"- “{memory}”"
    return "- a note:\n\n" + "\n".join(f"  > {line}" for line in memory.splitlines())


def _counted(memories: Sequence[str]) -> str:
    return "one memory" if len(memories) == 1 else f"{len(memories)} memories"


def _relevant(question: str, memories: Sequence[str]) -> list[str]:
    """Give up to three memories that share the most words with the question, best first."""
    asked = _stems(question)
    shared = {memory: len(asked & _stems(memory)) for memory in memories}
    best = max(shared.values(), default=0)
    good = [memory for memory, count in shared.items() if count and 2 * count >= best]
    return sorted(good, key=lambda memory: (-shared[memory], len(memory)))[:3]


def _stems(text: str) -> set[str]:
    return {_stem(word) for word in _WORD.findall(text.casefold()) if word not in _SMALL}


def _stem(word: str) -> str:
    """Cut the commonest English ending, so that "joins" meets "joining"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def _tokens(text: str) -> int:
    """Estimate tokens as four characters each, OpenAI's rule of thumb for English."""
    return max(1, len(text) // 4)


def _usage(messages: Sequence[dict[str, Any]], text: str) -> dict[str, int]:
    prompt = sum(_tokens(str(message.get("content") or "")) for message in messages)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": _tokens(text),
        "total_tokens": prompt + _tokens(text),
    }


def _pieces(messages: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    text = answer(messages)
    for piece in re.findall(r"\s*\S+\s*", text):
        yield _piece(piece)
    yield {**_piece(""), "is_finished": True, "finish_reason": "stop", "usage": _usage(messages, text)}


def _piece(text: str) -> dict[str, Any]:
    return {
        "text": text,
        "tool_use": None,
        "is_finished": False,
        "finish_reason": "",
        "usage": None,
        "index": 0,
    }


def handler() -> Any:
    """Build the object that litellm calls; made on demand because its base class is litellm's."""
    import litellm

    class Demo(litellm.CustomLLM):  # type: ignore[misc,name-defined]  # exported lazily by litellm
        """The demo model as litellm sees it."""

        def completion(self, *args: Any, messages: list[dict[str, Any]], model_response: Any, **more: Any) -> Any:
            text = answer(messages)
            model_response.choices[0].message.content = text
            model_response.choices[0].finish_reason = "stop"
            model_response.model = MODEL
            model_response.usage = litellm.Usage(**_usage(messages, text))
            return model_response

        def streaming(self, *args: Any, messages: list[dict[str, Any]], **more: Any) -> Iterator[dict[str, Any]]:
            return _pieces(messages)

    return Demo()
