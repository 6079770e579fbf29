"""Tool calls put together from what the services really send.

The pieces of a streamed call arrive with an index and an id that can't be
trusted: two calls may share index 0, an id may be missing, a whole argument
object may come twice. A new call therefore begins when the id changes, or when
a name arrives although the arguments before it are complete.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

__all__ = ["CallAccumulator", "ToolCall", "read_arguments"]


@dataclass(frozen=True)
class ToolCall:
    """One call that the model wants made.

    Attributes
    ----------
    id
        The service's own id, verbatim (Gemini hides a signature in it), or a made one where none came.
    error
        Why the arguments couldn't be read. `arguments` is then empty, and this is the tool's result.
    """

    id: str
    name: str
    arguments: dict[str, Any]
    error: str | None = None

    def message(self) -> dict[str, Any]:
        """Build the call as a message of the history holds it; repaired arguments stay repaired."""
        function = {"name": self.name, "arguments": json.dumps(self.arguments, ensure_ascii=False)}
        return {"id": self.id, "type": "function", "function": function}


@dataclass
class _Open:
    """A call of which more may arrive."""

    index: int | None
    id: str | None = None
    name: str = ""
    arguments: str = ""

    def is_complete(self) -> bool:
        return bool(self.name) and bool(self.arguments) and read_arguments(self.arguments)[1] is None

    def closed(self) -> ToolCall:
        arguments, error = read_arguments(self.arguments)
        return ToolCall(self.id or f"call_{secrets.token_hex(12)}", self.name, arguments, error)


@dataclass
class CallAccumulator:
    """Collects pieces of tool calls in the order of their arrival."""

    _calls: list[_Open] = field(default_factory=list)

    def add(self, pieces: Any) -> None:
        """Take the `tool_calls` of one chunk or one whole message; None is fine."""
        for piece in pieces or ():
            self._add(piece)

    def _add(self, piece: Any) -> None:
        function = getattr(piece, "function", None)
        name = getattr(function, "name", None) or ""
        arguments = getattr(function, "arguments", None) or ""
        index, call_id = getattr(piece, "index", None), getattr(piece, "id", None) or None
        call = self._continued(index, call_id, name)
        if call is not None and name and arguments and call.is_complete():
            call, call_id = None, None  # two calls under one id: the second one needs its own
        if call is None:
            call = _Open(index, call_id)
            self._calls.append(call)
        call.id = call.id or call_id
        call.name = call.name or name
        call.arguments += arguments if isinstance(arguments, str) else json.dumps(arguments)

    def _continued(self, index: int | None, call_id: str | None, name: str) -> _Open | None:
        """Find the open call that a piece belongs to; None when it begins a new one."""
        if call_id and (known := [call for call in self._calls if call.id == call_id]):
            return known[-1]
        here = [call for call in self._calls if index is None or call.index == index] or self._calls
        last = here[-1] if here else None
        if last is None or (call_id and last.id):
            return None
        if name and last.name and (name != last.name or call_id or last.is_complete()):
            return None
        other_index = index is not None and last.index != index
        return None if name and other_index else last

    def calls(self) -> tuple[ToolCall, ...]:
        """Give the calls that have a name; a piece without one is noise of the stream."""
        return tuple(call.closed() for call in self._calls if call.name)


def read_arguments(text: str) -> tuple[dict[str, Any], str | None]:
    """Read the arguments of a call as (arguments, error).

    Nothing at all means no arguments. The same object twice in a row, as some
    services stream it, counts once.

    >>> read_arguments('{"a": 1}{"a": 1}')
    ({'a': 1}, None)
    >>> read_arguments('{"a": ')[1]
    'the arguments are not valid JSON: Expecting value at character 6'
    """
    text = text.strip()
    if not text:
        return {}, None
    try:
        value, end = json.JSONDecoder().raw_decode(text)
        while rest := text[end:].lstrip():
            again, length = json.JSONDecoder().raw_decode(rest)
            if again != value:
                return {}, "the arguments are two different JSON values; send one object"
            end = len(text) - len(rest) + length
    except json.JSONDecodeError as error:
        return {}, f"the arguments are not valid JSON: {error.msg} at character {error.pos}"
    except RecursionError:
        return {}, "the arguments are nested too deeply"
    if value is None:
        return {}, None
    if not isinstance(value, dict):
        return {}, f"the arguments must be a JSON object, not {type(value).__name__}"
    return value, None
