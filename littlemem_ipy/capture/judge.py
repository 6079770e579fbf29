"""One clause against the rules of its languages: is it worth keeping, as what, and by which rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from littlemem_ipy.capture.clauses import Clause
from littlemem_ipy.capture.learned import NONE, odds
from littlemem_ipy.capture.rules import Language, Rule
from littlemem_ipy.capture.statement import states_value
from littlemem_ipy.capture.values import values_of
from littlemem_ipy.models import MemoryType

__all__ = [
    "Finding",
    "amending",
    "asked_for",
    "judge",
    "leans",
    "learned_rule",
    "statement",
    "supposed",
    "without_retraction",
]

FAMILIES = ("explicit", "solution", "next", "identity", "preference", "decision", "instruction", "fact")
"""In this order the families are tried; the first rule that holds gives the finding its name."""
AGREED_FROM, ALONE_FROM = 0.8, 0.92
"""So likely must it be that a clause is worth keeping: where a rule says so too, and without one."""
FIRM_FROM, _FIRM = 0.4, 0.95
"""Less is asked where a rule with so much confidence says so: "always" before an order means what it says."""
CERTAIN_FROM = 0.985
"""From here on the classifier is believed even where a veto speaks against a clause: it has seen the veto, too."""
_LEANS_FROM = 0.4
"""Of what goes on about something that is kept anyway less is asked."""
_EASED = 0.12
"""Languages with fewer sentences to learn from are less sure of everything; so much less is asked of them."""
_SUREST, _UNSUREST = 0.97, 0.7
_BINDING = ("hypothetical", "third", "transient", "sarcasm", "mood", "example", "plans", "story", "progress")
"""Vetoes that the classifier alone does not overrule."""
_PASSING = ("state", "problem")
"""Vetoes that tell of how things are at the moment; they are no change of what is known."""
_SUPPOSED = ("hypothetical", "third", "sarcasm", "example", "story")
_MENTIONED = ".fyi"
"""Who mentions something asks less for it than who says "remember": it is first judged by what it says."""
_ANY, _NEVER = re.compile(""), re.compile(r"(?!)")
_COLON = re.compile(r"[^:：]{2,60}[:：]\s*(?=\S.{8,})")
_INSISTS = re.compile(
    r"[,;–—-]\s*(?:ok(?:ay)?|alright|vale|d['’]accord|entendu|beleza|combinado|klar)\s*[?？]*\Z", re.IGNORECASE
)
"""Who ends with "ok?" does not ask whether it is so."""
_HEDGED = 0.15
_AMENDED = 0.75
_LEAST_LETTERS = 3
_ASKED = " ?？"


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
    asks = bool(lang.cue("request").match(whole.mask))
    if found is None and not asks and (colon := _COLON.match(whole.mask)) and not _quotes(colon.group(), lang):
        # "It was better before: legends outside": what comes after the colon may stand by itself.
        found = _judged(whole.cut(colon.end()), lang)
    if found is None and (hence := lang.cue("hence").match(whole.mask)):
        # "My boss hates red, so no red in any chart, ever": what follows from it is what was asked for.
        found = _judged(whole.cut(hence.end()), lang)
        if found is None or found.type is not MemoryType.USER_PREFERENCE:
            return None
        # The reason is kept as well, unless it is somebody else's.
        return found if lang.vetoes["third"].search(whole.mask) else replace(found, clause=_bare(whole, lang))
    return found


def _quotes(before: str, lang: Language) -> bool:
    """Tell whether what stands before a colon says that somebody else speaks behind it ("a voter said:")."""
    return any(lang.vetoes[name].search(before) for name in ("third", "story") if name in lang.vetoes)


def amending(clause: Clause, lang: Language) -> Finding | None:
    """Return a clause that may change a memory, however unsure it is that it should be kept by itself.

    It says that something is different now, or gives a value of something that it names.
    """
    whole = _without_question(clause, lang)
    if whole is None or _unsure(whole.mask, lang):
        return None
    told = any(lang.cue(cue).search(whole.mask) for cue in ("change", "turn", "end", "swap"))
    if not told and not states_value(whole.text):
        return None
    bare = _bare(whole, lang)
    if not _speaks(bare.mask):
        return None
    return Finding(
        learned_rule(lang.code, "amended", MemoryType.GENERAL, _AMENDED), MemoryType.GENERAL, bare, _AMENDED
    )


def _unsure(mask: str, lang: Language) -> bool:
    """Tell whether a change is only supposed, asked for or somebody else's; "now" itself makes it none."""
    if lang.cue("request").match(mask) or lang.cue("deed").match(mask):
        return True
    rest = lang.cue("turn").sub(" ", mask)
    if not values_of(mask).all and any(lang.vetoes[name].search(rest) for name in _PASSING if name in lang.vetoes):
        return True
    found = {name: lang.vetoes[name].search(mask) for name in _BINDING if name in lang.vetoes}
    return any(
        match and not (name == "transient" and lang.cue("change").search(match.group()))
        for name, match in found.items()
    )


