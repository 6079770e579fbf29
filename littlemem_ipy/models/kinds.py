"""The six kinds of memory, and the one place that says what each of them means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

__all__ = [
    "PROPOSE",
    "TYPES",
    "Injection",
    "MemoryType",
    "TypeInfo",
    "captured_types",
    "proposed_types",
    "type_info",
]

PROPOSE = ":propose"
"""Behind the name of a type: what is captured of it is only proposed."""


class MemoryType(StrEnum):
    """What a memory is about; the values are stable and travel in exports."""

    USER_PREFERENCE = "user_preference"
    CONVERSATION_CONTEXT = "conversation_context"
    PROJECT_KNOWLEDGE = "project_knowledge"
    CODE_SNIPPET = "code_snippet"
    SOLUTION = "solution"
    GENERAL = "general"


class Injection(StrEnum):
    """When a memory of a type may go into a prompt."""

    PROFILE = "profile"
    """Considered in every chat, within the profile's own part of the budget."""
    RELEVANT = "relevant"
    """Only when the search finds it above the threshold."""


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """What the rest of the package needs to know of one type.

    Attributes
    ----------
    icon
        One emoji for badges.
    label
        The name that people read.
    description
        What belongs into this type, as one sentence.
    retention_days
        Days without use after which cleanup proposes to archive it; None keeps it for ever.
    injection
        When it may go into a prompt.
    personal
        Whether it belongs to the person rather than to a project when nothing else is said.
    """

    icon: str
    label: str
    description: str
    retention_days: int | None
    injection: Injection
    personal: bool = False


TYPES: Mapping[MemoryType, TypeInfo] = MappingProxyType(
    {
        MemoryType.USER_PREFERENCE: TypeInfo(
            "👤",
            "Preference",
            "What you like, who you are and how you want things done.",
            None,
            Injection.PROFILE,
            personal=True,
        ),
        MemoryType.CONVERSATION_CONTEXT: TypeInfo(
            "💬",
            "Conversation",
            "What was discussed, decided and agreed as the next step.",
            180,
            Injection.RELEVANT,
        ),
        MemoryType.PROJECT_KNOWLEDGE: TypeInfo(
            "📚",
            "Project knowledge",
            "Facts of a project: data, columns, conventions, decisions.",
            None,
            Injection.RELEVANT,
        ),
        MemoryType.CODE_SNIPPET: TypeInfo(
            "🧩", "Code", "Code worth keeping and using again.", None, Injection.RELEVANT
        ),
        MemoryType.SOLUTION: TypeInfo(
            "🔧", "Solution", "A problem together with the fix that worked.", None, Injection.RELEVANT
        ),
        MemoryType.GENERAL: TypeInfo("📝", "Note", "Anything else worth remembering.", 365, Injection.RELEVANT),
    }
)


def type_info(kind: str) -> TypeInfo:
    """Return what is known of a type; one that a newer version has stored is shown by its name."""
    try:
        return TYPES[MemoryType(kind)]
    except ValueError:
        return TypeInfo("❔", str(kind), "A type that this version does not know.", None, Injection.RELEVANT)


def captured_types(entries: Iterable[str]) -> frozenset[str]:
    """Return the types that may be captured, of entries such as ``solution`` or ``general:propose``.

    >>> sorted(captured_types(["solution", "general:propose"]))
    ['general', 'solution']
    """
    return frozenset(str(entry).removesuffix(PROPOSE) for entry in entries)


def proposed_types(entries: Iterable[str]) -> frozenset[str]:
    """Return the types of which everything that is captured waits in the inbox.

    >>> sorted(proposed_types(["solution", "general:propose"]))
    ['general']
    """
    return frozenset(str(entry).removesuffix(PROPOSE) for entry in entries if str(entry).endswith(PROPOSE))
