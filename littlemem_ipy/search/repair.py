"""Words that no memory holds: taken for initials, the beginning of another word, a typing error, or half of a word.

Whether anything is repaired depends on the store alone, never on the filters, so that a filtered search
is the same search over fewer memories.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from littlemem_ipy.backends import TextIndex
from littlemem_ipy.backends.words import INITIALS, MOST_INITIALS, stem
from littlemem_ipy.search.asked import Asked, Concept
from littlemem_ipy.search.lexicon import english
from littlemem_ipy.search.weighing import Census

__all__ = ["repair"]

_SHARE = 0.1  # of the query's weight must be unknown before anything is repaired
_MOST = 4
_PAIRED = 3  # words of a query up to which neighbours are tried as one word
_BEGINNING = 0.8
_CLOSE = {1: 0.8, 2: 0.6}  # weight of a word that is one or two typing errors away
_TWO_WRONG = 7  # letters of a root from which on two of them may be wrong
_LEAST = 4  # letters of a root; among shorter ones everything is near everything
_SLICE = 6000
_SLICES = 64
_LETTERS = {
    20_000: 1,
    300_000: 2,
}  # up to so many memories, words that begin with so many same letters are compared
_LARGE = 300_000


def repair(index: TextIndex, census: Census, asked: Asked) -> None:
    """Give concepts that no memory holds the forms that come closest."""
    _join_pairs(census, asked)
    unknown = [c for c in asked.concepts if not c.frequency and c.word.isalpha() and len(c.word) > 2]
    total = sum(c.weight * census.idf(c.frequency) for c in asked.concepts)
    if sum(c.weight * census.idf(0) for c in unknown) < _SHARE * total:
        return
    for concept in unknown[:_MOST]:
        forms = dict(_beginnings(census, concept)) or dict(_misspelled(index, census, concept))
        forms = forms or dict(_initials(census, concept))
        if forms:
            concept.certainty = _certainty(concept, forms)
            concept.forms |= forms
            concept.frequency = census.count(concept)
            asked.corrections[concept.word] = ", ".join(
                "initials" if form.startswith(INITIALS) else form for form in forms
            )


def _join_pairs(census: Census, asked: Asked) -> None:
    """Add neighbours that occur as one word as well: ``data frame``, ``fine tuning``."""
    plain = [concept for concept in asked.concepts if concept.word.isascii() and concept.word.isalpha()]
    if len(plain) > _PAIRED:
        return
    for one, other in pairwise(plain):
        joined = Concept(one.word + other.word, {one.word + other.word: 1.0}, min(one.weight, other.weight))
        joined.frequency = census.count(joined)
        if joined.frequency and (stem(one.word), stem(other.word)) in asked.pairs:
            one.forms.setdefault(joined.word, 1.0)
            other.forms.setdefault(joined.word, 1.0)
            one.frequency, other.frequency = census.count(one), census.count(other)


def _beginnings(census: Census, concept: Concept) -> Iterator[tuple[str, float]]:
    if len(concept.word) >= (4 if census.rows < _LARGE else 6) and concept.word.isascii():
        beginning = concept.word + "*"
        if census.count(Concept(beginning, {beginning: 1.0})):
            yield beginning, _BEGINNING


def _initials(census: Census, concept: Concept) -> Iterator[tuple[str, float]]:
    word = INITIALS + concept.word
    if len(concept.word) <= MOST_INITIALS and census.count(Concept(word, {word: 1.0})):
        yield word, _BEGINNING


def _misspelled(index: TextIndex, census: Census, concept: Concept) -> Iterator[tuple[str, float]]:
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    root = stem(concept.word)
    if len(root) < _LEAST or not root.isascii() or root in english():
        return
    length = next((letters for rows, letters in _LETTERS.items() if census.rows < rows), 3)
    swapped = root[1] + root[0] + root[2:]
    starts = {root[:length], swapped[: max(2, length)]}
    choices = {word for start in starts for word in _slice(index, census, start) if len(word) >= _LEAST}
    allowed = 2 if len(root) >= _TWO_WRONG else 1
    found = extract(root, sorted(choices), scorer=OSA.distance, score_cutoff=allowed, limit=5)
    for word, distance, _ in found:
        if distance == found[0][1]:
            # A distance of 0 is a word that another process has added since it was counted.
            yield word, _CLOSE.get(int(distance), 1.0)


def _certainty(concept: Concept, forms: dict[str, float]) -> float:
    """Return how sure it is that this was meant: the less, the more of it is guessed, or if several would do."""
    from rapidfuzz.distance import OSA

    root, form = stem(concept.word), next(iter(forms))
    whole = form.endswith("*") or form.startswith(INITIALS)
    return _BEGINNING if whole else OSA.normalized_similarity(root, form) ** 2 / len(forms)


def _slice(index: TextIndex, census: Census, start: str) -> Sequence[str]:
    if start not in census.vocabulary:
        if len(census.vocabulary) >= _SLICES:
            census.vocabulary.clear()
        # The longest words of an index are facets and file names; nobody mistypes those.
        census.vocabulary[start] = [word for word in index.vocabulary(start, _SLICE) if len(word) <= 24]
    return census.vocabulary[start]
