"""Numbers that are secrets: payment cards, bank accounts, PINs.

Cards are checked by the issuer's range and the Luhn sum (ISO/IEC 7812-1), IBANs
by the country's length and the remainder 97 (ISO 13616).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .findings import Finding
from .values import lowered

__all__ = ["numbered"]

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
_OTHER_NUMBER = re.compile(
    r"(?i)(?:track(?:ing)?|order|ticket|invoice|serial|imei|isbn|issn|ean|gtin|epoch|time ?stamp|seed|run|job|build|commit"
    r"|phone|tel|fax|orcid|\bns|\bid|sku|part|batch|doi|hash|offset|bytes|rows?)\W{0,3}(?:(?:number|no|nr|id|is|=|:|#)\W{0,3}){0,3}$"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30})")
_IBAN_LENGTH = dict(
    pair.split(":")
    for pair in (
        "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BI:27 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DJ:27 DK:18 DO:28"
        " EE:20 EG:29 ES:24 FI:18 FK:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HN:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26"
        " IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MN:20 MR:27 MT:31 MU:30 NI:28"
        " NL:18 NO:15 OM:23 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 RU:33 SA:24 SC:31 SD:18 SE:24 SI:19 SK:24 SM:27 SO:23 ST:25"
        " SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20 YE:30"
    ).split()
)
_PIN_WORDS = r"""
    (?<![a-z])pin(?:[ -]?(?:code|number|nummer|码|碼|コード|番号))?(?![a-z])
  | (?:door|gate|entry|entrance|access|security|alarm|unlock|lock|safe|key[ ]?box|garage|building|verification|confirmation|one[- ]time
      |otp|2fa|mfa|sms|recovery|backup|auth(?:entication)?|login|voicemail|parental)[ -]?(?:pin[ ])?code
  | (?<![a-z])(?:cvv|cvc|cvv2|cvc2|otp|cid)(?:[ -]?(?:code|number))?
  | geheimzahl|geheimnummer|(?:tür|zugangs|sicherheits|entsperr|bestätigungs|alarm)-?code|prüfziffer|(?:karten|handy|sim)-?pin
  | code[ ](?:pin|secret|d['’](?:acc[eè]s|entr[eé]e)|de[ ](?:la[ ]porte|s[eé]curit[eé]|v[eé]rification)|porte)|digicode
  | c[oó]digo[ ](?:pin|de[ ](?:acceso|seguridad|entrada|verificaci[oó]n|seguran[cç]a|acesso)|da[ ]porta|de[ ]la[ ]puerta|secreto)
  | (?<![a-z])nip(?![a-z])|número[ ]secreto
  | (?:门禁|開門|开门|大门|验证|驗證|安全|取款|解锁|支付)(?:密[码碼]|[码碼])|暗証番号|認証コード|確認コード|暗証コード
"""
_PIN = re.compile(
    rf"""(?x)(?P<label>{_PIN_WORDS})
    (?:[ ](?:for|of|on|to|at|für|pour|para|de|del|der|vom|zum|von|do|da)[ ][^\n\d:=.!?]{{1,30}}?)?
    (?P<tie>\\?["']?[ ]?[:=：＝][ ]?\\?["']?|[ ](?:is|was|ist|lautet|est|es|é|now|=|to)[ ](?:now[ ]|jetzt[ ])?|[ ]?(?:是|为|為|は)[ ]?|[ ])
    (?P<s>\d{{3,8}}|\d{{3}}[ -]\d{{3}})(?![\w%]|[.,/:-]\d|[ ]?(?:ohms?|mm|cm|v\b|ms|kb|mb|px|characters|digits|times|days))
    """
)
_PIN_TRIGGERS = (
    "pin",
    "code",
    "cvv",
    "cvc",
    "otp",
    "geheim",
    "prüfz",
    "código",
    "codigo",
    "nip",
    "secreto",
    "码",
    "碼",
    "番号",
    "コード",
)


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
    if any(word in low for word in _PIN_TRIGGERS):
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
    if not 13 <= len(digits) <= 19 or _ISSUER.match(digits) is None or len(set(digits)) < 3:
        return False
    lengths = _LENGTHS.get(digits[:2]) or _LENGTHS.get(digits[0]) or range(14, 20)
    return len(digits) in lengths and _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def _is_other_number(text: str, run: re.Match[str], digits: str) -> bool:
    """A bare run beside *tracking number* or *id* is taken at its word."""
    return digits.isdigit() and _OTHER_NUMBER.search(text[max(0, run.start() - 40) : run.start()]) is not None


def _ibans(text: str) -> Iterator[Finding]:
    for match in _IBAN.finditer(text):
        end = _iban_end(match[0])
        if end and not (match.start() + end < len(text) and text[match.start() + end].isalnum()):
            yield Finding(match.start(), match.start() + end, "iban", "an IBAN with valid check digits")


def _iban_end(text: str) -> int:
    length = int(_IBAN_LENGTH.get(text[:2], "0"))
    places = [i for i, char in enumerate(text) if char.isalnum()][:length]
    if not length or len(places) < length:
        return 0
    compact = "".join(text[i] for i in places)
    return places[-1] + 1 if is_iban(compact) else 0


def is_iban(compact: str) -> bool:
    """Check the remainder 97 of an IBAN without spaces (ISO 13616)."""
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


def _pins(low: str) -> Iterator[Finding]:
    for match in _PIN.finditer(low):
        if (
            not match["tie"].isspace()
            or match["label"] not in _SHORT
            or _OWNER.search(low[max(0, match.start() - 10) : match.start()])
        ):
            yield Finding(*match.span("s"), "pin", f"follows the words “{match['label']}”")
