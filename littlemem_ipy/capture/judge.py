"""One clause against the rules of its languages: is it worth keeping, as what, and by which rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from littlemem_ipy.capture.clauses import Clause
from littlemem_ipy.capture.learned import NONE, odds
from littlemem_ipy.capture.rules import Language, Rule
from littlemem_ipy.models import MemoryType

__all__ = ["FAMILIES", "Finding", "asked_for", "judge", "learned_rule"]

FAMILIES = ("explicit", "solution", "next", "identity", "preference", "decision", "instruction", "fact")
"""In this order the families are tried; the first rule that holds decides."""
SURE = {"user_preference": 0.75, "project_knowledge": 0.75, "solution": 0.75, "conversation_context": 0.75}
"""From here on the classifier alone is enough, by type."""
REFUSED = {
    "preference": 0.92,
    "identity": 0.6,
    "identity.name": 0.85,
    "identity.profession": 0.92,
    "instruction.standing": 0.8,
    "fact": 0.5,
    "instruction": 0.4,
    "decision": 0.6,
    "next": 0.7,
    "solution": 0.8,
}
"""Beyond this likelihood of "nothing to keep" the word of a rule is not enough, by its name or family."""
OVERRULED, DENIED = 0.6, 0.15
"""So sure must the classifier be of another type, and so unsure of the rule's, to change it."""
_BINDING = ("hypothetical", "third", "transient", "sarcasm", "mood", "example", "plans", "story", "progress")
_ANY, _NEVER = re.compile(""), re.compile(r"(?!)")
_COLON = re.compile(r"[^:：]{2,60}[:：]\s*(?=\S.{8,})")
_HEDGED = 0.15
_LEAST_LETTERS = 3


@dataclass(frozen=True)
class Finding:
    """A clause that is worth keeping."""

    rule: Rule
    type: MemoryType
    clause: Clause
    confidence: float
    place: int = 0

    @property
    def family(self) -> str:
        """Return what the rule looks for."""
        return self.rule.family


def judge(clause: Clause, lang: Language) -> Finding | None:
    """Return what is worth keeping of `clause`, or None."""
    whole = _without_question(clause, lang)
    if whole is None:
        return None
    found = _judged(whole, lang)
    if found is None and (colon := _COLON.match(whole.mask)):
        # "It was better before: legends outside": what comes after the colon may stand by itself.
        return _judged(whole.cut(colon.end()), lang)
    return found


def _judged(whole: Clause, lang: Language) -> Finding | None:
    bare = _bare(whole, lang)
    if found := _by_rules(FAMILIES[:1], whole, lang):
        return found
    shares = odds(bare.mask, lang.code)
    if "sarcasm" in lang.vetoes and lang.vetoes["sarcasm"].search(whole.mask):
        return None
    if shares is not None and shares[NONE] > max(REFUSED.values()):
        return None  # No rule could stand against that; the search for one is spared.
    found = _by_rules(FAMILIES[1:], bare, lang)
    return found if shares is None else _weighed(found, bare, shares, lang)


def _bare(clause: Clause, lang: Language) -> Clause:
    """Return a clause without what leads in ("ok, by the way,"); "no emojis" keeps its "no"."""
    lead = lang.cue("lead").match(clause.mask)
    if lead is None or lang.cue("head").search(lead.group()):
        return clause
    return clause.cut(lead.end())


def _by_rules(families: tuple[str, ...], clause: Clause, lang: Language) -> Finding | None:
    rules = (rule for family in families for rule in lang.family(family))
    return next((found for rule in rules if (found := _apply(rule, clause, lang))), None)


