"""What the user wants forgotten: the siblings of candidates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from littlemem_ipy.capture import earlier
from littlemem_ipy.capture.candidate import Withdrawal
from littlemem_ipy.capture.clauses import Clause, clauses
from littlemem_ipy.capture.judge import without_retraction
from littlemem_ipy.capture.prose import read
from littlemem_ipy.capture.rules import Language, Rule
from littlemem_ipy.capture.spoken import spoken_in

__all__ = ["cancellations"]

_SHORTEST = 2
_COMMA = re.compile(r"[,;，；、：]\s*|:\s+")


def cancellations(user: str, history: Sequence[Mapping[str, str]] | None = None) -> list[Withdrawal]:
    """Return what a message withdraws: "forget that I prefer X", "I no longer use X", "scrap that".

    Parameters
    ----------
    user
        The user's message.
    history
        The messages before, oldest first; "scrap that" means what the user said last.

    >>> [w.about for w in cancellations("Please forget what I said about the badge code.")]
    ['badge code']
    """
    prose = read(user)
    found = []
    for whole in clauses(prose):
        lang = spoken_in(whole.mask)[0]
        clause = without_retraction(whole, lang)
        if not clause.asks and (withdrawal := _withdrawn(clause, lang, user, history)):
            found.append(withdrawal)
    return found


def _withdrawn(
    clause: Clause, lang: Language, user: str, history: Sequence[Mapping[str, str]] | None
) -> Withdrawal | None:
    for rule in lang.family("forget"):
        match = rule.find(clause.mask)
        if match is None or rule.unless.search(clause.mask):
            continue
        if rule.keep == "none":
            return Withdrawal(about=_said_last(user, history), confidence=rule.confidence, reason=rule.slug)
        about = _about(rule, clause, match.start(), match.end())
        if sum(2 if ch > "⺀" else 1 for ch in about if ch.isalnum()) >= _SHORTEST:
            return Withdrawal(about=about, confidence=rule.confidence, reason=rule.slug)
    return None


def _about(rule: Rule, clause: Clause, start: int, end: int) -> str:
    if rule.keep == "after":
        return _COMMA.split(clause.cut(end).text, maxsplit=1)[0]
    return _COMMA.split(clause.cut(0, start).text)[-1] if rule.keep == "before" else clause.text


def _said_last(user: str, history: Sequence[Mapping[str, str]] | None) -> str:
    past = earlier.Past.of(user, "", history)
    return past.turns[0][0] if past.turns else ""
