"""The numbers of a memory: repeated in the reply, calculated with those of the question, or replaced by others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

__all__ = ["Figure", "figures", "shared"]

_NUMBER = re.compile(
    r"(?<![\w.])(?:v(?=\d))?(\d{1,3}(?:[,.' ]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)\s*(%|percent|prozent|pour cent|por ciento)?"
    r"\s*-?([^\W\d_]+)?",
    re.IGNORECASE,
)
_WORDS = {
    word: value
    for value, words in {
        2: "two twice double zwei deux dos dois due", 3: "three drei trois tres três tre thrice", 4: "four vier quatre cuatro quatro",
        5: "five fünf cinq cinco", 6: "six sechs seis", 7: "seven sieben sept siete", 8: "eight acht huit ocho", 9: "nine neun neuf nueve",
        10: "ten zehn dix diez", 11: "eleven elf onze once", 12: "twelve zwölf douze doce", 15: "fifteen fünfzehn quinze quince",
        20: "twenty zwanzig vingt veinte", 24: "", 30: "thirty dreißig trente treinta", 50: "fifty fünfzig cinquante cincuenta",
        100: "hundred hundert cent cien", 0.5: "half hälfte moitié mitad", 0.25: "quarter viertel quart cuarto", 1 / 3: "third drittel tiers tercio",
    }.items()
    for word in words.split()
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_FACTORS = (2.0, 4.0, 7.0, 10.0, 12.0, 24.0, 52.0, 60.0, 100.0, 365.0, 1000.0)
_MOST = 12  # numbers of a text that are calculated with

_LONG = 1.3
_SHORT = 0.8
_WORDED = 0.55
_CALCULATED = 1.45
_REPLACED = -0.8


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as a text has it.

    Attributes
    ----------
    value
        What it is worth; a percentage as a fraction too, see `values`.
    text
        How it is written.
    unit
        The word after it, folded; empty if there is none.
    percent
        Whether it is a percentage.
    """

    value: float
    text: str
    unit: str
    percent: bool

    @property
    def values(self) -> tuple[float, ...]:
        """The number, and the fraction that a percentage is."""
        return (self.value, self.value / 100) if self.percent else (self.value,)

    @property
    def digits(self) -> int:
        """How many digits it is written with; a worded number has none."""
        return sum(sign.isdigit() for sign in self.text.lstrip("0."))

    @property
    def step(self) -> float:
        """Half of the last place that it is written to."""
        _, _, decimals = self.text.replace(",", ".").rpartition(".")
        return 0.5 / 10 ** len(decimals) if "." in self.text or "," in self.text else 0.5


def figures(text: str) -> list[Figure]:
    """Return the numbers of a text, written in digits or as words."""
    return [*_written(text), *_worded(text)]


def _written(text: str) -> Iterator[Figure]:
    for match in _NUMBER.finditer(text):
        value = _value(match[1])
        if value is not None:
            yield Figure(value, match[1], (match[3] or "").casefold().rstrip("s"), bool(match[2]))


def _worded(text: str) -> Iterator[Figure]:
    for match in _WORD.finditer(text.casefold()):
        if match[0] in _WORDS:
            yield Figure(_WORDS[match[0]], "", "", False)


def _value(text: str) -> float | None:
    """Read a number in English or continental style; a version of three parts is none."""
    plain = text.replace(" ", "").replace("'", "")
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", plain) or re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d+", plain):
        plain = plain.replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return None


def shared(content: str, user: str, reply: str) -> float:
    """Return how much the numbers of a reply speak for the memory; below 0 if they stand in place of its own.

    Parameters
    ----------
    content, user, reply
        As in `littlemem_ipy.context.was_used`.
    """
    asked = [value for each in figures(user) for value in each.values]
    mine = [each for each in figures(content) if not any(_same(each.value, value) for value in asked)]
    told = figures(reply)
    found = sum(_repeated(each, told) for each in mine)
    found += sum(_LONG for version in _versions(content) - _versions(user) if version in _versions(reply))
    if found:
        return min(found, 2.4)
    new = [each for each in told if not any(_same(each.value, value) for value in asked)]
    everything = [value for each in figures(content) for value in each.values]
    if mine and any(_calculated(each, everything, asked) for each in new):
        return _CALCULATED
    return _REPLACED if any(_stands_for(each, mine) for each in new) else 0.0


def _versions(text: str) -> set[str]:
    return set(re.findall(r"\b\d+(?:\.\d+){2,}\b|\b\d{1,2}:\d{2}\b", text))


def _same(one: float, two: float) -> bool:
    return abs(one - two) <= 1e-9 * max(1.0, abs(one))


def _repeated(mine: Figure, told: list[Figure]) -> float:
    """Return the weight of one number of the memory in the reply."""
    hits = [each for each in told if any(_same(one, two) for one, two in product(mine.values, each.values))]
    if not hits:
        return 0.0
    if not mine.digits or not any(hit.digits for hit in hits):
        return _WORDED
    exact = mine.digits >= 3 or any(value != int(value) for hit in hits for value in (mine.value, hit.value))
    return _LONG if exact else _SHORT


def _calculated(told: Figure, mine: list[float], asked: list[float]) -> bool:
    """Tell whether a number comes from one of the memory's and one of the question's, or a usual factor."""
    if (told.text and told.digits < 2) or not told.value:
        return False
    for one in mine[:_MOST]:
        results = [*_results(one, [*asked[:_MOST], *mine[:_MOST]]), *_scaled(one)]
        results += [one * two * three for two in asked[:4] for three in (7.0, 12.0, 24.0, 52.0, 365.0) if two > 1]
        if any(_near(result, value, told) for result in results if not _same(result, one) for value in told.values):
            return True
    return False


def _results(one: float, others: list[float]) -> Iterator[float]:
    for two in others:
        yield from (one + two, abs(one - two), one * two)
        if 0 < one < 1:  # a percentage: on top of the other, or off it
            yield from (two * (1 + one), two * (1 - one))
        if one and two and one != two:
            yield from (one / two, two / one, float(int(one / two)), float(int(two / one)))


def _scaled(one: float) -> Iterator[float]:
    for factor in _FACTORS:
        yield from (one * factor, one / factor)
    yield from (one - 1, one + 1)


def _near(result: float, value: float, told: Figure) -> bool:
    # A rounded result is written with fewer digits; of large ones the last ones may be zeros.
    slack = told.step / (100 if told.percent and value < told.value else 1)
    if told.value >= 3000 and told.text.rstrip("0") != told.text:  # below that it may be a year
        slack = max(slack, value * 0.005)
    return abs(result - value) <= slack * 1.0001 and value > 0


def _stands_for(told: Figure, mine: list[Figure]) -> bool:
    """Tell whether a number has the unit of one of the memory's, and another value."""
    return bool(told.unit) and len(told.unit) > 2 and any(each.unit == told.unit for each in mine)
