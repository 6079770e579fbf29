"""Content that is aimed at the assistant: what to hold back until a person has looked at it.

A text is read three times: as it is, for what it hides; folded (look-alike
letters, hidden characters and entities undone), for markup and orders; and
decoded, where it carries base64 or is written backwards. A user's own
preferences are orders too (*always answer in German*): what counts is that an
order drops other instructions, hides from the user, hands something out,
spreads, or switches a protection off. A sentence *about* such orders, which
quotes them, is no order.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator

from .findings import Finding, merged
from .folding import fold, plain_digits
from .hidden import hidden_text
from .markup import forged_markup
from .orders import worded_orders
from .rules import likely, named
from .signals import weighed

__all__ = ["find_injections"]

#: The languages of the patterns, a file each.
_LANGUAGES = ("en", "de", "fr", "es", "pt", "zh", "ja")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,4000}={0,2}")
_HEX = re.compile(
    r"(?<![0-9a-fA-F])(?:[0-9a-fA-F]{2}){14,1000}(?![0-9a-fA-F])|(?:\\x[0-9a-fA-F]{2}){8,500}|(?:%[0-9a-fA-F]{2}){8,500}"
)
_SPACED = re.compile(r"(?<![a-z])(?:[a-z][ .\-_*]{1,3}){7,200}[a-z](?![a-z])")
_QUOTES = "\"'`“”„«»「」『』‘’"


def find_injections(text: str) -> list[Finding]:
    """Find content that would steer an assistant instead of informing it; empty where nothing is suspicious.

    Parameters
    ----------
    text
        A memory's text, or any text that may reach a model.
    """
    return merged([*hidden_text(text), *_read(text), *_decoded(text), *_comments(text)])


def _read(text: str) -> Iterator[Finding]:
    """Markup and orders in the text as a reader sees it."""
    plain = _undone(text)
    low, origin = fold(plain)
    for item in [*forged_markup(low), *_orders(low), *weighed(low), *worded_orders(low)]:
        yield _placed(item, origin) if plain is text else _whole(text, item)


def _undone(text: str) -> str:
    """Undo the entities and escapes that keep a tag from looking like one."""
    if "&" not in text and "\\u00" not in text and "%3" not in text.lower():
        return text
    plain = html.unescape(text)
    plain = re.sub(r"\\u00([0-7][0-9a-fA-F])", lambda match: chr(int(match[1], 16)), plain)
    plain = re.sub(r"(?i)%3c(/?[a-z])", r"<\1", plain)
    return text if plain == text else plain


def _placed(item: Finding, origin: list[int] | None) -> Finding:
    if origin is None:
        return item
    return Finding(origin[item.start], origin[item.end - 1] + 1, item.kind, item.reason)


def _whole(text: str, item: Finding) -> Finding:
    return Finding(0, len(text), item.kind, item.reason)


def _orders(low: str) -> Iterator[Finding]:
    yield from _ruled(low, low)
    for read in plain_digits(low):
        yield from _ruled(read, read, ("override", "exfiltration", "secrecy"))
    for match in _SPACED.finditer(low):
        if next(_ruled(_joined(match[0]), ""), None):
            yield Finding(*match.span(), "spaced out", "an order with its letters set apart")


def _joined(spaced: str) -> str:
    """Put the letters of ``i.g.n.o.r.e a.l.l`` together again; the widest gaps are those between words."""
    if re.search(r"[.\-_*]", spaced):
        return re.sub(r"[.\-_*]+", "", spaced)
    return re.sub(r" (?! )", "", re.sub(r" {2,}", "  ", spaced))


def _ruled(low: str, shown: str, kinds: tuple[str, ...] = ()) -> Iterator[Finding]:
    for rule in likely(low, *_LANGUAGES):
        if not kinds or rule.kind in kinds:
            for match in rule.pattern.finditer(low):
                if not _is_quoted(shown, match.start(), match.end()):
                    yield Finding(*match.span(), rule.kind, rule.reason)


def _is_quoted(low: str, start: int, end: int) -> bool:
    """Tell whether the match is quoted, or the object, in a sentence about attacks, texts or filters."""
    begin = max(low.rfind(mark, 0, start) for mark in ("\n", ". ", "! ", "。", "！")) + 1
    lead = low[max(begin, start - 200) : start]
    if len(lead.strip(_QUOTES + " *-:#>")) < 4:
        return False
    tail = low[end : end + 80].split("\n")[0]
    quoted = any(mark in lead for mark in _QUOTES) and any(
        mark in tail or mark in low[start:end] for mark in _QUOTES
    )
    subject = named("subjects", "SUBJECT").search(lead) is not None
    return subject or (quoted and named("subjects", "SUBJECT").search(tail) is not None)


def _comments(text: str) -> Iterator[Finding]:
    if "<!--" not in text and "[//]" not in text and "[comment]" not in text:
        return
    for match in named("subjects", "COMMENT").finditer(text):
        body, _ = fold(match["a"] or match["b"] or match["c"] or "")
        if named("subjects", "ADDRESSED").search(body) or any(_ruled(body, body)) or any(worded_orders(body)):
            yield Finding(*match.span(), "hidden comment", "a comment that addresses the assistant")


def _decoded(text: str) -> Iterator[Finding]:
    """Orders inside base64 or hex, or written backwards."""
    for pattern, decode in ((_BASE64, _from_base64), (_HEX, _from_hex)):
        for match in pattern.finditer(text):
            plain = decode(match[0])
            if plain and _commanding(plain):
                yield Finding(*match.span(), "encoded order", "orders in an encoded form")
    low = text.lower()
    for turned in (low[::-1], codecs.encode(low, "rot13")):
        if "instructions" in turned or "system prompt" in turned or "obey only" in turned:
            for item in _ruled(turned, turned, ("override", "exfiltration", "secrecy", "authority")):
                yield Finding(0, len(text), "encoded order", f"reversed or rotated text that {item.reason}")


def _from_base64(run: str) -> str:
    bare = run.rstrip("=")
    try:
        raw = base64.b64decode(bare[: len(bare) // 4 * 4], altchars=b"-_" if "-" in run or "_" in run else None)
    except (binascii.Error, ValueError):
        return ""
    return _readable(raw)


def _from_hex(run: str) -> str:
    return _readable(bytes.fromhex(re.sub(r"\\x|%", "", run)))


def _readable(raw: bytes) -> str:
    printable = sum(32 <= byte < 127 or byte in (9, 10, 13) for byte in raw)
    return raw.decode("ascii", "replace").lower() if raw and printable > 0.95 * len(raw) and b" " in raw else ""


def _commanding(plain: str) -> bool:
    return named("subjects", "COMMANDS").search(plain) is not None or next(_ruled(plain, plain), None) is not None
