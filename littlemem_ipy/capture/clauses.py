"""Sentences of the user's prose, with their place in the message and whether they ask something."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from littlemem_ipy.capture.prose import Prose

__all__ = ["MAX_CLAUSE", "Clause", "clauses"]

MAX_CLAUSE = 600
_MOST = 24
_MONTHS = (
    "jan feb mär mar apr mai may jun jul aug sep okt oct nov dez dec fév avr juin juil août déc ene abr ago "
    "dic fev set out"
).split()
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|z\.\s?b|d\.\s?h|u\.\s?a|p\.\s?ex|vs|etc|approx|ca|bzw|ggf|inkl|evtl|usw|dr|mr|mrs|ms|prof|st|no|nr"
    r"|fig|eq|ext|tel|dept|vol|ed|sec|min|max|resp|cf|incl|sra?|dra?|ej|aprox|núm|env)|\b[A-Z])\.\s*\Z",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<![\d.])\d{1,2}\.\s*\Z")
_REPAIR = re.compile(
    r"\s*(?:no|nope|sorry|i mean|i meant|rather|or rather|actually|wait|correction|nein|ich meine|quatsch"
    r"|besser gesagt|non|pardon|je veux dire|enfin|perdón|quiero decir|digo|mejor dicho|não|desculpa"
    r"|quero dizer|ou melhor)\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"[.!?…]+[\"'”’)\]»]*(?=\s|\Z)|[。！？；]+[」』”）]*|\n+|;(?=\s)|(?<=\s)(?:[:;]-?[)D(P]|<3|\^\^)(?=\s|\Z)"
    r"|[\U0001F300-\U0001FAFF☀-➿]+\ufe0f?"
)
_ASKS = "?？"
_CLOSES = "\"'”’)]»"


@dataclass(frozen=True)
class Clause:
    """A part of a message: what was said, its mask of the same length, where it starts, whether it asks."""

    text: str
    mask: str
    start: int = 0
    asks: bool = False

    @property
    def end(self) -> int:
        """Return the place in the message behind the clause."""
        return self.start + len(self.text)

    def cut(self, start: int, end: int | None = None) -> Clause:
        """Return the part from `start` to `end`, without outer spaces and punctuation."""
        stop = len(self.mask) if end is None else end
        piece = self.mask[start:stop]
        left = len(piece) - len(_BULLET.sub("", piece.lstrip(_LEFT), count=1))
        right = len(piece.rstrip(_RIGHT))
        if right <= left:
            return Clause("", "", self.start)
        return Clause(
            self.text[start + left : start + right], piece[left:right], self.start + start + left, self.asks
        )


_BULLET = re.compile(r"\A-+\s+")
_LEFT = " \t\n\u3000,;:–—*•·>、，：。.!！…)~"
_RIGHT = " \t\n\u3000,;:–—-、，：(~.。!！…"


def clauses(prose: Prose) -> list[Clause]:
    """Return the sentences of `prose`; of very many the first and the last ones, none over 600 characters."""
    found: list[Clause] = []
    whole = Clause(prose.text, prose.masked)
    start = 0
    for end in _ends(prose.masked):
        mark = prose.masked[max(start, end - 3) : end]
        part = whole.cut(start, end)
        if part.mask and len(part.mask) <= MAX_CLAUSE:
            found.append(replace(part, asks=any(q in mark for q in _ASKS)))
        start = end
    return found if len(found) <= _MOST else found[: _MOST // 2] + found[-_MOST // 2 :]


def _ends(mask: str) -> list[int]:
    places = [m.end() for m in _END.finditer(mask) if not _goes_on(mask, m)]
    return [*places, len(mask)]


def _goes_on(mask: str, end: re.Match[str]) -> bool:
    """Tell whether a stop does not end its sentence: an abbreviation, a date, a self-correction."""
    mark, before, after = end.group(), mask[max(0, end.start() - 12) : end.end()], mask[end.end() : end.end() + 16]
    if mark[0] == "." and len(mark) == 1:
        return bool(_ABBREVIATED.search(before)) or _is_date(before, after)
    if mark[-1] in _CLOSES and after.lstrip(" ")[:1].islower():
        return True  # the stop is the quotation's: skip the 'Great question!' bits
    return mark[:2] in ("..", "…") and bool(_REPAIR.match(after))


def _is_date(before: str, after: str) -> bool:
    word = after.strip()[:3].lower()
    return bool(_ORDINAL.search(before)) and (word in _MONTHS or after.strip()[:1].islower())
