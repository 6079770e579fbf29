"""What a sync of a bundle did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from littlemem_ipy.models.tables import Table, counted

__all__ = ["BundleReport", "BundleRow"]

_ORDER = ("error", "beside", "received", "deleted", "sent")
_SHOWN = 30


@dataclass(frozen=True, slots=True)
class BundleRow:
    """What became of one memory.

    Attributes
    ----------
    id
        The memory, or the file.
    title
        Its title.
    outcome
        ``sent`` to the bundle, ``received`` from it, ``beside`` another version that stays as well, ``deleted``
        because somebody has deleted it, or ``error``.
    reason
        What is wrong with it.
    """

    id: str
    title: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True, repr=False)
class BundleReport:
    """What a sync did.

    Attributes
    ----------
    path
        The directory of the bundle.
    rows
        One for each memory that has changed on either side.
    memories
        How many memories the bundle holds.
    held
        How many of the received ones wait in the inbox.
    """

    path: str
    rows: tuple[BundleRow, ...]
    memories: int
    held: int = 0

    def count(self, outcome: str) -> int:
        """Return how many memories had this outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def table(self) -> Table:
        """What has changed, as rows of text."""
        rows = sorted(self.rows, key=lambda row: (_ORDER.index(row.outcome), row.id))[:_SHOWN]
        counts = Counter(row.outcome for row in self.rows)
        told = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in reversed(_ORDER) if counts[outcome])
        caption = f"{told or 'Nothing new on either side'}; {counted(self.memories)} in {self.path}."
        if self.held:
            caption += f"\n{self.held:,} wait in the inbox until you accept them."
        return Table(
            ["outcome", "memory", "reason"], [[r.outcome, r.title or r.id, r.reason] for r in rows], caption
        )

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()
