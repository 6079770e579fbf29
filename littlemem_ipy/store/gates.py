"""What every memory passes before it is stored, on every path."""

from __future__ import annotations

from typing import Any

from littlemem_ipy import redact
from littlemem_ipy.models import Memory, build

__all__ = ["gated"]


def gated(data: dict[str, Any]) -> Memory:
    """Return a validated memory with secrets masked, held back if it must not be used unseen."""
    for name in ("content", "title"):
        if isinstance(data.get(name), str):
            data[name] = redact.redact(data[name])
    memory = build(Memory, data)
    if memory.held is None and not memory.provenance.accepted:
        reason = _suspicion(memory)
        if reason:
            return memory.model_copy(update={"held": reason})
    return memory


def _suspicion(memory: Memory) -> str | None:
    if not memory.provenance.author.trusted:
        return f"not accepted yet (from {memory.provenance.author})"
    found = redact.find_injections(f"{memory.title}\n{memory.content}\n{' '.join(memory.tags)}")
    return f"looks like an instruction to the assistant ({found[0].kind})" if found else None
