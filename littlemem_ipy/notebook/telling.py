"""A short line or box below a cell's own output."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from littlemem_ipy.models.tables import FONT, MUTED, RULE, WRAP, visible

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["tell"]

_MOST_LINES = 14


def tell(shell: InteractiveShell, head: str, body: str = "") -> None:
    """Show one line, and below it a few lines of code.

    Parameters
    ----------
    shell
        Where.
    head
        The line.
    body
        The code; what is longer than 14 lines is cut.
    """
    lines = visible(body).splitlines()
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], "…"]
    text = "\n".join([f"[{head}]", *(f"    {line}" for line in lines)])
    if getattr(shell, "kernel", None) is None:
        print(text)
        return
    from IPython.display import display

    style = f"{FONT};{MUTED};font-size:var(--jp-ui-font-size0,12px)"
    code = "\n".join(escape(line) for line in lines)
    box = f'<pre style="{WRAP};margin:2px 0 0;padding:2px 8px;border-left:{RULE}">{code}</pre>' if lines else ""
    html = f'<div style="{style}">🧠 {escape(visible(head))}{box}</div>'
    display({"text/plain": text, "text/html": html}, raw=True)
