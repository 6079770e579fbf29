"""From a query to ranked memories."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from littlemem_ipy.backends import Passage, TextIndex
from littlemem_ipy.backends.words import plain_words, stem
from littlemem_ipy.embeddings import Embeddings
from littlemem_ipy.models import SearchQuery
from littlemem_ipy.search.asked import Asked, understand
from littlemem_ipy.search.candidates import gather
from littlemem_ipy.search.dialog import lift_answers, lift_sessions, read_around
from littlemem_ipy.search.meaning import add_meaning, add_wording, nearest
from littlemem_ipy.search.priors import priors
from littlemem_ipy.search.related import add_related
from littlemem_ipy.search.repair import repair
from littlemem_ipy.search.scoring import Reader, Reading, Scorer
from littlemem_ipy.search.weighing import Census, census_of

__all__ = ["Ranked", "rank"]

_TEXT, _TURNS = 15_000, 36_000  # characters that are read closely, of long texts and of short ones such as turns
_SHORT = 400
_FEWEST = 24
_LATER = (24, 48, 96, 200)  # memories in the blocks after the first; the last number holds for all that follow
_SPEAKER = 1.3
_QUESTION = 0.8
_TIME = 0.25
_STEEPNESS = 1.6
# A best value below it (a score of 0.3, where 0.4 counts as relevant) means that the words found nothing. At 0.32
# dialogs lose 0.3 points of recall@10 to words of like meaning, at 0.22 none, and paraphrases gain nearly as much.
_LITTLE = 0.22
_FARTHEST = -0.15  # what a memory may lose for its meaning and still be a hit, a weak one


@dataclass(slots=True)
class Ranked:
    """A memory in the ranking.

    Attributes
    ----------
    passage
        Its text.
    reading
        What of the query it holds.
    parts
        The parts of its score, by name.
    value
        What the ranking compares: about 1 when every word is found once.
    """

    passage: Passage
    reading: Reading
    parts: dict[str, float]
    value: float = 0.0

    @property
    def score(self) -> float:
        """The value between 0 and 1."""
        return 1 - math.exp(-_STEEPNESS * max(0.0, self.value))


def rank(
    index: TextIndex, query: SearchQuery, embeddings: Embeddings | None = None
) -> tuple[list[Ranked], Asked, int]:
    """Return the memories that fit best, best first, what was understood, and how many hold words of the query."""
    census = census_of(index)
    asked = understand(query.text)
    for concept in asked.concepts:
        concept.frequency = census.count(concept)
    repair(index, census, asked)
    found = _found(index, census, asked, query, embeddings)
    if found[2] < _LITTLE and add_related(census, asked):
        found = _found(index, census, asked, query, embeddings)
    return found[0], asked, found[1]


def _found(
    index: TextIndex, census: Census, asked: Asked, query: SearchQuery, embeddings: Embeddings | None
) -> tuple[list[Ranked], int, float]:
    """Return ranked memories, how many match, and what the words of the best of the first block are worth."""
    keys = gather(index, census, asked.concepts, query)
    ranked: dict[int, Ranked] = {}
    meant = embeddings
    rest, best = 0, -1.0
    for passages, left in _blocks(index, keys, query):
        rest = left
        meanings = nearest(meant, index, query, passages) if meant else {}
        scored = _scored(index, census, asked, query, passages, meanings, meant)
        if _date_events(asked, scored):
            scored = _scored(index, census, asked, query, passages, meanings, meant)
        for one in scored:
            ranked.setdefault(one.passage.key, one)
        if best < 0:  # later blocks are read for later pages, and no page may differ from what an earlier one saw
            best = max((one.value - _from_vectors(one) for one in ranked.values()), default=0.0)
        meant = None  # the nearest are in the first block
        if len(ranked) >= query.offset + query.limit:
            break
    return list(ranked.values()), len(ranked) + rest, best


def _blocks(index: TextIndex, keys: Sequence[int], query: SearchQuery) -> Iterator[tuple[list[Passage], int]]:
    """Yield passages that pass the filters, first those that are ranked against each other, and what is left.

    What is in a block does not depend on the page that is asked for, so pages never repeat or skip.
    """
    first, start = _first(index, keys, query)
    yield first, max(0, len(keys) - start)
    sizes = iter(_LATER)
    while start < len(keys):
        end = start + next(sizes, _LATER[-1])
        yield index.passages(keys[start:end], query), max(0, len(keys) - end)
        start = end


def _first(index: TextIndex, keys: Sequence[int], query: SearchQuery) -> tuple[list[Passage], int]:
    """Return the passages that are read first, and how many keys that took."""
    passages: list[Passage] = []
    characters, start, budget = 0, 0, _TEXT
    while start < len(keys) and (len(passages) < _FEWEST or characters < budget):
        usual = characters // len(passages) + 1 if passages else budget
        step = max(_FEWEST - len(passages), min(_LATER[-1], (budget - characters) // usual + 1))
        found = index.passages(keys[start : start + step], query)
        passages += found
        characters += sum(len(passage.content) for passage in found)
        budget = _TURNS if characters < _SHORT * len(passages) else _TEXT
        start += step
    return passages, start


def _scored(
    index: TextIndex,
    census: Census,
    asked: Asked,
    query: SearchQuery,
    found: list[Passage],
    meanings: dict[int, float],
    embeddings: Embeddings | None,
) -> list[Ranked]:
    reader, scorer = Reader(asked), Scorer.of(asked, census)
    passages = {passage.key: passage for passage in found}
    readings = {passage.key: reader.read(passage) for passage in found}
    around = read_around(index, query, reader, passages, readings)
    ranked: dict[int, Ranked] = {}
    now = time.time_ns() // 1000
    for key, reading in readings.items():
        near = [(abs(distance), readings[other]) for distance, other in around.get(key, ())]
        one = Ranked(passages[key], reading, scorer.score(reading, near))
        _weigh(one, asked, now)
        ranked[key] = one
    lift_answers(ranked, around)
    lift_sessions(ranked.values())
    if meanings and embeddings:
        meanings = meanings | embeddings.in_context(query.text, around)
        add_meaning(ranked.values(), meanings, embeddings.weight)
        if embeddings.wording:
            add_wording(ranked.values(), asked, scorer, embeddings.wording)
    _temper(ranked.values(), scorer.known)
    worth = [one for one in ranked.values() if one.value > 0 or one.parts.get("meaning", 0.0) > _FARTHEST]
    return sorted(worth, key=lambda one: (-one.value, -one.passage.key))


def _date_events(asked: Asked, ranked: Sequence[Ranked]) -> bool:
    """Take the times of events from the memories that they are the titles of; return whether any was found."""
    found = []
    for event in asked.events:
        words = event.what.split()
        for length in range(len(words), 0, -1):  # the last ones may be about something else
            roots = {stem(word) for word in plain_words(" ".join(words[:length]))}
            told = next((one for one in ranked if roots <= set(map(stem, plain_words(one.passage.title)))), None)
            if told:
                found.append(event.moment(told.passage.created_at))
                break
    asked.moments += found
    asked.events = []  # the first block tells; no later page may know more
    return bool(found)


def _from_vectors(one: Ranked) -> float:
    return one.parts.get("meaning", 0.0) + one.parts.get("wording", 0.0)


def _temper(ranked: Iterable[Ranked], known: float) -> None:
    """Lower all values of a query that the store speaks little of.

    It is the same factor for all memories, so it moves none past another; it tells a question about
    something else, of which one word happens to occur, from one that is only worded otherwise.
    """
    for one in ranked:
        one.parts["known"] = known
        one.value *= known


def _weigh(one: Ranked, asked: Asked, now: int) -> None:
    parts = one.parts
    factors = {
        "speaker": _SPEAKER if one.reading.speaker else 1.0,
        "question": _QUESTION if one.reading.question else 1.0,
        **priors(one.passage, now),
    }
    if asked.moments:
        factors["time"] = 1 + _TIME * max(moment.fit(one.passage.created_at) for moment in asked.moments)
    one.value = (parts["words"] + parts["context"]) * parts["coverage"] * parts["phrases"]
    one.value *= math.prod(factors.values())
    parts |= factors
