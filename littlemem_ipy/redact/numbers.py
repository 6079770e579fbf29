"""Numbers that are secrets: payment cards, bank accounts, PINs.

Cards are checked by the issuer's range and the Luhn sum (ISO/IEC 7812-1), IBANs
by the country's length and the remainder 97 (ISO 13616).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from .findings import Finding
from .rules import named, words
from .values import lowered

__all__ = ["is_card", "is_iban", "numbered"]

_RUN = re.compile(r"(?<![\w.+#/-])\d(?:[ -]?\d){12,60}+(?![\w/]|-\w|[.,]\d)")
_RUN_WITH_DATE = re.compile(r"(?<![\w.+#/-])\d(?:[ -]?\d){12,18}(?=[ ]\d{2}/\d{2}\b)")
_GROUPS = re.compile(r"(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5})(?!\d)")
_ISSUER = re.compile(
    r"4|5[0-8]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3[0689]|35|6(?:011|4[4-9]|5|[0-9])|9792|62"
)
_LENGTHS = {
    "4": (13, 16, 19),
    "5": (16,),
    "2": (16,),
    "34": (15,),
    "37": (15,),
    "30": (14,),
    "36": (14,),
    "38": (14,),
}
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30})")


# With nothing but a space before the number these are as often something else (*pin 13*).
_SHORT = ("pin", "nip", "otp", "cid")
_OWNER = re.compile(r"\b(?:sim|card|bank|atm|debit|credit|phone|my|the|our|his|her|your|mi|mon|mein|meine) $")


def numbered(text: str) -> Iterator[Finding]:
    """Yield card numbers, IBANs and PINs."""
    if not any(digit in text for digit in "0123456789"):
        return
    yield from _cards(text)
    yield from _ibans(text)
    low = lowered(text)
    if any(word in low for word in words("numbers", "PIN_TRIGGERS")):
        yield from _pins(low)


def _cards(text: str) -> Iterator[Finding]:
    for pattern in (_RUN, _RUN_WITH_DATE):
        for run in pattern.finditer(text):
            for start, end in _card_spans(run[0]):
                if not _is_other_number(text, run, run[0][start:end]):
                    yield Finding(
                        run.start() + start, run.start() + end, "card number", "a card number with a valid Luhn sum"
                    )


def _card_spans(run: str) -> Iterator[tuple[int, int]]:
    """Find the cards in a run of digits: one group, several beside each other, or the usual groups of four."""
    whole = [match.span() for match in re.finditer(r"\d{13,19}", run)]
    if not whole:
        match = _GROUPS.match(run)
        rest = len(re.sub(r"\D", "", run[match.end() :])) if match else 0
        whole = [match.span()] if match and rest < 4 else []
    for start, end in whole:
        if is_card(re.sub(r"\D", "", run[start:end])):
            yield start, end


def is_card(digits: str) -> bool:
    """Check the issuer's range, the length and the Luhn sum (ISO/IEC 7812-1) of a card number."""
    if not 13 <= len(digits) <= 19 or _ISSUER.match(digits) is None or len(set(digits)) < 2:
        return False
    lengths = _LENGTHS.get(digits[:2]) or _LENGTHS.get(digits[0]) or range(14, 20)
    return len(digits) in lengths and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def _is_other_number(text: str, run: re.Match[str], digits: str) -> bool:
    """Take a bare run beside *tracking number* or *id* at its word."""
    return (
        digits.isdigit()
        and named("numbers", "OTHER_NUMBER").search(text[max(0, run.start() - 40) : run.start()]) is not None
    )


def _ibans(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        end = _iban_end(match[0])
        if end and not (match.start() + end < len(text) and text[match.start() + end].isalnum()):
            yield Finding(match.start(), match.start() + end, "iban", "an IBAN with valid check digits")


@functools.cache
def _iban_lengths() -> dict[str, int]:
    pairs = (entry.split(":") for entry in words("numbers", "IBAN_LENGTHS"))
    return {country: int(length) for country, length in pairs}


def _iban_end(text: str) -> int:
    length = _iban_lengths().get(text[:2], 0)
    places = [i for i, char in enumerate(text) if char.isalnum()][:length]
    if not length or len(places) < length:
        return 0
    compact = "".join(text[i] for i in places)
    return places[-1] + 1 if is_iban(compact) else 0


def is_iban(compact: str) -> bool:
    """Check the remainder 97 of an IBAN without spaces (ISO 13616)."""
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _pins(low: str) -> Iterator[Finding]:
    for match in named("numbers", "PIN").finditer(low):
        if (
            not match["tie"].isspace()
            or match["label"] not in _SHORT
            or _OWNER.search(low[max(0, match.start() - 10) : match.start()])
        ):
            yield Finding(*match.span("s"), "pin", f"follows the words “{match['label']}”")
