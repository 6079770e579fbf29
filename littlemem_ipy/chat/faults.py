"""What goes wrong between us and a provider, told in one line with the next step.

litellm gives the same trouble many shapes: a refused port is an
`InternalServerError`, a stalled stream a `MidStreamFallbackError`, a web page a
`BadRequestError`. So a fault is known by its status, the classes in its chain of
causes and its text, measured on the four wires in ``tests/wire``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from littlemem_ipy.chat.target import NO_KEY, Target

__all__ = ["Kind", "ProviderFault", "mask"]


class Kind(StrEnum):
    """The classes of trouble that need different advice."""

    KEY = "key"
    MODEL = "model"
    QUOTA = "quota"
    RATE = "rate"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    CONTEXT = "context"
    CONTENT = "content"
    TOOLS = "tools"
    STREAM_OPTIONS = "stream_options"
    REFUSED = "refused"
    SERVER = "server"
    BROKEN = "broken"
    UNREADABLE = "unreadable"
    OTHER = "other"


_TRANSIENT = {Kind.RATE, Kind.SERVER, Kind.BROKEN}
_ORPHAN = r"tool_call_id|tool_use|tool_result|messages with role|function response|function call turn"
# Looked for in this order; the first that matches names the kind.
_TEXTS: tuple[tuple[Kind, str], ...] = (
    (Kind.OTHER, r"pip install|no module named"),
    (Kind.SERVER, r"unexpected response from ollama"),
    (
        Kind.KEY,
        r"missing credentials|missing \w+ api key|api_key client option must be set|incorrect api key|"
        r"invalid.{0,20}api.?key|api key not valid|unregistered callers",
    ),
    (Kind.QUOTA, r"insufficient_quota|exceeded your current quota|credit balance is too low|billing"),
    (
        Kind.CONTEXT,
        r"context.?(length|window)|maximum context|prompt is too long|too many tokens|input token count|"
        r"exceeds the maximum number of tokens|exceeds? the (available )?context",
    ),
    (
        Kind.UNREADABLE,
        r"<!doctype html|<html|expecting value: line 1 column 1 |empty or invalid response|no 'choices'",
    ),
    (Kind.BROKEN, r"peer closed connection|incomplete chunked read|unterminated string|unable to get json|"
     r"stream ended before|"
     r"converting to valid response|connection reset|server disconnected|expecting (value|property|',')"),
    (Kind.UNREACHABLE, r"connection refused|errno 111|name or service not known|nodename nor servname|"
     r"getaddrinfo failed|temporary failure in name resolution|no route to host|network is unreachable|"
     r"actively refused"),
    (Kind.TIMEOUT, r"timed out|timeout"),
)  # fmt: skip
_NO_TOOLS = re.compile(
    r"(?=.*(\btools?\b|function.?call|tool.?choice))(?=.*(\bnot\b|unsupported|unknown|unrecogni[sz]ed|unexpected"
    r"|forbidden|requires|cannot find))",
    re.IGNORECASE | re.DOTALL,
)
_BY_STATUS = {
    401: Kind.KEY,
    403: Kind.KEY,
    404: Kind.MODEL,
    408: Kind.TIMEOUT,
    413: Kind.CONTEXT,
    429: Kind.RATE,
}
_KEY_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|key|nvapi|pplx)[-_][\w*.-]{6,}|\bAIza[\w-]{20,}|(?<=Bearer )\S+"
    r"|(?<=[?&]key=)[^&\s'\"]+"
)


@dataclass
class ProviderFault(Exception):
    """A call that failed; `line` is what the user reads."""

    kind: Kind
    detail: str
    target: Target
    status: int | None = None
    wait: float | None = None
    timeout: float = 0.0

    @classmethod
    def of(cls, error: Exception, target: Target, *, timeout: float) -> ProviderFault:
        """Tell what litellm's error means."""
        chain = list(_chain(error))
        status = next((found for one in chain if (found := _status(one)) is not None), None)
        text = "\n".join(str(one) for one in chain)
        kind = _kind(status, text, {type(one).__name__ for one in chain})
        return cls(kind, mask(_detail(str(error)), target.api_key), target, status, _wait(chain), timeout)

    @property
    def transient(self) -> bool:
        """Whether the same request may work a moment later."""
        return self.kind in _TRANSIENT

    @property
    def line(self) -> str:
        """The one line for the user: what failed, then what to do."""
        return mask(_LINES[self.kind](self), self.target.api_key)

    @property
    def who(self) -> str:
        """The provider, with the address where the user gave one."""
        at = f" at {self.target.api_base}" if self.target.api_base else ""
        return f"{self.target.provider}{at}"

    @property
    def code(self) -> str:
        """The status in brackets, where there is one worth saying."""
        return f" ({self.status})" if self.status else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error to its causes, litellm's own links included."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = getattr(following, "original_exception", None) or following.__cause__ or following.__context__


