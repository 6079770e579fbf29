"""What the page may ask for: one method a call, plain JSON in and out, every argument checked by the store."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from littlemem_ipy.browser.changing import Changes, chosen
from littlemem_ipy.browser.figures import figures
from littlemem_ipy.browser.jobs import Jobs
from littlemem_ipy.browser.options import controls
from littlemem_ipy.browser.payloads import command_of, detail_of, history_of, reasons_of, row_of
from littlemem_ipy.browser.upkeep import Upkeep
from littlemem_ipy.config import LittleMem
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import EXCHANGE, TYPES, EventKind, Memory, SearchResults, State
from littlemem_ipy.models.checks import check_id, shown
from littlemem_ipy.models.tables import visible
from littlemem_ipy.store import CURRENT, MemoryStore

__all__ = ["Actions"]

_BEST = 200  # so many of the best hits of a search with words are sorted by another column
_MOST_NAMES = 100
_LAST_REPLIES = 100
_REASONS = 8
_SCOPES: dict[str, Any] = {"here": CURRENT, "all": "*", "none": None}


class Actions(Changes, Upkeep):
    """The calls of the page.

    Parameters
    ----------
    store
        What they read and change.
    settings
        What the settings' tab shows and changes.
    """

    def __init__(self, store: MemoryStore, settings: LittleMem) -> None:
        self.store = store
        self.settings = settings
        self._jobs = Jobs()

    def call(self, name: object, arguments: object) -> Any:
        """Do one call and return its answer.

        Parameters
        ----------
        name
            A public method.
        arguments
            Its arguments by name.

        Raises
        ------
        InvalidInput
            If there is no such call, or the arguments don't fit it.
        """
        known = {each for each in dir(self) if not each.startswith("_")} - {"call", "store", "settings"}
        if not isinstance(name, str) or name not in known:
            raise InvalidInput(f"the memory browser knows no call {shown(name)}.")
        method = getattr(self, name)
        try:
            given = inspect.signature(method).bind(**arguments) if isinstance(arguments, dict) else None
        except TypeError as error:
            raise InvalidInput(f"{name}: {error}.") from None
        if given is None:
            raise InvalidInput(f"{name}: the arguments must be an object, not {shown(arguments)}.")
        return method(*given.args, **given.kwargs)

    def hello(self) -> dict[str, Any]:
        """Return what the page needs to build itself."""
        company = self.store.company
        return {
            "company": company and {"space": visible(company.space or ""), "user": visible(company.user)},
            "types": [{"value": str(kind), "icon": info.icon, "label": info.label} for kind, info in TYPES.items()],
            "states": [str(state) for state in State],
            "project": visible(self.store.project or ""),
            "version": self.store.backend.version(),
        }

    def names(self) -> dict[str, Any]:
        """Return the projects to choose from, and how many memories wait."""
        return {
            "project": visible(self.store.project or ""),
            "projects": [visible(name) for name in self.store.backend.names("projects")[:_MOST_NAMES]],
            "waiting": self.store.count(states=[State.HELD]),
        }

    def tags(self) -> list[str]:
        """Return the most frequent tags."""
        return [visible(name) for name in self.store.backend.names("tags")[:_MOST_NAMES]]

    def version(self) -> str:
        """Return a text that differs after every change."""
        return self.store.backend.version()

    def search(
        self,
        text: str = "",
        scope: str = "here",
        state: str = "active",
        sort: str = "",
        offset: int = 0,
        limit: int = 25,
        descending: bool = True,
        **filters: Any,
    ) -> dict[str, Any]:
        """Return a page of rows, how many there are, and the version that they belong to.

        Parameters
        ----------
        text
            Words; without them everything passes.
        scope
            ``here``, ``all``, ``none``, or ``=`` and the name of a project.
        state
            One state, or ``all``.
        sort, descending
            The column; empty for the best first, or the newest first where there are no words.
        offset, limit
            Which rows.
        **filters
            ``type tag source since until``, empty ones left out.
        """
        version = self.store.backend.version()
        asked = {
            "project": scope[1:] if str(scope).startswith("=") else _SCOPES.get(str(scope), CURRENT),
            "states": list(State) if state == "all" else [state],
            "type": filters.pop("type", None) or None,
            "tags": filters.pop("tag", None) or (),
            "sources": filters.pop("source", None) or (),
            **{name: value for name, value in filters.items() if name in ("since", "until") and value},
        }
        if not asked["sources"]:
            asked["sources_none"] = EXCHANGE  # whole exchanges of chats are shown when asked for
        memories: Sequence[Memory]
        if sort and str(text).strip():
            found = self.store.search(text, limit=_BEST, by="browser", **asked)
            memories = _sorted(found.memories, sort, descending)[offset : offset + limit]
            total = min(found.total, _BEST)
        else:
            found = self.store.search(
                text,
                limit=limit,
                offset=offset,
                sort=sort or "created",
                descending=descending,
                by="browser",
                **asked,
            )
            memories, total = found.memories, found.total
        return {"rows": _rows(memories, found), "total": total, "version": version}

    def detail(self, memory_id: str) -> dict[str, Any]:
        """Return one memory whole, with its history and what the last chats made of it."""
        revisions = self.store.history(memory_id)
        memory = self.store.backend.get([check_id(memory_id)])[memory_id]
        replies = self.store.events(EventKind.RECALLED, limit=_LAST_REPLIES)
        return detail_of(memory) | {
            "history": history_of(revisions),
            "reasons": reasons_of(replies, memory_id, _REASONS),
        }

    def texts(self, ids: list[str]) -> dict[str, str]:
        """Return what several memories say, to be copied: as text, and as the cells that would add them."""
        found = self.store.backend.get([check_id(memory_id) for memory_id in chosen(ids)])
        memories = [found[memory_id] for memory_id in ids if memory_id in found]
        return {
            "copy": "\n\n".join(memory.content for memory in memories),
            "command": "\n\n".join(command_of(memory) for memory in memories),
        }

    def stats(self) -> dict[str, Any]:
        """Return the figures of the whole store."""
        return figures(self.store)

    def options(self) -> list[dict[str, Any]]:
        """Return a control for each setting."""
        return controls(self.settings)


def _rows(memories: Sequence[Memory], found: SearchResults) -> list[dict[str, Any]]:
    scores = {hit.memory.id: round(hit.score, 2) for hit in found} if found.query.text.strip() else {}
    return [row_of(memory) | ({"score": scores[memory.id]} if scores else {}) for memory in memories]


def _sorted(memories: Sequence[Memory], column: str, descending: bool) -> list[Memory]:
    keys: Mapping[str, Any] = {
        "created": lambda m: m.created_at,
        "title": lambda m: m.title.casefold(),
        "type": lambda m: m.type,
        "project": lambda m: (m.project or "").casefold(),
        "tags": lambda m: m.tags,
        "source": lambda m: m.source,
        "used": lambda m: m.access_count,
    }
    if column not in keys:
        raise InvalidInput(f"{shown(column)} is not a column; use one of {', '.join(keys)}.")
    return sorted(memories, key=keys[column], reverse=descending)
