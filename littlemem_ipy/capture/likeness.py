"""Whether two statements speak of the same thing, and how much of what they are about they share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from littlemem_ipy.capture.statement import CLASSES, Statement, alike, read_statement, without_classes

__all__ = ["link", "of_another_thing", "of_one_thing", "of_one_use", "parallel"]

_LONG, _LONG_LINK = 16, 3
_OPENING = 3
_LEADS_ON = frozenset(
    """
    with as to in on at by from for into mit als auf bei nach avec en dans sur par à con como a com em no na
    """.split()
)


def of_another_thing(one: Statement, two: Statement) -> bool:
    """Tell whether both say of what or where they speak, and it is not the same."""
    if one.subjects and two.subjects and not of_one_thing(one, two):
        return True
    return _apart(one.where, two.where) or _opens_otherwise(one, two)


def _opens_otherwise(one: Statement, two: Statement) -> bool:
    """Tell whether both begin with what they speak of, in other words, before they share one ("Lena owns ...")."""
    if not (one.names and two.names) or one.language.script or (one.subjects and two.subjects):
        return False
    before = [_unshared(one, two), _unshared(two, one)]
    return all(before) and bool(alike(one.topic, two.topic))


def _unshared(one: Statement, two: Statement) -> list[str]:
    """Return the words of topic that stand before the first one that both have."""
    return list(takewhile(lambda word: not alike({word}, two.topic), one.order))


def _apart(one: frozenset[str], two: frozenset[str]) -> bool:
    return bool(one and two and one - alike(one, two) and two - alike(two, one))


def of_one_thing(one: Statement, two: Statement) -> bool:
    """Tell whether a clause of one names the same thing as a clause of the other, and no narrower one."""
    return any(
        alike({first.head}, {second.head}) and not _apart(first.words, second.words)
        for first in one.subjects
        for second in two.subjects
    )


def of_one_use(one: Statement, two: Statement) -> bool:
    """Tell whether one says of a thing what the other says for it ("drafts sit in ...", "boxes for drafts")."""
    first, second = ({subject.head for subject in s.subjects} | s.where for s in (one, two))
    return bool(one.where or two.where) and bool(alike(first, second))


def parallel(one: Statement, two: Statement) -> bool:
    """Tell whether both lead on to their values in the same words ("we log with ...")."""
    first, second = (list(_leading(s.text)) for s in (one, two))
    return any(words in second and read_statement(" ".join(words)).words for words in first)


def _leading(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+|[^\w\s]", text.casefold())
    for end in range(_OPENING, len(words)):
        if words[end - 1] in _LEADS_ON:
            yield tuple(words[end - _OPENING : end])


def link(one: Statement, two: Statement) -> float:
    """Return how much of what the shorter statement is about, values apart, the other one is about too."""
    both = one.subjects and two.subjects
    first, second = (without_classes(s.topic) if both else s.topic for s in (one, two))
    fewest = min(len(first), len(second))
    shared = alike(first, second)
    few = max(len(first), len(second)) >= _LONG and len(shared) < _LONG_LINK
    if not fewest or few or (without_classes(frozenset(shared)) <= CLASSES and not first | second <= CLASSES):
        return 0
    return len(shared) / fewest
