"""The tool loop: ask, do what the model calls for, hand the results back, until it answers.

Errors of a call go back to the model as its result. A turn that is interrupted leaves nothing
of its unfinished round behind, because a call without a result is refused by every service.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from littlemem_ipy.chat.calls import ToolCall
from littlemem_ipy.chat.reply import Completion, Interrupted, Usage

__all__ = ["MAX_ROUNDS", "ToolUse", "converse"]

MAX_ROUNDS = 8
"""Requests that one message may make; in the last one the model must answer without tools."""

Ask = Callable[[Sequence[dict[str, Any]], str | None], Completion]
Do = Callable[[ToolCall], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool that the model used.

    Attributes
    ----------
    name
        The tool.
    status
        What became of it, such as ``created`` or ``error``.
    memory_id
        The memory that it was about, if it was about one.
    """

    name: str
    status: str
    memory_id: str | None = None


def converse(ask: Ask, messages: Sequence[dict[str, Any]], do: Do) -> tuple[Completion, tuple[ToolUse, ...]]:
    """Ask until the model answers without calling tools.

    Parameters
    ----------
    ask
        Makes one request of messages and a ``tool_choice`` (None leaves the choice to the model).
    messages
        The request.
    do
        Does one call and returns its result.

    Returns
    -------
    Completion, tuple of ToolUse
        The answer with the texts, tokens, cost and notes of all rounds, and the tools used.

    Raises
    ------
    Interrupted
        With the text of all rounds so far.
    """
    asked, whole = list(messages), None
    uses: list[ToolUse] = []
    for number in range(1, MAX_ROUNDS + 1):
        last = number == MAX_ROUNDS
        try:
            completion = ask(asked, "none" if last and uses else None)
        except Interrupted as stop:
            raise Interrupted(_joined(whole, stop.partial)) from None
        whole = _joined(whole, completion)
        if not completion.tool_calls or completion.cut:
            return replace(whole, tool_calls=()), tuple(uses)
        if last:
            break
        asked.append(completion.message())
        for call in completion.tool_calls:
            message, use = _done(call, do)
            asked.append(message)
            uses.append(use)
    assert whole is not None  # the loop ran
    note = f"the model kept calling tools; it was stopped after {MAX_ROUNDS} requests"
    return replace(whole, tool_calls=(), notes=(*whole.notes, note)), tuple(uses)


def _done(call: ToolCall, do: Do) -> tuple[dict[str, Any], ToolUse]:
    """Do a call; return its result as a message, and what it was."""
    result = {"status": "error", "error": "invalid", "message": call.error} if call.error else do(call)
    message = {
        "role": "tool",
        "tool_call_id": call.id,
        "name": call.name,
        "content": json.dumps(result, ensure_ascii=False),
    }
    return message, ToolUse(call.name, str(result.get("status")), result.get("id"))


def _joined(earlier: Completion | None, later: Completion) -> Completion:
    """Return one completion for two rounds: texts one after the other, tokens and cost added up."""
    if earlier is None:
        return later
    texts = [text for text in (earlier.text.strip(), later.text.strip()) if text]
    costs = [cost for cost in (earlier.cost, later.cost) if cost is not None]
    return replace(
        later,
        text="\n\n".join(texts),
        usage=_sum(earlier.usage, later.usage),
        cost=sum(costs) if costs else None,
        notes=tuple(dict.fromkeys((*earlier.notes, *later.notes))),
    )


def _sum(one: Usage | None, other: Usage | None) -> Usage | None:
    if one is None or other is None:
        return one or other
    return Usage(one.prompt + other.prompt, one.completion + other.completion)
