"""What ChatGPT and Claude hand out about a person: conversations, and what they have remembered.

A conversation is one memory with what both said; a long one is cut between two messages. What ChatGPT
remembered stands in its conversations as messages to its tool ``bio``; Claude's stands in a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import MemoryType
from littlemem_ipy.models.checks import shown, title_of
from littlemem_ipy.transfer.archive import Row, rows_of
from littlemem_ipy.transfer.documents import texts
from littlemem_ipy.transfer.fields import moment
from littlemem_ipy.transfer.foreign import foreign_row
from littlemem_ipy.transfer.limits import Limits

__all__ = ["is_chatgpt", "is_claude", "rows_of_chatgpt", "rows_of_claude"]

_PART_BYTES = 100_000
_SECTION = re.compile(r"\n+(?=\*\*[^*\n]{1,100}\*\*[ \t]*\n|#{1,6} )")
_SPEAKERS = {"user": "User", "human": "User", "assistant": "Assistant"}


def _first(document: Any) -> dict[str, Any]:
    first = document[0] if isinstance(document, list) and document else document
    return first if isinstance(first, dict) else {}


def is_chatgpt(document: Any) -> bool:
    """Return whether a document is a list of ChatGPT's conversations."""
    return isinstance(_first(document).get("mapping"), dict)


def is_claude(document: Any) -> bool:
    """Return whether a document is a list of Claude's conversations, or what it has remembered."""
    first = _first(document)
    return isinstance(first.get("chat_messages"), list) or "conversations_memory" in first


def rows_of_chatgpt(document: Any, limits: Limits, written_at: datetime) -> Iterator[Row]:
    """Yield the rows of conversations, and of what was remembered in them."""
    found: list[Row] = []

    def convert(record: dict[str, Any]) -> Row:
        if not isinstance(record.get("mapping"), dict):
            raise InvalidInput(f"a conversation must have a mapping of messages, not {shown(record)}.")
        found[:] = [*_chatgpt(record, written_at)]
        return Row(0)

    yield from _several(document, convert, found, limits)


def rows_of_claude(document: Any, limits: Limits, written_at: datetime) -> Iterator[Row]:
    """Yield the rows of conversations, or of what was remembered."""
    found: list[Row] = []

    def convert(record: dict[str, Any]) -> Row:
        found[:] = [*(_claude(record, written_at) if "chat_messages" in record else _sections(record, written_at))]
        return Row(0)

    yield from _several(document, convert, found, limits)


def _several(document: Any, convert: Any, found: list[Row], limits: Limits) -> Iterator[Row]:
    """Yield the rows that each record is turned into, numbered as they come."""
    number = 0
    for row in rows_of(document if isinstance(document, list) else [document], convert, limits):
        for each in [row] if row.problem else found:
            number += 1
            yield Row(number, each.name or row.name, each.data, each.problem, each.note)


# -- ChatGPT ----------------------------------------------------------------------------------


def _chatgpt(record: dict[str, Any], written_at: datetime) -> Iterator[Row]:
    created = moment(record.get("create_time")) or written_at
    updated = moment(record.get("update_time")) or created
    key = str(record.get("conversation_id") or record.get("id") or record.get("title"))
    said: list[tuple[str, str]] = []
    for message in _branch(record):
        text = _parts_text(message.get("content"))
        if message.get("recipient") == "bio" and text:
            at = moment(message.get("create_time")) or created
            yield foreign_row(
                f"{key}/{text}",
                text,
                at,
                source="chatgpt",
                kind=MemoryType.USER_PREFERENCE,
                origin={"conversation": key},
            )
        elif text and message.get("recipient", "all") == "all" and not _hidden(message):
            author = message.get("author")
            said.append((str(author.get("role")) if isinstance(author, dict) else "", text))
    yield from _talk(key, record.get("title"), said, created, updated, "chatgpt")


