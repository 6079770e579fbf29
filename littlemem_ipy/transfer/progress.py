"""A bar for what takes long, and nothing for what doesn't."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["shown_progress"]

Item = TypeVar("Item")

_LONG = 2000


def shown_progress(items: Iterable[Item], total: int, label: str, progress: bool | None) -> Iterator[Item]:
    """Yield the items, with a bar if there are many or it is wanted.

    Parameters
    ----------
    items
        What is worked on.
    total
        How many there are.
    label
        What is done, in front of the bar.
    progress
        True for a bar, False for none, None for one where there are 2,000 items or more.
    """
    if progress is False or (progress is None and total < _LONG):
        yield from items
        return
    from tqdm.auto import tqdm

    yield from tqdm(items, total=total, desc=label, unit="memory", leave=False)
