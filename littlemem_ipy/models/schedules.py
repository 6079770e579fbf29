"""How often something is done, as people write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.checks import shown

__all__ = ["Schedule"]

_EVERY = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}
_KEEP = 7
_MAX_KEEP = 1000
_SPEC = re.compile(r"(hourly|daily|weekly)(?:\s*:\s*(\d{1,4}))?")


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often it is done, and how many are kept.

    Attributes
    ----------
    every
        The time between two.
    keep
        How many; the oldest go first.
    """

    every: timedelta
    keep: int

    @classmethod
    def of(cls, text: str) -> Schedule | None:
        """Return what ``daily`` or ``weekly:4`` stands for; None for ``off``.

        Raises
        ------
        InvalidInput
            If it stands for nothing.
        """
        word = text.strip().lower()
        if word in ("", "off"):
            return None
        found = _SPEC.fullmatch(word)
        keep = int(found[2] or _KEEP) if found else 0
        if not found or not 1 <= keep <= _MAX_KEEP:
            raise InvalidInput(
                f"{shown(text)} is no schedule: write off, hourly, daily or weekly, and how many to keep if "
                f"not {_KEEP}, such as daily:14 (at most {_MAX_KEEP})."
            )
        return cls(_EVERY[found[1]], keep)
