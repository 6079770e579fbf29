"""Changes that name only the new value ("make that 12", "spaces it is now"), read with what was said before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from littlemem_ipy.capture.changes import touches
from littlemem_ipy.capture.clauses import Clause
from littlemem_ipy.capture.rules import Language
from littlemem_ipy.capture.statement import predicate_of, read_statement
from littlemem_ipy.capture.values import Value, values_of

__all__ = ["NewValue", "completed", "new_value"]

_MOST_WORDS, _MOST_WIDE = 5, 14
_SHORT = 4
_AROUND = " \t,;:.!。，、！–—-"
_SHAPES = (
    re.compile(r"\b[A-Z]{2,}\d*\b"),
    re.compile(r"\b[a-z]+(?:-[a-z]+)*-\d+\b"),
    re.compile(r"\b[A-Z][a-zà-ÿ]+\b"),
)
_CLOCK = {"time", "number"}


@dataclass(frozen=True)
class NewValue:
    """A value that was named without saying of what.

    Attributes
    ----------
    text
        The value.
    meant
        Whether the words around it leave no doubt that it stands for an earlier one ("I meant ...").
    of
        What it is a value of, where that is said ("make the limit 12").
    """

    text: str
    meant: bool = False
    of: str = ""


def new_value(clause: Clause, lang: Language) -> NewValue | None:
    """Return the value that a clause names without saying of what; None if it is no such clause.

    >>> from littlemem_ipy.capture.rules import language
    >>> new_value(Clause("Make that 12, please", "Make that 12, please"), language("en")).text
    '12'
    """
    start, end = 0, len(clause.mask)
    meant = lang.cue("value_meant").match(clause.mask)
    lead = meant or lang.cue("value_lead").match(clause.mask)
    if lead:
        start = lead.end()
    tail = None
    while found := lang.cue("value_tail").search(clause.mask, start, end):
        end, tail = found.start(), found
    bare = None if lead else lang.cue("value_bare").match(clause.mask, 0, end)
    if (lead or bare) and (enough := lang.cue("value_enough").search(clause.mask, start, end)):
        end = enough.start()
    value = clause.text[bare.end() if bare else start : end].strip(_AROUND)
    if not _is_short(value) or not (lead or ((tail or bare) and _is_bare(value))):
        return None
    return NewValue(value, bool(meant), (lead.groupdict().get("of") or "") if lead else "")


def _is_bare(value: str) -> bool:
    """Tell whether there is nothing but a value, and perhaps what it counts ("3 decimals")."""
    given = values_of(value).all
    if given and read_statement(value[: given[0].start]).words:
        return False
    return (
        len(read_statement(value).topic) <= 1
        and not read_statement(value).subjects
        and len(value.split()) <= _SHORT
    )


def _is_short(value: str) -> bool:
    if not value or not any(ch.isalnum() for ch in value):
        return False
    wide = sum(ch > "⺀" for ch in value)
    return wide <= _MOST_WIDE if wide else len(value.split()) <= _MOST_WORDS


def completed(old: str, value: NewValue) -> str:
    """Return an older statement with a new value in the place of its own; empty if none of its values is replaced.

    >>> completed("Our batch size is 32", NewValue("64"))
    'Our batch size is 64'
    >>> completed("Our batch size is 32", NewValue("blue"))
    ''
    """
    new = values_of(value.text).all
    if value.of and not _is_of(value, new, old):
        return ""
    if not new:
        if shaped := _of_one_shape(old, value.text):
            return shaped
        return _other_predicate(old, value.text) if value.meant and _is_named(value.text) else ""
    for given in new:
        fitting = list(_fitting(old, given))
        if len(fitting) == 1 and fitting[0].said != given.said:
            before = old[fitting[0].start : fitting[0].end]
            said = value.text[given.start : given.end]
            said = said.lower() if before.islower() and given.kind.startswith("opposite") else said
            return f"{old[: fitting[0].start]}{said}{old[fitting[0].end :]}"
    return ""


def _of_one_shape(old: str, value: str) -> str:
    """Return a statement with a name in the place of its only name of the same shape ("PNG", "Dana")."""
    for shape in _SHAPES:
        places = [match for match in shape.finditer(old) if match.start()]
        if shape.fullmatch(value) and len(places) == 1 and places[0].group() != value:
            return f"{old[: places[0].start()]}{value}{old[places[0].end() :]}"
    return ""


def _is_of(value: NewValue, new: tuple[Value, ...], old: str) -> bool:
    """Tell whether a statement speaks of what the value is said to be of, or counts the same."""
    units = {given.unit for given in new if given.unit}
    return bool(units & {given.unit for given in values_of(old).all}) or touches(value.of, old)


def _is_named(value: str) -> bool:
    """Tell whether a value is a name or a single word, and not "something else"."""
    words = value.split()
    return all(word[0].isupper() for word in words) or (len(words) == 1 and bool(read_statement(value).words))


def _fitting(old: str, given: Value) -> Iterator[Value]:
    """Yield the values of a statement in whose place another one can stand."""
    for value in values_of(old).all:
        if value.kind == given.kind:
            if value.kind != "number" or _same_unit(old, value, given):
                yield value
        elif {value.kind, given.kind} == _CLOCK and _is_clock(old, value) and not given.unit:
            yield value


def _same_unit(old: str, value: Value, given: Value) -> bool:
    """Tell whether two numbers count the same, or the new one what the statement speaks of ("5 folds")."""
    if not given.unit or value.unit[:3] == given.unit[:3]:
        return True
    counted = read_statement(given.unit).words
    return not counted if value.unit else counted <= read_statement(old).words


def _is_clock(old: str, value: Value) -> bool:
    return bool(re.search(r"\b(?:at|um|à|a las|às)\s*$", old[: value.start], re.IGNORECASE))


def _other_predicate(old: str, value: str) -> str:
    """Return "our editor is X" with another X; a statement with a longer predicate, or with a number, stays."""
    start = predicate_of(old)
    if not start or values_of(old[start:]).all or len(old[start:].split()) > _SHORT:
        return ""
    return f"{old[:start]}{value}"
