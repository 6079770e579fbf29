"""Ollama's /api/chat."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.wire.replies import Call, Reply

NAME = "ollama"
ROLES = {"system", "user", "assistant", "tool"}
STAMP = "2026-11-23T10:00:00.000000Z"


def matches(path: str) -> bool:
    return path.split("?")[0] == "/api/chat"


def streams(path: str, body: Mapping[str, Any]) -> bool:
    return body.get("stream", True) is True


def model(path: str, body: Mapping[str, Any]) -> str:
    return str(body.get("model"))


def error(status: int, message: str) -> dict[str, Any]:
    return {"error": message}


def refusal(path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> tuple[int, str] | None:
    """Say what the service would refuse, as (status, message)."""
    if not body.get("model"):
        return 400, "model is required"
    for message in body.get("messages") or []:
        if message.get("role") not in ROLES:
            return 400, f"invalid message role: {message.get('role')}"
        for call in message.get("tool_calls") or []:
            if not isinstance(call["function"]["arguments"], dict):
                return 400, "json: cannot unmarshal string into Go struct field ChatRequest.messages"
    return None


def _call(call: Call, at: int) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.value()}
    if isinstance(call.index, int):
        function["index"] = call.index
    return {"function": function} if call.id in {None, "auto"} else {"id": call.id, "function": function}


def _done(reply: Reply) -> dict[str, Any]:
    return {
        "done_reason": reply.finish or "stop",
        "done": True,
        "total_duration": 1,
        "load_duration": 1,
        "prompt_eval_count": reply.prompt_tokens,
        "prompt_eval_duration": 1,
        "eval_count": reply.completion_tokens,
        "eval_duration": 1,
    }


def _message(name: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"model": name, "created_at": STAMP, "message": {"role": "assistant", "content": content, **more}}


def whole(reply: Reply, name: str) -> dict[str, Any]:
    """Build the answer without streaming."""
    calls = {"tool_calls": [_call(call, at) for at, call in enumerate(reply.calls)]} if reply.calls else {}
    content = None if reply.fault == "null" else reply.text
    return {**_message(name, content, **calls), **_done(reply)}


def events(reply: Reply, name: str, body: Mapping[str, Any]) -> list[bytes]:
    """Build the answer as the pieces of a stream."""
    pieces = [{**_message(name, piece), "done": False} for piece in reply.pieces()]
    pieces += [
        {**_message(name, "", tool_calls=[_call(call, at)]), "done": False} for at, call in enumerate(reply.calls)
    ]
    if reply.fault != "no-finish":
        pieces.append({**_message(name, None if reply.fault == "null" else ""), **_done(reply)})
    return [json.dumps(piece, ensure_ascii=False).encode() + b"\n" for piece in pieces]


def error_event(message: str) -> bytes:
    return json.dumps(error(500, message)).encode() + b"\n"


BROKEN = b'{"model": "scripted", "message": {"role": "assis\n'
CONTENT_TYPE = "application/x-ndjson"
