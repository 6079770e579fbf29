"""Memories of several sentences: a new statement may stand to one of them, and the others stay."""

from __future__ import annotations

from functools import lru_cache

from littlemem_ipy.capture.changes import Relation, relation, touches
from littlemem_ipy.capture.clauses import Clause, clauses
from littlemem_ipy.capture.prose import read
from littlemem_ipy.capture.spoken import spoken_in

__all__ = ["of_sentences", "remainder"]


def of_sentences(old: str, new: str, amends: bool) -> Relation | None:
    """Return how a statement stands to a sentence of a memory that it repeats or replaces; None for none.

    >>> of_sentences("The label is `left`. Prices are in cents.", "Prices are in euros now.", False).value
    'supersedes'
    """
    said = _sentences(old)
    if len(said) < 2:
        return None
    found = {relation(clause.text, new, amends=amends) for clause in said}
    return next((how for how in (Relation.SAME, Relation.SUPERSEDES) if how in found), None)


def remainder(old: str, new: str) -> str:
    """Return the sentences of `old` that `new` says nothing about; empty where nothing stands by itself.

    >>> remainder("The label is `left`. Prices are in cents.", "Prices are in euros now.")
    'The label is `left`.'
    """
    said = _sentences(old)
    kept = [clause for clause in said if _stays(clause.text, new)]
    return " ".join(f"{clause.text}." for clause in kept) if len(kept) < len(said) else ""


@lru_cache(maxsize=4096)
def _sentences(content: str) -> tuple[Clause, ...]:
    """Return the sentences of a memory; one of several lines (a solution, code) is a whole."""
    return tuple(clauses(read(content))) if "\n" not in content else ()


def _stays(sentence: str, new: str) -> bool:
    lang = spoken_in(sentence)[0]
    leans = any(lang.cue(cue).search(sentence) for cue in ("anaphor", "standing"))
    return not leans and not touches(sentence, new) and relation(sentence, new) is Relation.UNRELATED
