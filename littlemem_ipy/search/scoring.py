"""The exact score of a memory: its own words, the words around it, and what else speaks for it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from littlemem_ipy.backends import Passage
from littlemem_ipy.backends.words import beginnings, plain_words, stem
from littlemem_ipy.search.asked import Asked
from littlemem_ipy.search.weighing import Census

__all__ = ["Reader", "Reading", "Scorer"]

_K1 = 0.9  # how soon a repeated word stops counting; memories are short
_B = 0.4  # how much long memories are held back
_TITLE = 1.5
_TAGS = 1.0
_EXTRA = 0.8
_PHRASE = 0.2
_COVERAGE = 0.3
_TELLING = (30, 3000)  # memories from which on, and up to which, an unknown word says more and more
_AROUND = (0.4, 0.25, 0.1)  # weight of the words of memories 1, 2 and 3 places away in the conversation


_GAP = 8  # characters between two words that follow each other
_LETTERS = 5.6  # characters that a word takes with the space after it, about
_WORD = re.compile(r"[^\W_]+")

Found = tuple[int, str, int, float]
"""Where a word begins, the word, the number of the concept that it stands for, and how well it does."""


@dataclass(slots=True)
class Reading:
    """What of the query one memory holds.

    Attributes
    ----------
    counts
        How often each concept (by its number) occurs, weighted by field and form.
    fields
        Which fields held something.
    words
        The folded words that stood for a concept.
    length
        The number of words of the content, about.
    phrases
        How many neighbouring words of the query are neighbours here.
    speaker
        Whether it begins with the name of a speaker that the query names.
    question
        Whether it is itself a question.
    """

    counts: dict[int, float] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    length: float = 0.0
    phrases: int = 0
    speaker: bool = False
    question: bool = False


class Reader:
    """Reads memories for the concepts of one query.

    Parameters
    ----------
    asked
        The query.
    """

    def __init__(self, asked: Asked) -> None:
        self._pairs = asked.pairs
        self._forms: dict[str, tuple[int, float]] = {}
        self._open: list[tuple[str, int, float]] = []
        self._known: dict[str, tuple[int, float] | None] = {}
        for number, concept in enumerate(asked.concepts):
            for form, weight in concept.forms.items():
                if form.endswith("*"):
                    self._open.append((form[:-1], number, weight))
                else:
                    self._forms.setdefault(stem(form), (number, weight))
        starts = [start for form in self._forms for start in beginnings(form)] + [one for one, _, _ in self._open]
        self._starts: list[str] = []
        for start in sorted(set(starts)):  # what begins like a shorter one is found with that one
            if not self._starts or not start.startswith(self._starts[-1]):
                self._starts.append(start)

    def _look_up(self, word: str) -> tuple[int, float] | None:
        found = self._forms.get(stem(word))
        if found is None:
            for beginning, number, weight in self._open:
                if word.startswith(beginning):
                    found = (number, weight)
                    break
        self._known[word] = found
        return found

    def hits(self, text: str) -> list[Found]:
        """Return each word of `text` that stands for a concept, with its place, the concept and its weight.

        Looking for the beginnings of the few words that are wanted takes a fraction of the time that splitting
        the text into words takes.

        Parameters
        ----------
        text
            Folded text whose words are split as the index splits them.
        """
        known, look_up, find, whole = self._known, self._look_up, text.find, _WORD.match
        found: list[Found] = []
        for start in self._starts:
            place, length = find(start), len(start)
            while place >= 0:
                if not place or not text[place - 1].isalnum():
                    word = whole(text, place).group()  # type: ignore[union-attr]  # a letter is there
                    hit = known[word] if word in known else look_up(word)
                    if hit:
                        found.append((place, word, *hit))
                place = find(start, place + length)
        found.sort()
        return found

    def read(self, passage: Passage) -> Reading:
        """Return what of the query a memory holds."""
        content = passage.content
        reading = Reading(length=len(content) / _LETTERS, question=content.rstrip()[-1:] in ("?", "？"))
        text = _split(content)
        found = self.hits(text)
        self._add(reading, "content", 1.0, found)
        if self._pairs and len(found) > 1:
            reading.phrases = self._phrases(text, found)
        if found and found[0][0] == 0:
            reading.speaker = content.startswith(":", len(found[0][1]))
        title = passage.title.rstrip("…")
        if not content.startswith(title):
            self._add(reading, "title", _TITLE, self.hits(_split(title)))
        if passage.tags:
            self._add(reading, "tags", _TAGS, self.hits(_split(passage.tags)))
        if passage.terms:
            extra = [hit for hit in self.hits(passage.terms) if hit[2] not in reading.counts]
            self._add(reading, "content", _EXTRA, extra)
        return reading

    @staticmethod
    def _add(reading: Reading, name: str, weight: float, found: list[Found]) -> None:
        for _, word, number, form_weight in found:
            reading.words.add(word)
            reading.counts[number] = reading.counts.get(number, 0.0) + weight * form_weight
        if found:
            reading.fields.add(name)

    def _phrases(self, text: str, found: list[Found]) -> int:
        together = set()
        for one, other in pairwise(found):
            between = text[one[0] + len(one[1]) : other[0]]
            near = len(between) <= _GAP and not any(map(str.isalnum, between))
            if near and (stem(one[1]), stem(other[1])) in self._pairs:
                together.add((one[2], other[2]))
        return len(together)


def _split(text: str) -> str:
    """Return folded text whose words can be told by their letters and digits."""
    return text.lower() if text.isascii() else " ".join(plain_words(text))


@dataclass(slots=True)
class Scorer:
    """Scores readings of one query.

    Attributes
    ----------
    weights
        What each concept is worth when it occurs.
    ideal
        What a memory is worth that holds every concept once.
    mean_length
        The usual number of words.
    known
        How much of the query the store speaks of at all, from 0 to 1.
    """

    weights: list[float]
    ideal: float
    mean_length: float
    known: float = 1.0

    @classmethod
    def of(cls, asked: Asked, census: Census) -> Scorer:
        """Return the scorer of a query."""
        weights = [census.idf(concept.frequency) * concept.weight for concept in asked.concepts]
        ideal = sum(weights) or 1.0
        spoken_of = (concept.certainty if concept.frequency else 0.0 for concept in asked.concepts)
        share = sum(weight * sure for weight, sure in zip(weights, spoken_of, strict=True)) / ideal
        return cls(weights, ideal, max(8.0, census.mean_length), share ** _telling(census.rows))

    def score(self, reading: Reading, around: Sequence[tuple[int, Reading]] = ()) -> dict[str, float]:
        """Return the parts of the score; their product is what is compared.

        Parameters
        ----------
        reading
            The memory.
        around
            The memories around it in the conversation, with their distance.
        """
        own = self._saturated(reading.counts, reading.length)
        counts = dict(reading.counts)
        for distance, other in around:
            for number, count in other.counts.items():
                counts[number] = counts.get(number, 0.0) + _AROUND[distance - 1] * count
        with_context = self._saturated(counts, reading.length) if around else own
        covered = sum(self.weights[number] for number in reading.counts) / self.ideal
        return {
            "words": own / self.ideal,
            "context": (with_context - own) / self.ideal,
            "coverage": 1 - _COVERAGE + _COVERAGE * min(1.0, covered),
            "phrases": 1 + _PHRASE * reading.phrases,
        }

    def _saturated(self, counts: Mapping[int, float], length: float) -> float:
        norm = _K1 * (1 - _B + _B * length / self.mean_length)
        return sum(self.weights[number] * count * (_K1 + 1) / (count + norm) for number, count in counts.items())


def _telling(rows: int) -> float:
    """Return how much an unknown word says: nothing where the store has few words yet."""
    fewest, most = _TELLING
    return math.log10(min(most, max(fewest, rows)) / fewest)
