"""What an exchange makes of the ones before it: a confirmed proposal is a solution, praised code is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from littlemem_ipy.capture import foreign
from littlemem_ipy.capture.candidate import Candidate
from littlemem_ipy.capture.clauses import Clause
from littlemem_ipy.capture.prose import without_injected
from littlemem_ipy.capture.rules import Language
from littlemem_ipy.capture.titles import tags_of, title_of
from littlemem_ipy.models import MemoryType

__all__ = ["Past", "confirmed", "confirms", "kept_code", "relapsed", "with_plan", "with_problem"]

_FENCE = re.compile(r"```[^\n`]*\n[\s\S]*?```|~~~[^\n~]*\n[\s\S]*?~~~")
_INLINE = re.compile(r"`([^`\n]{12,400})`")
_AFTER_COLON = re.compile(r":[ \t]+(\S.{11,400})$", re.MULTILINE)
_CODELIKE = re.compile(r"[=()\[\]{};|$<>]|\s--?\w")
_LONGEST_PROBLEM = 400
_LONGEST_FIX = 1_600
_LONGEST_PLAN = 600
_LEAST_FIX = 12
_LONGEST_CODE = 20_000
_FAR = 8
_CONFIDENT = 0.9


@dataclass(frozen=True)
class Past:
    """The messages before an exchange as pairs of what the user said and what was replied, the last one first."""

    user: str
    reply: str
    turns: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, user: str, reply: str, history: Sequence[Mapping[str, str]] | None) -> Past:
        """Return the past of an exchange; roles other than user and assistant do not count."""
        turns: list[tuple[str, str]] = []
        asked = ""
        for message in list(history or ())[-2 * _FAR :]:
            role, text = message.get("role"), message.get("content")
            if not isinstance(text, str):
                continue
            if role == "user":
                asked = without_injected(text).strip()
            elif role == "assistant":
                turns.append((asked, text.strip()))
        return cls(without_injected(user), reply, tuple(reversed(turns)))


def with_problem(fix: str, past: Past, lang: Language, confirms_it: bool) -> str:
    """Return the user's own words on a fix with the problem told before, if any, and the proposal confirmed."""
    problem = _problem(past, lang)
    if not problem:
        return fix
    proposal = _clip(past.turns[0][1], _LONGEST_FIX) if confirms_it else ""
    return f"Problem: {problem}\nFix: {fix}" + (f"\n{proposal}" if len(proposal) >= _LEAST_FIX else "")


def with_plan(step: str, past: Past, lang: Language) -> str:
    """Return a next step with the reply that it points to ("in that order, on Monday"), which alone says what."""
    proposal = past.turns[0][1] if past.turns else ""
    if not proposal or not lang.cue("points").search(step):
        return step
    return f"{step}\n{_clip(proposal, _LONGEST_PLAN)}"


def _problem(past: Past, lang: Language) -> str:
    """Return the user's report of what was wrong: the last message that is one, not a mere "same error"."""
    solved = [rule.pattern for rule in lang.family("solution")]
    reports = [
        asked
        for asked, _ in past.turns[:4]
        if asked and lang.cue("broken").search(asked[:2_000]) and not any(p.search(asked[:500]) for p in solved)
    ]
    telling = [report for report in reports if not lang.cue("unsolved").search(report[:200])]
    last = [
        asked
        for asked, reply in past.turns[:1]
        if asked and len(reply) >= _LEAST_FIX and not lang.cue("request").match(asked)
    ]
    return _clip((telling or reports or last or [""])[0], _LONGEST_PROBLEM)


def confirmed(said: list[tuple[Clause, Language]], past: Past) -> list[Candidate]:
    """Return the last proposal as a solution if the user says that it worked."""
    lang = next((lang for clause, lang in said[:4] if confirms(clause, lang)), None)
    if lang is None or not past.turns:
        return []
    asked, proposal = past.turns[0]
    problem = _problem(past, lang)
    if not problem or not proposal or _is_request(asked, lang):
        return []
    content = f"Problem: {problem}\nFix: {_clip(proposal, _LONGEST_FIX)}"
    return [_made(MemoryType.SOLUTION, content, f"{lang.code}.solution.confirmed")]


