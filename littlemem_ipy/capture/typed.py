"""The typed reply of a model: JSON in, candidates out, and a name for every way in which it is of no use.

Nothing that a model says is trusted by itself: each proposal must quote the user's own message, and goes through
the same gates as what the rules find.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from littlemem_ipy.capture.candidate import Candidate
from littlemem_ipy.capture.titles import tags_of, title_of
from littlemem_ipy.models import MemoryType

__all__ = ["Outcome", "Read", "candidates_from", "read_json"]

Model = TypeVar("Model", bound=BaseModel)

_LONGEST_REPLY = 100_000  # characters
_MOST = 12
_SUREST = 0.9
_FENCE = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n?```\s*", re.DOTALL | re.IGNORECASE)
_CALL = re.compile(r"<\|?/?(?:tool_call|function_call|function|invoke|tool)\b|\"tool_calls\"\s*:")


class Outcome(StrEnum):
    """What became of a request for a typed reply."""

    OK = "ok"
    NOTHING = "nothing worth keeping"
    EMPTY = "an empty reply"
    PROSE = "no JSON"
    CUT = "a reply that breaks off"
    TOO_LONG = "a reply that is too long"
    TOOL_CALL = "a tool call instead of a reply"
    SHAPE = "JSON of another shape"
    UNGROUNDED = "only proposals that the user has not said"
    UNKNOWN_ID = "numbers that were not asked about"
    FAILED = "no reply"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Read:
    """A reply that was read.

    Attributes
    ----------
    outcome
        What became of it.
    value
        What it says, if it is of use.
    detail
        What was wrong, in a few words.
    """

    outcome: Outcome
    value: Any = None
    detail: str = ""


class _Proposed(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: MemoryType
    content: str = Field(min_length=3, max_length=4_000)
    quote: str = Field(min_length=2, max_length=4_000)
    title: str = Field(default="", max_length=400)
    tags: list[str] = Field(default_factory=list, max_length=20)
    confidence: float = Field(ge=0, le=1)


class _Proposals(BaseModel):
    model_config = ConfigDict(extra="ignore")

    memories: list[_Proposed] = Field(max_length=100)


def read_json(text: str, shape: type[Model], *, cut: bool = False) -> Read:
    """Return what a reply says if it is JSON of a shape, and else what is wrong with it.

    A code fence around the JSON is taken off; anything else around it makes it prose.

    Parameters
    ----------
    text
        The reply.
    shape
        The pydantic model that it must fit.
    cut
        Whether it is known to end before its end.
    """
    fenced = _FENCE.fullmatch(text) if len(text) <= _LONGEST_REPLY else None
    body = (fenced.group(1) if fenced else text).strip()
    trouble = _trouble(body)
    if trouble is not None:
        return Read(trouble)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        begun = body.startswith(("{", "[", "```"))
        outcome = Outcome.TOOL_CALL if _CALL.search(body) else Outcome.CUT if begun or cut else Outcome.PROSE
        return Read(outcome, detail=str(error)[:80])
    try:
        return Read(Outcome.OK, shape.model_validate(data))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "it"
        calls = isinstance(data, dict) and bool({"tool_calls", "function_call", "arguments"} & data.keys())
        return Read(Outcome.TOOL_CALL if calls else Outcome.SHAPE, detail=f"{place}: {first['msg']}"[:120])


def _trouble(body: str) -> Outcome | None:
    if not body:
        return Outcome.EMPTY
    if len(body) > _LONGEST_REPLY:
        return Outcome.TOO_LONG
    return Outcome.TOOL_CALL if _CALL.match(body) else None


def candidates_from(reply: str, user: str, *, cut: bool = False) -> Read:
    """Return the candidates that a model proposes for an exchange, as `Read.value`.

    Parameters
    ----------
    reply
        What the model said.
    user
        The user's message: what a proposal quotes must stand there.
    cut
        Whether the reply is known to end before its end.
    """
    read = read_json(reply, _Proposals, cut=cut)
    if read.outcome is not Outcome.OK:
        return read
    said = _plain(user)
    proposed = read.value.memories[:_MOST]
    grounded = [p for p in proposed if _plain(p.quote) and _plain(p.quote) in said]
    if not grounded:
        return Read(Outcome.UNGROUNDED if proposed else Outcome.NOTHING)
    left = len(proposed) - len(grounded)
    return Read(
        Outcome.OK, [_candidate(p) for p in grounded], f"{left} left out, not said by the user" if left else ""
    )


def _candidate(proposed: _Proposed) -> Candidate:
    tags = [tag.strip()[:40] for tag in proposed.tags if tag.strip() and "," not in tag]
    return Candidate(
        type=proposed.type,
        title=" ".join(proposed.title.split())[:120] or title_of(proposed.content, proposed.type),
        content=proposed.content.strip(),
        tags=tuple(dict.fromkeys([*tags_of(proposed.content, proposed.type)[:1], *tags]))[:6],
        confidence=min(proposed.confidence, _SUREST),
        reason="model",
    )


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
