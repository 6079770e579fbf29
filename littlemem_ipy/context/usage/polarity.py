"""Whether a reply says the opposite of a memory."""

from __future__ import annotations

import re
from itertools import pairwise

from littlemem_ipy.context.usage.vocabulary import stems, weight_of

__all__ = ["denies", "negated"]

_NOT = re.compile(
    r"\b(?:no|not|never|none|neither|nor|without|cannot|\w+n't|isn|don|avoid\w*|exclud\w+|omit\w*|drop\w*|remov\w+|skip\w*|ignor\w+"
    r"|instead of|rather than|forbid\w*|forbidden|left out|leave\w* out|out of scope|no longer|except\w*|lack\w*|miss\w*|kein\w*|nicht|nie"
    r"|niemals|ohne|statt|vermeide\w*|pas|jamais|sans|aucun\w*|ne|éviter?|évite\w*|nunca|sin|ningún\w*|ninguna|jamás|evita\w*|não|nem|sem|nunca|non|mai|senza"
    r"|nessun\w*)\b|不|没|別|ない|ません|禁止",
    re.IGNORECASE,
)
# Without verbs such as "drop": in code they negate nothing.
_PLAIN_NOT = re.compile(
    r"\b(?:no|not|never|none|without|cannot|\w+n't|avoid\w*|instead of|rather than|kein\w*|nicht|nie|ohne|statt|pas|jamais|sans|nunca|sin|não|sem|non|mai|senza)\b|不|没|別|ない|禁止",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;。！？])\s+|\n+|(?<=[。！？])")
_WISH = re.compile(
    r"(?:^|[.;:,(]\s*|\b(?:please|we|i|you)\s+)(?:no|never(?: (?:use|show|write|add|print|import|put|include|drop|commit))?|don't (?:use|show|write|add|print|like|want)"
    r"|do not (?:use|show|write|add|print|include|want)|avoid(?:s|ing)?|without|dislikes?|hates?|must not (?:use|contain|include)|kein\w*|niemals|nie|ohne|vermeide"
    r"|pas de|jamais(?: de)?|sans|évite[rz]?|nada de|nunca(?: uses?)?|sin|evita|sem|nunca use|evite|niente|mai|senza)\s+([^.;:,()\n]{2,60})",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"\b(?:but|unless|except|only|rather|instead|and use|sondern|mais|sino|because|since|as|so|before|for|in|on|at|with|to)\b",
    re.IGNORECASE,
)
# "pyarrow must stay at 15.0.2", "numpy==1.26", "Python 3.11"; and in a reply "pyarrow>=18".
_PINNED = re.compile(r"\b([A-Za-z][\w-]+)(?:\s*[=<>~]=?=?\s*|(?: [a-z]+){0,3} )v?(\d+\.\d+(?:\.\d+)*)\b")
_GIVEN = re.compile(r"\b([A-Za-z][\w-]+)(?:\s*[=<>~]=?=?\s*| v?)(\d+(?:\.\d+)*)\b")
_TOGETHER = 2
_MOST_OF = 0.6


def negated(text: str) -> bool:
    """Tell whether a text negates something."""
    return _NOT.search(text) is not None


def denies(content: str, user: str, reply: str) -> bool:
    """Tell whether the reply does what the memory excludes, or affirms what it negates.

    Parameters
    ----------
    content, user, reply
        As in `littlemem_ipy.context.was_used`.
    """
    return (
        _does_the_excluded(content, reply)
        or _affirms_the_negated(content, user, reply)
        or _has_another_version(content, reply)
    )


def _has_another_version(content: str, reply: str) -> bool:
    """Tell whether the reply gives something that the memory pins to a version another one."""
    pinned = {name.lower(): version for name, version in _PINNED.findall(content)}
    given = {name.lower(): version for name, version in _GIVEN.findall(reply)}
    return any(
        not given[name].startswith(version) and not version.startswith(given[name])
        for name, version in pinned.items()
        if name in given
    )


def _does_the_excluded(content: str, reply: str) -> bool:
    """Tell whether words that the memory rules out ("no X", "never show X") stand in the reply without negation."""
    for match in _WISH.finditer(content):
        wanted = [word for word in stems(_BUT.split(match[1])[0]) if weight_of(word) > 0 or word.isdigit()][:4]
        if wanted and any(
            _all_in(wanted, sentence) and not _PLAIN_NOT.search(sentence) for sentence in _sentences(reply)
        ):
            return True
    return False


def _all_in(wanted: list[str], sentence: str) -> bool:
    """Tell whether a sentence has all words, or their like; two parts of an identifier may make up a word."""
    said = stems(sentence)
    glued = {one + two for one, two in pairwise(said)}
    return all(word in said or word in glued for word in wanted)


def _affirms_the_negated(content: str, user: str, reply: str) -> bool:
    """Tell whether a sentence of the reply repeats a negated one of the memory without its negation, or negates a plain one."""
    asked = stems(user)
    for said in _sentences(content):
        topic = {word for word in stems(said) if weight_of(word) > 0}
        if len(topic) < _TOGETHER:
            continue
        for told in _sentences(reply):
            common = topic & stems(told).keys()
            if len(common) < _TOGETHER or len(common) < _MOST_OF * len(topic):
                continue
            if negated(said) and not negated(told) and common & asked.keys():
                return True
            if (
                negated(told)
                and not negated(said)
                and not _NOT.search(user)
                and len(common) == len(topic) > _TOGETHER
            ):
                return True
    return False


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if part.strip()]