def confirms(clause: Clause, lang: Language) -> bool:
    """Tell whether a clause says that something works now."""
    tail = lang.cue("question").search(clause.mask) if clause.asks else None
    if clause.asks and (tail is None or not tail.start()):
        return False
    said = clause.mask[: tail.start()] if tail else clause.mask
    return bool(lang.cue("confirm").search(said)) and not lang.cue("unconfirmed").search(said)


def relapsed(said: list[tuple[Clause, Language]]) -> bool:
    """Tell whether a message takes back that something works ("fixed it! oh wait, still the same error")."""
    works = [number for number, (clause, lang) in enumerate(said) if confirms(clause, lang)]
    after = said[works[0] :] if works else []
    return any(lang.cue("relapse").search(clause.mask) for clause, lang in after)


def _is_request(asked: str, lang: Language) -> bool:
    return bool(lang.cue("request").match(asked)) and not lang.cue("broken").search(asked)


def kept_code(said: list[tuple[Clause, Language]], past: Past) -> Candidate | None:
    """Return the code that the user wants kept: from this message, from the last reply that had some."""
    idle = not any(lang.cue("request").match(clause.mask) for clause, lang in said)
    cues = ("keepown", "owncode") if idle else ("keepown",)
    wishes = [(clause, lang) for clause, lang in said for cue in cues if _wants_code(clause, lang, cue)]
    strong = [(clause, lang) for clause, lang in said if _wants_code(clause, lang, "keepcode")]
    own = next(_own_codes(past.user[:_LONGEST_CODE]), "") if wishes or strong else ""
    wish = next(iter(strong or (wishes if own else ())), None)
    if wish is None or (own and not strong and any(clause.asks for clause, _ in said)):
        return None
    clause, lang = wish
    writes = bool(lang.cue("writes").search(clause.mask))
    code = own or next(_other_codes(past, writes), "")
    if not code or len(code) > _LONGEST_CODE:
        return None
    made = _made(MemoryType.CODE_SNIPPET, code, f"{lang.code}.snippet.kept")
    return made.model_copy(update={"content": _in_its_line(code, past.user)})


def _in_its_line(code: str, message: str) -> str:
    """Return inline code with the line around it, which says what it is for; longer code as it is."""
    quoted = f"`{code}`"
    return next((line.strip() for line in message.splitlines() if quoted in line and line.strip() != quoted), code)


def _wants_code(clause: Clause, lang: Language, cue: str) -> bool:
    if (clause.asks and not lang.cue("begs").match(clause.mask)) or lang.cue("unkept").search(clause.mask):
        return False
    return bool(lang.cue(cue).search(clause.mask))


def _own_codes(message: str) -> Iterator[str]:
    """Yield the code in the user's message, the likeliest first."""
    yield from _FENCE.findall(message)
    yield from filter(None, (foreign.code_in(message),))
    yield from filter(_CODELIKE.search, _INLINE.findall(message))
    yield from filter(_CODELIKE.search, _AFTER_COLON.findall(message))


def _other_codes(past: Past, writes: bool) -> Iterator[str]:
    """Yield the code in the replies, the last one first; in this one only if there is no other to be meant."""
    if writes or not past.turns:
        yield from _FENCE.findall(past.reply[:_LONGEST_CODE])
    for _, reply in past.turns:
        yield from reversed(_FENCE.findall(reply[:_LONGEST_CODE]))
    for _, reply in past.turns:
        yield from filter(_CODELIKE.search, _INLINE.findall(reply[:_LONGEST_CODE]))


def _made(kind: MemoryType, content: str, reason: str) -> Candidate:
    return Candidate(
        type=kind,
        title=title_of(content, kind),
        content=content,
        tags=tags_of(content, kind),
        confidence=_CONFIDENT,
        reason=reason,
    )


def _clip(text: str, limit: int) -> str:
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
