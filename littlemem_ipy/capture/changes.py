"""How a new statement stands to an older one: the same, its successor, its end, or unrelated.

Statements are compared as sets of content words (for Chinese and Japanese pairs of characters). A successor
speaks of the same subject with another value; words such as "now" or "no longer" lower what it must share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from littlemem_ipy.capture.rules import Language
from littlemem_ipy.capture.spoken import spoken_in
from littlemem_ipy.duplicates.contrast import KIND_OF, opposed, other_kind

__all__ = ["Relation", "adds_to", "cancels", "changes", "over", "relation", "same_subject", "touches"]


class Relation(StrEnum):
    """What a new statement means for an older one."""

    SAME = "same"
    SUPERSEDES = "supersedes"
    CANCELS = "cancels"
    UNRELATED = "unrelated"


_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’][a-z]+)?|[A-Za-z_]\w+|\d[\d.,:/-]*|[\w./-]*[/_][\w./-]+")
_WIDE = re.compile(r"[぀-ヿ㐀-鿿]+")
_WIDE_SELF = re.compile(r"^(?:私は|僕は|俺は|私たちは|我们|我)")
_WIDE_NOW = re.compile(r"(?:现在|現在|目前|如今|已经|已經)(?:は|、|，)?")
_GENERIC = frozenset(
    """
    prefer like love use using used work want need please thanks thank note remember say said call
    called decision final decided agreed new habit rule habits again really instead now longer
    anymore usually mostly normally typically generally default since last night yesterday today
    week actually correction mistaken scrap wait sorry turns turned after before over update time
    future forward everything thing things way bitte immer jetzt nie lieber nutze verwende künftig
    siempre ahora nunca prefiero uso por favor toujours jamais maintenant préfère utilise sempre
    nunca agora prefiro user solved fixed problem fix it's that's i've we've i'm i'll we'll don't
    let's was were been be is are has have had go goes got get move moved switch switched change
    changed dropped replaced history better insist so one ones
    """.split()
)
_COPULA = re.compile(
    r"\b(?:is|are|was|were|will be|isn't|aren't|has|have|runs?|lives?|uses?|means?|starts?|ends?|goes|go"
    r"|ist|sind|war|hat|haben|heißt|liegt|läuft|est|sont|es|son|está|están|é|são|fica|tiene|tem)\b|是|为|在|は|が|叫",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:before|after|over|than|instead of|rather than|not|vor|nach|statt|als|avant|après|plutôt que|pas"
    r"|antes de|después de|en vez de|depois de|em vez de)\b",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"\b(?:prefer|like|love|use|want|write|bevorzuge|mag|nutze|verwende|préfère|utilise|aime|prefiero|uso|prefiro"
    r"|gosto)\b|喜欢|使用|好き",
    re.IGNORECASE,
)
_SLOTS = {
    "home": re.compile(
        r"\bi(?:'m| am|'ve| have)? (?:just |now |recently )?(?:live|living|based|moved (?:to|from)|located)\b"
        r"|\bi(?:'m)?(?: now)? work(?:ing)? (?:in|from|out of) (?-i:[A-Z])"
        r"|\bich (?:wohne|lebe|bin .* gezogen)\b"
        r"|\b(?:j'habite|je vis|vivo en|moro em|vivo em|me mudé|mudei)\b|我(?:现在)?住|住んで",
        re.IGNORECASE,
    ),
    "employer": re.compile(
        r"\bi(?:'m| am)?(?: now)? work(?:ing)? (?:at|for)\b|\bmy employer\b|\bich arbeite (?:jetzt )?bei\b"
        r"|\b(?:je travaille (?:maintenant )?chez|trabajo en|trabalho n[ao])\b|で働いて|工作",
        re.IGNORECASE,
    ),
    "time zone": re.compile(
        r"\btime ?zone\b|\bzeitzone\b|fuseau horaire|zona horaria|fuso horário|时区|タイムゾーン", re.IGNORECASE
    ),
}
_FEW = 3
_NEAR, _SHARED, _TOUCHED = 0.8, 0.5, 0.25
_LONG_WORD = 5
_SAID_AGAIN = 2


@dataclass(frozen=True)
class _Statement:
    """A statement as the comparison sees it."""

    text: str
    language: Language
    words: frozenset[str]
    subject: frozenset[str]
    small: frozenset[str]
    amends: bool = False

    @property
    def changes(self) -> bool:
        """Whether it says itself that something is different now."""
        return self.amends or bool(self.language.cue("change").search(self.text))

    @property
    def frame(self) -> set[str]:
        """The verbs of preference in it."""
        return {verb.casefold() for verb in _FRAME.findall(self.text)}

    @property
    def slot(self) -> str | None:
        """What it is about, of what a person has only one: name, home, employer, time zone."""
        named = any(
            rule.pattern.search(self.text) for rule in self.language.family("identity") if "name" in rule.slug
        )
        return "name" if named else next((slot for slot, said in _SLOTS.items() if said.search(self.text)), None)


def _stem(word: str) -> str:
    word = word.casefold().replace("’", "'").removesuffix("'s").strip(".,:/-")
    for ending in ("ing", "ed", "es", "en", "s", "e"):
        if len(word) > len(ending) + 3 and word.endswith(ending) and not word[0].isdigit():
            return word[: -len(ending)]
    return word


def _content(text: str, lang: Language) -> list[str]:
    words = [w.casefold() for w in _WORD.findall(text)]
    kept = [_stem(w) for w in words if w not in _GENERIC and (w not in lang.words or w in KIND_OF)]
    for run in _WIDE.findall(_WIDE_SELF.sub("", text)):
        kept += [run[n : n + 2] for n in range(max(1, len(run) - 1))]
    return [word for word in kept if word]


@lru_cache(maxsize=512)
def _statement(text: str) -> _Statement:
    lang = spoken_in(text)[0]
    plain = _WIDE_NOW.sub("", text)
    head = _COPULA.search(plain)
    subject = _content(plain[: head.start()], lang) if head else []
    small = frozenset(w.casefold() for w in _WORD.findall(text))
    return _Statement(text, lang, frozenset(_content(plain, lang)), frozenset(subject), small)


def relation(old: str, new: str, *, amends: bool = False) -> Relation:
    """Return how a new statement stands to an older one.

    `amends` tells that the user's words around the new statement say that something is different now.

    >>> relation("Wind speed is in knots.", "I was mistaken, wind speed is in metres per second.").value
    'supersedes'
    >>> relation("Column flow is in litres.", "Column level is in litres.").value
    'unrelated'
    """
    one, two = _statement(old), _statement(new)
    if amends:
        two = replace(two, amends=True)
    if _same(one, two):
        return Relation.SAME
    if one.slot and one.slot == two.slot and (one.slot == "name" or two.changes):
        return Relation.SUPERSEDES
    if two.language.cue("besides").search(new) and not two.changes:
        return Relation.UNRELATED
    if _succeeds(one, two):
        return Relation.SUPERSEDES
    return Relation.UNRELATED


def _same(one: _Statement, two: _Statement) -> bool:
    if not one.words or not two.words:
        return " ".join(one.text.casefold().split()) == " ".join(two.text.casefold().split())
    shared = one.words & two.words
    close = len(shared) >= _NEAR * max(len(one.words), len(two.words))
    values = {w for w in one.words ^ two.words if w[0].isdigit() or w in KIND_OF}
    return close and not values and not _opposed(one, two) and _parity(one) == _parity(two) and _ordered(one, two)


def _parity(statement: _Statement) -> bool:
    return bool(statement.language.cue("negative").search(statement.text))


def _ordered(one: _Statement, two: _Statement) -> bool:
    """Tell whether what stands before "over", "before", "not" ... is the same in both."""
    sides = []
    for statement in (one, two):
        mark = _ORDER.search(statement.text)
        sides.append(set(_content(statement.text[: mark.start()], statement.language)) if mark else None)
    first, second = sides
    return first is None or second is None or first == second or bool(first & second) or not (first and second)


def _opposed(one: _Statement, two: _Statement) -> bool:
    return opposed(one.small | one.words, two.small | two.words)


def _succeeds(one: _Statement, two: _Statement) -> bool:
    shared = _alike(one.words, two.words)
    least = min(len(one.words), len(two.words)) or 1
    if one.subject and two.subject and not _alike(one.subject, two.subject) and not two.changes:
        return False
    if two.changes and shared and len(shared) >= _TOUCHED * least:
        return True
    if other_kind(one.small, two.small) and (shared or two.changes or len(one.words) == len(two.words) == 1):
        return True
    if _opposed(one, two) and (shared or one.frame & two.frame):
        return True
    if two.changes and one.frame & two.frame and max(len(one.words), len(two.words)) <= _FEW:
        return True
    if len(one.words) >= _SAID_AGAIN and one.words < two.words:
        # What was said before, and more: the fuller statement stands for both.
        return True
    if shared and one.words == two.words:
        return not _ordered(one, two) or _parity(one) != _parity(two)
    return len(shared) >= _SHARED * least and _same_subject(one, two)


def _same_subject(one: _Statement, two: _Statement) -> bool:
    if not one.subject or not two.subject:
        return not one.subject and not two.subject
    return one.subject == two.subject


def _alike(one: frozenset[str], two: frozenset[str]) -> set[str]:
    """Return the words of `one` that are in `two`, in the same form or in another of the same root."""
    roots = {w[:_LONG_WORD] for w in two if len(w) > _LONG_WORD}
    return {w for w in one if w in two or (len(w) > _LONG_WORD and w[:_LONG_WORD] in roots)}


def cancels(old: str, about: str) -> bool:
    """Tell whether a wish to forget something (`about`) means the statement `old`.

    >>> cancels("I prefer tabs in Python.", "the tabs")
    True
    """
    one, two = _statement(old), _statement(about)
    if not two.words:
        return False
    return len(_alike(two.words, one.words)) >= _SHARED * len(two.words)


def changes(new: str) -> bool:
    """Tell whether a statement says itself that something is different now."""
    return _statement(new).changes


def over(part: str) -> bool:
    """Tell whether a part of a sentence only says that something is not wanted or not so.

    >>> over("I don't want them any more")
    True
    """
    said = _statement(part)
    return bool(said.language.cue("negative").search(part)) or any(
        rule.find(part) for rule in said.language.family("forget")
    )


def same_subject(old: str, new: str) -> bool:
    """Tell whether two statements say something of the same thing.

    >>> same_subject("my desk is 12", "My desk is now 48")
    True
    """
    one, two = _statement(old), _statement(new)
    return bool(one.subject) and one.subject == two.subject


def touches(old: str, new: str) -> bool:
    """Tell whether two statements share any word of content."""
    return bool(_alike(_statement(old).words, _statement(new).words))


def adds_to(old: str, new: str) -> bool:
    """Tell whether a statement has words of content that another one lacks."""
    return bool(_statement(new).words - _statement(old).words)
