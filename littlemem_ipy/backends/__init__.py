"""Where memories are kept; `open_backend` chooses by the address."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

from littlemem_ipy.backends.base import Backend, Batch, Change, Passage, TextIndex
from littlemem_ipy.errors import InvalidInput

__all__ = ["Backend", "Batch", "Change", "Passage", "TextIndex", "open_backend"]


def open_backend(url: str | os.PathLike[str], *, timeout: float = 15.0) -> Backend:
    """Return the backend at an address; files are opened at first use.

    Parameters
    ----------
    url
        A path, or ``sqlite:///path``.
    timeout
        Seconds to wait for another process's lock.

    Raises
    ------
    InvalidInput
        If the scheme is unknown. Nothing else is opened in its place.
    """
    from littlemem_ipy.backends.sqlite import SQLiteBackend

    text = os.fspath(url)
    if "\x00" in text or not text.strip():
        raise InvalidInput(f"{text!r} is not the address of a store; give a path or sqlite:///path.")
    scheme, separator, rest = text.partition("://")
    if not separator:
        return SQLiteBackend(Path(text).expanduser(), timeout)
    if scheme == "sqlite":
        if not rest.strip("/"):
            raise InvalidInput(f"{text!r} names no file; write sqlite:///path/to/memory.db.")
        return SQLiteBackend(_path(rest), timeout)
    raise InvalidInput(f"{text!r} is not the address of a store: use a path or sqlite:///path.")


def _path(rest: str) -> Path:
    """Return the path of ``sqlite:///…``: from the root, or beside us if it is only a name."""
    path = unquote(rest).lstrip("/")
    if os.name == "nt" or "/" not in path:
        return Path(path)
    return Path("/") / path
