"""How a new statement stands to an older one: the same, its successor, its end, or unrelated.

Statements are compared as sets of content words (for Chinese and Japanese pairs of characters). A successor
speaks of the same thing and gives another value; two statements that name different things, or hold in different
places, both stay, whatever else they share. Words such as "now" or "no longer" lower what must be shared.
"""

from __future__ import annotations

import re
from enum import StrEnum

from littlemem_ipy.capture.likeness import link, of_another_thing, of_one_thing, of_one_use, parallel
from littlemem_ipy.capture.replacement import (
    changed_kinds,
    conflicting,
    fuller,
    goes_on,
    gone,
    loses_value,
    renamed,
    replaces_value,
    swaps,
)
from littlemem_ipy.capture.statement import Statement, alike, read_statement
from littlemem_ipy.capture.vocabulary import PART
from littlemem_ipy.duplicates.contrast import opposed

__all__ = [
    "Relation",
    "adds_to",
    "amended",
    "cancels",
    "changes",
    "over",
    "relation",
    "share_of",
    "touches",
    "turns",
]


class Relation(StrEnum):
    """What a new statement means for an older one."""

    SAME = "same"
    SUPERSEDES = "supersedes"
    CANCELS = "cancels"
    UNRELATED = "unrelated"


_NEAR, _MOSTLY, _SHARED, _WIDELY = 0.8, 0.66, 0.5, 0.3
_SAID_AGAIN = _BRIEF = 2
_SIGN = re.compile("[\u3400-\u9fff]")
_ROOT = 5
_NOW = re.compile(
    r"\b(?:now|again|currently|these days|jetzt|nun|wieder|maintenant|désormais|ahora|agora)\b"
    r"|现在|現在|已经|今は|もう",
    re.IGNORECASE,
)


def relation(old: str, new: str, *, amends: bool = False) -> Relation:
    """Return how a new statement stands to an older one.

    `amends` tells that the user's words around the new statement say that something is different now.

    >>> relation("Wind speed is in knots.", "I was mistaken, wind speed is in metres per second.").value
    'supersedes'
    >>> relation("Column flow is in litres.", "Column level is in litres.").value
    'unrelated'
    """
    one, two = read_statement(old), read_statement(new, amends)
    if _strangers(one, two):
        return Relation.UNRELATED
    if _ends(one, two):
        return Relation.CANCELS
    if _same(one, two):
        return Relation.SAME
    if one.slot and one.slot == two.slot and (one.slot == "name" or two.changes or _brief(one, two)):
        return Relation.SUPERSEDES
    if two.once:
        return Relation.UNRELATED
    if goes_on(one, two) or gone(one, two) or renamed(one, two):
        return Relation.SUPERSEDES
    if (two.language.cue("besides").search(new) and not two.changes) or of_another_thing(one, two):
        return Relation.UNRELATED
    return Relation.SUPERSEDES if _succeeds(one, two) else Relation.UNRELATED


def _strangers(one: Statement, two: Statement) -> bool:
    """Tell whether two statements share nothing at all, which is so of most pairs and soon told."""
    if alike(one.words, two.words) or not (one.topic or two.topic):
        return False
    return one.slot is None or one.slot != two.slot


def _same(one: Statement, two: Statement) -> bool:
    if not one.words or not two.words:
        return " ".join(one.text.casefold().split()) == " ".join(two.text.casefold().split())
    shared = min(alike(one.words, two.words), alike(two.words, one.words), key=len)
    close = len(shared) >= _NEAR * max(len(one.words), len(two.words))
    alike_values = one.values.kinds() == two.values.kinds()
    if not close or not alike_values or one.negative != two.negative or _signs_differ(one, two):
        return False
    return not _opposed(one, two) and _ordered(one, two)


def _signs_differ(one: Statement, two: Statement) -> bool:
    """Tell whether each has a Chinese sign that the other lacks: one sign is a word, such as a colour."""
    signs = [set(_SIGN.findall(_NOW.sub("", statement.text))) for statement in (one, two)]
    return bool(signs[0] - signs[1]) and bool(signs[1] - signs[0])


def _ends(one: Statement, two: Statement) -> bool:
    """Tell whether the new statement only says that the old one is over ("I'm not a vegetarian any more")."""
    if not two.ends or not two.words or one.ends or not one.denials < two.denials:
        return False
    if two.subjects and not of_one_thing(one, two) and (one.subjects or len(two.words) < _SAID_AGAIN):
        return False
    gained = any(said - one.values.kinds().get(kind, set()) for kind, said in two.values.kinds().items())
    return not gained and alike(two.words, one.words) == two.words


def _ordered(one: Statement, two: Statement) -> bool:
    """Tell whether what stands before "over", "before", "not" ... is the same in both."""
    first, second = one.before_order, two.before_order
    return first is None or second is None or first == second or bool(first & second) or not (first and second)


def _opposed(one: Statement, two: Statement) -> bool:
    return opposed(one.small | one.words, two.small | two.words)


