"""What every memory passes before it is stored, on every path."""

from __future__ import annotations

import functools
from typing import Any

from littlemem_ipy import redact
from littlemem_ipy.models import Memory, build_stored
from littlemem_ipy.models.checks import check_content
from littlemem_ipy.models.envelope import LOCKED_TITLE, is_envelope

__all__ = ["gated"]


def gated(data: dict[str, Any]) -> Memory:
    """Return a validated memory with secrets masked, held back if it must not be used unseen.

    An envelope was looked at before it was sealed, and passes as it is.
    """
    if is_envelope(data.get("content")):
        return build_stored(data | {"title": LOCKED_TITLE})
    content, title = check_content(data.get("content")), data.get("title")
    data = data | {"content": redact.redact(content)}
    if isinstance(title, str):
        data["title"] = data["content"] if title == content else _masked_title(title)
    memory = _without_secret_tags(build_stored(data))
    if memory.held is None and not memory.provenance.accepted:
        reason = _suspicion(memory)
        if reason:
            return memory.model_copy(update={"held": reason})
    return memory


def _masked_title(title: str) -> str:
    """Return a title without secrets; the ellipsis of a cut one is no part of the value before it."""
    bare = title.removesuffix("…")
    return redact.redact(bare) + title[len(bare) :]


def _without_secret_tags(memory: Memory) -> Memory:
    masked = [_masked_tag(tag) for tag in memory.tags]
    return memory if masked == list(memory.tags) else memory.changed(tags=masked)


@functools.lru_cache(maxsize=4096)
def _masked_tag(tag: str) -> str:
    """Return a tag without secrets; the same few tags stand at many memories."""
    return redact.redact(tag)


def _suspicion(memory: Memory) -> str | None:
    if not memory.provenance.author.trusted:
        return f"not accepted yet (from {memory.provenance.author})"
    # A title that was made from the content says nothing that the content doesn't.
    made = memory.content.lstrip().startswith(memory.title.removesuffix("…"))
    said = (
        [memory.content, " ".join(memory.tags)] if made else [memory.title, memory.content, " ".join(memory.tags)]
    )
    found = redact.find_injections("\n".join(filter(None, said)))
    return f"looks like an instruction to the assistant ({found[0].kind})" if found else None
