"""The verdict: what speaks for a reply having used a memory, and what speaks against it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from littlemem_ipy.backends.words import plain_words
from littlemem_ipy.context.usage import figures, habits, vocabulary
from littlemem_ipy.context.usage.occasions import prose_of
from littlemem_ipy.context.usage.polarity import denies

__all__ = ["Evidence", "evidence", "was_used"]

ENOUGH = 1.0
"""The sum of evidence from which on a memory counts as used."""

_DENIED = -2.0
_CITED = 0.7
_GENERAL = -0.45
_FEW = 3  # own words; where there are no more of them, one is a large part of what the memory says
_SHARE = 0.45
_MUCH = 0.3
_QUOTED = 1.5
_SENTENCE = 4  # words, below which a quotation may be chance
_NEW = 4  # words of a reply that the question doesn't have
_TOLD, _LINKED = 0.7, 0.35

# What is a wish about form rather than a fact.
_WISHES = re.compile(
    r"^\W*(?:please\b|always\b|never\b|no \w+\.?$|use\b|prefer\b|write\b|answer\b|give\b|show\b|end\b|keep\b|avoid\b|do not\b|don't\b|round\b"
    r"|format\b|plots?\b|comments?\b|docstrings?\b|dates?\b|bitte\b|antworte\b|immer\b|nie\b|keine?\b|réponds\b|toujours\b|responde\b|siempre\b|usa\b)"
    r"|\b(?:i|we|user|she|he) (?:prefers?|likes?|wants?|hates?|dislikes?)\b|\bplease\b|\bbitte\b|\bpreferred\b",
    re.IGNORECASE,
)

# The reply says where it has something from. Words of the question are no such sign.
_CITES = re.compile(
    r"\b(?:(?:as|like) (?:you|we) (?:\w+ )?(?:noted|said|mentioned|prefer(?:red)?|like|wanted|decided|agreed|asked|did"
    r"|wrote|told)|you (?:noted|said|mentioned|prefer|told me|asked for|wrote|decided|usually|always|wanted|hit this)"
    r"|your (?:\w+ )?(?:notes?|preference|rule|convention|earlier|usual|last|team(?:'s)? rule|house style)"
    r"|(?:from|per|according to|following) (?:the|your|our) (?:earlier |last |project )?(?:notes?|rule|convention|agreement"
    r"|decision|policy|style)|last time|as (?:usual|before|agreed|noted|decided)|(?:was|were|been) (?:tried|decided|agreed)"
    r"|we (?:agreed|decided|settled)|remember(?:ed|ing)? that"
    r"|wie (?:du|sie|ihr|wir|besprochen|vereinbart|üblich|notiert|gewünscht|immer)|laut (?:deiner|ihrer|eurer) notiz(?:en)?"
    r"|deine[rn]? notiz|letztes mal|vereinbarungsgemäß|comme (?:vous|tu|convenu|noté|d'habitude)|(?:selon|d'après) (?:vos|tes)"
    r"|vos notes|tes notes|la dernière fois|como (?:dijiste|usted|prefieres|acordamos|siempre|anotaste|pediste)"
    r"|según (?:tus|sus|tu) notas?|la última vez|como (?:você|combinado|de costume)|segundo (?:suas|tuas) notas"
    r"|como anotado|come (?:hai|avevi|sempre|concordato))\b|前回|ご希望|メモに|之前|您提到|你提到|如前",
    re.IGNORECASE,
)
# A question of general knowledge is answered without any memory; words in common are then what anybody would say.
_ASKS = re.compile(
    r"^\W*(?:(?:please |can you |could you )?(?:explain|define|describe what|name (?:two|three|four|five|some|a few)"
    r"|list (?:two|three|some)|tell me (?:about|what))\b"
    r"|what(?:'s| is| are| does| do| did| kinds?| sorts?| else| magics| options| types)\b|who (?:is|are|was|invented|publishes|makes|wrote|founded)\b"
    r"|when (?:was|did|is) \w+ (?:founded|invented|released)|how (?:do|does|can|could|would|should|is|are|large|big)\b"
    r"|(?:what is the )?difference between|is (?:there )?an?\b|are there\b|which (?:of|\w+ (?:is|are)) |why (?:is|are|do|does) \w+ called"
    r"|was (?:ist|sind|bedeutet|macht|heißt)\b|wie (?:kann|funktioniert|mache|geht|schreibt|lautet)\b|erkläre?\b|wer (?:ist|hat)\b|nenne\b"
    r"|qu'est-ce|c'est quoi|comment\b|explique\b|que (?:signifie|es|significa|hace|é)\b|qué (?:es|significa|hace|son)\b"
    r"|cómo\b|explica\b|o que (?:é|significa|faz)\b|como (?:faço|funciona|se)\b|cos'è|che cos|come (?:si|funziona)\b)"
    r"|^什么是|是什么[?？意]|とは(?:何|なに|[?？])",
    re.IGNORECASE,
)
# A reply that has nothing to tell tells no news.
_KNOWS_NOTHING = re.compile(
    r"\b(?:i (?:do not|don't|can't|cannot) (?:know|have|see|tell|find)|i(?:'m| am) not (?:sure|aware)|no (?:information|record|idea)"
    r"|(?:das )?weiß ich nicht|ich weiß (?:es |das )?nicht|mir (?:ist|liegt) .{0,20}nicht|je ne (?:sais|connais|trouve) pas|no (?:lo )?sé|no tengo"
    r"|não (?:sei|tenho)|non (?:lo )?so)\b|不知道|不清楚|没有.{0,8}信息|わかりません|分かりません",
    re.IGNORECASE,
)
# Words by which a question speaks of the person's own work all the same.
_OWN = re.compile(
    r"\b(?:my|our|ours|we|us|mine|mein\w*|unser\w*|wir|uns|mon|ma|mes|notre|nos|nous|mi|mis|nuestr\w*|meu|minha|nosso|nossa|mio|mia|nostr\w*"
    r"|this (?:week|project|notebook|data|table|file|run|job|report)|today|tomorrow|tonight|again)\b|我|我们|私|うち",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found, each part as a weight; the verdict is their sum.

    Attributes
    ----------
    habit
        1.5 if the reply follows a wish about form that the memory states, -3 if it breaks it.
    names
        Identifiers, paths and names of the memory that only it can have brought, or all of it as a quotation.
    numbers
        Its numbers, as they are or calculated with the question's.
    words
        Its other words, by their rarity, in the same or a related form.
    context
        Whether the reply says that it goes by a note, or tells news of the user's own affairs; below 0 if the
        question is one of general knowledge.
    denial
        Whether the reply says the opposite.
    """

    habit: float = 0.0
    names: float = 0.0
    numbers: float = 0.0
    words: float = 0.0
    context: float = 0.0
    denial: float = 0.0

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return self.habit + self.names + self.numbers + self.words + self.context + self.denial


