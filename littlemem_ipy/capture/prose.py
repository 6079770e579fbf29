"""What the user said in their own words: a message without injected blocks, code, quotes and pasted text.

Text that is not the user's is masked character by character, so that a place in the masked text is the same
place in the message: rules look at the mask, contents are cut from the message. Every step is linear in the
length of the message, and only its beginning and its end are looked at when it is very long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from littlemem_ipy.capture import foreign

__all__ = ["CODE", "QUOTE", "Prose", "read", "without_injected"]

CODE = "ꙮ"
"""Stands for each character of inline code; a letter for regular expressions."""
QUOTE = "ꚙ"
"""Stands for each character of a quotation of three words or more."""

_EDGE = 4_000
_BLOCK = re.compile(r"<(memory-[0-9a-f]{4,64}|memory|memories)>", re.IGNORECASE)
_UNTEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u200b\u2060\ufeff]")
_FENCE = re.compile(r"```[\s\S]*?(?:```|\Z)|~~~[\s\S]*?(?:~~~|\Z)")
_INLINE = re.compile(r"`[^`\n]{1,300}`")
_QUOTED = re.compile(
    r"\"[^\"\n]{1,600}\"|“[^”\n]{1,600}”|„[^“”\n]{1,600}[“”]|«[^»\n]{1,600}»|「[^」\n]{1,600}」"
    r"|『[^』\n]{1,600}』|(?<![^\s(\[=:,])'[^'\n]{1,600}'(?![^\s)\],.;:!?])|(?<!\w)‘[^’\n]{1,600}’(?!\w)"
)
_SPEAKS = re.compile(r"\b(?:i|me|my|we|our|you|always|never)\b", re.IGNORECASE)
_WHOLE = re.compile(r"\A\s*[\"“„«「](?P<inner>[^\"“”„«»「」\n]{3,600})[\"”“»」]?\s*\Z")


@dataclass(frozen=True)
class Prose:
    """A message (`text`) and the same message with everything masked that is not the user's own prose."""

    text: str
    masked: str


def without_injected(text: str) -> str:
    r"""Return `text` without memory blocks that were injected into it.

    A block that is never closed ends with the text: what cannot be told apart from a memory is not the user's.

    >>> without_injected("<memory-1f2e3d4c>\\nI prefer tea.\\n</memory-1f2e3d4c>\\nPlot it.")
    '\\nPlot it.'
    """
    parts, place = [], 0
    while block := _BLOCK.search(text, place):
        parts.append(text[place : block.start()])
        closing = f"</{block.group(1)}>"
        end = text.find(closing, block.end())
        place = len(text) if end < 0 else end + len(closing)
    return "".join(parts) + text[place:]


def _blanked(match: re.Match[str]) -> str:
    return "\n" * len(match.group())


def _quote_mask(match: re.Match[str]) -> str:
    quoted = match.group()
    words = len(quoted.split())
    wide = sum(ch > "⺀" for ch in quoted)
    speaks = words >= 2 and _SPEAKS.search(quoted)
    return QUOTE * len(quoted) if words >= 3 or wide >= 7 or speaks else quoted


def _edges(text: str) -> str:
    """Return the first and the last part of a very long text: people write before or after what they paste."""
    if len(text) <= 2 * _EDGE:
        return text
    head, tail = text[:_EDGE], text[-_EDGE:]
    return (head[: head.rfind("\n") + 1] or head) + "\n" + tail[tail.find("\n") + 1 :]


def read(message: str) -> Prose:
    """Return the user's own prose in `message`."""
    text = _UNTEXT.sub("", without_injected(message)).replace("\r\n", "\n").replace("\r", "\n")
    if whole := _WHOLE.match(text):
        text = whole.group("inner")
    text = _edges(_FENCE.sub(_shortened, text))
    masked = _FENCE.sub(_blanked, text)
    masked = _INLINE.sub(lambda code: CODE * len(code.group()), masked)
    masked = foreign.blank(masked)
    return Prose(text, _QUOTED.sub(_quote_mask, masked))


def _shortened(match: re.Match[str]) -> str:
    """Return a fenced block as it is, or nothing of one so long that it would hide the words around it."""
    block = match.group()
    return block if len(block) <= _EDGE else "\n"
