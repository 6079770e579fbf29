"""The exact score of a memory: its own words, the words around it, and what else speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from littlemem_ipy.backends import Passage
from littlemem_ipy.backends.words import plain_words, stem
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
_AROUND = (0.4, 0.25, 0.1)  # weight of the words of memories 1, 2 and 3 places away in the conversation


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
        The number of words of the content.
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
    length: int = 0
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
        self._beginnings: list[tuple[str, int, float]] = []
        self._known: dict[str, tuple[int, float] | None] = {}
        for number, concept in enumerate(asked.concepts):
            for form, weight in concept.forms.items():
                if form.endswith("*"):
                    self._beginnings.append((form[:-1], number, weight))
                else:
                    self._forms.setdefault(stem(form), (number, weight))
        self._starts = {form[:2] for form in self._forms}

    def _look_up(self, word: str) -> tuple[int, float] | None:
        # Stemming leaves the first letters alone, so most words need not be stemmed.
        found = self._forms.get(stem(word)) if word[:2] in self._starts else None
        if found is None:
            for beginning, number, weight in self._beginnings:
                if word.startswith(beginning):
                    found = (number, weight)
                    break
        self._known[word] = found
        return found

    def hits(self, words: Iterable[str]) -> list[tuple[int, str, int, float]]:
        """Return place, word, number of the concept and weight of each word that stands for a concept."""
        known, look_up = self._known, self._look_up
        found = []
        for place, word in enumerate(words):
            hit = known[word] if word in known else look_up(word)
            if hit is not None:
                found.append((place, word, *hit))
        return found

    def read(self, passage: Passage) -> Reading:
        """Return what of the query a memory holds."""
        words = plain_words(passage.content)
        reading = Reading(length=len(words), question=passage.content.rstrip()[-1:] in ("?", "？"))
        found = self.hits(words)
        self._add(reading, "content", 1.0, found)
        reading.phrases = self._phrases(found)
        if found and found[0][0] == 0 and passage.content[len(words[0]) : len(words[0]) + 1] == ":":
            reading.speaker = True
        title = passage.title.rstrip("…")
        if not passage.content.startswith(title):
            self._add(reading, "title", _TITLE, self.hits(plain_words(title)))
        if passage.tags:
            self._add(reading, "tags", _TAGS, self.hits(plain_words(passage.tags)))
        if passage.terms:
            extra = [hit for hit in self.hits(passage.terms.split()) if hit[2] not in reading.counts]
            self._add(reading, "content", _EXTRA, extra)
        return reading

    @staticmethod
    def _add(reading: Reading, name: str, weight: float, found: list[tuple[int, str, int, float]]) -> None:
        for _, word, number, form_weight in found:
            reading.words.add(word)
            reading.counts[number] = reading.counts.get(number, 0.0) + weight * form_weight
        if found:
            reading.fields.add(name)

    def _phrases(self, found: list[tuple[int, str, int, float]]) -> int:
        return len(
            {
                (one[2], other[2])
                for one, other in pairwise(found)
                if other[0] == one[0] + 1 and (stem(one[1]), stem(other[1])) in self._pairs
            }
        )


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
    """

    weights: list[float]
    ideal: float
    mean_length: float

    @classmethod
    def of(cls, asked: Asked, census: Census) -> Scorer:
        """Return the scorer of a query."""
        weights = [census.idf(concept.frequency) * concept.weight for concept in asked.concepts]
        return cls(weights, sum(weights) or 1.0, max(8.0, census.mean_length))

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

    def _saturated(self, counts: Mapping[int, float], length: int) -> float:
        norm = _K1 * (1 - _B + _B * length / self.mean_length)
        return sum(self.weights[number] * count * (_K1 + 1) / (count + norm) for number, count in counts.items())
