"""Memories and figures as the JSON that the page shows; hidden and reordering characters as code points."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from littlemem_ipy.browser.rendering import blocks_of
from littlemem_ipy.models import Event, Memory, Revision
from littlemem_ipy.models.tables import visible

__all__ = ["command_of", "detail_of", "fields_of", "history_of", "reasons_of", "row_of", "seconds"]

_EXCERPT = 90
_UNSHOWN = {"revision", "updated_at", "access_count", "last_accessed_at", "provenance"}


def seconds(moment: datetime | None) -> int | None:
    """Return seconds since 1970."""
    return None if moment is None else int(moment.timestamp())


def row_of(memory: Memory) -> dict[str, Any]:
    """Return what a row of the grid shows; what is empty is left out."""
    row = {
        "id": memory.id,
        "title": visible(memory.title),
        "type": str(memory.type),
        "tags": [visible(tag) for tag in memory.tags],
        "project": visible(memory.project or ""),
        "created": seconds(memory.created_at),
        "source": visible(memory.source),
        "used": memory.access_count,
        "state": str(memory.state),
        "pinned": memory.pinned,
        "revision": memory.revision,
        "held": visible(memory.held or ""),
        "by": visible(memory.provenance.user or ""),
        "excerpt": visible(_excerpt(memory)),
    }
    return {name: value for name, value in row.items() if value or name == "used"}


def _excerpt(memory: Memory) -> str:
    """Return the beginning of the content as far as it says more than the title."""
    text = " ".join(memory.content[: _EXCERPT * 4].split()).lstrip("#*- ")
    start = memory.title.rstrip("….")
    if text.startswith(start) and not memory.title.endswith("…"):
        text = text[len(start) :].lstrip(" .:")
    elif text.startswith(start):
        return ""
    return text[:_EXCERPT]


def detail_of(memory: Memory) -> dict[str, Any]:
    """Return a memory whole: content as blocks, facts, and its fields as they are edited."""
    origin = memory.provenance
    facts = {
        "state": str(memory.state),
        "held": memory.held,
        "project": memory.project,
        "source": memory.source,
        "user": origin.user,
        "author": str(origin.author),
        "rule": origin.rule,
        "model": origin.model,
        "notebook": origin.notebook,
        "cell": origin.cell_id,
        "conversation": memory.conversation_id,
        "superseded_by": memory.superseded_by,
    }
    times = ("created_at", "updated_at", "last_accessed_at", "expires_at")
    return row_of(memory) | {
        "blocks": blocks_of(memory),
        "facts": {name: visible(str(value)) for name, value in facts.items() if value},
        "times": {name: seconds(getattr(memory, name)) for name in times if getattr(memory, name)},
        "fields": fields_of(memory),
    }


def fields_of(memory: Memory) -> dict[str, Any]:
    """Return the fields of a memory as they are edited in the form."""
    return {
        "title": memory.title,
        "content": memory.content,
        "type": str(memory.type),
        "tags": ", ".join(memory.tags),
        "project": memory.project or "",
        "pinned": memory.pinned,
    }


def command_of(memory: Memory) -> str:
    """Return the cell that would add this memory."""
    parts = ["%%mem add", f"--type {memory.type}", f"--title {_quoted(memory.title)}"]
    parts += [f"--tag {_quoted(tag)}" for tag in memory.tags]
    parts.append(f"--project {_quoted(memory.project)}" if memory.project else "--no-project")
    return " ".join(parts + ["--pin"] * memory.pinned) + "\n" + memory.content


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def history_of(revisions: Sequence[Revision]) -> list[dict[str, Any]]:
    """Return the changes of a memory, newest first, each with what was different."""
    earlier: Memory | None = None
    told = []
    for revision in revisions:
        changes = [] if earlier is None else _changes(earlier, revision.memory)
        told.append(
            {
                "number": revision.number,
                "action": visible(revision.action),
                "at": seconds(revision.at),
                "changes": changes,
            }
        )
        earlier = revision.memory
    return told[::-1]


def _changes(before: Memory, after: Memory) -> list[dict[str, Any]]:
    names = [n for n in Memory.model_fields if n not in _UNSHOWN and getattr(before, n) != getattr(after, n)]
    return [
        {"name": name, "diff": _diff(before.content, after.content)}
        if name == "content"
        else {"name": name, "before": _brief(getattr(before, name)), "after": _brief(getattr(after, name))}
        for name in names
    ]


def _diff(before: str, after: str) -> list[list[str]]:
    """Return the lines that went (``-``), came (``+``) and stay around them."""
    lines = list(difflib.unified_diff(before.split("\n"), after.split("\n"), n=2, lineterm=""))[2:]
    return [[line[0], visible(line[1:])] for line in lines if line and line[0] in "-+ "]


def _brief(value: Any) -> str:
    if isinstance(value, tuple):
        return visible(", ".join(value))
    if isinstance(value, datetime):
        return f"{value.astimezone():%Y-%m-%d %H:%M}"
    return "" if value is None else visible(str(value))


def reasons_of(events: Sequence[Event], memory_id: str, limit: int) -> list[dict[str, Any]]:
    """Return what the last chats made of a memory: whether it went into the prompt, and by which rule."""
    reasons = [
        {
            "at": seconds(event.at),
            "injected": bool(entry.get("injected")),
            "score": entry.get("score"),
            "rule": visible(str(entry.get("rule", ""))),
        }
        for event in events
        for entry in event.data.get("considered", ())
        if entry.get("id") == memory_id
    ]
    return reasons[:limit]
