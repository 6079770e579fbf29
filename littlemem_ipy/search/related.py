"""Words of like meaning, for queries whose own words find little: ``brief`` where a memory says ``short``."""

from __future__ import annotations

from littlemem_ipy.backends.words import stem
from littlemem_ipy.search.asked import Asked
from littlemem_ipy.search.lexicon import related
from littlemem_ipy.search.weighing import Census

__all__ = ["add_related"]

_WEIGHT = 0.4  # of a word of like meaning beside the word itself; between 0.3 and 0.6 little depends on it


def add_related(census: Census, asked: Asked) -> bool:
    """Let words of like meaning stand for the words of a query as well, for less; return whether there are any."""
    added = False
    for concept in asked.concepts:
        others = related().get(stem(concept.word), ())
        if others:
            concept.forms = dict.fromkeys(others, _WEIGHT) | concept.forms
            concept.frequency = census.count(concept)
            added = True
    return added
