"""The browser without a front end: a text table, and a static HTML table for saved notebooks."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from littlemem_ipy.errors import LittleMemError
from littlemem_ipy.models import SearchResults, type_info
from littlemem_ipy.models.tables import FONT, MUTED, visible
from littlemem_ipy.store import MemoryStore

__all__ = ["overview", "static_html"]

_ROWS = 10
_LEFT = ' style="text-align:left"'
_NOTE = "A static copy; %mem browse shows the living one."


def overview(store: MemoryStore, text: str) -> str:
    """Return the first memories as a text table; the same for the same memories."""
    return _told(lambda: f"Memory browser\n{store.search(text, limit=_ROWS)!r}")


def static_html(store: MemoryStore, text: str) -> str:
    """Return the first memories as static HTML, without script or style sheet."""
    return _told(lambda: _table(store.search(text, limit=_ROWS)), mark=True)


def _table(results: SearchResults) -> str:
    head = "".join(f'<th scope="col"{_LEFT}>{name}</th>' for name in ("type", "title", "project", "tags"))
    body = "".join(
        "<tr>" + "".join(f"<td{_LEFT}>{escape(visible(cell))}</td>" for cell in row) + "</tr>"
        for row in (
            (type_info(m.type).label, m.title, m.project or "–", " ".join(f"#{tag}" for tag in m.tags))
            for m in results.memories
        )
    )
    caption = f"{results.table.caption} {_NOTE}"
    return (
        f'<div style="{FONT}"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        f'<div style="{MUTED}">{escape(caption)}</div></div>'
    )


def _told(show: Callable[[], str], *, mark: bool = False) -> str:
    """Return what is shown, or why it can't be: a display must not fail."""
    try:
        return show()
    except LittleMemError as error:
        line = f"Memory browser: {error}"
        return f"<div>{escape(visible(line))}</div>" if mark else line
