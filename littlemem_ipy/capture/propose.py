"""An exchange in, candidates out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from littlemem_ipy.capture import earlier
from littlemem_ipy.capture.candidate import Candidate
from littlemem_ipy.capture.clauses import Clause, clauses
from littlemem_ipy.capture.ellipsis import NewValue, new_value
from littlemem_ipy.capture.gather import Found, gather
from littlemem_ipy.capture.judge import (
    Finding,
    amending,
    asked_for,
    judge,
    leans,
    learned_rule,
    statement,
    supposed,
    without_retraction,
)
from littlemem_ipy.capture.prose import Prose, read
from littlemem_ipy.capture.rules import CODES, Language, language
from littlemem_ipy.capture.spoken import spoken_in
from littlemem_ipy.capture.titles import tags_of, title_of
from littlemem_ipy.models import MemoryType

__all__ = ["amendments", "candidates", "leaning", "new_values", "off_record", "retracts"]

_STANDING = 0.85
_APART = 0.9
_BLANK = re.compile(r"\n[\n\s]*")


def candidates(user: str, assistant: str, history: Sequence[Mapping[str, str]] | None = None) -> list[Candidate]:
    """Return what is worth keeping of one exchange, by rules only.

    Parameters
    ----------
    user
        The user's message; memory blocks that were injected into it are not looked at.
    assistant
        The reply to it. What it suggests is kept only once the user confirms it.
    history
        The messages before, oldest first, as mappings with ``role`` and ``content``.

    >>> [c.content for c in candidates("Remember that the VPN closes at 22:00.", "OK.")]
    ['the VPN closes at 22:00']
    """
    prose, plain, main = _heard(user)
    if main.cue("offrecord").search(plain):
        return []
    if main.cue("task").search(plain):
        prose = _own_words(prose, main)
    said = _said(prose, main)
    past = earlier.Past.of(user, assistant, history)
    kept = earlier.kept_code(said, past)
    findings = [] if kept else gather(prose, _judged(said))
    agreed = any(earlier.confirms(clause, lang) for clause, lang in said)
    proposals = [kept] if kept else [_candidate(found, past, agreed) for found in findings]
    if not any(candidate.type is MemoryType.SOLUTION for candidate in proposals) and not kept:
        proposals += earlier.confirmed(said, past)
    if earlier.relapsed(said):
        proposals = [candidate for candidate in proposals if candidate.type is not MemoryType.SOLUTION]
    return _distinct(proposals)


def off_record(user: str) -> bool:
    """Tell whether a message says itself that nothing of it is to be remembered."""
    _, plain, main = _heard(user)
    return bool(main.cue("offrecord").search(plain))


def amendments(user: str) -> list[Candidate]:
    """Return what a message says to be different now; worth keeping only where something known is changed by it.

    >>> [c.content for c in amendments("My desk is now 48.")]
    ['My desk is now 48']
    """
    said, main = _asserted(user)
    found = [(clause, amending(without_retraction(clause, lang), lang)) for clause, lang in said]
    past = earlier.Past.of(user, "", None)
    return [_candidate(Found(clause, main, finding), past, False) for clause, finding in found if finding]


def new_values(user: str) -> list[NewValue]:
    """Return the values that a message names without saying of what ("make that 12").

    >>> [value.text for value in new_values("Sorry, I meant 12.")]
    ['12']
    """
    said = [clause for clause, lang in _asserted(user)[0] if not supposed(clause, lang)]
    return [value for clause in said if (value := _new_value(clause))]


def _new_value(clause: Clause) -> NewValue | None:
    """Return the value that a clause names alone; two words hardly show their language, so all are tried."""
    likely = spoken_in(clause.mask)
    tried = [*likely, *(language(code) for code in CODES if not likely[0].script)]
    values = (new_value(without_retraction(clause, lang), lang) for lang in tried)
    return next(filter(None, values), None)


def leaning(user: str) -> list[Candidate]:
    """Return what a message says that is not sure enough to be kept by itself; worth keeping once it is corrected.

    >>> [c.content for c in leaning("The threshold is 0.5.")]
    ['The threshold is 0.5']
    """
    found = []
    for clause, lang in _asserted(user)[0]:
        kind = None if supposed(clause, lang) or judge(clause, lang) else leans(clause, lang)
        said = statement(clause, lang)
        if kind and said:
            rule = learned_rule(lang.code, "corrected", kind, _STANDING)
            found.append(Found(clause, lang, Finding(rule, kind, said, _STANDING)))
    return [_candidate(one, earlier.Past.of(user, "", None), False) for one in found]


def retracts(user: str) -> bool:
    """Tell whether a message begins by taking back what was said before it ("scratch that, ...").

    >>> retracts("Scratch that, I prefer rye.")
    True
    """
    first = next(iter(clauses(read(user))), None)
    return first is not None and without_retraction(first, spoken_in(first.mask)[0]) != first


def _asserted(user: str) -> tuple[list[tuple[Clause, Language]], Language]:
    """Return the clauses of a message and its language; none of what is off the record or to be worked on."""
    prose, plain, main = _heard(user)
    if main.cue("offrecord").search(plain) or main.cue("task").search(prose.masked):
        return [], main
    return _said(prose, main), main


def _heard(user: str) -> tuple[Prose, str, Language]:
    """Return the user's own prose, its masked text without empty lines, and the language that it is in."""
    prose = read(user)
    plain = _BLANK.sub("\n", prose.masked)
    return prose, plain, spoken_in(plain)[0]


