"""The text form and the static HTML form of everything that is shown.

Both are deterministic, need no script or style sheet of their own, and escape what they
show. Colours come from the front end's variables, with system colours where it has none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["FONT", "MUTED", "RULE", "WRAP", "Table", "card", "counted", "visible"]

MUTED = "color:var(--jp-ui-font-color2,GrayText)"
RULE = "1px solid var(--jp-border-color2,rgba(128,128,128,.4))"
CELL = f"text-align:left;vertical-align:top;padding:2px 12px 2px 0;border-bottom:{RULE};white-space:pre-wrap"
WRAP = "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere"
FONT = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:var(--jp-ui-font-size1,13px)"

# Marks that reorder or hide text: in a listing they could make a memory look like another one.
_HIDING = {
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x206A),
    0xFEFF,
    *range(0xE0000, 0xE0080),
}


def visible(text: str) -> str:
    """Return `text` with control, hidden and reordering characters shown as their code points."""
    return "".join(
        f"\\u{ord(c):04x}" if ord(c) in _HIDING or (unicodedata.category(c) == "Cc" and c not in "\n\t") else c
        for c in text
    )


def counted(number: int, one: str = "memory", many: str = "memories") -> str:
    """Return a number with what it counts.

    >>> counted(1), counted(1200, "reply", "replies")
    ('1 memory', '1,200 replies')
    """
    return f"{number:,} {one if number == 1 else many}"


def _width(text: str) -> int:
    """Return how many columns a terminal needs for `text`."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fit(text: str, limit: int) -> str:
    line = visible(" ".join(text.split()))
    if _width(line) <= limit:
        return line
    while _width(line) > limit - 1:
        line = line[:-1]
    return line + "…"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under column names.

    Attributes
    ----------
    columns
        The names.
    rows
        One text a column.
    caption
        A line below; None for none.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str | None = None
    cell_limit: int = 60

    def text(self) -> str:
        """Return the table in aligned columns, as a terminal shows it."""
        if not self.rows:
            return self.caption or ""
        rows = [[_fit(cell, self.cell_limit) for cell in row] for row in [self.columns, *self.rows]]
        widths = [max(_width(row[i]) for row in rows) for i in range(len(self.columns))]
        lines = [
            "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join(lines + ([self.caption] if self.caption else []))

    def html(self) -> str:
        """Return the table as static HTML that reads well on light and dark grounds."""
        caption = f'<div style="{MUTED};padding-top:4px">{escape(self.caption)}</div>' if self.caption else ""
        if not self.rows:
            return f'<div style="{FONT}">{caption}</div>'
        head = "".join(
            f'<th scope="col" style="{CELL};{MUTED};font-weight:600">{escape(c)}</th>' for c in self.columns
        )
        body = "".join(
            "<tr>" + "".join(f'<td style="{CELL}">{escape(visible(cell))}</td>' for cell in row) + "</tr>"
            for row in self.rows
        )
        return (
            f'<div style="{FONT};overflow-x:auto"><table style="border-collapse:collapse;margin:0">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{caption}</div>"
        )

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()


def card(title: str, facts: Sequence[str], text: str) -> str:
    """Return a framed note as static HTML.

    Parameters
    ----------
    title
        The first line.
    facts
        What stands below it in one muted line; empty ones are left out.
    text
        The note, shown as it is.
    """
    line = " · ".join(fact for fact in facts if fact)
    return (
        f'<div style="{FONT};border:{RULE};border-radius:4px;padding:6px 10px;max-width:60em">'
        f'<div style="font-weight:600">{escape(visible(title))}</div>'
        f'<div style="{MUTED}">{escape(visible(line))}</div>'
        f'<pre style="{WRAP};margin:6px 0 0;background:none">{escape(visible(text))}</pre></div>'
    )
