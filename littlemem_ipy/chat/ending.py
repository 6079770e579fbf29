"""Whether a stream came whole, told by listening to it on its way in.

litellm invents the finish reason "stop" when a stream just ends, and quietly
drops what follows a broken piece of it. And httpx cuts lines at every separator
that Unicode knows, so that litellm loses text in which one of them stands.
Here a line ends at a line feed alone, each must be JSON, and one of them must
have the mark by which the format ends a reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Ending"]

_MARKS = {
    "anthropic": re.compile(r'"stop_reason"\s*:\s*"'),
    "gemini": re.compile(r'"(finishReason|promptFeedback)"'),
    "ollama_chat": re.compile(r'"done"\s*:\s*true'),
}


class Ending:
    """Listens to the answers that an HTTP client of litellm's receives.

    Parameters
    ----------
    client
        The client that the call goes through; None where it can't be known.
    provider
        Whose format it is. A stream in a format without a known mark is always taken as whole.
    """

    def __init__(self, client: Any, provider: str) -> None:
        self._mark = _MARKS.get(provider)
        self._marked = self._mark is None or client is None
        self._broken = False
        if not self._marked:
            client.client.event_hooks["response"].append(self._listen)

    @property
    def whole(self) -> bool:
        """Whether everything could be read and the end was marked."""
        return self._marked and not self._broken

    def _listen(self, response: Any) -> None:
        # Newer versions of litellm cut the text into lines themselves, older ones ask httpx for lines.
        response.iter_text = self._heard(response.iter_text)
        response.iter_lines = lambda: _lines(response.iter_text())

    def _heard(self, iter_text: Callable[[], Iterator[str]]) -> Callable[[], Iterator[str]]:
        def texts() -> Iterator[str]:
            for text, lines in _cut(iter_text()):
                for line in lines:
                    self._take(line)
                if text:
                    yield text

        return texts

    def _take(self, line: str) -> None:
        self._marked = self._marked or bool(self._mark and self._mark.search(line))
        if line.strip() and not line.startswith(("event:", ":")):
            self._broken = self._broken or not _is_json(line.removeprefix("data:"))


def _lines(texts: Iterator[str]) -> Iterator[str]:
    for _, lines in _cut(texts):
        yield from lines


def _cut(texts: Iterator[str]) -> Iterator[tuple[str, list[str]]]:
    """Each text with the lines that it completes; at the end a line without its line feed, with no text."""
    begun = ""
    for text in texts:
        *complete, begun = (begun + text).split("\n")
        yield text, [line.rstrip("\r") for line in complete]
    if begun:
        yield "", [begun.rstrip("\r")]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