def _said(prose: Prose, main: Language) -> list[tuple[Clause, Language]]:
    """Return the clauses of a message, each with its language."""
    return [(clause, _language(clause, main)) for clause in clauses(prose)]


def _own_words(prose: Prose, lang: Language) -> Prose:
    """Return the prose before a text that the user wants worked on: that text speaks for somebody else."""
    task = lang.cue("task").search(prose.masked)
    return prose if task is None else Prose(prose.text[: task.start()], prose.masked[: task.start()])


def _language(clause: Clause, main: Language) -> Language:
    """Return the language of a clause; of several, that of the message or one that finds something."""
    spoken = sorted(spoken_in(clause.mask), key=lambda lang: lang is not main)
    if len(spoken) == 1:
        return spoken[0]
    return next((lang for lang in spoken if judge(clause, lang) or earlier.confirms(clause, lang)), spoken[0])


def _judged(said: list[tuple[Clause, Language]]) -> list[Found]:
    """Return every clause with what was found in it; what is cancelled later in the message is not found."""
    judged: list[Found] = []
    for whole, lang in (part for one, spoken in said for part in _parts(one, spoken)):
        clause = without_retraction(whole, lang)
        if clause != whole:
            judged = [replace(found, finding=None) for found in judged]
        finding = judge(clause, lang)
        solved = finding is not None and finding.type is MemoryType.SOLUTION
        if lang.cue("cancel").search(clause.mask) and not solved:
            judged = [replace(found, finding=None) for found in judged]
            judged.append(Found(clause, lang, None))
            continue
        if finding and not finding.clause.mask:
            # "Remember that." by itself means the sentence before it.
            if judged and not judged[-1].clause.asks:
                before = judged[-1]
                judged[-1] = replace(before, finding=asked_for(finding.rule, before.clause, before.language))
            finding = None
        elif len(judged) == 1 and _is_wish(judged[0]) and not clause.asks:
            finding = asked_for(next(iter(lang.family("explicit"))), statement(clause, lang) or clause, lang)
        if judged and lang.cue("standing").search(clause.mask):
            judged[-1] = _standing(judged[-1])
            finding = None if judged[-1].finding else finding
        follows = judged[-1].clause if judged else None
        found = Found(clause, lang, finding, follows.mask if follows and not follows.asks else "")
        judged += _name_apart(found)
    return judged


def _name_apart(found: Found) -> list[Found]:
    """Return a name and what is said of the person behind it ("I'm Tom and I'm a nurse") as two findings."""
    finding, lang = found.finding, found.language
    if finding is None or not finding.rule.slug.endswith("identity.name"):
        return [found]
    joint = lang.cue("joint").search(finding.clause.mask)
    rest = judge(finding.clause.cut(joint.end()), lang) if joint else None
    if joint is None or rest is None:
        return [found]
    name = finding.clause.cut(0, joint.start())
    return [replace(found, finding=replace(finding, clause=name)), Found(rest.clause, lang, rest)]


def _is_wish(found: Found) -> bool:
    """Tell whether a clause is only a wish ("Remember this, please."): at the beginning it means the next one."""
    return bool(found.language.cue("wish").match(found.clause.mask.rstrip(" ?？")))


def _parts(clause: Clause, lang: Language) -> Iterator[tuple[Clause, Language]]:
    """Yield a clause, or the two that it joins ("the audit is on 12 May, and give me file names in snake_case")."""
    for joint in lang.cue("coordination").finditer(clause.mask):
        parts = clause.cut(0, joint.start()), clause.cut(joint.end())
        found = [judge(part, lang) for part in parts]
        if all(one and one.confidence >= _APART for one in found) and len({one.type for one in found if one}) > 1:
            yield from ((part, lang) for part in parts)
            return
    yield clause, lang


def _standing(found: Found) -> Found:
    """Return a clause of which the next one says that it is always meant ("That's how I like it")."""
    said = statement(found.clause, found.language)
    if found.finding or found.clause.asks or said is None:
        return found
    kind = MemoryType.USER_PREFERENCE
    rule = learned_rule(found.language.code, "standing", kind, _STANDING)
    return replace(found, finding=Finding(rule, kind, said, _STANDING))


def _candidate(found: Found, past: earlier.Past, agreed: bool) -> Candidate:
    finding = found.finding
    assert finding is not None
    content = finding.clause.text
    if finding.type is MemoryType.SOLUTION:
        content = earlier.with_problem(content, past, found.language, agreed)
    elif finding.type is MemoryType.CONVERSATION_CONTEXT:
        content = earlier.with_plan(content, past, found.language)
    return Candidate(
        type=finding.type,
        title=title_of(content, finding.type),
        content=content,
        tags=tags_of(content, finding.type),
        confidence=finding.confidence,
        reason=finding.rule.slug,
        amends=_amends(found),
    )


def _amends(found: Found) -> bool:
    """Tell whether the words around a statement say that something is different now."""
    assert found.finding is not None
    said, turn, change = found.finding.clause.mask, found.language.cue("turn"), found.language.cue("change")
    if turn.search(found.follows):
        return True
    return any(cue.search(found.clause.mask) and not cue.search(said) for cue in (turn, change))


def _distinct(proposals: list[Candidate]) -> list[Candidate]:
    return list({" ".join(p.content.casefold().split()): p for p in reversed(proposals)}.values())[::-1]
