"""Memories that say the same, as they are shown and handed on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, overload

from littlemem_ipy.models import Memory, Table

if TYPE_CHECKING:
    import pandas

__all__ = ["DuplicateGroup", "Duplicates", "Likeness"]


class Likeness(StrEnum):
    """How much alike the contents of a group are."""

    EXACT = "exact"
    """The same text, white space and the case of letters aside."""
    SAME = "same"
    """The same words in the same order, punctuation and words that mean nothing ("the", "please") aside."""
    NEAR = "near"
    """A few other words, with the same names, numbers and negations: for people to judge, never merged unasked."""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Memories of one project that say the same.

    Attributes
    ----------
    likeness
        How much alike they are.
    memories
        The memories; the first is the one to keep: pinned, from the most trusted author, used most, newest.
    similarity
        The lowest similarity of a content to the first one's, from 0 to 1: the share of words in common, in order.
    """

    likeness: Likeness
    memories: tuple[Memory, ...]
    similarity: float = 1.0

    @property
    def keeper(self) -> Memory:
        """The memory to keep."""
        return self.memories[0]

    @property
    def others(self) -> tuple[Memory, ...]:
        """The memories that repeat it."""
        return self.memories[1:]

    @property
    def mergeable(self) -> bool:
        """Whether the contents agree so far that one may stand for all."""
        return self.likeness is not Likeness.NEAR


@dataclass(frozen=True, slots=True)
class Duplicates(Sequence[DuplicateGroup]):
    """Groups of memories that say the same, the surest first.

    Attributes
    ----------
    groups
        The groups.
    looked_at
        How many memories were compared.
    """

    groups: tuple[DuplicateGroup, ...]
    looked_at: int

    @overload
    def __getitem__(self, index: int) -> DuplicateGroup: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[DuplicateGroup, ...]: ...
    def __getitem__(self, index: int | slice) -> DuplicateGroup | tuple[DuplicateGroup, ...]:
        return self.groups[index]

    def __len__(self) -> int:
        return len(self.groups)

    def __iter__(self) -> Iterator[DuplicateGroup]:
        return iter(self.groups)

    @property
    def memories(self) -> tuple[Memory, ...]:
        """The memories that repeat others, in the order of the table's rows."""
        return tuple(memory for group in self.groups for memory in group.others)

    @property
    def table(self) -> Table:
        """A row a repetition: the memory to keep and the one that repeats it, side by side."""
        rows: list[list[str]] = []
        for group in self.groups:
            for other in group.others:
                likeness = str(group.likeness) if group.mergeable else f"near {group.similarity:.2f}"
                rows.append(
                    [str(len(rows) + 1), likeness, group.keeper.content, other.content, other.project or "–"]
                )
        return Table(
            ["#", "alike", "keep", "repeated by", "project"], rows, self._caption(len(rows)), cell_limit=48
        )

    def _caption(self, repeated: int) -> str:
        if not self.groups:
            return f"No duplicates among {self.looked_at:,} memories."
        near = sum(not group.mergeable for group in self.groups)
        judged = f"; {near:,} of the groups only look alike and are yours to judge" if near else ""
        return (
            f"{repeated:,} of {self.looked_at:,} memories repeat another one{judged}. "
            "%mem cleanup --duplicates shows how the sure ones would be merged."
        )

    @property
    def df(self) -> pandas.DataFrame:
        """A row a memory of a group, with ``group``, ``likeness``, ``similarity`` and ``keep``."""
        import pandas as pd

        names = ["id", "type", "title", "content", "project", "access_count", "created_at"]
        rows = [
            {"group": number, "likeness": str(group.likeness), "similarity": group.similarity}
            | {"keep": memory is group.keeper}
            | memory.model_dump(include=set(names))
            for number, group in enumerate(self.groups, 1)
            for memory in group.memories
        ]
        return pd.DataFrame(rows, columns=pd.Index(["group", "likeness", "similarity", "keep", *names]))

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()