def _status(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _wait(chain: list[BaseException]) -> float | None:
    """Read how many seconds the service asked to wait: a number or a date (RFC 9110, 10.2.3)."""
    for error in chain:
        headers: Any = getattr(error, "litellm_response_headers", None) or {}
        value = str(headers.get("retry-after") or "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value)
        if value:
            try:
                return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
            except (TypeError, ValueError):
                return None
    return None


def _kind(status: int | None, text: str, classes: set[str]) -> Kind:
    if "ContextWindowExceededError" in classes:
        return Kind.CONTEXT
    if "ContentPolicyViolationError" in classes:
        return Kind.CONTENT
    if refused := _refusal(status, text):
        return refused
    if status == 408 or classes & {"Timeout", "ReadTimeout", "ConnectTimeout"}:
        return Kind.TIMEOUT
    if classes & {"ConnectError"}:
        return Kind.UNREACHABLE
    if status in {429, 502, 503, 504, 529} and "insufficient_quota" not in text:
        return _BY_STATUS.get(status, Kind.SERVER)
    by_text = next((kind for kind, pattern in _TEXTS if re.search(pattern, text, re.IGNORECASE)), None)
    if by_text:
        return by_text
    if status == 500 and "Traceback (most recent call last)" in text:
        return Kind.UNREADABLE  # litellm stumbled over an answer of a strange shape
    return _BY_STATUS.get(status or 0) or _rest(status)


def _rest(status: int | None) -> Kind:
    if status is None:
        return Kind.OTHER
    return Kind.SERVER if status >= 500 else Kind.REFUSED


def _refusal(status: int | None, text: str) -> Kind | None:
    """Recognise a server that doesn't know one of the fields that we send."""
    if status not in {400, 404, 405, 422, 500, 501}:
        return None
    if "stream_options" in text:
        return Kind.STREAM_OPTIONS
    said = text.partition("Traceback (most recent call last)")[0]
    if _NO_TOOLS.search(said) and not re.search(_ORPHAN, said):
        return Kind.TOOLS
    return None


def _detail(text: str) -> str:
    """Cut the provider's own words out of litellm's message."""
    quoted = re.search(r"""["'](?:message|error|detail)["']\s*:\s*(["'])((?:\\.|(?!\1).)*)\1""", text)
    if quoted:
        return _short(quoted[2].replace('\\"', '"').replace("\\n", " "))
    text = re.split(r"Traceback \(most recent|Original exception:|Handle with `|Original Response:", text)[0]
    text = re.sub(r"^(?:litellm\.)?(?:\w+(?:Error|Timeout|Exception)\b:?\s*(?:-\s*)?|litellm\.\w+:\s*)+", "", text)
    return _short(text)


def _short(text: str) -> str:
    text = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split()).strip(" .,-")
    return text if len(text) <= 200 else text[:199] + "…"


def mask(text: str, *keys: str | None) -> str:
    """Take keys out of a text: those given, those in the environment, and what has the shape of one."""
    known = [value for name, value in os.environ.items() if re.search(r"(KEY|TOKEN|SECRET)$", name)]
    for key in sorted({*known, *filter(None, keys)} - {NO_KEY}, key=len, reverse=True):
        if len(key) >= 6:
            text = text.replace(key, "…")
    return _KEY_SHAPES.sub("…", text)


def _key_line(fault: ProviderFault) -> str:
    name = _key_name(fault.target.provider)
    if fault.status is None or fault.status >= 500 or fault.target.api_key == NO_KEY or "issing" in fault.detail:
        return f"{fault.who} needs a key: set the environment variable {name}, or try -m demo"
    return f"{fault.who} refused the key{fault.code}: check the environment variable {name}"


def _key_name(provider: str) -> str:
    return f"{provider.removesuffix('_chat').upper()}_API_KEY"


def _model_line(fault: ProviderFault) -> str:
    name = fault.target.model.partition("/")[2] or fault.target.model
    pull = f"; for a local model: ollama pull {name}" if fault.target.provider.startswith("ollama") else ""
    return (
        f"{fault.who} doesn't know the model {name!r}{fault.code}: {fault.detail}; "
        f"check the model's name and api_base{pull}"
    )


def _rate_line(fault: ProviderFault) -> str:
    after = f" in {fault.wait:.0f} s" if fault.wait else " a little later"
    return f"{fault.who} limits the rate of requests{fault.code}: {fault.detail}; run the cell again{after}"


_LINES: dict[Kind, Any] = {
    Kind.KEY: _key_line,
    Kind.MODEL: _model_line,
    Kind.RATE: _rate_line,
    Kind.QUOTA: lambda f: f"{f.who}: the account's quota is used up{f.code}: {f.detail}; check its billing page",
    Kind.TIMEOUT: lambda f: (
        f"{f.who} sent nothing for {f.timeout:g} s: run the cell again, or raise %config LittleMem.timeout"
    ),
    Kind.UNREACHABLE: lambda f: f"can't reach {f.who}: check that the server runs, the api_base and the network",
    Kind.CONTEXT: lambda f: (
        f"the conversation is too long for {f.target.model}: start a new one (%%chat --new) or lower the memory "
        f"budget (--budget)"
    ),
    Kind.CONTENT: lambda f: f"{f.who} refused the content{f.code}: {f.detail}; say it differently",
    Kind.TOOLS: lambda f: f"{f.who} takes no tools{f.code}: {f.detail}; set %config LittleMem.tools = 'off'",
    Kind.STREAM_OPTIONS: lambda f: f"{f.who} refused the request{f.code}: {f.detail}; try --no-stream",
    Kind.REFUSED: lambda f: f"{f.who} refused the request{f.code}: {f.detail}; check the model and its options",
    Kind.SERVER: lambda f: f"{f.who} has trouble of its own{f.code}: {f.detail}; run the cell again later",
    Kind.BROKEN: lambda f: f"the connection to {f.who} broke before the reply was complete: run the cell again",
    Kind.UNREADABLE: lambda f: (
        f"{f.who} answered with something that is not a model's reply (a web page?): check the api_base and the "
        f"model's name"
    ),
    Kind.OTHER: lambda f: f"the call to {f.who} failed: {f.detail}; check the model's name and the api_base",
}
