"""Secrets that are known by the word before them: ``password is …``, ``API_KEY=…``, ``"client_secret": "…"``.

A label is found by its stem, in a dozen languages; what follows says how the
two are tied together (assigned, said, or merely side by side), and the looser
the tie, the more the value itself must look like a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .findings import Finding
from .rules import named, words
from .values import is_code, is_passwordish, is_placeholder, is_plain_word, is_random, lowered

__all__ = ["labelled"]


_SEEN = 160
_REST = {
    "double": re.compile(r'[^"\n]*+'),
    "single": re.compile(r"[^'\n]*+"),
    "tick": re.compile(r"[^`\n]*+"),
    "curly": re.compile(""),
    "open": re.compile(r"[^\s\"'`<>,;，。；、「」\u3040-\uffff]*+"),
}


@dataclass(frozen=True, slots=True)
class _Value:
    """A value with what its judges need to know."""

    text: str
    start: int
    rest: re.Pattern[str] | None  # what it goes on with, where it is longer than the judges see
    tie: str
    quoted: bool
    shouted: bool  # the label is written like a variable of the environment
    spaced: bool  # white space between label and value
    after: str
    before: str


def labelled(text: str) -> Iterator[Finding]:
    """Yield the values that follow a word such as *password*, *token* or *client secret*."""
    done = 0
    for stem in _stems(text):
        found = _one(text, stem) if stem.start() >= done else None
        if found is not None:
            done = found.end
            yield found


def _stems(text: str) -> Iterator[re.Match[str]]:
    """Look for labels around the triggers only; most texts have none."""
    low = lowered(text)
    reach = 0
    for start, end in _windows(low):
        for stem in named("labels", "STEM").finditer(low, max(start, reach), end):
            reach = stem.end()
            yield stem


def _windows(low: str) -> list[tuple[int, int]]:
    """Mark the surroundings of each trigger, joined where they meet."""
    places: list[int] = []
    for trigger in words("labels", "TRIGGERS"):
        at = low.find(trigger)
        while at >= 0:
            places.append(at)
            at = low.find(trigger, at + 1)
    out: list[tuple[int, int]] = []
    for at in sorted(places):
        start, end = max(0, at - 32), at + 32
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _one(text: str, stem: re.Match[str]) -> Finding | None:
    before = text[max(0, stem.start() - 60) : stem.start()]
    label = text[stem.start() : stem.end()]
    tie = named("labels", "TIE").match(text, stem.end())
    if tie is None or not _stands_alone(label, before) or _qualifier(before) in words("labels", "HARMLESS"):
        return None
    value = _value(text, label, tie, before)
    if value is None:
        return None
    kind = _kind(stem)
    judge = _password_ok if kind == "password" else _token_ok
    if not judge(value, stem[0]):
        return None
    end = value.start + len(value.text)
    rest = value.rest and value.rest.match(text, end)
    return Finding(value.start, rest.end() if rest else end, kind, f"follows the word “{label}”")


def _qualifier(before: str) -> str:
    """Return the word right before the label, as in *page token* or ``pad_token``."""
    lead = before[:-1] if before[-1:] in ("_", " ", "-") else before
    start = len(lead)
    while start and lead[start - 1].isalpha():
        start -= 1
    return lead[start:].lower()


def _stands_alone(label: str, before: str) -> bool:
    """Short stems inside a longer word (*compass*, *monkey*) are no labels; ``dbPass`` and ``DB_PASS`` are."""
    last = before[-1:]
    return not (last.isascii() and last.isalpha()) or len(label) > 6 or (last.islower() and label[0].isupper())


def _kind(stem: re.Match[str]) -> str:
    if stem["password"]:
        return "password"
    word = str(stem["token"])
    if word.endswith(("key", "キー", "schlüssel", "api")):
        return "api key" if "private" not in word else "private key"
    return "secret" if "secret" in word or "cred" in word else "token"


def _value(text: str, label: str, tie: re.Match[str], before: str) -> _Value | None:
    match = named("labels", "VALUE").match(text, tie.end())
    if match is None or match[0].count("=") > 4:  # a chain of assignments; each is looked at on its own
        return None
    group = str(match.lastgroup)
    body = match[group] if group != "open" else _trimmed(match[group], tie)
    start = match.start(group)
    form = str(next(name for name in ("assign", "said", "bare") if tie[name]))
    if form == "bare" and before.endswith("--"):
        form = "assign"
    return _Value(
        text=body,
        start=start,
        rest=_REST[group] if len(match[group]) == _SEEN == len(body) and " " not in body else None,
        tie=form,
        quoted=group != "open",
        shouted=label.isupper(),
        spaced=tie[0].strip(" \t") != tie[0],
        after=text[start + len(body) : start + len(body) + 16],
        before=before,
    )


def _trimmed(value: str, tie: re.Match[str]) -> str:
    """Cut what belongs to the sentence or the code around the value."""
    if tie["assign"] and "&" in value and re.search(r"&\w+=", value):
        value = re.split(r"&\w+=", value, maxsplit=1)[0]
    value = re.sub(r"(?:\\[nrt]).*", "", value) if "\\" in value else value
    bare = value.rstrip(".:,;")
    while bare and bare[-1] in ")]}" and bare.count(bare[-1]) > bare.count("([{"[")]}".index(bare[-1])]):
        bare = bare[:-1].rstrip(".:,;")
    return bare


def _password_ok(value: _Value, label: str) -> bool:
    text = value.text
    if is_placeholder(text) or (not value.quoted and is_code(text)) or text.startswith(("(", "[")):
        return False
    if label == "pass" and value.tie != "assign":  # a verb
        return False
    if value.quoted:
        return _quoted_ok(value)
    if text.isdigit():
        return value.tie != "bare" and len(text) >= 4 and named("labels", "UNIT").match(value.after) is None
    if value.tie == "bare":
        return _beside_ok(value, label)
    if value.tie == "said":
        return is_passwordish(text) or (_ends_clause(value) and _owned(value) and is_plain_word(text))
    return is_passwordish(text) or _assigned_word_ok(value)


def _quoted_ok(value: _Value) -> bool:
    text = value.text
    if value.tie == "assign":
        return 3 <= len(text) <= 200 and (" " not in text or is_passwordish(text.replace(" ", "")))
    plain = " " not in text and len(text) >= 4
    return plain and (value.tie == "said" or is_passwordish(text))


def _beside_ok(value: _Value, label: str) -> bool:
    text = value.text
    if len(text) < 6 or label in ("pw", "clave") or not is_passwordish(text):
        return False
    return is_random(text, 6) or _symbolic(text) or named("labels", "LOGIN").search(value.before) is not None


def _symbolic(text: str) -> bool:
    return re.search(r"\w[!#$%&*@^+=?~|§]\w", text) is not None


def _ends_clause(value: _Value) -> bool:
    return re.match(r"[.!;,]?\s*(?:$|\n|[.!])", value.after) is not None


def _owned(value: _Value) -> bool:
    return re.search(r"(?i)\b(?:my|our|the|his|her|their|your)\b[\w -]{0,24}$", value.before) is not None


def _assigned_word_ok(value: _Value) -> bool:
    """Take a word of letters for a password in ``PASSWORD=sunflower``, a variable in ``f(password=word)``."""
    text = value.text
    if value.after.startswith((";", "&")):
        return len(text) >= 3
    if value.spaced or value.after.startswith((",", ")", "(", "[")):
        return _ends_clause(value) and is_plain_word(text)
    return len(text) >= 6 and (value.shouted or is_plain_word(text))


def _token_ok(value: _Value, label: str) -> bool:
    text = value.text
    if is_placeholder(text) or " " in text or (not value.quoted and is_code(text)):
        return False
    if label == "key":
        return value.tie == "assign" and (_is_keylike(text) or (_issued(value) and is_random(text, 16)))
    if value.tie == "bare" and value.shouted:
        return is_random(text, 20)
    if label in ("token", "auth", "トークン", "令牌", "jeton"):
        return value.tie != "bare" and is_random(text, 12 if value.tie == "assign" else 16) and not _dated(text)
    if value.tie == "assign":
        return is_random(text, 8) or _secret_word_ok(value, label)
    return is_random(text, 12 if value.tie == "said" else 16)


def _secret_word_ok(value: _Value, label: str) -> bool:
    """Accept what somebody chose (``client_secret="tulip-4711"``) only in quotes or after a shouted label."""
    text = value.text
    chosen = "secret" in label or "cred" in label or "api" in label
    long_run = len(text) >= 20 and text.isalnum()
    framed = value.quoted or value.shouted
    return framed and len(text) >= 8 and (long_run or (chosen and is_passwordish(text)))


def _is_keylike(text: str) -> bool:
    """Take digests and rows out: after a bare *key* only a mixture of both cases and digits is a secret."""
    plain = re.fullmatch(r"[\w-]{24,}", text) is not None
    return plain and is_random(text, 24) and text not in (text.lower(), text.upper())


def _issued(value: _Value) -> bool:
    return named("labels", "ISSUERS").search(value.before) is not None


def _dated(text: str) -> bool:
    return re.match(r"\d{4}-\d\d-\d\dT", text) is not None
