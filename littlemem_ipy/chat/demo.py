"""A model without a key, for trying things out: it answers by quoting the memories it was given.

It reads the fenced block of the latest user message, as a real model would,
and picks the memories that share the most words with the question. Told to use
a memory tool, it does. It says that it is a demo in every answer. Nothing
leaves the process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from littlemem_ipy.chat import demo_tools

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
    """.split()
)
_ENDINGS = ("ings", "ing", "ied", "ies", "ed", "es", "er", "s", "e")


def answer(messages: Sequence[dict[str, Any]]) -> str:
    """Answer the latest user message from the memories in its fenced block, or from the results of tools."""
    text = _latest(messages)
    if results := _results(messages):
        return f"{demo_tools.told(results)}\n\n{DISCLAIMER}"
    found = [item for fence in _FENCE.finditer(text) for item in _MEMORY.findall(fence[2])]
    memories = [memory for item in found if (memory := item.replace("\n  ", "\n").strip())]
    return f"{_said(_question(text), memories)}\n\n{DISCLAIMER}"


def _question(text: str) -> str:
    return _FENCE.sub("\n", text).strip()


def _results(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the results of tools at the end of the conversation, which ask for an answer."""
    results: list[dict[str, Any]] = []
    for message in reversed(messages):
        if message.get("role") != "tool":
            break
        results.insert(0, message)
    return results


def _order(messages: Sequence[dict[str, Any]], options: dict[str, Any]) -> dict[str, Any] | None:
    """Build the tool call that the latest message orders, if it does and nothing was called yet."""
    offered = {tool["function"]["name"] for tool in options.get("tools") or ()}
    if not offered or options.get("tool_choice") == "none" or _results(messages):
        return None
    order = demo_tools.call_for(_question(_latest(messages)), offered)
    if order is None:
        return None
    function = {"name": order[0], "arguments": json.dumps(order[1])}
    return {"id": f"call_demo_{len(messages)}", "type": "function", "index": 0, "function": function}


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


def _pieces(messages: Sequence[dict[str, Any]], options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    order = _order(messages, options)
    text = "" if order else answer(messages)
    for piece in re.findall(r"\s*\S+\s*", text):
        yield _piece(piece)
    if order:
        yield {**_piece(""), "tool_use": order}
    finish = "tool_calls" if order else "stop"
    yield {**_piece(""), "is_finished": True, "finish_reason": finish, "usage": _usage(messages, text)}


def _piece(text: str) -> dict[str, Any]:
    empty = {"tool_use": None, "is_finished": False, "finish_reason": "", "usage": None, "index": 0}
    return {"text": text, **empty}


def handler() -> Any:
    """Build the object that litellm calls; made on demand because its base class is litellm's."""
    import litellm

    class Demo(litellm.CustomLLM):  # type: ignore[misc,name-defined]  # exported lazily by litellm
        """The demo model as litellm sees it."""

        def completion(self, *args: Any, **given: Any) -> Any:
            messages, response = given["messages"], given["model_response"]
            order = _order(messages, given["optional_params"])
            text = None if order else answer(messages)
            message = litellm.Message(content=text, tool_calls=[order] if order else None)
            response.choices = [litellm.Choices(message=message, finish_reason="tool_calls" if order else "stop")]
            response.model = MODEL
            response.usage = litellm.Usage(**_usage(messages, text or ""))
            return response

        def streaming(self, *args: Any, **given: Any) -> Iterator[dict[str, Any]]:
            return _pieces(given["messages"], given["optional_params"])

    return Demo()
