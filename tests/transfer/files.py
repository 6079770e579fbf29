"""Files of memories as other programs write them, made by hand."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["chatgpt", "claude", "entry", "export_of", "mem0", "seed_directory", "webui", "zipped"]


def entry(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return an entry as LittleLLM stores it."""
    metadata = {"tags": ["t1", "T2"], "timestamp": f"2026-11-23T02:18:28.{number:03}Z", "source": "manual_ui"}
    metadata |= {"projectId": "crm", "conversationId": "conv_7", "accessCount": number}
    metadata |= {"lastAccessed": "2026-11-24T02:18:28.240Z"}
    metadata = {name: value for name, value in (metadata | fields.pop("metadata", {})).items() if value is not None}
    one = {
        "id": f"mem_17954003{number:05}_{number:09}",
        "type": "solution",
        "title": f"Note {number}",
        "content": f"content number {number} – Grüße, 你好 🧠",
        "metadata": metadata,
        "searchableText": f"note {number}",
        "createdAt": f"2026-11-23T02:18:28.{number:03}Z",
        "updatedAt": f"2026-11-23T03:18:28.{number:03}Z",
    }
    return {name: value for name, value in (one | fields).items() if value is not None}


def export_of(*entries: Any, **fields: Any) -> dict[str, Any]:
    """Return LittleLLM's export of entries."""
    return {
        "version": "1.0.0",
        "exportDate": "2026-11-23T02:18:28.243Z",
        "totalEntries": len(entries),
        "memories": list(entries),
        "index": {"entries": [], "version": "1.0.0"},
        "stats": {},
        "metadata": {"exportedBy": "LiteLLM Memory System"},
    } | fields


def seed_directory(root: Path, *entries: Any, index: Any = None) -> Path:
    """Write a store of LittleLLM; `index` replaces its index, as text if it is text."""
    (root / "memory" / "entries").mkdir(parents=True)
    for one in entries:
        (root / "memory" / "entries" / f"{one['id']}.json").write_text(json.dumps(one), encoding="utf-8")
    listed = {"entries": [{"id": one["id"]} for one in entries], "totalEntries": len(entries), "version": "1.0.0"}
    text = index if isinstance(index, str) else json.dumps(listed if index is None else index)
    (root / "memory" / "index.json").write_text(text, encoding="utf-8")
    return root


def mem0() -> dict[str, Any]:
    """Return what mem0's ``get_all`` gives."""
    one = {"id": "892db2ae-06d9-49e5-8b3e-585ef9b85b8e", "memory": "Works at TechCorp", "user_id": "dev"}
    one |= {"metadata": {"type": "professional"}, "categories": ["work"], "created_at": "2024-07-01T12:00:00-07:00"}
    two = {"id": "b2", "memory": "Prefers tea", "updated_at": "2025-01-02T00:00:00Z", "run_id": "run-1"}
    two |= {"created_at": "2025-01-01T00:00:00", "categories": None}
    return {"results": [one, two, {"id": "b3", "memory": ""}]}


def webui() -> list[dict[str, Any]]:
    """Return Open WebUI's memories."""
    return [
        {
            "id": "a",
            "user_id": "u",
            "content": "Likes dark themes",
            "created_at": 1735689600,
            "updated_at": 1735689700,
        }
    ]


def chatgpt() -> list[dict[str, Any]]:
    """Return conversations of ChatGPT: a branch that was left, a hidden message, a memory, an image."""

    def node(key: str, parent: str | None, role: str, *parts: Any, **more: Any) -> dict[str, Any]:
        message = {"author": {"role": role}, "content": {"content_type": "text", "parts": list(parts)}, **more}
        return {"id": key, "parent": parent, "children": [], "message": message}

    mapping = {
        "root": {"id": "root", "parent": None, "message": None, "children": ["a"]},
        "a": node("a", "root", "user", "How do I join in polars?", recipient="all"),
        "left": node("left", "a", "assistant", "An answer that was thrown away"),
        "h": node("h", "a", "user", "hidden", metadata={"is_visually_hidden_from_conversation": True}),
        "bio": node("bio", "h", "assistant", "Prefers polars.", recipient="bio", create_time=1735689601.5),
        "b": node("b", "bio", "assistant", "Use df.join(other, on=…).", {"asset_pointer": "x"}),
    }
    about = {"id": "c1", "conversation_id": "c1", "title": "Joins", "create_time": 1735689600.25}
    return [about | {"update_time": 1735689700.0, "mapping": mapping, "current_node": "b"}]


def claude() -> list[dict[str, Any]]:
    """Return conversations of Claude."""
    said = [
        {"uuid": "1", "sender": "human", "text": "", "content": [{"type": "text", "text": "What is CORS?"}]},
        {"uuid": "2", "sender": "assistant", "text": "A rule of browsers."},
    ]
    times = {"created_at": "2025-03-01T10:00:00.123456Z", "updated_at": "2025-03-01T11:00:00Z"}
    return [{"uuid": "u1", "name": "CORS", **times, "chat_messages": said}]


def zipped(path: Path, files: Mapping[str, Any]) -> Path:
    """Write a zip archive; what is neither text nor bytes becomes JSON."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
    return path