def supposed(clause: Clause, lang: Language) -> bool:
    """Tell whether a clause is a question, a supposition, a story ...: then it changes nothing."""
    whole = _without_question(clause, lang)
    return whole is None or any(lang.vetoes[name].search(whole.mask) for name in _SUPPOSED if name in lang.vetoes)


def without_retraction(clause: Clause, lang: Language) -> Clause:
    """Return what follows "scratch that, ..."; the clause itself if nothing does."""
    lead = lang.cue("retract").match(clause.mask)
    rest = clause.cut(lead.end()) if lead else clause
    return rest if _speaks(rest.mask) else clause


def statement(clause: Clause, lang: Language) -> Clause | None:
    """Return the part of a clause that is judged, without a question behind it and what leads in; None without."""
    whole = _without_question(clause, lang)
    return None if whole is None else _bare(whole, lang)


def _judged(whole: Clause, lang: Language) -> Finding | None:
    asked = next(filter(None, (_asked(rule, whole, lang) for rule in lang.family("explicit"))), None)
    if asked and not asked.rule.slug.endswith(_MENTIONED):
        return asked
    return _likely(_bare(whole, lang), lang) or asked


def _bare(clause: Clause, lang: Language) -> Clause:
    """Return a clause without what leads in ("ok, by the way,"); "no emojis" keeps its "no"."""
    lead = lang.cue("lead").match(clause.mask)
    if lead is None or lang.cue("head").search(lead.group()):
        return clause
    return clause.cut(lead.end())


def _likely(clause: Clause, lang: Language) -> Finding | None:
    """Return a clause that the classifier takes for something to keep, named after a rule that agrees."""
    kind, share = _likeliest(clause.mask, lang)
    eased = 0 if lang.code == "en" else _EASED
    if kind is None or share < FIRM_FROM - eased:
        return None
    rules = (rule for family in FAMILIES[1:] for rule in lang.family(family) if rule.type is kind)
    rule = next((rule for rule in rules if _holds(rule, clause, lang)), None)
    if share < _needed(rule) - eased or (rule is None and share < CERTAIN_FROM and _bound(clause, kind, lang)):
        return None
    if kind is MemoryType.SOLUTION and lang.cue("relapse").search(clause.mask):
        return None
    rule = rule or learned_rule(lang.code, "learned", kind, share)
    return Finding(rule, kind, clause, _confidence(share, clause, lang))


def _needed(rule: Rule | None) -> float:
    """Return how likely a clause must be where a rule says so too, and without one."""
    if rule is None:
        return ALONE_FROM
    return FIRM_FROM if rule.confidence >= _FIRM else AGREED_FROM


def _likeliest(mask: str, lang: Language) -> tuple[MemoryType | None, float]:
    """Return the likeliest type of a masked clause, and how likely it is worth keeping; None if it says nothing."""
    if not _speaks(mask):
        return None, 0.0
    shares = odds(mask, lang)
    share = 1 - shares.pop(NONE)
    return MemoryType(max(shares, key=lambda name: shares[name])), share


