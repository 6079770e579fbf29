"""The vocabulary of a script: what the model says next, and what goes wrong while it does."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, Literal

Fault = Literal[
    "stall",  # nothing at all for `pause` seconds, then the reply
    "stall-within",  # half of the stream, then nothing for `pause` seconds
    "cut",  # half of the answer, then the connection is closed
    "malformed",  # broken JSON in the middle
    "html",  # a web page with status 200
    "empty",  # no choices, no content
    "null",  # a choice whose content is null
    "no-finish",  # a stream that ends without a finish reason
    "error-within",  # the service's own error event in the middle of the stream
]


@dataclass(frozen=True)
class Call:
    """One tool call of the model.

    `arguments` is a string where the model writes something that isn't JSON.
    `id` and `index` are the service's own ("auto"), wrong (any other value),
    or left out (None).
    """

    name: str
    arguments: Any
    id: str | None = "auto"
    index: int | str | None = "auto"

    def text(self) -> str:
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments)

    def value(self) -> Any:
        """Give the arguments as the object that some formats demand."""
        return json.loads(self.arguments or "{}") if isinstance(self.arguments, str) else self.arguments


@dataclass(frozen=True)
class Reply:
    """One answer of the server; the fields say how it deviates from a good one."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    finish: str | None = None
    prompt_tokens: int = 11
    completion_tokens: int = 7
    status: int = 200
    message: str = "the scripted fault"
    retry_after: str | None = None
    fault: Fault | None = None
    pause: float = 30.0
    gap: float = 0.0  # seconds between the pieces of a stream

    def pieces(self) -> list[str]:
        """Cut the text into about four pieces, as tokens would arrive."""
        size = max(1, -(-len(self.text) // 4))
        return [self.text[at : at + size] for at in range(0, len(self.text), size)]

    @classmethod
    def of(cls, value: dict[str, Any] | str) -> Reply:
        """Read a reply from JSON: a string is plain text, `calls` is a list of objects."""
        if isinstance(value, str):
            return cls(text=value)
        known = {field.name for field in fields(cls)}
        if strange := set(value) - known:
            raise ValueError(f"not fields of a reply: {sorted(strange)}")
        calls = tuple(Call(**call) for call in value.get("calls", ()))
        return cls(**{**value, "calls": calls})
