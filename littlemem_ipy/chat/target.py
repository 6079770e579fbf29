"""Which model at which address: a model string made into what litellm needs.

Each known trap between what people write and what litellm takes is put right
here, and every change is told as a note.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from littlemem_ipy.chat import demo
from littlemem_ipy.chat.engine import engine
from littlemem_ipy.errors import ChatError

__all__ = ["NO_KEY", "Target", "resolve"]

NO_KEY = "no-key"
"""Sent where a server of one's own needs no key but its client library insists on one."""

_BASES = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    "anthropic": ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"),
    "gemini": ("GEMINI_API_BASE",),
    "ollama_chat": ("OLLAMA_API_BASE",),
    "lm_studio": ("LM_STUDIO_API_BASE",),
    "hosted_vllm": ("HOSTED_VLLM_API_BASE",),
}
# litellm adds the rest of the path itself; what people copy from elsewhere has too much of it.
_TOO_MUCH = {
    "openai": ("/chat/completions",),
    "lm_studio": ("/chat/completions",),
    "hosted_vllm": ("/chat/completions",),
    "anthropic": ("/v1/messages", "/v1"),
    "gemini": ("/models", "/openai"),
    "ollama_chat": ("/api/chat", "/api", "/v1/chat/completions", "/v1"),
}
_FAMILIES = {"claude": "anthropic", "gpt-": "openai", "chatgpt-": "openai"}


@dataclass(frozen=True)
class Target:
    """A model that can be called.

    Attributes
    ----------
    model
        As litellm takes it, with its provider.
    api_base, api_key
        None where litellm finds them itself.
    notes
        What was changed on the way, one sentence each.
    """

    model: str
    provider: str
    api_base: str | None = None
    api_key: str | None = None
    notes: tuple[str, ...] = ()

    def noting(self, note: str, **changes: Any) -> Target:
        """Copy with one more note, and changes."""
        return replace(self, notes=(*self.notes, note), **changes)


def resolve(
    model: str | None,
    api_base: str | None = None,
    aliases: Mapping[str, str] | None = None,
    api_key: str | None = None,
) -> Target:
    """Find out what a model string means, or say what to write instead."""
    name = _unaliased((model or "").strip(), aliases or {})
    if not name:
        raise ChatError(
            "no model is chosen: %config LittleMem.model = 'provider/model' (for example 'openai/gpt-4o-mini' or "
            "'ollama_chat/llama3.2'), or -m demo to try without a key"
        )
    if name == demo.PROVIDER or name.startswith(f"{demo.PROVIDER}/"):
        return Target(demo.MODEL, demo.PROVIDER)
    return _with_key(_with_base(_named(name, api_base), api_base), api_key)


def _unaliased(name: str, aliases: Mapping[str, str]) -> str:
    seen = [name]
    while (following := aliases.get(name)) is not None:
        name = following.strip()
        if name in seen:
            raise ChatError(f"the model aliases go in a circle: {' -> '.join([*seen, name])}; change one of them")
        seen.append(name)
    return name


def _named(name: str, api_base: str | None) -> Target:
    """Find the provider of a name."""
    if name.startswith("ollama/"):
        better = "ollama_chat/" + name.removeprefix("ollama/")
        return Target(better, "ollama_chat", notes=(f"{name} is called as {better}: ollama/ drops tools",))
    if name.startswith("gemini-"):
        better = f"gemini/{name}"
        return Target(better, "gemini", notes=(f"{name} is called as {better}, not through Vertex AI",))
    litellm = engine()
    try:
        return Target(name, str(litellm.get_llm_provider(name)[1]))
    except litellm.exceptions.BadRequestError:
        return _guessed(name, api_base)


def _guessed(name: str, api_base: str | None) -> Target:
    """Choose a provider for a name that litellm doesn't know."""
    family = next((provider for start, provider in _FAMILIES.items() if name.startswith(start)), None)
    if api_base:
        provider = family or ("ollama_chat" if urlsplit(api_base).port == 11434 else "openai")
    elif family:
        provider = family
    else:
        raise ChatError(_unknown(name))
    better = f"{provider}/{name}"
    return Target(better, provider, notes=(f"{name} names no provider and is called as {better}",))


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, [str(known) for known in engine().model_cost], n=2, cutoff=0.75)
    hint = f" (did you mean {' or '.join(close)}?)" if close else ""
    return (
        f"model {name!r} names no known provider{hint}: write provider/model, for example openai/{name} with an "
        f"api_base, ollama_chat/{name}, or -m demo"
    )


def _with_base(target: Target, api_base: str | None) -> Target:
    names = _BASES.get(target.provider, ())
    given = api_base or next((os.environ[name] for name in names if os.environ.get(name)), None)
    if given is None and target.provider == "ollama_chat" and os.environ.get("OLLAMA_HOST"):
        given = _ollama_host(os.environ["OLLAMA_HOST"])
        target = target.noting(f"OLLAMA_HOST gives the address: {given}")
    if not given:
        return target
    base = _fitting(target.provider, given.strip())
    if base.rstrip("/") == given.strip().rstrip("/"):
        return replace(target, api_base=base)
    return target.noting(f"api_base {given} is used as {base}", api_base=base)


def _fitting(provider: str, base: str) -> str:
    """Cut or complete the path of an address as litellm needs it for this provider."""
    base = base.rstrip("/") if provider in _TOO_MUCH else base
    for suffix in _TOO_MUCH.get(provider, ()):
        base = base.removesuffix(suffix).rstrip("/")
    if provider == "gemini" and urlsplit(base).path in {"", "/"}:
        base += "/v1beta"
    return base


def _ollama_host(value: str) -> str:
    """Read Ollama's own variable, which may lack the scheme or the port, or say where to listen."""
    parts = urlsplit(value if "//" in value else f"http://{value}")
    host = parts.hostname or "127.0.0.1"
    host = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
    port = parts.port or (443 if parts.scheme == "https" else 11434)
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _with_key(target: Target, api_key: str | None) -> Target:
    if api_key or not target.api_base:
        return replace(target, api_key=api_key)
    litellm = engine()
    if litellm.api_key or getattr(litellm, f"{target.provider}_key", None):
        return target
    missing = litellm.validate_environment(target.model)
    needs_one = not missing["keys_in_environment"] and any(key.endswith("_KEY") for key in missing["missing_keys"])
    return replace(target, api_key=NO_KEY) if needs_one else target
