"""What is asked of a model, and how the question changes when a server won't take it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from littlemem_ipy.chat.faults import Kind, ProviderFault
from littlemem_ipy.chat.target import Target

__all__ = ["Request"]


@dataclass(frozen=True)
class Request:
    """Everything about a call that may change between two tries."""

    target: Target
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None
    tool_choice: str | None
    stream: bool
    timeout: float
    refused: frozenset[str] = frozenset()
    failures: int = 0

    def arguments(self) -> dict[str, Any]:
        """Build the keyword arguments of litellm's completion."""
        given: dict[str, Any] = {
            "model": self.target.model,
            "messages": self.messages,
            "stream": self.stream,
            "timeout": self.timeout,
            "max_retries": 0,
            "drop_params": True,
            "api_base": self.target.api_base,
            "api_key": self.target.api_key,
        }
        if self.tools and "tools" not in self.refused:
            given |= {"tools": self.tools, "tool_choice": self.tool_choice}
        if self.stream and "stream_options" not in self.refused:
            given["stream_options"] = {"include_usage": True}
        if self.target.provider == "ollama_chat":
            given["num_ctx"] = _window(self.messages)
        return {name: value for name, value in given.items() if value is not None}

    def eased(self, fault: ProviderFault) -> Request | None:
        """Give the request that the server may take after this fault; None when there is no such."""
        field_name = {Kind.TOOLS: "tools", Kind.STREAM_OPTIONS: "stream_options"}.get(fault.kind)
        if field_name and field_name in self.arguments():
            note = f"the server takes no {field_name}; asked again without"
            return replace(self, target=self.target.noting(note), refused=self.refused | {field_name})
        base = self.target.api_base
        if fault.kind is Kind.MODEL and base and self.target.provider == "openai" and not urlsplit(base).path:
            note = f"nothing was found at {base}; asked again at {base}/v1"
            return replace(self, target=self.target.noting(note, api_base=f"{base}/v1"))
        return None


def _window(messages: Sequence[Mapping[str, Any]]) -> int:
    """Choose Ollama's context window: it cuts from the front, so the memories would go first.

    Steps of a power of two, as each change makes Ollama load the model anew.
    """
    tokens = sum(len(str(message.get("content") or "")) for message in messages) // 3 + 2048
    return int(max(8192, 2 ** math.ceil(math.log2(tokens))))
