"""Whether a stream came whole.

litellm invents the finish reason "stop" when a stream just ends, and quietly
drops what follows a broken piece of it. So the lines are listened to on their
way in: each must be JSON, perhaps together with the ones before it, and one of
them must have the mark by which the format ends a reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
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
        self._seen = self._mark is None or client is None
        self._unread = ""
        if not self._seen:
            client.client.event_hooks["response"].append(self._listen)

    @property
    def whole(self) -> bool:
        """Whether everything could be read and the end was marked."""
        return self._seen and not self._unread

    def _listen(self, response: Any) -> None:
        response.iter_lines = self._heard(response.iter_lines)

    def _heard(self, iter_lines: Any) -> Any:
        def lines() -> Iterator[str]:
            for line in iter_lines():
                self._take(line)
                yield line

        return lines

    def _take(self, line: str) -> None:
        self._seen = self._seen or (self._mark is not None and self._mark.search(line) is not None)
        if line.startswith(("event:", ":")) or not line.strip():
            return
        # A line separator inside a string cuts a piece in two; litellm glues them, and so does this.
        self._unread += line.removeprefix("data:")
        try:
            json.loads(self._unread)
        except ValueError:
            return
        self._unread = ""
