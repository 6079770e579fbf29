"""A local, visible memory for the LLM chats that people have in notebooks.

``%load_ext littlemem_ipy`` brings ``%mem`` and ``%%chat``; everything they do is also a call:

>>> from littlemem_ipy import open_store
>>> store = open_store("memory.db")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from littlemem_ipy.browser import MemoryBrowser
    from littlemem_ipy.chat import ChatReply, ChatSession
    from littlemem_ipy.errors import LittleMemError
    from littlemem_ipy.models import Memory, MemoryType, SearchHit, SearchQuery, SearchResults
    from littlemem_ipy.store import MemoryStore, open_store

__version__ = "0.1.0"

__all__ = [
    "ChatReply",
    "ChatSession",
    "LittleMemError",
    "Memory",
    "MemoryBrowser",
    "MemoryStore",
    "MemoryType",
    "SearchHit",
    "SearchQuery",
    "SearchResults",
    "open_store",
]

_HOMES = {
    "ChatReply": "chat",
    "ChatSession": "chat",
    "LittleMemError": "errors",
    "Memory": "models",
    "MemoryBrowser": "browser",
    "MemoryStore": "store",
    "MemoryType": "models",
    "SearchHit": "models",
    "SearchQuery": "models",
    "SearchResults": "models",
    "open_store": "store",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that loading the extension stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Bring %mem, %%mem, %chat and %%chat into a shell, silently; again means anew."""
    from littlemem_ipy.magics import register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything out of the shell again and release the store."""
    from littlemem_ipy.magics import unregister

    unregister(shell)
