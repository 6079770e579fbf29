"""Findings that belong together become one: a fact and what is added to it, a cause and its fix, a plan."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from littlemem_ipy.capture import earlier
from littlemem_ipy.capture.clauses import Clause
from littlemem_ipy.capture.judge import Finding, leans, learned_rule, statement
from littlemem_ipy.capture.prose import Prose
from littlemem_ipy.capture.rules import Language
from littlemem_ipy.models import MemoryType

__all__ = ["Found", "gather"]

_WORD = re.compile(r"[^\W_]\w*")
_ALONE = "identity.name"
_TOLD = 0.85
_FEW_WORDS = 4
_GAP = 4


@dataclass(frozen=True)
class Found:
    """A clause of a message, its language, what was found in it, and the clause that it follows."""

    clause: Clause
    language: Language
    finding: Finding | None
    follows: str = ""


def gather(prose: Prose, judged: list[Found]) -> list[Found]:
    """Return the findings of a message, those that belong together joined."""
    joined: list[Found] = []
    last = -2
    for place, found in enumerate(_with_antecedents(_with_context(_told(judged)), prose)):
        if found.finding is None:
            if joined and place == last + 1 and _adds(found, joined[-1], prose):
                joined[-1] = _join(prose, joined[-1], found.clause)
                last = place
            continue
        if joined and _together(joined[-1], found, place == last + 1, prose):
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
        replace(found, finding=replace(rule, clause=_said(found))) if low <= n <= high and _tells(found) else found
        for n, found in enumerate(judged)
    ]


def _with_antecedents(judged: list[Found], prose: Prose) -> list[Found]:
    """Return the clauses; the one before a finding that can't do without it is made part of it.

    "We take the Poisson model. Tomorrow its residuals" is one plan, "Blue tones only. Always like that" one wish.
    """
    out = list(judged)
    for number, (before, found) in enumerate(pairwise(judged)):
        finding = found.finding
        if finding is None or before.finding is not None or not _same_line(before.clause, found.clause, prose):
            continue
        if _needs(finding, found, before):
            rule = learned_rule(found.language.code, "learned", finding.type, finding.confidence)
            out[number] = replace(before, finding=replace(finding, rule=rule, clause=_said(before)))
    return out


def _needs(finding: Finding, found: Found, before: Found) -> bool:
    if finding.type is MemoryType.CONVERSATION_CONTEXT:
        return _tells(before)
    points = found.language.cue("anaphor").search(found.clause.mask)
    ordered = finding.type is MemoryType.USER_PREFERENCE and finding.family == "instruction"
    return bool(points or ordered) and leans(before.clause, before.language) is finding.type


def _said(found: Found) -> Clause:
    return statement(found.clause, found.language) or found.clause


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


def _told(judged: list[Found]) -> list[Found]:
    """Return the clauses; where one says that it works now, the one that says why is a solution."""
    kinds = {found.finding.type for found in judged if found.finding}
    if MemoryType.SOLUTION in kinds:
        return judged
    for place, found in enumerate(judged):
        if not earlier.confirms(found.clause, found.language):
            continue
        for near in (place + 1, place - 1):
            if 0 <= near < len(judged) and _explains(judged[near]):
                rule = learned_rule(found.language.code, "told", MemoryType.SOLUTION, _TOLD)
                finding = Finding(rule, MemoryType.SOLUTION, _said(judged[near]), _TOLD)
                return [*judged[:near], replace(judged[near], finding=finding), *judged[near + 1 :]]
    return judged


def _explains(found: Found) -> bool:
    mask, lang = found.clause.mask, found.language
    long = len(mask.split()) >= _FEW_WORDS or sum(ch > "⺀" for ch in mask) >= 2 * _FEW_WORDS
    return _tells(found) and long and bool(lang.cue("past").search(mask))


def _same_sentence(one: Clause, two: Clause, prose: Prose) -> bool:
    between = prose.masked[one.end : two.start]
    return len(between) <= _GAP and not any(mark in between for mark in ".!?\n。！？")


def _together(before: Found, found: Found, adjacent: bool, prose: Prose) -> bool:
    one, two = before.finding, found.finding
    if one is None or two is None or one.type is not two.type:
        return False
    if two.type in (MemoryType.SOLUTION, MemoryType.CONVERSATION_CONTEXT):
        return True
    if not adjacent or two.family == "explicit" or _ALONE in (_name(one), _name(two)):
        return False
    if _same_sentence(one.clause, two.clause, prose):
        return True
    linked = found.language.cue("link").match(found.clause.mask)
    return bool(linked) or _share_words(one.clause, two.clause, found.language) or _same_breath(one, found, prose)


def _same_breath(one: Finding, found: Found, prose: Prose) -> bool:
    """Tell whether the next sentence of a line is about the same: it points back, or is the order or its reason.

    "Skip the praise. I find it odd" is one wish, and so is what shall be there instead; two orders are two.
    """
    two = found.finding
    if two is None or not _same_line(one.clause, found.clause, prose):
        return False
    if found.language.cue("anaphor").search(found.clause.mask) or one.type is not MemoryType.USER_PREFERENCE:
        return True
    orders = [finding.family == "instruction" for finding in (one, two)]
    instead = found.language.cue("negative").search(one.clause.mask) and two.family == "learned"
    therefore = one.family == "identity" and two.family == "learned"
    return (any(orders) and not all(orders)) or bool(instead) or therefore


def _same_line(one: Clause, two: Clause, prose: Prose) -> bool:
    return "\n" not in prose.masked[one.end : two.start]


def _name(finding: Finding) -> str:
    return finding.rule.slug.split(".", 1)[1]


def _share_words(one: Clause, two: Clause, lang: Language) -> bool:
    words = [{w.casefold() for w in _WORD.findall(c.mask)} - lang.words for c in (one, two)]
    return bool(words[0] & words[1])


def _adds(found: Found, before: Found, prose: Prose) -> bool:
    """Tell whether a clause in which nothing was found goes on about what was before it ("they are in UTC")."""
    finding = before.finding
    lang, mask = found.language, found.clause.mask
    if finding is None or found.clause.asks or lang.cue("question").search(mask) or lang.cue("thin").match(mask):
        return False
    if finding.type in (MemoryType.PROJECT_KNOWLEDGE, MemoryType.USER_PREFERENCE) and _same_sentence(
        finding.clause, found.clause, prose
    ):
        return not lang.vetoes["transient"].search(mask)
    if any(veto.search(mask) for veto in lang.vetoes.values()):
        return False
    cue = "goes_on" if finding.type is MemoryType.PROJECT_KNOWLEDGE else "standing"
    if lang.cue(cue).match(mask):
        return True
    return _same_line(finding.clause, found.clause, prose) and leans(found.clause, lang) is finding.type


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
