from __future__ import annotations

from typing import Any

import pytest

from littlemem_ipy.chat.target import NO_KEY, resolve
from littlemem_ipy.errors import ChatError

HERE = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("name", "base", "model", "provider", "said"),
    [
        ("openai/gpt-4o-mini", None, "openai/gpt-4o-mini", "openai", ""),
        ("gpt-4o-mini", None, "gpt-4o-mini", "openai", ""),
        ("  gpt-4o-mini ", None, "gpt-4o-mini", "openai", ""),
        ("claude-of-tomorrow", None, "anthropic/claude-of-tomorrow", "anthropic", "names no provider"),
        ("gpt-99", None, "openai/gpt-99", "openai", "names no provider"),
        ("ollama/llama3", None, "ollama_chat/llama3", "ollama_chat", "ollama/ drops tools"),
        ("gemini-2.5-flash", None, "gemini/gemini-2.5-flash", "gemini", "not through Vertex AI"),
        ("my-model", f"{HERE}/v1", "openai/my-model", "openai", "names no provider"),
        ("meta-llama/Llama-9", f"{HERE}/v1", "openai/meta-llama/Llama-9", "openai", "names no provider"),
        ("llama3", "http://127.0.0.1:11434", "ollama_chat/llama3", "ollama_chat", "names no provider"),
        ("demo", None, "demo/memory", "demo", ""),
        ("demo/tiny", f"{HERE}/v1", "demo/memory", "demo", ""),
    ],
)
def test_names(name: str, base: str | None, model: str, provider: str, said: str) -> None:
    target = resolve(name, base)
    assert (target.model, target.provider) == (model, provider)
    assert said in " ".join(target.notes)
    assert bool(said) is bool(target.notes)


@pytest.mark.parametrize(
    ("name", "given", "used"),
    [
        ("openai/x", f"{HERE}/v1", f"{HERE}/v1"),
        ("openai/x", f"{HERE}/v1/", f"{HERE}/v1"),
        ("openai/x", f"{HERE}/v1/chat/completions", f"{HERE}/v1"),
        ("anthropic/x", HERE, HERE),
        ("anthropic/x", f"{HERE}/v1", HERE),
        ("anthropic/x", f"{HERE}/v1/messages", HERE),
        ("gemini/x", f"{HERE}/v1beta", f"{HERE}/v1beta"),
        ("gemini/x", f"{HERE}/v1beta/", f"{HERE}/v1beta"),
        ("gemini/x", f"{HERE}/v1beta/models", f"{HERE}/v1beta"),
        ("gemini/x", f"{HERE}/v1beta/openai/", f"{HERE}/v1beta"),
        ("gemini/x", HERE, f"{HERE}/v1beta"),
        ("ollama_chat/x", HERE, HERE),
        ("ollama_chat/x", f"{HERE}/v1", HERE),
        ("ollama_chat/x", f"{HERE}/api/chat", HERE),
    ],
)
def test_addresses(name: str, given: str, used: str) -> None:
    target = resolve(name, given)
    assert target.api_base == used
    assert bool(target.notes) is (given.rstrip("/") != used)


@pytest.mark.parametrize(
    ("variable", "value", "name", "used"),
    [
        ("OPENAI_BASE_URL", f"{HERE}/v1/chat/completions", "openai/x", f"{HERE}/v1"),
        ("OPENAI_API_BASE", f"{HERE}/v1", "openai/x", f"{HERE}/v1"),
        ("ANTHROPIC_BASE_URL", f"{HERE}/v1", "anthropic/x", HERE),
        ("GEMINI_API_BASE", HERE, "gemini/x", f"{HERE}/v1beta"),
        ("OLLAMA_API_BASE", f"{HERE}/v1", "ollama_chat/x", HERE),
        ("OLLAMA_HOST", "127.0.0.1:8000", "ollama_chat/x", HERE),
        ("OLLAMA_HOST", "0.0.0.0", "ollama_chat/x", "http://127.0.0.1:11434"),
        ("OLLAMA_HOST", "https://models.example", "ollama_chat/x", "https://models.example:443"),
        ("OLLAMA_HOST", "http://[::1]:8000", "ollama_chat/x", "http://[::1]:8000"),
    ],
)
def test_addresses_of_the_environment(
    variable: str, value: str, name: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert resolve(name).api_base == used


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve("openai/x", f"{HERE}/v1").api_key == NO_KEY
    assert resolve("ollama_chat/x", HERE).api_key is None
    assert resolve("gpt-4o-mini").api_key is None
    assert resolve("openai/x", f"{HERE}/v1", api_key="mine").api_key == "mine"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    assert resolve("openai/x", f"{HERE}/v1").api_key is None


def test_aliases_lead_on() -> None:
    aliases = {"fast": "small", "small": "openai/gpt-4o-mini", "gpt-4o": "demo"}
    assert resolve("fast", aliases=aliases).model == "openai/gpt-4o-mini"
    assert resolve("gpt-4o", aliases=aliases).provider == "demo"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"model": None}, "no model is chosen"),
        ({"model": " "}, "-m demo"),
        ({"model": "no-such-thing"}, "names no known provider"),
        ({"model": "gpt4o-mini"}, "did you mean"),
        ({"model": "a", "aliases": {"a": "b", "b": "a"}}, "a -> b -> a"),
    ],
)
def test_what_can_not_be_called_says_what_to_write(
    given: dict[str, Any], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ChatError) as caught:
        resolve(**given)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
