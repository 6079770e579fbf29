"""What an export wrote and what an import did, row by row."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from littlemem_ipy.models.tables import Table, counted
from littlemem_ipy.transfer.selection import Summary

if TYPE_CHECKING:
    import pandas

__all__ = ["ExportReport", "ImportReport", "ImportRow", "Outcome"]

_SHOWN = 30


class Outcome(StrEnum):
    """What became of a row."""

    IMPORTED = "imported"
    """It is a new memory."""
    UPDATED = "updated"
    """It took the place of what the store had."""
    SKIPPED = "skipped"
    """The store has another version, which stays."""
    DUPLICATE = "duplicate"
    """The store has it already."""
    ERROR = "error"
    """It can't be used."""


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What became of one record of the file.

    Attributes
    ----------
    number
        Its place in the file, from 1.
    id
        The id of the memory, or what the file calls it.
    title
        The title of the memory.
    outcome
        See `Outcome`.
    reason
        Why, or what was changed; empty where there is nothing to say.
    """

    number: int
    id: str
    title: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, repr=False)
class ImportReport:
    """What an import did, or would do.

    Attributes
    ----------
    path
        The file or directory.
    format
        What it is.
    rows
        One for each record.
    dry_run
        Whether nothing was written.
    held
        How many of the imported and updated memories wait in the inbox.
    advice
        What to do next; empty if there is nothing to do.
    """

    path: str
    format: str
    rows: tuple[ImportRow, ...]
    dry_run: bool = False
    held: int = 0
    advice: str = ""

    def _count(self, outcome: Outcome) -> int:
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def imported(self) -> int:
        """How many new memories there are."""
        return self._count(Outcome.IMPORTED)

    @property
    def updated(self) -> int:
        """How many memories were replaced."""
        return self._count(Outcome.UPDATED)

    @property
    def skipped(self) -> int:
        """How many rows left a memory of the store as it was, although it differs."""
        return self._count(Outcome.SKIPPED)

    @property
    def duplicates(self) -> int:
        """How many rows were there already."""
        return self._count(Outcome.DUPLICATE)

    @property
    def errors(self) -> int:
        """How many rows can't be used."""
        return self._count(Outcome.ERROR)

    @property
    def df(self) -> pandas.DataFrame:
        """The rows as a DataFrame."""
        import pandas as pd

        names = ["number", "id", "title", "outcome", "reason"]
        rows = [[row.number, row.id, row.title, str(row.outcome), row.reason] for row in self.rows]
        return pd.DataFrame(rows, columns=pd.Index(names))

    @property
    def table(self) -> Table:
        """The rows that need a look, then some of the others, and the sums."""
        order = (Outcome.ERROR, Outcome.UPDATED, Outcome.SKIPPED, Outcome.IMPORTED, Outcome.DUPLICATE)
        rows = sorted(self.rows, key=lambda row: (order.index(row.outcome), row.number))[:_SHOWN]
        cells = [[str(row.number), row.outcome, row.title or row.id, row.reason] for row in rows]
        return Table(["#", "outcome", "memory", "reason"], cells, caption=self._caption(len(rows)), cell_limit=72)

    def _caption(self, shown: int) -> str:
        counts = Counter(row.outcome for row in self.rows)
        sums = ", ".join(f"{counts[outcome]:,} {_plural(outcome, counts[outcome])}" for outcome in Outcome)
        lines = [f"{'Would be: ' if self.dry_run else ''}{sums} ({self.format})."]
        if len(self.rows) > shown:
            lines.append(f"{shown} of {len(self.rows):,} rows are shown; .df has all of them.")
        if self.held:
            verb = "would wait" if self.dry_run else "wait"
            lines.append(f"{self.held:,} {verb} in the inbox until you accept them.")
        return "\n".join([*lines, *([self.advice] if self.advice else [])])

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()


def _plural(outcome: Outcome, count: int) -> str:
    return f"{outcome}s" if outcome in (Outcome.DUPLICATE, Outcome.ERROR) and count != 1 else str(outcome)


@dataclass(frozen=True, repr=False)
class ExportReport(os.PathLike[str]):
    """What an export wrote; it stands for the path of the file.

    Attributes
    ----------
    path
        The file or directory.
    format
        Its format.
    summary
        The figures of what is in it.
    """

    path: str
    format: str
    summary: Summary

    def __fspath__(self) -> str:
        return self.path

    @property
    def memories(self) -> int:
        """How many memories are in it."""
        return self.summary.total

    @property
    def stats(self) -> dict[str, Any]:
        """The figures: by type and project, size, range of time, most frequent tags."""
        return self.summary.plain()

    @property
    def table(self) -> Table:
        """The figures as rows of text."""
        stats = self.stats
        rows: list[Sequence[str]] = [[f"  {name}", f"{count:,}"] for name, count in stats["entriesByType"].items()]
        if self.summary.total:
            rows.append(["from", f"{stats['oldestEntry'][:10]} to {stats['newestEntry'][:10]}"])
        caption = f"{counted(self.memories)} written to {self.path} ({self.format})."
        return Table(["what", "how much"], rows, caption)

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()
