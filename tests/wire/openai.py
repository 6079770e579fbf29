"""OpenAI's chat completions, /v1/chat/completions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.wire.replies import Call, Reply

NAME = "openai"
KNOWN = set(
    """
    model messages tools tool_choice parallel_tool_calls stream stream_options temperature top_p
    max_tokens max_completion_tokens stop seed n user response_format presence_penalty frequency_penalty
    logprobs reasoning_effort service_tier store metadata
    """.split()
)
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def matches(path: str) -> bool:
    return path.split("?")[0] == "/v1/chat/completions"


def streams(path: str, body: Mapping[str, Any]) -> bool:
    return body.get("stream") is True


def model(path: str, body: Mapping[str, Any]) -> str:
    return str(body.get("model"))


def error(status: int, message: str) -> dict[str, Any]:
    kinds = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": None, "code": kinds.get(status)}}


def refusal(path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> tuple[int, str] | None:
    """Say what the service would refuse, as (status, message)."""
    if not headers.get("authorization", "").startswith("Bearer "):
        return 401, "You didn't provide an API key."
    message = _options(body) or _messages(body.get("messages") or [])
    return (400, message) if message else None


def _options(body: Mapping[str, Any]) -> str | None:
    if strange := set(body) - KNOWN:
        return f"Unrecognized request argument supplied: {sorted(strange)[0]}"
    if body.get("tools") == []:
        return "Invalid 'tools': empty array. Expected an array with minimum length 1."
    if "tool_choice" in body and not body.get("tools"):
        return "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
    if "stream_options" in body and not body.get("stream"):
        return "The 'stream_options' parameter is only allowed when 'stream' is enabled."
    for tool in body.get("tools") or []:
        if not TOOL_NAME.fullmatch(tool["function"]["name"]):
            return f"Invalid 'tools[0].function.name': {tool['function']['name']!r} does not match the pattern."
    return None


def _messages(messages: list[dict[str, Any]]) -> str | None:
    if not messages:
        return "Invalid 'messages': empty array."
    waiting: set[str] = set()
    for message in messages:
        role, calls = message.get("role"), message.get("tool_calls")
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            break
        if role == "assistant" and not calls and message.get("content") is None:
            return "Invalid value for 'content': expected a string, got null."
        if calls == []:
            return "Invalid 'tool_calls': empty array."
        waiting = {call["id"] for call in calls or []}
    if waiting:
        return (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {sorted(waiting)}"
        )
    return None


def _call(call: Call, at: int, *, index: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"type": "function", "function": {"name": call.name, "arguments": call.text()}}
    if call.id is not None:
        said["id"] = f"call_{at:02d}abcdefghijklmnopqrst" if call.id == "auto" else call.id
    if index and call.index is not None:
        said["index"] = at if call.index == "auto" else call.index
    return said


def _usage(reply: Reply) -> dict[str, int]:
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
    }


def whole(reply: Reply, name: str) -> dict[str, Any]:
    """Build the answer without streaming."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.calls:
        message["tool_calls"] = [_call(call, at, index=False) for at, call in enumerate(reply.calls)]
    finish = reply.finish or ("tool_calls" if reply.calls else "stop")
    choices = [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}]
    if reply.fault == "empty":
        choices = []
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 1763900000,
        "model": name,
        "choices": choices,
        "usage": _usage(reply),
        "system_fingerprint": "fp_scripted",
    }


def _chunk(name: str, choices: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    base = {"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1763900000}
    return {**base, "model": name, "choices": choices, **more}


def _pieces_of(call: dict[str, Any]) -> list[dict[str, Any]]:
    """Cut one call as the service does: id and name first, then the arguments in two parts."""
    arguments = call["function"]["arguments"]
    half = len(arguments) // 2
    first = {**call, "function": {"name": call["function"]["name"], "arguments": ""}}
    rest = [{"function": {"arguments": part}} for part in (arguments[:half], arguments[half:]) if part]
    if "index" in call:
        rest = [{"index": call["index"], **part} for part in rest]
    return [first, *rest]


def _deltas(reply: Reply) -> list[dict[str, Any]]:
    if reply.fault == "empty":
        return []
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None if reply.fault == "null" else ""}]
    deltas += [{"content": piece} for piece in reply.pieces()]
    for at, call in enumerate(reply.calls):
        deltas += [{"tool_calls": [piece]} for piece in _pieces_of(_call(call, at, index=True))]
    return deltas


def events(reply: Reply, name: str, body: Mapping[str, Any]) -> list[bytes]:
    """Build the answer as the pieces of a stream."""
    chunks = [
        _chunk(name, [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}])
        for delta in _deltas(reply)
    ]
    if reply.fault not in {"no-finish", "empty"}:
        finish = reply.finish or ("tool_calls" if reply.calls else "stop")
        chunks.append(_chunk(name, [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": finish}]))
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks.append(_chunk(name, [], usage=_usage(reply)))
    return [_sse(chunk) for chunk in chunks] + [b"data: [DONE]\n\n"]


def _sse(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def error_event(message: str) -> bytes:
    return _sse(error(500, message))


BROKEN = b'data: {"id": "chatcmpl-scripted", "choices": [{"index": 0, "delta": {"conte\n\n'
CONTENT_TYPE = "text/event-stream"