def _branch(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the messages of the branch that the person saw last, oldest first."""
    nodes: dict[str, Any] = record["mapping"]
    place: Any = record.get("current_node")
    if not isinstance(place, str) or place not in nodes:
        place = next(reversed(nodes), None)
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    while isinstance(place, str) and place in nodes and place not in seen:
        seen.add(place)
        node = nodes[place] if isinstance(nodes[place], dict) else {}
        if isinstance(node.get("message"), dict):
            found.append(node["message"])
        place = node.get("parent")
    return found[::-1]


def _hidden(message: dict[str, Any]) -> bool:
    about = message.get("metadata")
    return isinstance(about, dict) and about.get("is_visually_hidden_from_conversation") is True


def _parts_text(content: Any) -> str:
    parts = content.get("parts") if isinstance(content, dict) else None
    return "\n".join(texts(parts)) if isinstance(parts, list) else ""


# -- Claude -----------------------------------------------------------------------------------


def _claude(record: dict[str, Any], written_at: datetime) -> Iterator[Row]:
    created = moment(record.get("created_at")) or written_at
    updated = moment(record.get("updated_at")) or created
    messages = record["chat_messages"] if isinstance(record["chat_messages"], list) else []
    said = [
        (str(message.get("sender")), _claude_text(message))
        for message in messages
        if isinstance(message, dict) and _claude_text(message)
    ]
    key = str(record.get("uuid") or record.get("name"))
    yield from _talk(key, record.get("name"), said, created, updated, "claude")


def _claude_text(message: dict[str, Any]) -> str:
    if isinstance(message.get("text"), str) and message["text"].strip():
        return str(message["text"])
    content = message.get("content")
    parts = [part.get("text") for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    return "\n".join(texts(parts))


def _sections(record: dict[str, Any], written_at: datetime) -> Iterator[Row]:
    if "conversations_memory" not in record:
        raise InvalidInput(f"{shown(record)} is neither a conversation nor a memory.")
    owner = str(record.get("account_uuid") or "account")
    projects = record.get("project_memories")
    several = [("", record["conversations_memory"])]
    several += [*projects.items()] if isinstance(projects, dict) else []
    for project, text in several:
        kind = MemoryType.PROJECT_KNOWLEDGE if project else MemoryType.USER_PREFERENCE
        for number, section in enumerate(texts(_SECTION.split(text)) if isinstance(text, str) else []):
            yield foreign_row(
                f"{owner}/{project}/{number}",
                section.strip(),
                written_at,
                source="claude",
                kind=kind,
                title=title_of(section).strip("*"),
                origin={"claude_project": project},
            )


# -- both -------------------------------------------------------------------------------------


def _talk(
    key: str, title: Any, said: list[tuple[str, str]], created: datetime, updated: datetime, source: str
) -> Iterator[Row]:
    """Yield a conversation as rows of bounded size."""
    turns = [f"{_SPEAKERS[role]}: {text.strip()}" for role, text in said if role in _SPEAKERS]
    parts = _packed([piece for turn in turns for piece in _cut(turn)])
    name = title_of(title) if isinstance(title, str) and title.strip() else None
    for number, part in enumerate(parts, 1):
        whole = len(parts) == 1
        yield foreign_row(
            key if whole else f"{key}#{number}",
            part,
            created,
            source=source,
            kind=MemoryType.CONVERSATION_CONTEXT,
            updated=updated,
            title=name if whole or name is None else f"{name} ({number}/{len(parts)})",
            conversation_id=f"{source}-{key}"[:200],
        )


def _cut(text: str) -> list[str]:
    """Return a text in pieces of bounded size."""
    step = _PART_BYTES // 4  # a character has at most four bytes
    return [text[start : start + step] for start in range(0, len(text), step)]


def _packed(pieces: list[str]) -> list[str]:
    parts: list[str] = []
    for piece in pieces:
        if parts and len(parts[-1].encode("utf-8", "replace")) + len(piece) * 4 <= _PART_BYTES * 2:
            parts[-1] += f"\n\n{piece}"
        else:
            parts.append(piece)
    return parts
