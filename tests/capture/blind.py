"""Exchanges that were written blind, before anybody saw what capture makes of them, and what is worth keeping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from littlemem_ipy.models import MemoryType

TYPES = {
    "P": MemoryType.USER_PREFERENCE,
    "K": MemoryType.PROJECT_KNOWLEDGE,
    "X": MemoryType.CONVERSATION_CONTEXT,
    "S": MemoryType.SOLUTION,
    "C": MemoryType.CODE_SNIPPET,
    "G": MemoryType.GENERAL,
}
FOLDER = Path(__file__).parent / "blind"


@dataclass(frozen=True)
class Exchange:
    """A message and its reply, the messages before, and the memories that are worth keeping: type and words."""

    language: str
    user: str
    reply: str
    gold: tuple[tuple[MemoryType, tuple[str, ...]], ...]
    past: tuple[dict[str, str], ...] = ()


def exchanges(name: str) -> Iterator[Exchange]:
    """Yield the exchanges of a file; a line each, five fields between broken bars."""
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            fields = [field.strip() for field in line.replace("\\n", "\n").split("¦")]
            language, user, reply, gold, past = (*fields, "")[:5]
            yield Exchange(language, user, reply, tuple(_gold(gold)), tuple(_past(past)))


def _gold(field: str) -> Iterator[tuple[MemoryType, tuple[str, ...]]]:
    for one in filter(None, field.split(" ; ")):
        yield TYPES[one[0]], tuple(one[2:].split(" & "))


def _past(field: str) -> Iterator[dict[str, str]]:
    for one in filter(None, field.split(" // ")):
        yield {"role": "user" if one.startswith("U: ") else "assistant", "content": one[3:]}
