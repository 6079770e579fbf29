"""Findings that belong together become one: a fact and what is added to it, a cause and its fix, a plan."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from littlemem_ipy.capture.clauses import Clause
from littlemem_ipy.capture.judge import Finding
from littlemem_ipy.capture.prose import Prose
from littlemem_ipy.capture.rules import Language
from littlemem_ipy.models import MemoryType

__all__ = ["Found", "gather"]

_WORD = re.compile(r"[^\W_]\w*")
_ALONE = ("identity.name", "identity.role")


@dataclass(frozen=True)
class Found:
    """A clause of a message, its language, and what was found in it."""

    clause: Clause
    language: Language
    finding: Finding | None


def gather(prose: Prose, judged: list[Found]) -> list[Found]:
    """Return the findings of a message, those that belong together joined."""
    joined: list[Found] = []
    last = -2
    for place, found in enumerate(_with_context(judged)):
        if found.finding is None:
            if joined and place == last + 1 and _adds(found, joined[-1]):
                joined[-1] = _join(prose, joined[-1], found.clause)
                last = place
            continue
        if joined and _together(joined[-1], found, place == last + 1):
            joined[-1] = _join(prose, joined[-1], found.finding.clause)
        else:
            joined.append(found)
        last = place
    return [found for found in joined if _stands_alone(found)]


def _with_context(judged: list[Found]) -> list[Found]:
    """Return the clauses, those that tell the story of a solution marked as part of it."""
    kinds = [found.finding.type if found.finding else None for found in judged]
    if MemoryType.SOLUTION not in kinds:
        return judged
    first, last = kinds.index(MemoryType.SOLUTION), len(kinds) - 1 - kinds[::-1].index(MemoryType.SOLUTION)
    rule = judged[first].finding
    assert rule is not None
    low = first - 1 if first and _tells(judged[first - 1]) else first
    high = last + 1 if last + 1 < len(judged) and _tells(judged[last + 1]) else last
    return [
        replace(found, finding=replace(rule, clause=found.clause)) if low <= n <= high and _tells(found) else found
        for n, found in enumerate(judged)
    ]


def _tells(found: Found) -> bool:
    """Tell whether a clause can be part of the story of a problem: a statement with something in it."""
    if found.finding is not None and found.finding.type is not MemoryType.PROJECT_KNOWLEDGE:
        return found.finding.type is MemoryType.SOLUTION
    if found.finding is not None and found.finding.family == "explicit":
        return False
    lang, mask = found.language, found.clause.mask
    if found.clause.asks or lang.cue("question").match(mask) or lang.cue("request").match(mask):
        return False
    return not lang.cue("thin").match(mask) or len(mask.split()) > 4


def _together(before: Found, found: Found, adjacent: bool) -> bool:
    one, two = before.finding, found.finding
    if one is None or two is None or one.type is not two.type:
        return False
    if two.type in (MemoryType.SOLUTION, MemoryType.CONVERSATION_CONTEXT):
        return True
    if not adjacent or two.rule.slug.split(".", 1)[1] in _ALONE[:1] or one.rule.slug.split(".", 1)[1] in _ALONE[:1]:
        return False
    if two.family == "explicit":
        return False
    return bool(found.language.cue("link").match(found.clause.mask)) or _share_words(one.clause, two.clause, found.language)


def _share_words(one: Clause, two: Clause, lang: Language) -> bool:
    words = [{w.casefold() for w in _WORD.findall(c.mask)} - lang.words for c in (one, two)]
    return bool(words[0] & words[1])


def _adds(found: Found, before: Found) -> bool:
    """Tell whether a clause in which nothing was found goes on about the fact before it ("they are in UTC")."""
    finding = before.finding
    if finding is None or finding.type is not MemoryType.PROJECT_KNOWLEDGE or found.clause.asks:
        return False
    lang, mask = found.language, found.clause.mask
    vetoed = any(veto.search(mask) for veto in lang.vetoes.values())
    return bool(lang.cue("goes_on").match(mask)) and not vetoed and not lang.cue("question").search(mask)


def _join(prose: Prose, before: Found, clause: Clause) -> Found:
    finding = before.finding
    assert finding is not None
    start, end = finding.clause.start, max(clause.end, finding.clause.end)
    both = Clause(prose.text[start:end], prose.masked[start:end], start)
    return replace(before, finding=replace(finding, clause=both))


def _stands_alone(found: Found) -> bool:
    """Tell whether a finding says something without its surroundings."""
    finding = found.finding
    assert finding is not None
    return not found.language.cue("hollow").fullmatch(finding.clause.mask)
