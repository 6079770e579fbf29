"""All frames of a store in one place: ``store.df``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import pandas as pd

from littlemem_ipy.analytics import activity, chats, contents
from littlemem_ipy.analytics.columns import MEANING
from littlemem_ipy.models.tables import Table
from littlemem_ipy.store import MemoryStore

__all__ = ["FRAMES", "Frames"]

Frame = Callable[..., pd.DataFrame]

FRAMES: Mapping[str, Frame] = MappingProxyType(
    {
        "memories": contents.memories,
        "events": activity.events,
        "usage": activity.usage,
        "conversations": chats.conversations,
        "tags": contents.tags,
        "projects": contents.projects,
        "growth": contents.growth,
        "duplicates": contents.duplicates,
        "searches": activity.searches,
        "captures": chats.captures,
        "costs": chats.costs,
    }
)
"""The functions that make the frames, by their names."""


class Frames:
    """The frames of one store as methods: ``store.df.memories(type="solution")``.

    Parameters
    ----------
    store
        The store.
    """

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Frame:
        if name not in FRAMES:
            raise AttributeError(f"a store has no frame {name!r}; one of {', '.join(FRAMES)}")
        return partial(FRAMES[name], self._store)

    def __dir__(self) -> list[str]:
        return list(FRAMES)

    def _table(self) -> Table:
        return Table(["frame", "what it holds"], [[name, MEANING[name]] for name in FRAMES], cell_limit=100)

    def __repr__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()
