"""A bar for what takes long, and nothing for what doesn't."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

__all__ = ["Progress", "shown_progress"]

Item = TypeVar("Item")
Progress = bool | Callable[[int, int], None] | None
"""True for a bar, False for none, None for one where it takes long; or what is called with how many are done, and
how many there are, before each item: what it raises ends the work."""

_LONG = 2000


def shown_progress(items: Iterable[Item], total: int, label: str, progress: Progress) -> Iterator[Item]:
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
        True for a bar, False for none, None for one where there are 2,000 items or more; or a function, see
        `Progress`.
    """
    if callable(progress):
        for number, item in enumerate(items):
            progress(number, total)
            yield item
        return
    if progress is False or (progress is None and total < _LONG):
        yield from items
        return
    from tqdm.auto import tqdm

    yield from tqdm(items, total=total, desc=label, unit="memory", leave=False)