def _succeeds(one: Statement, two: Statement) -> bool:
    if fuller(one, two):
        return True
    shared = alike(one.words, two.words)
    if shared and one.words == two.words:
        return not _ordered(one, two) or one.negative != two.negative
    if _turned(one, two) or (two.turns and replaces_value(one, two)) or swaps(one, two):
        return True
    changed = changed_kinds(one, two)
    if conflicting(one, two, changed):
        return False
    if _only_ends(two) and not changed:
        return False
    if of_one_thing(one, two):
        if changed or loses_value(one, two):
            return bool(changed)
        told = two.changes or len(shared) >= _SHARED * _least(one, two)
        return (told and one.verb == two.verb) or (two.changes and _moved(two))
    if changed:
        return link(one, two) >= _enough(two) or _mere_values(one, two)
    if (two.changes and parallel(one, two)) or (two.turns and of_one_use(one, two)):
        return True
    return two.changes and link(one, two) >= (_SHARED if two.turns else _MOSTLY)


def _only_ends(two: Statement) -> bool:
    """Tell whether a statement says that something is over, and not what comes instead."""
    over = two.language.cue("end").search(two.text)
    if over is None or any(read_statement(part).words for part in PART.split(two.text[over.end() :])[1:]):
        return False
    rest = two.language.cue("end").sub(" ", two.text)
    return not any(two.language.cue(cue).search(rest) for cue in ("turn", "change"))


def _moved(two: Statement) -> bool:
    """Tell whether a statement says that something was changed, beside that it is so "now"."""
    return two.amends or bool(two.language.cue("turn").search(_NOW.sub(" ", two.text)))


def _mere_values(one: Statement, two: Statement) -> bool:
    """Tell whether both say no more than what is preferred ("I use vim", "I use emacs")."""
    return not one.topic and not two.topic and one.frame == two.frame and one.where == two.where


def _enough(two: Statement) -> float:
    if two.language.script:
        return _WIDELY
    return _SHARED if two.turns else _MOSTLY


def _brief(one: Statement, two: Statement) -> bool:
    return max(len(one.words), len(two.words)) <= _BRIEF


def _least(one: Statement, two: Statement) -> int:
    return min(len(one.words), len(two.words)) or 1


def _turned(one: Statement, two: Statement) -> bool:
    """Tell whether the new one wants what the old one did not, of the same thing."""
    return _opposed(one, two) and link(one, two) >= _MOSTLY


def amended(old: str, new: str, *, amends: bool = False) -> bool:
    """Tell whether a new statement, that is no memory by itself, clearly gives another value for an older one.

    >>> amended("The paper is due on 3 May.", "The paper was pushed to 10 May.")
    True
    """
    one, two = read_statement(old), read_statement(new, amends)
    turned = two.changes or swaps(one, two) or gone(one, two)
    if relation(old, new, amends=turned) is not Relation.SUPERSEDES:
        return False
    changed = changed_kinds(one, two)
    if loses_value(one, two) and not swaps(one, two):
        return False
    if not turned:
        return bool(changed) and one.subjects == two.subjects and one.verb == two.verb
    spoken_of = any(alike(subject.words, two.words) == subject.words for subject in one.subjects)
    same_slot = one.slot is not None and one.slot == two.slot
    linked = bool(changed) and link(one, two) >= _enough(two)
    named = of_one_thing(one, two) or parallel(one, two) or spoken_of or same_slot or linked
    return named or swaps(one, two) or _turned(one, two) or renamed(one, two)


def share_of(about: str, old: str) -> float:
    """Return how much of what a wish to forget (`about`) names is in the statement `old`."""
    one, two = read_statement(old), read_statement(about)
    shared = {word for word in two.words if alike({word}, one.words) or _derived(word, one.words)}
    return len(shared) / len(two.words) if two.words else 0


def _derived(word: str, others: frozenset[str]) -> bool:
    """Tell whether a word is one of the others with more behind it, or less ("intern" and "internship")."""
    return any(
        min(len(word), len(other)) >= _ROOT and (word.startswith(other) or other.startswith(word))
        for other in others
        if word.isalpha() and other.isalpha()
    )


def cancels(old: str, about: str) -> bool:
    """Tell whether a wish to forget something (`about`) means the statement `old`.

    >>> cancels("I prefer tabs in Python.", "the tabs")
    True
    >>> cancels("The meeting with Ana is on Monday.", "the meeting with Ravi")
    False
    """
    share = share_of(about, old)
    return share > _SHARED or (share == _SHARED and bool(read_statement(about).language.script))


def changes(new: str) -> bool:
    """Tell whether a statement says itself that something is different now."""
    return read_statement(new).changes


def turns(new: str) -> bool:
    """Tell whether a statement says so in words that leave no doubt."""
    return read_statement(new).turns


def over(part: str) -> bool:
    """Tell whether a part of a sentence only says that something is not wanted or not so.

    >>> over("I don't want them any more")
    True
    """
    said = read_statement(part)
    return said.negative or any(rule.find(part) for rule in said.language.family("forget"))


def touches(old: str, new: str) -> bool:
    """Tell whether two statements share any word of content."""
    return bool(alike(read_statement(old).words, read_statement(new).words))


def adds_to(old: str, new: str) -> bool:
    """Tell whether a statement has words of content that another one lacks."""
    return bool(read_statement(new).words - read_statement(old).words)
