"""Whose memories are meant when nobody says so."""

from __future__ import annotations

from enum import Enum

__all__ = ["CURRENT", "Unset"]


class Unset(Enum):
    """The value of an argument that was left out, where None means something."""

    CURRENT = "current"

    def __repr__(self) -> str:
        return "CURRENT"


CURRENT = Unset.CURRENT
