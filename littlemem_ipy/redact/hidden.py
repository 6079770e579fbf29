"""Text that a person does not see: tag characters, overrides of direction, zero-width runs, concealed markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .findings import Finding

__all__ = ["hidden_text"]

# A flag such as Scotland's is a black flag, five or six tags and the closing tag.
_FLAG = "\U0001f3f4[\U000e0061-\U000e007a0-9]{4,6}\U000e007f"
_TAGS = re.compile(f"(?:{_FLAG})|(?P<s>[\U000e0000-\U000e007f]+)")
_OVERRIDE = re.compile("[\u202d\u202e]+")
_EMBEDDING = re.compile("[\u202a\u202b\u2066-\u2068]+")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ZERO = "\u200b\u200c\u200d\u2060-\u2064\u180e\ufeff\u00ad\u034f\u3164\uffa0\u115f\u1160"
_RUN = re.compile(f"[{_ZERO}]{{3,}}")
_WOVEN = re.compile(f"(?:[A-Za-z0-9 .,:/][{_ZERO}]){{3,}}")
_SELECTORS = re.compile("[\U000e0100-\U000e01ef]{2,}|[\ufe00-\ufe0f]{3,}")
_CONCEALED = re.compile(
    r"\x1b\[(?:\d{1,3};){0,4}8(?:;\d{1,3}){0,4}m|\x1b\][0-9]|[\x08\x7f]{2,}|[^\n\r]\r(?=[^\n\r])"
)
_STYLE = re.compile(
    r"""(?ix)<(?:div|span|p|section|td|li|aside)\b[^<>]{0,100}\shidden(?=[\s>=])[^<>]{0,100}>\s{0,9}[^<\s]
    |<[a-z][^<>]{0,200}\bstyle\s{0,3}=\s{0,3}["'][^"'<>]{0,200}
    (?:display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|font-size\s{0,3}:\s{0,3}0|opacity\s{0,3}:\s{0,3}0(?![.\d])|color\s{0,3}:\s{0,3}(?:white|transparent|\#fff))"""
)


def hidden_text(text: str) -> Iterator[Finding]:
    """Yield what is in the text but not on the screen."""
    if not text.isascii():
        yield from _unicode(text)
    for match in _CONCEALED.finditer(text):
        yield Finding(*match.span(), "hidden text", "control characters that conceal what is written")
    for match in _STYLE.finditer(text) if "<" in text else ():
        yield Finding(*match.span(), "hidden text", "an element that is styled away")


def _unicode(text: str) -> Iterator[Finding]:
    for match in _TAGS.finditer(text):
        if match["s"]:
            yield Finding(*match.span(), "unicode tags", "tag characters, which no screen shows")
    for match in _OVERRIDE.finditer(text):
        yield Finding(*match.span(), "bidi override", "a character that reverses how the text reads")
    if not _RIGHT_TO_LEFT.search(text):
        for match in _EMBEDDING.finditer(text):
            yield Finding(*match.span(), "bidi override", "a change of direction without a script that needs it")
    for pattern in (_RUN, _WOVEN):
        for match in pattern.finditer(text):
            yield Finding(*match.span(), "zero width", "a run of characters without width")
    for match in _SELECTORS.finditer(text):
        yield Finding(*match.span(), "hidden text", "variation selectors that select nothing")
