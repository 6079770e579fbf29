"""Gemini's generateContent and streamGenerateContent, /v1beta/models/NAME:…."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.wire.replies import Call, Reply

NAME = "gemini"
KNOWN = set(
    """
    contents tools toolConfig tool_config safetySettings systemInstruction system_instruction
    generationConfig cachedContent labels
    """.split()
)
SCHEMA = set(
    """
    type format title description nullable enum maxItems minItems properties required minProperties
    maxProperties minLength maxLength pattern example anyOf propertyOrdering default items minimum
    maximum
    """.split()
)
TOOL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}")
PATH = re.compile(r"/v1beta/models/([^/:]+):(generateContent|streamGenerateContent)")
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


def matches(path: str) -> bool:
    return PATH.fullmatch(path.split("?")[0]) is not None


def streams(path: str, body: Mapping[str, Any]) -> bool:
    return ":streamGenerateContent" in path


def model(path: str, body: Mapping[str, Any]) -> str:
    found = PATH.fullmatch(path.split("?")[0])
    return found[1] if found else ""


def error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "status": STATUS.get(status, "UNKNOWN")}}


def refusal(path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> tuple[int, str] | None:
    """Say what the service would refuse, as (status, message)."""
    if not headers.get("x-goog-api-key") and "key" not in parse_qs(urlsplit(path).query):
        return 403, "Method doesn't allow unregistered callers. Please use API Key."
    message = _options(body) or _contents(body.get("contents") or [])
    return (400, message) if message else None


def _options(body: Mapping[str, Any]) -> str | None:
    if strange := set(body) - KNOWN:
        return f'Invalid JSON payload received. Unknown name "{sorted(strange)[0]}": Cannot find field.'
    for tool in body.get("tools") or []:
        for function in tool.get("function_declarations", tool.get("functionDeclarations", [])):
            if not TOOL_NAME.fullmatch(function["name"]):
                return "Invalid function name. Must start with a letter or an underscore."
            if message := _schema(function.get("parameters") or {}):
                return message
    return None


def _schema(schema: Mapping[str, Any]) -> str | None:
    if strange := set(schema) - SCHEMA:
        where = f"Unknown name \"{min(strange)}\" at 'tools[0].function_declarations'"
        return f"Invalid JSON payload received. {where}: Cannot find field."
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    inner += [schema["items"]] if isinstance(schema.get("items"), dict) else []
    return next(filter(None, map(_schema, inner)), None)


def _named(content: Mapping[str, Any], *keys: str) -> int:
    return sum(any(key in part for key in keys) for part in content.get("parts", []))


def _contents(contents: list[dict[str, Any]]) -> str | None:
    if not contents:
        return "* GenerateContentRequest.contents: contents is not specified"
    asked = 0
    for at, content in enumerate(contents):
        if not content.get("parts"):
            return f"* GenerateContentRequest.contents[{at}].parts: contents.parts must not be empty."
        answered = _named(content, "functionResponse", "function_response")
        if asked != answered:
            return (
                "Please ensure that the number of function response parts is equal to the number of function call "
                "parts of the function call turn."
            )
        asked = _named(content, "functionCall", "function_call")
        if asked and (at == 0 or contents[at - 1].get("role") == "model"):
            return "Please ensure that function call turn comes immediately after a user turn."
    return "Please ensure that function call turn is followed by a function response turn." if asked else None


def _part(call: Call) -> dict[str, Any]:
    return {"functionCall": {"name": call.name, "args": call.value()}, "thoughtSignature": "c2NyaXB0ZWQ="}


def _answer(
    parts: list[dict[str, Any]] | None, name: str, finish: str | None, usage: dict[str, int]
) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model"}, "index": 0}
    if parts is not None:
        candidate["content"]["parts"] = parts
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": name, "responseId": "scripted"}


def _usage(reply: Reply, said: int) -> dict[str, int]:
    total = reply.prompt_tokens + said
    return {"promptTokenCount": reply.prompt_tokens, "candidatesTokenCount": said, "totalTokenCount": total}


def whole(reply: Reply, name: str) -> dict[str, Any]:
    """Build the answer without streaming."""
    parts: list[dict[str, Any]] | None = [{"text": reply.text}] if reply.text else []
    parts = [*(parts or []), *map(_part, reply.calls)]
    usage = _usage(reply, reply.completion_tokens)
    if reply.fault == "null":
        parts = None
    answer = _answer(parts, name, reply.finish or "STOP", usage)
    return {"usageMetadata": usage, "modelVersion": name} if reply.fault == "empty" else answer


def _sse(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\r\n\r\n"


def events(reply: Reply, name: str, body: Mapping[str, Any]) -> list[bytes]:
    """Build the answer as the pieces of a stream."""
    found = [[{"text": piece}] for piece in reply.pieces()] + [[_part(call)] for call in reply.calls]
    pieces = [_answer(parts, name, None, _usage(reply, at)) for at, parts in enumerate(found)]
    if reply.fault != "no-finish":
        pieces.append(whole(Reply(**{**vars(reply), "text": "", "calls": ()}), name))
    return [_sse(piece) for piece in pieces]


def error_event(message: str) -> bytes:
    return _sse(error(503, message))


BROKEN = b'data: {"candidates": [{"content": {"parts": [{"te\r\n\r\n'
CONTENT_TYPE = "text/event-stream"
