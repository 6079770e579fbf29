"""`RetentionPolicy`: which memories a store can do without."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import type_info
from littlemem_ipy.models.checks import check_type, shown
from littlemem_ipy.models.times import now, span_of

__all__ = ["RetentionPolicy"]

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmg]?)i?b?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}
_PLAIN = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class RetentionPolicy:
    """What shall be put out of use; pinned memories never are, and nothing is ever removed for good.

    A number of days may be a number, a `timedelta`, or words such as ``365d``, ``6 months`` or ``1y``.

    Attributes
    ----------
    max_age
        Days since a memory was last used, changed or added. None leaves it to the types: what their registry
        says (`littlemem_ipy.models.TYPES`), for most of them "for ever". A number holds for every type but
        the personal ones (preferences).
    by_type
        Days for single types, by name; None keeps a type for ever.
    by_age
        Whether age counts at all.
    duplicates
        Whether contents that agree are merged into one memory; the others are marked as superseded by it.
    superseded
        Whether memories that others have replaced for longer than `grace` are deleted (restorable).
    min_uses
        Memories that were used less often than this, and are older than `grace`, go; 0 for none.
    junk_after
        Memories that went into so many prompts and helped in none go; None for none.
    max_count
        How many memories may be in use; those used least and longest ago go first. None for any number.
    max_bytes
        Bytes of UTF-8 that titles and contents in use may have: a number, or text such as ``50MB``.
    grace
        Days that a memory has to prove itself.
    delete
        False archives; True deletes, restorable as well.

    Raises
    ------
    InvalidInput
        If a value is refused.
    """

    max_age: Any = None
    by_type: Mapping[str, Any] = field(default_factory=dict)
    by_age: bool = True
    duplicates: bool = True
    superseded: bool = False
    min_uses: int = 0
    junk_after: int | None = None
    max_count: int | None = None
    max_bytes: Any = None
    grace: Any = 30
    delete: bool = False

    def __post_init__(self) -> None:
        by_type = {str(check_type(kind)): _days(value, "by_type") for kind, value in dict(self.by_type).items()}
        checked = {
            "max_age": _days(self.max_age, "max_age"),
            "by_type": by_type,
            "max_bytes": _bytes(self.max_bytes),
            "grace": _days(self.grace, "grace") or 0.0,
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        for name in ("min_uses", "junk_after", "max_count"):
            _whole(getattr(self, name), name)

    def days_of(self, kind: str) -> float | None:
        """Return after how many days without use a memory of a type goes; None for never."""
        if not self.by_age:
            return None
        if kind in self.by_type:
            found: float | None = self.by_type[kind]
            return found
        info = type_info(kind)
        if self.max_age is None:
            return info.retention_days
        return None if info.personal else float(self.max_age)


def _days(value: object, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, timedelta):
        value = value / timedelta(days=1)
    if isinstance(value, str):
        value = float(value) if _PLAIN.fullmatch(value.strip()) else _ago(value, name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise InvalidInput(f"{name} must be a number of days from 0 on, or words such as 365d, not {shown(value)}.")
    return float(value)


def _ago(text: str, name: str) -> float:
    present = now()
    try:
        return (present - span_of(text, today=present).start) / timedelta(days=1)
    except InvalidInput:
        raise InvalidInput(f"{name}: {shown(text)} is no stretch of time; write 365d, 6 months or 1y.") from None


def _bytes(value: object) -> int | None:
    if value is None:
        return None
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    size = int(float(found[1]) * _UNITS[found[2].lower()]) if found else value
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise InvalidInput(f"max_bytes must be a number of bytes or text such as 50MB, not {shown(value)}.")
    return size


def _whole(value: object, name: str) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise InvalidInput(f"{name} must be a whole number from 0 on, not {shown(value)}.")
