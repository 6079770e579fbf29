"""A cleanup after it has happened: exactly what was done, and what was left alone."""

from __future__ import annotations

from dataclasses import dataclass

from littlemem_ipy.cleanup.plan import Figures, Step, Steps
from littlemem_ipy.models import Memory

__all__ = ["CleanupReport", "LeftAlone"]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A memory that the plan had named and the cleanup did not touch.

    Attributes
    ----------
    step
        What the plan had for it.
    reason
        Why it was left as it is.
    """

    step: Step
    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class CleanupReport(Steps):
    """What a cleanup has done; one undo takes it back.

    Attributes
    ----------
    steps
        What was done to which memory; ``after`` is the memory as it was written.
    left_alone
        What the plan had named and was not touched, with the reason.
    before, after
        How much was in use when the plan was made, and is without what was put out of use.
    """

    steps: tuple[Step, ...]
    left_alone: tuple[LeftAlone, ...]
    before: Figures
    after: Figures

    def _of(self, action: str) -> tuple[Memory, ...]:
        return tuple(step.after for step in self.steps if step.action == action)

    @property
    def archived(self) -> tuple[Memory, ...]:
        """The memories that were archived."""
        return self._of("archive")

    @property
    def deleted(self) -> tuple[Memory, ...]:
        """The memories that were deleted; `store.restore` takes them back as well."""
        return self._of("delete")

    @property
    def superseded(self) -> tuple[Memory, ...]:
        """The duplicates for which another memory stands now."""
        return self._of("supersede")

    @property
    def merged(self) -> tuple[Memory, ...]:
        """The memories that stand for these."""
        return self._of("merge")

    @property
    def line(self) -> str:
        """What happened, in one line."""
        parts = [f"{len(self._of(action)):,} {action}d" for action in ("archive", "delete", "supersede", "merge")]
        done = ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing had to be done"
        left = f" {len(self.left_alone):,} left alone, because they had changed." if self.left_alone else ""
        undo = " %mem undo takes it back while it is the last change, %mem restore ID any of it later."
        return f"Cleanup: {done}. It was {self.before}, and is {self.after}.{left}{undo if self.steps else ''}"