def _speaks(mask: str) -> bool:
    """Tell whether there are letters enough for a word."""
    return sum(ch.isalnum() for ch in mask) >= _LEAST_LETTERS


def leans(clause: Clause, lang: Language) -> MemoryType | None:
    """Return as what a clause would be kept if it goes on about something that is; None if it says nothing."""
    said = statement(clause, lang)
    if said is None or lang.cue("thin").match(said.mask):
        return None
    kind, share = _likeliest(said.mask, lang)
    return kind if share >= _LEANS_FROM else None


def _bound(clause: Clause, kind: MemoryType, lang: Language) -> bool:
    """Tell whether a clause is a request, a supposition, a mood ...: then the classifier's word is not enough."""
    if kind is not MemoryType.USER_PREFERENCE and lang.cue("request").match(clause.mask):
        return True
    return any(lang.vetoes[name].search(clause.mask) for name in _BINDING if name in lang.vetoes)


def learned_rule(code: str, family: str, kind: MemoryType, confidence: float) -> Rule:
    """Return the rule that stands for a judgement made without a pattern."""
    return Rule(f"{code}.{family}.{kind}", kind, confidence, _ANY, _NEVER, "all", frozenset())


def _without_question(clause: Clause, lang: Language) -> Clause | None:
    """Return the clause without a question or request behind it; None if it is all question."""
    if lang.cue("polite").match(clause.mask):
        return replace(clause.cut(0, len(clause.mask.rstrip(_ASKED))), asks=False)
    if insists := _INSISTS.search(clause.mask):
        clause = replace(clause.cut(0, insists.start()), asks=False)
    if lang.cue("tag").search(clause.mask):
        return None
    tail = lang.cue("question").search(clause.mask)
    if tail:
        return replace(clause.cut(0, tail.start()), asks=False) if tail.start() else None
    return None if clause.asks else clause


def _asked(rule: Rule, clause: Clause, lang: Language) -> Finding | None:
    match = rule.find(clause.mask)
    if not match or rule.unless.search(clause.mask) or _vetoed(clause.mask, rule, lang):
        return None
    kept = {"after": clause.cut(match.end()), "before": clause.cut(0, match.start())}.get(rule.keep, clause)
    return asked_for(rule, kept, lang)


def _holds(rule: Rule, clause: Clause, lang: Language) -> bool:
    holds = rule.find(clause.mask) and not rule.unless.search(clause.mask)
    return bool(holds) and not _vetoed(clause.mask, rule, lang)


def _vetoed(mask: str, rule: Rule, lang: Language) -> bool:
    return any(name not in rule.allow and veto.search(mask) for name, veto in lang.vetoes.items())


def _confidence(share: float, clause: Clause, lang: Language) -> float:
    """Return how sure a finding is: from 0.7 at the threshold on, less where the user hedges."""
    sure = _UNSUREST + max(0, share - AGREED_FROM) / (1 - AGREED_FROM) * (_SUREST - _UNSUREST)
    return round(sure - (_HEDGED if lang.cue("hedge").search(clause.mask) else 0), 2)


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
    if kind is MemoryType.GENERAL and _is_wish(kept.mask, lang):
        kind = MemoryType.USER_PREFERENCE
    return Finding(rule, kind, kept, rule.confidence)


def _is_wish(mask: str, lang: Language) -> bool:
    if lang.cue("event").search(mask):
        return False
    return odds(mask, lang).get(MemoryType.USER_PREFERENCE, 0) >= ALONE_FROM


def _inner(kept: Clause, lang: Language) -> Iterator[Finding]:
    bare = _bare(kept, lang)
    for family in FAMILIES[1:]:
        for rule in lang.family(family):
            if rule.type and _holds(rule, bare, lang):
                yield Finding(rule, rule.type, bare, rule.confidence)


def _topic(mask: str, lang: Language) -> MemoryType:
    if lang.cue("event").search(mask):
        return MemoryType.GENERAL
    return MemoryType.PROJECT_KNOWLEDGE if lang.cue("project").search(mask) else MemoryType.GENERAL
