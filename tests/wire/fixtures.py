"""Fixtures for tests that talk to the scripted server; a conftest imports what it needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wire.server import WireServer

MODELS = {
    "openai": "openai/gpt-4o-mini",
    "anthropic": "anthropic/claude-3-haiku-20240307",
    "gemini": "gemini/gemini-2.5-flash",
    "ollama": "ollama_chat/llama3.2",
}
KEYS = ("OPENAI", "ANTHROPIC", "GEMINI", "GOOGLE")
BASES = (
    "OPENAI_API_BASE",
    "OPENAI_BASE_URL",
    "ANTHROPIC_API_BASE",
    "ANTHROPIC_BASE_URL",
    "GEMINI_API_BASE",
    "OLLAMA_API_BASE",
    "OLLAMA_HOST",
)


@pytest.fixture(scope="session")
def _wire_server() -> Iterator[WireServer]:
    with WireServer() as server:
        yield server


@pytest.fixture
def wire(_wire_server: WireServer) -> WireServer:
    """Give the scripted server, with nothing scripted or recorded."""
    _wire_server.reset()
    return _wire_server


@pytest.fixture(autouse=True)
def _no_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the keys and addresses of whoever runs the tests."""
    for name in [*BASES, *(f"{key}_API_KEY" for key in KEYS)]:
        monkeypatch.delenv(name, raising=False)
