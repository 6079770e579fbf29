"""Anthropic's messages, /v1/messages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.wire.replies import Call, Reply

NAME = "anthropic"
KNOWN = set(
    """
    model messages system max_tokens tools tool_choice stream temperature top_p top_k stop_sequences
    metadata thinking service_tier
    """.split()
)
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def matches(path: str) -> bool:
    return path.split("?")[0] == "/v1/messages"


def streams(path: str, body: Mapping[str, Any]) -> bool:
    return body.get("stream") is True


def model(path: str, body: Mapping[str, Any]) -> str:
    return str(body.get("model"))


def error(status: int, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": KINDS.get(status, "api_error"), "message": message}}


def refusal(path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> tuple[int, str] | None:
    """Say what the service would refuse, as (status, message)."""
    if not headers.get("x-api-key"):
        return 401, "x-api-key header is required"
    if not headers.get("anthropic-version"):
        return 400, "anthropic-version: header is required"
    message = _options(body) or _roles(body["messages"]) or _blocks(body["messages"]) or _pairs(body["messages"])
    return (400, message) if message else None


def _options(body: Mapping[str, Any]) -> str | None:
    if strange := set(body) - KNOWN:
        return f"{sorted(strange)[0]}: Extra inputs are not permitted"
    for key in ("model", "max_tokens", "messages"):
        if not body.get(key):
            return f"{key}: Field required"
    if "tool_choice" in body and not body.get("tools"):
        return "tool_choice: tool_choice may only be specified while providing tools"
    for tool in body.get("tools") or []:
        if not TOOL_NAME.fullmatch(tool["name"]):
            return f"tools.0.name: String should match pattern, got {tool['name']!r}"
        if tool.get("input_schema", {}).get("type") != "object":
            return "tools.0.input_schema.type: Field required"
    return None


def _roles(messages: list[dict[str, Any]]) -> str | None:
    if messages[0]["role"] != "user":
        return 'messages: first message must use the "user" role'
    strange = [message["role"] for message in messages if message["role"] not in {"user", "assistant"}]
    return f'messages: Unexpected role "{strange[0]}". Use the top-level `system` parameter' if strange else None


def blocks(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])


def _blocks(messages: list[dict[str, Any]]) -> str | None:
    for at, message in enumerate(messages):
        if not blocks(message):
            return f"messages.{at}: all messages must have non-empty content"
        for block in blocks(message):
            if block["type"] == "text" and not block["text"].strip():
                return "messages: text content blocks must contain non-whitespace text"
            if block["type"] == "tool_use" and not isinstance(block.get("input"), dict):
                return f"messages.{at}.content.0.tool_use.input: Input should be a valid dictionary"
    last = blocks(messages[-1])[-1]
    if messages[-1]["role"] == "assistant" and last["type"] == "text" and last["text"] != last["text"].rstrip():
        return "messages: final assistant content cannot end with trailing whitespace"
    return None


def _ids(message: Mapping[str, Any], kind: str, key: str) -> set[str]:
    return {block[key] for block in blocks(message) if block["type"] == kind}


def _pairs(messages: list[dict[str, Any]]) -> str | None:
    asked: set[str] = set()
    for at, message in enumerate(messages):
        answered = _ids(message, "tool_result", "tool_use_id")
        if missing := asked - answered:
            return (
                f"messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                f"{', '.join(sorted(missing))}."
            )
        if strange := answered - asked:
            return f"messages.{at}: unexpected `tool_use_id` found in `tool_result` blocks: {sorted(strange)[0]}."
        asked = _ids(message, "tool_use", "id") if message["role"] == "assistant" else set()
    if asked:
        return f"messages.{len(messages)}: `tool_use` ids were found without `tool_result` blocks: {sorted(asked)}"
    return None


def _block(call: Call, at: int) -> dict[str, Any]:
    block = {"type": "tool_use", "name": call.name, "input": call.value()}
    if call.id is not None:
        block["id"] = f"toolu_{at:02d}abcdefghijklmnopqrst" if call.id == "auto" else call.id
    return block


def whole(reply: Reply, name: str) -> dict[str, Any]:
    """Build the answer without streaming."""
    content: Any = [{"type": "text", "text": reply.text}] if reply.text else []
    content += [_block(call, at) for at, call in enumerate(reply.calls)]
    if reply.fault == "null":
        content = None
    return {
        "id": "msg_scripted",
        "type": "message",
        "role": "assistant",
        "model": name,
        "content": content,
        "stop_reason": reply.finish or ("tool_use" if reply.calls else "end_turn"),
        "stop_sequence": None,
        "usage": {"input_tokens": reply.prompt_tokens, "output_tokens": reply.completion_tokens},
    }


def _sse(kind: str, **more: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **more}, ensure_ascii=False)}\n\n".encode()


def _text_events(reply: Reply) -> list[bytes]:
    start = {"index": 0, "content_block": {"type": "text", "text": ""}}
    deltas = [{"index": 0, "delta": {"type": "text_delta", "text": piece}} for piece in reply.pieces()]
    return [
        _sse("content_block_start", **start),
        _sse("ping"),
        *[_sse("content_block_delta", **delta) for delta in deltas],
        _sse("content_block_stop", index=0),
    ]


def _call_events(call: Call, at: int, index: int) -> list[bytes]:
    block = {"type": "tool_use", "name": call.name, "input": {}}
    if call.id is not None:
        block["id"] = f"toolu_{at:02d}abcdefghijklmnopqrst" if call.id == "auto" else call.id
    where = {} if call.index is None else {"index": index if call.index == "auto" else call.index}
    text = call.text()
    parts = ["", text[: len(text) // 2], text[len(text) // 2 :]]
    deltas = [{"type": "input_json_delta", "partial_json": part} for part in parts]
    return [
        _sse("content_block_start", **where, content_block=block),
        *[_sse("content_block_delta", **where, delta=delta) for delta in deltas],
        _sse("content_block_stop", **where),
    ]


def events(reply: Reply, name: str, body: Mapping[str, Any]) -> list[bytes]:
    """Build the answer as the pieces of a stream."""
    usage = {"input_tokens": reply.prompt_tokens, "output_tokens": 1}
    start = {**whole(Reply(), name), "stop_reason": None, "usage": usage}
    found = [_sse("message_start", message=start)]
    if reply.text:
        found += _text_events(reply)
    for at, call in enumerate(reply.calls):
        found += _call_events(call, at, at + bool(reply.text))
    if reply.fault != "no-finish":
        stop = {
            "stop_reason": reply.finish or ("tool_use" if reply.calls else "end_turn"),
            "stop_sequence": None,
        }
        found.append(_sse("message_delta", delta=stop, usage={"output_tokens": reply.completion_tokens}))
        found.append(_sse("message_stop"))
    return found


def error_event(message: str) -> bytes:
    return _sse("error", error={"type": "overloaded_error", "message": message})


BROKEN = b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": 0, "del\n\n'
CONTENT_TYPE = "text/event-stream; charset=utf-8"
