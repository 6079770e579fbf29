"""A cleanup before it happens: what would become of which memory, and why."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from littlemem_ipy.cleanup.policy import RetentionPolicy
from littlemem_ipy.models import Memory, Table

if TYPE_CHECKING:
    import pandas

__all__ = ["CleanupPlan", "Figures", "Step", "Steps", "size_of"]

_SHOWN = 100  # rows of a table; the DataFrame has all of them


@dataclass(frozen=True, slots=True)
class Step:
    """What would become of one memory.

    Attributes
    ----------
    rule
        The rule of the policy: ``duplicates superseded age unused junk count size``.
    action
        ``archive``, ``delete``, ``supersede`` (another one stands for it) or ``merge`` (it stands for others).
    memory
        The memory as it was when the plan was made.
    after
        The memory as it would be.
    reason
        Why, in words.
    together
        The ids of the memories that it is merged with: it is done with all of them or not at all.
    """

    rule: str
    action: str
    memory: Memory
    after: Memory
    reason: str
    together: tuple[str, ...] = ()


def size_of(memory: Memory) -> int:
    """Return the bytes of UTF-8 of title and content, as the statistics count them."""
    return len(memory.title.encode()) + len(memory.content.encode())


@dataclass(frozen=True, slots=True)
class Figures:
    """How many memories are in use, and the bytes of their titles and contents."""

    count: int
    bytes: int

    def __str__(self) -> str:
        return f"{self.count:,} in use with {self.bytes:,} bytes"


class Steps(ABC):
    """Steps as they are shown: in a table, as a DataFrame."""

    steps: tuple[Step, ...]

    @property
    @abstractmethod
    def line(self) -> str:
        """What it comes to, in a sentence or two."""

    @property
    def table(self) -> Table:
        """A row a memory; of very many only the first are shown."""
        rows = [
            [str(number), step.action, str(step.memory.type), _text(step), step.reason, f"{size_of(step.memory):,}"]
            for number, step in enumerate(self.steps[:_SHOWN], 1)
        ]
        more = f"{len(self.steps) - _SHOWN:,} more rows are in .df. " if len(self.steps) > _SHOWN else ""
        return Table(["#", "action", "type", "memory", "why", "bytes"], rows, more + self.line)

    @property
    def df(self) -> pandas.DataFrame:
        """A row a memory: what becomes of it, why, and what it says then."""
        import pandas as pd

        told = ["id", "type", "title", "content", "project", "superseded_by"]
        rows = [
            {"action": step.action, "rule": step.rule, "reason": step.reason, "bytes": size_of(step.memory)}
            | step.after.model_dump(mode="json", include=set(told))
            for step in self.steps
        ]
        return pd.DataFrame(rows, columns=pd.Index(["action", "rule", "reason", "bytes", *told]))

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()


@dataclass(frozen=True, slots=True, repr=False)
class CleanupPlan(Steps):
    """What a cleanup would do; nothing has been changed.

    Attributes
    ----------
    policy
        The policy that it follows.
    made_at
        When the memories were looked at, aware UTC.
    steps
        What would become of which memory.
    before, after
        How much is in use now, and would be.
    """

    policy: RetentionPolicy
    made_at: datetime
    steps: tuple[Step, ...]
    before: Figures
    after: Figures

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def line(self) -> str:
        """What the plan comes to, in a sentence or two."""
        if not self.steps:
            return f"Nothing to clean up: {self.before}."
        return (
            f"{_summary(self.steps)}. Now {self.before}, afterwards {self.after}. Nothing has been changed: "
            "%mem cleanup … --apply does it, and one %mem undo takes it back."
        )


_WOULD = {
    "archive": "archived",
    "delete": "deleted",
    "supersede": "merged into another",
    "merge": "kept for others",
}


def _summary(steps: tuple[Step, ...]) -> str:
    counts = Counter(step.action for step in steps)
    parts = [f"{counts[action]:,} {words}" for action, words in _WOULD.items() if counts[action]]
    return "To be " + ", ".join(parts)


def _text(step: Step) -> str:
    """Return what tells the memory: of a merged one the text that stays."""
    return step.after.content if step.action in ("merge", "supersede") else step.memory.title
