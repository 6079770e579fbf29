"""What the memories around a memory of the same conversation say about it.

A turn of a dialog is short and leaves out what the turns before it said. So the words of its neighbours count a
little, the answer to a question that fits the query is lifted by it, and a conversation in which much was
found lifts its turns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from littlemem_ipy.backends import Passage, TextIndex
from littlemem_ipy.models import SearchQuery
from littlemem_ipy.search.scoring import Reader, Reading

__all__ = ["Window", "lift_answers", "lift_sessions", "read_around"]

_REACH = 3
_SHORT = 400  # characters; a longer text speaks for itself
_ANSWER = 0.3
_SESSION = 0.3
_SESSION_BEST = 3

Window = Sequence[tuple[int, int]]
"""The neighbours of a memory: their distance, negative for earlier ones, and their keys."""


class _Placed(Protocol):
    passage: Passage
    reading: Reading
    parts: dict[str, float]
    value: float


def read_around(
    index: TextIndex, query: SearchQuery, reader: Reader, passages: dict[int, Passage], readings: dict[int, Reading]
) -> dict[int, Window]:
    """Read the neighbours of memories of conversations as well; return for each memory the neighbours it has."""
    talked = [
        key
        for key, passage in passages.items()
        if passage.conversation_id is not None and len(passage.content) <= _SHORT
    ]
    if not talked:
        return {}
    windows = index.neighbours(talked, _REACH)
    missing = dict.fromkeys(key for window in windows.values() for key in window if key not in readings)
    for passage in index.passages(list(missing), query):
        passages[passage.key] = passage
        readings[passage.key] = reader.read(passage)
    around: dict[int, dict[int, int]] = defaultdict(dict)
    for key, window in windows.items():
        place = window.index(key)
        for number, other in enumerate(window):
            if other in readings and number != place:
                around[key][other] = number - place
                around[other][key] = place - number
    return {key: [(distance, other) for other, distance in others.items()] for key, others in around.items()}


def lift_answers(ranked: Mapping[int, _Placed], around: Mapping[int, Window]) -> None:
    """Let a question that fits the query lift what was said next."""
    before = {key: one.value / one.parts["question"] for key, one in ranked.items() if one.reading.question}
    for key, one in ranked.items():
        for distance, other in around.get(key, ()):
            if distance == -1 and other in before:
                one.parts["answer"] = _ANSWER * before[other]
                one.value += one.parts["answer"]


def lift_sessions(ranked: Iterable[_Placed]) -> None:
    """Let a conversation in which much was found lift its memories."""
    sessions: dict[str, list[_Placed]] = defaultdict(list)
    for one in ranked:
        if one.passage.conversation_id is not None:
            sessions[one.passage.conversation_id].append(one)
    for members in sessions.values():
        best = sorted((one.value for one in members), reverse=True)[:_SESSION_BEST]
        for one in members:
            one.parts["session"] = _SESSION * sum(best) / _SESSION_BEST
            one.value += one.parts["session"]
