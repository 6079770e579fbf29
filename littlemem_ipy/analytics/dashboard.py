"""All charts of a store on one static page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from littlemem_ipy.analytics.activity import searches, usage_of
from littlemem_ipy.analytics.building import micros, uncollected
from littlemem_ipy.analytics.chats import captures_of, costs
from littlemem_ipy.analytics.contents import EVERY_STATE, growth_of, rows_of, state_of
from littlemem_ipy.models import EXCHANGE, State
from littlemem_ipy.models.tables import FONT
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore

if TYPE_CHECKING:
    from littlemem_ipy.analytics.drawing import Chart

__all__ = ["Dashboard", "dashboard"]


@dataclass(frozen=True, repr=False)
class Dashboard:
    """Charts by their names; shown it is a page of them, as text the answers.

    Attributes
    ----------
    charts
        The matplotlib figures.
    """

    charts: Mapping[str, Chart]

    def __getitem__(self, name: str) -> Chart:
        return self.charts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.charts)

    def __len__(self) -> int:
        return len(self.charts)

    def __repr__(self) -> str:
        return "\n".join(repr(chart) for chart in self.charts.values())

    def _repr_html_(self) -> str:
        cells = "".join(f'<div style="min-width:0">{chart.svg()}</div>' for chart in self.charts.values())
        columns = "repeat(auto-fit,minmax(min(100%,400px),1fr))"
        style = f"{FONT};display:grid;grid-template-columns:{columns};gap:18px;align-items:start"
        return f'<div style="{style}">{cells}</div>'


@uncollected()
def dashboard(store: MemoryStore) -> Dashboard:
    """Return charts that answer what the memory holds and what it is worth, one question each.

    Parameters
    ----------
    store
        The store; all projects count.

    Raises
    ------
    MissingExtra
        Without matplotlib; the message has the install line.
    """
    from littlemem_ipy.analytics.charts import DRAWN  # here, as it imports matplotlib

    # Kept exchanges of chats are no memories that anybody looks after.
    rows = rows_of(store, {"states": EVERY_STATE, "sources_none": EXCHANGE})
    present = micros(now())
    frames = {
        "growth": growth_of(rows),
        "usage": usage_of(store, [row for row in rows if state_of(row, present) == State.ACTIVE]),
        "captures": captures_of(store, rows),
        "searches": searches(store),
        "costs": costs(store),
    }
    return Dashboard({name: draw(frames[frame]) for name, (frame, draw) in DRAWN.items()})
