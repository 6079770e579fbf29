"""What all charts share: a figure that reads on light and dark grounds, and its form in a page."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from html import escape
from typing import Any

from littlemem_ipy.errors import MissingExtra
from littlemem_ipy.models.tables import visible

try:
    import matplotlib as mpl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
except ImportError as error:
    raise MissingExtra("Drawing charts", "charts") from error

__all__ = [
    "ACCENT",
    "COLOURS",
    "INK",
    "MUTED",
    "OTHER",
    "WARNING",
    "Chart",
    "bars",
    "chart",
    "days",
    "empty",
    "whole",
]

INK, MUTED, RULE = "#767677", "#7e7e7f", "#a9a9aa"
ACCENT, OTHER, WARNING = "#4c86c6", "#9aa5b1", "#e0803a"
COLOURS = ("#4c86c6", "#e0803a", "#4ba36b", "#b279a2", "#d9a520", "#5fb0b7", "#c9625f")
"""Colours of middle lightness, told apart by the colour-blind as well."""

# In a page the greys become the theme's own, so that the picture follows it from light to dark.
_THEMED = {
    INK: "var(--jp-ui-font-color1,var(--vscode-foreground,#767677))",
    MUTED: "var(--jp-ui-font-color2,var(--vscode-descriptionForeground,#7e7e7f))",
    RULE: "var(--jp-border-color2,#a9a9aa)",
}
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "littlemem",
    "font.family": "sans-serif",
    "font.size": 9,
}
_SIZE = (6.4, 3.3)
_SMALL = 0.8
_HEAD, _BELOW = 0.5, 0.24  # inches: room for question and answer, and from the one to the other
_LONGEST = 44
_FEW = 5
_SHORTEST = 7.0  # days


class Chart(Figure):
    """A matplotlib figure that shows itself in the colours of the page it is in.

    It needs neither pyplot nor a backend; `savefig` writes a file as with any figure.

    Attributes
    ----------
    title, answer
        The question that it answers, and the answer in a sentence.
    """

    title: str = ""
    answer: str = ""

    def __repr__(self) -> str:
        return f"{self.title} {self.answer}"

    def svg(self) -> str:
        """Return the picture as SVG for a page; the same each time."""
        target = io.StringIO()
        with mpl.rc_context(_STYLE), warnings.catch_warnings():
            # The page has glyphs that matplotlib's own font lacks.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            self.savefig(target, format="svg", transparent=True, metadata={"Date": None})
        text = target.getvalue()
        text = text[text.index("<svg") :]
        for plain, themed in _THEMED.items():
            text = text.replace(plain, themed)
        text = re.sub(
            r"(<svg[^>]*?) width=\"[^\"]*\" height=\"[^\"]*\"|(<svg[^>]*?) height=\"[^\"]*\"",
            r"\1\2",
            text,
            count=1,
        )
        label = escape(f"{self.title} {self.answer}", quote=True)
        return text.replace("<svg", f'<svg role="img" aria-label="{label}" style="width:100%;max-width:620px"', 1)

    def _repr_html_(self) -> str:
        return self.svg()


def chart(title: str, answer: str, height: float = _SIZE[1]) -> tuple[Chart, Axes]:
    """Return an empty chart with its question and answer above the axes."""
    with mpl.rc_context(_STYLE):
        figure = Chart(figsize=(_SIZE[0], height))
        figure.set_layout_engine("constrained", rect=(0, 0, 1, 1 - _HEAD / height))
        figure.patch.set_alpha(0)
        axes = figure.add_subplot()
    figure.title, figure.answer = title, answer
    top = 1 - 0.06 / height
    figure.text(0.01, top, title, va="top", fontsize=11, fontweight="bold", color=INK)
    figure.text(0.01, top - _BELOW / height, answer, va="top", fontsize=9, color=MUTED, parse_math=False)
    _plain(axes)
    return figure, axes


def _plain(axes: Axes) -> None:
    axes.set_facecolor("none")
    axes.tick_params(colors=INK, labelsize=8.5, length=0)
    axes.grid(axis="y", color=RULE, linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)


def empty(title: str, why: str) -> Chart:
    """Return a chart that says why there is nothing to see."""
    figure, axes = chart(title, why, _SMALL)
    axes.set_axis_off()
    return figure


def bars(
    axes: Axes, names: Sequence[str], values: Sequence[float], notes: Sequence[str], *, colour: str = ACCENT
) -> None:
    """Draw horizontal bars, the first on top, each with its name and a note at its end.

    Parameters
    ----------
    axes
        Where.
    names
        What the bars stand for; any text, cut where it is long.
    values
        Their lengths.
    notes
        What stands at their ends.
    colour
        Their colour.
    """
    places = range(len(names))
    axes.barh(places, values, color=colour, height=0.66)
    axes.set_yticks(list(places), [_label(name) for name in names], parse_math=False)
    axes.set_ylim(max(len(names), _FEW) - 0.5, -0.5)  # the first on top, and a few are no thicker than many
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.margins(x=0.16)
    for place, value, note in zip(places, values, notes, strict=True):
        axes.annotate(
            note,
            (value, place),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=INK,
            parse_math=False,
        )


def _label(text: str) -> str:
    line = visible(" ".join(text.split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def whole(axes: Axes) -> None:
    """Let the vertical axis show whole numbers."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def days(axes: Axes) -> None:
    """Let the horizontal axis show dates, as few as fit; never a stretch so short that they would be hours."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    first, last = axes.dataLim.intervalx
    if last - first < _SHORTEST:
        middle = (first + last) / 2
        axes.set_xlim(middle - _SHORTEST / 2, middle + _SHORTEST / 2)
    locator = AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.xaxis.get_offset_text().set_color(INK)
    axes.tick_params(axis="x", pad=7)  # clear of the lowest label of the other axis
