"""`MemoryStore`, put together from its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from littlemem_ipy.store.expecting import Expecting
from littlemem_ipy.store.locking import Locking
from littlemem_ipy.store.publishing import Publishing
from littlemem_ipy.store.sharing import Sharing
from littlemem_ipy.store.tidying import Tidying

if TYPE_CHECKING:
    from littlemem_ipy.analytics import Frames

__all__ = ["MemoryStore"]


class MemoryStore(Tidying, Locking, Sharing, Publishing, Expecting):
    """Memories, with scope, history and search.

    Parameters
    ----------
    backend
        Where they are kept.
    project
        The current project; None for none.

    Attributes
    ----------
    project
        The current project. What is written goes there unless it is said otherwise or is a
        personal preference; reads see it and the memories of no project.
    """

    @property
    def df(self) -> Frames:
        """The store as DataFrames: ``store.df.usage()``; shown by itself it lists what there is."""
        from littlemem_ipy.analytics import Frames  # here, as it imports pandas

        return Frames(self)
