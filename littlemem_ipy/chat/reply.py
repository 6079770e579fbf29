"""What comes back from a model: a reply while it arrives, when it is whole, and when it is stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from littlemem_ipy.chat.calls import CallAccumulator, ToolCall

__all__ = ["Completion", "Interrupted", "Reading", "Usage"]


@dataclass(frozen=True)
class Usage:
    """Tokens that a call took, as the service counted them."""

    prompt: int
    completion: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.prompt + self.completion


@dataclass(frozen=True)
class Completion:
    """What the model said.

    Attributes
    ----------
    cost
        US dollars by litellm's price list; None where it has no price for the model.
    finish
        ``stop``, ``tool_calls``, ``length``, ``content_filter``, ``cut`` or ``interrupted``. Act on
        `tool_calls`, not on this: services say ``stop`` beside calls.
    notes
        What was put right on the way, for the user to read.
    cut
        Whether the text ends before the model's end: show it, but don't treat it as a whole reply.
    refused
        Request fields that the server wouldn't take ("tools", "stream_options"); hand them to the next call.
    """

    text: str
    model: str
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    cost: float | None = None
    finish: str = "stop"
    notes: tuple[str, ...] = ()
    cut: bool = False
    refused: frozenset[str] = frozenset()

    def message(self) -> dict[str, Any]:
        """Build the assistant's message for the history."""
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.tool_calls:
            message["tool_calls"] = [call.message() for call in self.tool_calls]
        return message


class Interrupted(KeyboardInterrupt):
    """The user stopped the reply; `partial` is what had arrived, marked as cut and without tool calls.

    It is a `KeyboardInterrupt`, so a caller that doesn't know it is interrupted all the same.
    """

    def __init__(self, partial: Completion) -> None:
        super().__init__("the reply was interrupted")
        self.partial = partial


@dataclass
class Reading:
    """A reply while it arrives."""

    text: str = ""
    calls: CallAccumulator = field(default_factory=CallAccumulator)
    usage: Usage | None = None
    cost: float | None = None
    finish: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said and nothing asked for."""
        return not (self.text.strip() or self.calls.calls())

    def take(self, chunk: Any) -> str:
        """Take a chunk, or a whole response; give the text in it."""
        self._count(getattr(chunk, "usage", None))
        choices = getattr(chunk, "choices", None)
        if not choices:
            return ""
        said = getattr(choices[0], "delta", None) or getattr(choices[0], "message", None)
        self.finish = getattr(choices[0], "finish_reason", None) or self.finish
        self.calls.add(getattr(said, "tool_calls", None))
        piece = getattr(said, "content", None)
        piece = piece if isinstance(piece, str) else ""
        self.text += piece
        return piece

    def _count(self, usage: Any) -> None:
        prompt = getattr(usage, "prompt_tokens", None) or 0
        completion = getattr(usage, "completion_tokens", None) or 0
        if prompt or completion:
            self.usage = Usage(prompt, completion)
