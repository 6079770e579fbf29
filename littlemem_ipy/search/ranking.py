"""From a query to ranked memories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from littlemem_ipy.backends import Passage, TextIndex
from littlemem_ipy.models import SearchQuery
from littlemem_ipy.search.asked import Asked, understand
from littlemem_ipy.search.candidates import gather
from littlemem_ipy.search.repair import repair
from littlemem_ipy.search.scoring import Reader, Reading, Scorer
from littlemem_ipy.search.weighing import Census, census_of

__all__ = ["Ranked", "rank"]

_TEXT = 50_000  # characters that are read closely: some hundred turns of a dialog, or eighty pages of notes
_FEWEST = 40
_REACH = 3
_SPEAKER = 1.3
_QUESTION = 0.8
_SESSION = 0.3
_SESSION_BEST = 3


@dataclass(slots=True)
class Ranked:
    """A memory in the ranking.

    Attributes
    ----------
    passage
        Its text.
    parts
        The parts of its score, by name.
    fields
        Where words were found.
    value
        What the ranking compares; 1 when every word is found once.
    """

    passage: Passage
    parts: dict[str, float]
    fields: set[str] = field(default_factory=set)
    value: float = 0.0


def rank(index: TextIndex, query: SearchQuery) -> tuple[list[Ranked], int]:
    """Return the memories that fit best, best first, and how many hold words of the query."""
    census = census_of(index)
    asked = understand(query.text)
    for concept in asked.concepts:
        concept.frequency = census.count(concept)
    repair(index, census, asked)
    keys = gather(index, census, asked.concepts, query)
    wanted = max(_FEWEST, query.offset + query.limit)
    passages, passed = _passages(index, keys, query, wanted)
    ranked = _scored(index, census, asked, query, passages)
    ranked.sort(key=lambda r: (-r.value, -r.passage.key))
    return ranked, max(passed, len(ranked))


def _passages(index: TextIndex, keys: Sequence[int], query: SearchQuery, wanted: int) -> tuple[list[Passage], int]:
    """Return the first passages that pass the filters, and about how many of all keys would."""
    passages: list[Passage] = []
    characters = start = 0
    while start < len(keys) and (len(passages) < wanted or characters < _TEXT):
        step = wanted if not start else max(wanted, 100)
        found = index.passages(keys[start : start + step], query)
        passages += found
        characters += sum(len(passage.content) for passage in found)
        start += step
    rest = max(0, len(keys) - start)
    return passages, len(passages) + rest


def _scored(
    index: TextIndex, census: Census, asked: Asked, query: SearchQuery, passages: list[Passage]
) -> list[Ranked]:
    reader, scorer = Reader(asked), Scorer.of(asked, census)
    readings = {passage.key: reader.read(passage) for passage in passages}
    by_key = {passage.key: passage for passage in passages}
    around = _around(index, query, reader, readings, by_key)
    ranked = []
    for key, reading in readings.items():
        near = [(abs(distance), readings[other]) for other, distance in around.get(key, ()) if other in readings]
        parts = scorer.score(reading, near)
        parts["speaker"] = _SPEAKER if reading.speaker else 1.0
        parts["question"] = _QUESTION if reading.question else 1.0
        value = (parts["words"] + parts["context"]) * parts["coverage"] * parts["phrases"]
        value *= parts["speaker"] * parts["question"]
        if value > 0:
            ranked.append(Ranked(by_key[key], parts, reading.fields, value))
    _lift_sessions(ranked)
    return ranked


def _around(
    index: TextIndex, query: SearchQuery, reader: Reader, readings: dict[int, Reading], by_key: dict[int, Passage]
) -> dict[int, list[tuple[int, int]]]:
    """Read the memories around those of conversations as well; return for each key its neighbours and distances."""
    talked = [key for key in readings if by_key[key].conversation_id is not None]
    if not talked:
        return {}
    windows = index.neighbours(talked, _REACH)
    missing = [
        key for key in dict.fromkeys(k for window in windows.values() for k in window) if key not in readings
    ]
    for passage in index.passages(missing, query):
        by_key[passage.key] = passage
        readings[passage.key] = reader.read(passage)
    around: dict[int, dict[int, int]] = defaultdict(dict)
    for key, window in windows.items():
        place = window.index(key)
        for number, other in enumerate(window):
            if number != place:
                around[key][other] = number - place
                around[other].setdefault(key, place - number)
    return {key: list(others.items()) for key, others in around.items()}


def _lift_sessions(ranked: Iterable[Ranked]) -> None:
    """Let a conversation in which much was found lift its memories."""
    sessions: dict[str, list[float]] = defaultdict(list)
    for one in ranked:
        if one.passage.conversation_id is not None:
            sessions[one.passage.conversation_id].append(one.value)
    best = {name: sum(sorted(values)[-_SESSION_BEST:]) / _SESSION_BEST for name, values in sessions.items()}
    for one in ranked:
        if one.passage.conversation_id is not None:
            one.parts["session"] = _SESSION * best[one.passage.conversation_id]
            one.value += one.parts["session"]
