"""What capture proposes: one thing worth keeping, and the rule that found it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from littlemem_ipy.models import MemoryType

__all__ = ["Candidate", "Withdrawal"]


class Candidate(BaseModel):
    """A memory that capture proposes to keep.

    `amends` tells whether the words around it say that something is different now ("change of plan: ...").
    """

    model_config = ConfigDict(frozen=True)

    type: MemoryType
    title: str
    content: str
    tags: tuple[str, ...] = ()
    confidence: float = Field(ge=0, le=1)
    reason: str
    amends: bool = False

    def get(self, field: str, default: object = None) -> object:
        """Return a field by its name, so that a candidate also reads like a mapping."""
        return getattr(self, field) if field in type(self).model_fields else default


class Withdrawal(BaseModel):
    """A wish of the user that something remembered be forgotten.

    `about` is what is to be forgotten in the user's words; empty means the memory captured last.
    """

    model_config = ConfigDict(frozen=True)

    about: str
    confidence: float = Field(ge=0, le=1)
    reason: str