def was_used(content: str, user: str, reply: str) -> bool:
    """Return whether a reply used a memory: whether it says or does what the memory says and the question doesn't.

    Parameters
    ----------
    content
        The text of the memory.
    user
        What the user had written; what of it comes back in the reply proves nothing.
    reply
        The model's reply.

    Notes
    -----
    No model is asked. `evidence` adds up what a reader would look at: wishes about form that are followed or
    broken (language, library, spelling, dates, length …), names and numbers that can only come from the memory,
    numbers calculated from its own, its rarer words or related ones, a reference to a note, and contradiction.
    The measure is one of likelihood: of hand-labelled replies it judges about five of six as people do that no rule was made from.
    """
    return evidence(content, user, reply).total >= ENOUGH


def evidence(content: str, user: str, reply: str) -> Evidence:
    """Return what speaks for and against a reply having used a memory; parameters as in `was_used`."""
    if not reply.strip() or not content.strip():
        return Evidence()
    general = _ASKS.search(user) is not None and not _OWN.search(user)
    habit = habits.verdict(content, user, reply)
    own = vocabulary.own(content, user)
    found = vocabulary.shared(own, reply, general=general)
    words = found.words + (_MUCH if own.size <= _FEW and (found.names or found.share >= _SHARE) else 0.0)
    numbers = figures.shared(content, user, reply)
    some = words + found.names + max(0.0, numbers) > 0.3
    context = _GENERAL if general else 0.0
    if some and _CITES.search(reply) and not _CITES.search(user):
        context += _CITED
    if not general and not habit and not _WISHES.search(content):
        context += _told(content, user, reply, own)
    return Evidence(
        habit=habit,
        names=found.names + (_QUOTED if _quotes(content, user, reply) else 0.0),
        numbers=numbers,
        words=min(words, 2.0) * (0.6 if general else 1.0),
        context=context,
        denial=_DENIED if habit <= 0 and denies(content, user, reply) else 0.0,
    )


def _quotes(content: str, user: str, reply: str) -> bool:
    """Tell whether the reply has the memory word by word, and the question has not."""
    words = plain_words(content)
    whole = f" {' '.join(words)} "
    return (
        len(words) >= _SENTENCE
        and whole in f" {' '.join(plain_words(reply))} "
        and whole not in f" {' '.join(plain_words(user))} "
    )


def _told(content: str, user: str, reply: str, own: vocabulary.Own) -> float:
    """Return what it weighs that a reply about the user's own affairs tells something new.

    Only a memory can have brought it; but it may have been another one, or none if the reply merely turns the
    question round. So it must bring several words that are not in the question, and the memory must have a good
    deal to say that isn't there either.
    """
    prose = prose_of(reply)
    asked, said = vocabulary.weighed(user), vocabulary.weighed(prose)
    if (
        _KNOWS_NOTHING.search(reply)
        or len(said - asked) < _NEW
        or own.novelty < _SHARE
        or len(prose) < len(reply) / 2
    ):
        return 0.0
    return _TOLD + (_LINKED if vocabulary.linked(content, user, reply) else 0.0)
