"""What of an older statement a new one replaces: a value, what it names, or all of it by saying more."""

from __future__ import annotations

import re

from littlemem_ipy.capture.likeness import link
from littlemem_ipy.capture.statement import Statement, alike, read_statement, without_classes
from littlemem_ipy.capture.vocabulary import PART

__all__ = [
    "changed_kinds",
    "conflicting",
    "fuller",
    "goes_on",
    "gone",
    "loses_value",
    "renamed",
    "replaces_value",
    "swaps",
]

_SHARED, _SAID_AGAIN = 0.5, 2
_NAME = re.compile(r"(?<=[^.!?]\s)[A-Z]\w*")
_MORE = re.compile(r"\s(?:and|und|et|y|e)\b|[,;:，、]")
_IDENTITY = re.compile(
    r"\b(?:is|are)(?: now)? (?:the|our|my)\b|\b(?:ist|sind)(?: jetzt)? (?:die|der|das|unsere?|meine?)\b"
    r"|\b(?:est|sont) (?:le|la|les|notre|nos)\b|\b(?:es|son) (?:el|la|nuestr[oa])\b|\b(?:é|são) (?:a|o|noss[oa])\b",
    re.IGNORECASE,
)
_TOOL = re.compile(r"\b(?:with|using|mit|avec|con|com) (?!(?:a|an|the|no|our|my)\b)([\w-]+)")


def goes_on(one: Statement, two: Statement) -> bool:
    """Tell whether the new statement is the old one with more behind it ("in Dutch, and legends as well")."""
    said, more = (" ".join(s.text.casefold().split()).rstrip(" .!。") for s in (one, two))
    return more.startswith(said) and fuller(one, two) and bool(_MORE.match(more, len(said)))


def fuller(one: Statement, two: Statement) -> bool:
    """Tell whether the new statement says what was said before, and more: it stands for both."""
    if not one.words < two.words:
        return False
    return len(one.words) >= _SAID_AGAIN or (bool(one.verb) and one.verb == two.verb)


def renamed(one: Statement, two: Statement) -> bool:
    """Tell whether the new statement says what the subject of the old one is, behind "is" ("X is the goal now")."""
    if not two.turns or one.verb != "be" or len(one.subjects) != 1:
        return False
    said = _IDENTITY.search(two.text)
    named = read_statement(PART.split(two.text[said.end() :])[0]) if said else None
    return named is not None and one.subjects[0].words == without_classes(named.words)


def swaps(one: Statement, two: Statement) -> bool:
    """Tell whether the new statement names what it puts something else in the place of ("swapped X for Y")."""
    swap = two.language.cue("swap").search(two.text)
    named = next(filter(None, swap.groups()), "") if swap else ""
    old = read_statement(named).words
    spoken_of = {subject.head for subject in one.subjects}
    return bool(old) and old <= one.words and not old & spoken_of


def gone(one: Statement, two: Statement) -> bool:
    """Tell whether the new statement says that a value of the old one is no more ("..., X was switched off")."""
    over = two.language.cue("gone").search(two.text)
    old = read_statement(next(filter(None, over.groups()), "")).words if over else frozenset()
    if not old or not old <= one.words or old & {subject.head for subject in one.subjects}:
        return False
    return bool(alike(without_classes(one.topic - old), two.topic - old))


def replaces_value(one: Statement, two: Statement) -> bool:
    """Tell whether the new one names a value of the old one and another one of its kind ("not vim but emacs")."""
    before, after = one.values.kinds(), two.values.kinds()
    replaced = {
        kind for kind in before.keys() & after.keys() if before[kind] <= after[kind] and after[kind] - before[kind]
    }
    if not replaced or link(one, two) >= _SHARED:
        return bool(replaced)
    return replaced >= before.keys() and not (one.topic and two.topic)


def loses_value(one: Statement, two: Statement) -> bool:
    """Tell whether the old statement gives a number, a path ..., and the new one not even a name."""
    named = {word.casefold() for word in (*_NAME.findall(two.text), *_TOOL.findall(two.text))}
    return bool(one.values.all) and not two.values.all and not named - one.small


def changed_kinds(one: Statement, two: Statement) -> set[str]:
    """Return the kinds of values of which both statements give one, and not the same."""
    before, after = one.values.kinds(), two.values.kinds()
    kinds = {
        kind for kind in before.keys() & after.keys() if before[kind] - after[kind] and after[kind] - before[kind]
    }
    return kinds - {"number"} if "number" in kinds and _other_unit(one, two) else kinds


def _other_unit(one: Statement, two: Statement) -> bool:
    """Tell whether the numbers of two statements count different things: percent here, characters there."""
    first, second = (
        {
            v.unit
            for v in s.values.all
            if v.unit and (not v.unit.isalpha() or s.words & set(read_statement(v.unit).words))
        }
        for s in (one, two)
    )
    return bool(first and second) and not first & second


def conflicting(one: Statement, two: Statement, changed: set[str]) -> bool:
    """Tell whether both give values, of kinds that have nothing in common: a number and a path."""
    before, after = ({kind for kind in s.values.kinds() if not kind.startswith("opposite")} for s in (one, two))
    return bool(before and after) and not changed and not before & after
