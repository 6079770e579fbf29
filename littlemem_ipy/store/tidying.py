"""Keeping a store in order: duplicates found, and what is no longer needed put out of use."""

from __future__ import annotations

from typing import Any

from littlemem_ipy.duplicates import Duplicates, find_duplicates
from littlemem_ipy.models import MAX_LIMIT, Memory, SearchQuery, State, build
from littlemem_ipy.store.changing import Changing
from littlemem_ipy.store.scope import CURRENT, Unset

__all__ = ["Tidying"]


class Tidying(Changing):
    """The part of `MemoryStore` that keeps it in order."""

    def duplicates(
        self,
        *,
        near: bool = True,
        type: str | None = None,  # noqa: A002
        project: str | Unset | None = CURRENT,
    ) -> Duplicates:
        """Return the groups of memories in use that say the same; nothing is changed.

        Contents decide, titles don't. Numbers, names, identifiers and negations must agree in every group.

        Parameters
        ----------
        near
            Whether to look for contents that differ in a few words as well.
        type
            Only among memories of this type.
        project
            Another scope, as in `search`; memories of different projects are never duplicates.
        """
        return find_duplicates(self._everything((State.ACTIVE,), project, types=type), near=near)

    def _everything(self, states: tuple[State, ...], project: str | Unset | None, **filters: Any) -> list[Memory]:
        """Return all memories of a scope in these states, as they are at one moment."""
        found: list[Memory] = []
        query = build(
            SearchQuery, {"states": states, "projects": self._scope(project), "limit": MAX_LIMIT, **filters}
        )
        while True:
            page, total = self.backend.select(query.model_copy(update={"offset": len(found)}))
            found += page
            if not page or len(found) >= total:
                return found
