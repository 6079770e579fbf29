"""A change from the form that meets somebody else's: what goes together, and what has to be chosen."""

from __future__ import annotations

from typing import Any

from littlemem_ipy.browser.payloads import detail_of, fields_of
from littlemem_ipy.models import Memory
from littlemem_ipy.models.versions import differences, put_together

__all__ = ["meeting"]


def meeting(before: Memory, mine: Memory, now: Memory) -> dict[str, Any]:
    """Return a form that says both, and both versions of the fields where that can't be.

    Parameters
    ----------
    before
        The memory that the change was based on.
    mine
        The same with the change.
    now
        The memory as it is, changed by somebody else.
    """
    together, contradicting = put_together(before, differences(before, mine), now)
    theirs, own = fields_of(now), fields_of(mine)
    chosen = fields_of(now.changed(**together)) | {name: own[name] for name in contradicting}
    both = {name: {"mine": own[name], "theirs": theirs[name]} for name in contradicting}
    return {"now": detail_of(now), "fields": chosen, "both": both}
