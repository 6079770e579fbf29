from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from littlemem_ipy.chat.faults import Kind, ProviderFault, mask
from littlemem_ipy.chat.target import NO_KEY, Target

TARGET = Target("openai/gpt-4o-mini", "openai", "http://127.0.0.1:8000/v1", "sk-givenkey")


class Trouble(Exception):
    def __init__(self, text: str, status: int | None = None, retry_after: str | None = None) -> None:
        super().__init__(text)
        self.status_code = status
        self.litellm_response_headers = {"retry-after": retry_after} if retry_after else {}


def fault(text: str, status: int | None = None, retry_after: str | None = None) -> ProviderFault:
    return ProviderFault.of(Trouble(text, status, retry_after), TARGET, timeout=30.0)


@pytest.mark.parametrize(
    ("text", "status", "kind"),
    [
        (
            "litellm.InternalServerError: OpenAIException - Missing credentials. Please pass an api_key",
            500,
            Kind.KEY,
        ),
        ("API key not valid. Please pass a valid API key.", 400, Kind.KEY),
        ("Method doesn't allow unregistered callers", 403, Kind.KEY),
        ("You exceeded your current quota (insufficient_quota)", 429, Kind.QUOTA),
        ("Your credit balance is too low to access the API", 400, Kind.QUOTA),
        ("slow down", 429, Kind.RATE),
        ("This model's maximum context length is 8192 tokens", 400, Kind.CONTEXT),
        ("input token count (99999) exceeds the maximum number of tokens allowed", 400, Kind.CONTEXT),
        ("registry.ollama.ai/library/x does not support tools", 400, Kind.TOOLS),
        ("tool_use ids were found without tool_result blocks; this is not valid", 400, Kind.REFUSED),
        ("Unrecognized request argument supplied: stream_options", 400, Kind.STREAM_OPTIONS),
        ("[Errno 111] Connection refused", 500, Kind.UNREACHABLE),
        ("[Errno -2] Name or service not known", 500, Kind.UNREACHABLE),
        ("peer closed connection without sending complete message body", 500, Kind.BROKEN),
        ("anything else", 418, Kind.REFUSED),
        ("anything else", 507, Kind.SERVER),
        ("anything else", None, Kind.OTHER),
    ],
)
def test_kinds(text: str, status: int | None, kind: Kind) -> None:
    found = fault(text, status)
    assert found.kind is kind
    assert "\n" not in found.line
    assert "openai" in found.line or kind is Kind.CONTEXT


def test_the_cause_is_looked_at_too() -> None:
    outer = Trouble("litellm.APIConnectionError: something", 500)
    outer.__cause__ = Trouble("Connection refused")
    assert ProviderFault.of(outer, TARGET, timeout=1.0).kind is Kind.UNREACHABLE


def test_a_circle_of_causes_ends() -> None:
    one, other = Trouble("one", 503), Trouble("other")
    one.__cause__, other.__cause__ = other, one
    assert ProviderFault.of(one, TARGET, timeout=1.0).kind is Kind.SERVER


@pytest.mark.parametrize(("value", "seconds"), [("7", 7.0), ("0.5", 0.5), ("soon", None), ("", None)])
def test_retry_after(value: str, seconds: float | None) -> None:
    assert fault("slow down", 429, value).wait == seconds


def test_retry_after_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    wait = fault("slow down", 429, later).wait
    assert wait is not None
    assert 25 < wait <= 30
    assert fault("slow down", 429, "Mon, 23 Nov 2020 10:00:00 GMT").wait == 0.0


def test_the_providers_own_words_are_kept() -> None:
    body = '{"type": "error", "error": {"type": "x", "message": "a \\"b\\" c"}}'
    text = f"litellm.BadRequestError: AnthropicException - b'{body}'"
    assert fault(text, 400).detail == 'a "b" c'
    assert fault("litellm.APIError: APIError: OpenAIException - too hot", 400).detail == "too hot"
    assert len(fault("x" * 5000, 400).line) < 400


def test_a_missing_key_names_its_variable() -> None:
    target = Target("openai/x", "openai", "http://127.0.0.1:1/v1", NO_KEY)
    line = ProviderFault.of(Trouble("Incorrect API key", 401), target, timeout=1.0).line
    assert "needs a key: set the environment variable OPENAI_API_KEY" in line


@pytest.mark.parametrize(
    "text",
    ["key sk-proj-abcdefgh12345", "AIzaSyA1234567890abcdefghijk", "Bearer abc.def", "http://h/?key=topsecret&x=1"],
)
def test_what_looks_like_a_key_is_masked(text: str) -> None:
    masked = mask(text)
    assert "…" in masked
    assert not any(secret in masked for secret in ("abcdefgh12345", "SyA1234", "abc.def", "topsecret"))


def test_keys_of_the_environment_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGE_API_KEY", "plainwords")
    assert mask("it said plainwords and givenkey1", "givenkey1") == "it said … and …"
    assert mask("nothing here") == "nothing here"
