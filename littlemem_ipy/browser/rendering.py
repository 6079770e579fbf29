"""Content as blocks and spans, which the page turns into elements one by one: nothing of it is ever markup.

Understands what notes are written in: headings, lists, quotes, fenced code, bold, italic, code and links.
Everything else, HTML, images and formulas among it, stays the text that it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

from littlemem_ipy.models import Memory, MemoryType
from littlemem_ipy.models.tables import visible

__all__ = ["blocks_of"]

Block = dict[str, Any]

_MAX_COLOURED = 50_000  # characters; longer code is shown plain
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n]*$")
_HEADING = re.compile(r"^(#{1,6})\s+(.+)$")
_ITEM = re.compile(r"^\s{0,6}(?:([-*+])|\d{1,4}[.)])\s+(.+)$")
_INLINE = re.compile(
    r"(?P<c>`+)(?P<code>.+?)(?P=c)"
    r"|\*\*(?P<b>[^*\n]+)\*\*"
    r"|(?<![\w*])\*(?P<i>[^*\s][^*\n]*)\*(?!\w)"
    r"|(?<!!)\[(?P<text>[^\]\n]+)\]\((?P<a>https?://[^\s)]+)\)",
    re.DOTALL,
)


def blocks_of(memory: Memory) -> list[Block]:
    """Return the content of a memory as blocks.

    Parameters
    ----------
    memory
        A code snippet without a fence is code as a whole, in the language that a tag names or in Python.
    """
    if memory.type is MemoryType.CODE_SNIPPET and "```" not in memory.content:
        return [_code(memory.content, [*memory.tags, "python"])]
    return list(_blocks(memory.content.split("\n")))


def _blocks(lines: list[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        read = next(read for read in (_fenced, _heading, _list, _quote, _paragraph) if read(lines, at))
        found = read(lines, at)
        assert found is not None
        block, at = found
        if block["spans" if "spans" in block else "items"]:
            yield block


Found = tuple[Block, int] | None


def _fenced(lines: list[str], at: int) -> Found:
    opened = _FENCE.match(lines[at])
    if not opened:
        return None
    fence = opened[1]
    end = next((n for n in range(at + 1, len(lines)) if lines[n].strip().startswith(fence)), len(lines))
    return _code("\n".join(lines[at + 1 : end]), [opened[2]]), end + 1


def _heading(lines: list[str], at: int) -> Found:
    found = _HEADING.match(lines[at])
    return ({"kind": "heading", "spans": _spans(found[2])}, at + 1) if found else None


def _list(lines: list[str], at: int) -> Found:
    first = _ITEM.match(lines[at])
    if not first:
        return None
    items, end = [], at
    while end < len(lines) and (item := _ITEM.match(lines[end])) and bool(item[1]) == bool(first[1]):
        items.append(_spans(item[2]))
        end += 1
    return {"kind": "list", "ordered": not first[1], "items": items}, end


def _quote(lines: list[str], at: int) -> Found:
    end = _while(lines, at, lambda line: line.startswith(">"))
    text = "\n".join(line[1:].strip() for line in lines[at:end])
    return ({"kind": "quote", "spans": _spans(text)}, end) if end > at else None


def _paragraph(lines: list[str], at: int) -> Found:
    starts = (_FENCE, _HEADING, _ITEM)
    end = _while(
        lines, at + 1, lambda line: bool(line.strip()) and line[0] != ">" and not any(s.match(line) for s in starts)
    )
    return {"kind": "paragraph", "spans": _spans("\n".join(lines[at:end]).strip())}, end


def _while(lines: list[str], at: int, test: Any) -> int:
    while at < len(lines) and test(lines[at]):
        at += 1
    return at


def _spans(text: str) -> list[list[str]]:
    """Return pieces of text, each with how it is set: plain, ``b``, ``i``, ``code``, or ``a`` with the address."""
    spans, at = [], 0
    for found in _INLINE.finditer(text):
        spans.append(["", visible(text[at : found.start()])])
        spans.append(_span(found))
        at = found.end()
    spans.append(["", visible(text[at:])])
    return [span for span in spans if span[1]]


def _span(found: re.Match[str]) -> list[str]:
    if found["a"]:
        return ["a", visible(found["text"]), found["a"]]
    kind = next(kind for kind in ("code", "b", "i") if found[kind])
    return [kind, visible(found[kind])]


def _code(text: str, languages: Iterable[str]) -> Block:
    lexer = next((lexer for name in languages if (lexer := _lexer(name))), None)
    if lexer is None or len(text) > _MAX_COLOURED:
        return {"kind": "code", "spans": [["", visible(text)]] if text else []}
    spans: list[list[str]] = []
    for token, piece in lexer.get_tokens(text):
        kind = STANDARD_TYPES.get(token, "")[:1]
        if spans and spans[-1][0] == kind:
            spans[-1][1] += visible(piece)
        else:
            spans.append([kind, visible(piece)])
    return {"kind": "code", "spans": spans}


def _lexer(name: str) -> Lexer | None:
    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False) if name else None
    except ClassNotFound:
        return None