def _weighed(found: Finding | None, clause: Clause, shares: dict[str, float], lang: Language) -> Finding | None:
    """Return what rules and classifier say together: each can speak up alone only if the other does not object."""
    likeliest = max(shares, key=lambda name: shares[name])
    if found is None:
        sure = likeliest != NONE and shares[likeliest] >= SURE[likeliest]
        return _learned(clause, MemoryType(likeliest), shares[likeliest], lang) if sure else None
    slug = found.rule.slug.split(".", 1)[1]
    if shares[NONE] > REFUSED.get(slug, REFUSED.get(found.family, REFUSED["fact"])):
        return None
    if likeliest != NONE and shares[likeliest] >= OVERRULED and shares[found.type] < DENIED:
        return replace(found, type=MemoryType(likeliest))
    return found


def _learned(clause: Clause, kind: MemoryType, share: float, lang: Language) -> Finding | None:
    rule = learned_rule(lang.code, "learned", kind, share)
    asked = lang.cue("request").match(clause.mask) if kind is not MemoryType.USER_PREFERENCE else None
    if asked or any(lang.vetoes[name].search(clause.mask) for name in _BINDING if name in lang.vetoes):
        return None
    return Finding(rule, kind, clause, round(min(share, 0.95), 2))


def learned_rule(code: str, family: str, kind: MemoryType, confidence: float) -> Rule:
    """Return the rule that stands for a judgement made without a pattern."""
    return Rule(f"{code}.{family}.{kind}", kind, confidence, _ANY, _NEVER, "all", frozenset())


def _without_question(clause: Clause, lang: Language) -> Clause | None:
    """Return the clause without a question or request behind it; None if it is all question."""
    if lang.cue("polite").match(clause.mask):
        return replace(clause, asks=False)
    if lang.cue("tag").search(clause.mask):
        return None
    tail = lang.cue("question").search(clause.mask)
    if tail:
        return replace(clause.cut(0, tail.start()), asks=False) if tail.start() else None
    return None if clause.asks else clause


def _apply(rule: Rule, clause: Clause, lang: Language) -> Finding | None:
    match = rule.find(clause.mask)
    if not match or rule.unless.search(clause.mask) or _vetoed(clause.mask, rule, lang):
        return None
    kept = {"after": clause.cut(match.end()), "before": clause.cut(0, match.start())}.get(rule.keep, clause)
    if rule.family == "explicit":
        return asked_for(rule, kept, lang)
    if sum(ch.isalnum() for ch in kept.mask) < _LEAST_LETTERS or rule.type is None:
        return None
    return Finding(rule, rule.type, kept, _confidence(rule, kept, lang))


def _vetoed(mask: str, rule: Rule, lang: Language) -> bool:
    return any(name not in rule.allow and veto.search(mask) for name, veto in lang.vetoes.items())


def _confidence(rule: Rule, clause: Clause, lang: Language) -> float:
    hedged = lang.cue("hedge").search(clause.mask)
    return round(rule.confidence - (_HEDGED if hedged else 0), 2)


def asked_for(rule: Rule, kept: Clause, lang: Language) -> Finding | None:
    """Return what the user asked to remember; its type is that of the content.

    Nothing kept ("remember that") is a finding too: it means what was said before.
    """
    letters = sum(ch.isalnum() for ch in kept.mask)
    single = " " not in kept.mask and kept.mask.isascii()
    if 0 < letters < _LEAST_LETTERS or (letters and single and rule.keep == "before"):
        return None
    inner = next(_inner(kept, lang), None)
    kind = inner.type if inner and inner.family != "fact" else _topic(kept.mask, lang)
    return Finding(rule, kind, kept, rule.confidence)


def _inner(kept: Clause, lang: Language) -> Iterator[Finding]:
    bare = _bare(kept, lang)
    for family in FAMILIES[1:]:
        for rule in lang.family(family):
            if found := _apply(rule, bare, lang):
                yield found


def _topic(mask: str, lang: Language) -> MemoryType:
    if lang.cue("event").search(mask):
        return MemoryType.GENERAL
    return MemoryType.PROJECT_KNOWLEDGE if lang.cue("project").search(mask) else MemoryType.GENERAL
