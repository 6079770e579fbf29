"""Where memories are kept; `open_backend` chooses by the address."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote

from littlemem_ipy.backends.announcing import Announcing, Listener
from littlemem_ipy.backends.base import (
    Backend,
    Batch,
    Change,
    Gate,
    Moved,
    TextIndex,
    Unembedded,
    VectorTable,
)
from littlemem_ipy.backends.company import Company, Shared
from littlemem_ipy.backends.plain import NEVER, EventRow, MemoryRow, Passage, UsageRow
from littlemem_ipy.errors import InvalidInput, MissingExtra
from littlemem_ipy.models.checks import shown, shown_address

__all__ = [
    "NEVER",
    "Announcing",
    "Backend",
    "Batch",
    "Change",
    "Company",
    "EventRow",
    "Gate",
    "Listener",
    "MemoryRow",
    "Moved",
    "Passage",
    "Shared",
    "TextIndex",
    "Unembedded",
    "UsageRow",
    "VectorTable",
    "in_use",
    "open_backend",
]


def open_backend(
    url: str | os.PathLike[str], *, timeout: float = 15.0, home: Path | None = None, gate: Gate | None = None
) -> Backend:
    """Return the backend at an address; files are opened at first use.

    Parameters
    ----------
    url
        A path, ``sqlite:///path``, ``json:///directory`` (the layout of LittleLLM), or
        ``postgresql://user@host/database?space=name``.
    timeout
        Seconds to wait for another process's lock.
    home
        A directory in which changes may wait while a server is away; None to refuse them then.
    gate
        What a memory passes that another program has put into a directory; None takes it as it is.

    Raises
    ------
    InvalidInput
        If the scheme is unknown. Nothing else is opened in its place.
    MissingExtra
        If the optional part for a server is not installed.
    """
    text = _address(url)
    scheme, separator, rest = text.partition("://")
    if not separator:
        path = os.path.expanduser(text)
        if path.startswith("~"):
            raise InvalidInput(f"{shown(text)}: there is no such home directory; write ./ in front of a name.")
        return _in_files("sqlite", Path(path), timeout, gate)
    if scheme in ("sqlite", "json"):
        if not rest.strip("/"):
            example = "sqlite:///path/to/memory.db" if scheme == "sqlite" else "json:///path/to/directory"
            raise InvalidInput(f"{text!r} names no {example.rpartition('/')[2]}; write {example}.")
        return _in_files(scheme, _path(rest), timeout, gate)
    if scheme in ("postgresql", "postgres"):
        return _on_a_server(text, timeout, home)
    raise InvalidInput(
        f"{shown_address(text)} is not the address of a store: use a path, sqlite:///path, "
        "json:///directory or postgresql://user@host/database."
    )


def in_use(path: Path) -> bool:
    """Return whether this process has a file open as a store: to open and close it as well would unlock it."""
    from littlemem_ipy.backends.sqlite.files import USED

    return path in USED


def _in_files(scheme: str, path: Path, timeout: float, gate: Gate | None) -> Backend:
    from littlemem_ipy.backends.sqlite import SQLiteBackend

    if scheme == "sqlite":
        return SQLiteBackend(path, timeout)
    from littlemem_ipy.backends.jsondir import JSONDirectoryBackend

    return JSONDirectoryBackend(path, timeout, gate)


def _on_a_server(url: str, timeout: float, home: Path | None) -> Backend:
    try:
        from littlemem_ipy.backends.postgres import PostgresBackend
    except ImportError as error:
        raise MissingExtra("A memory on PostgreSQL", "postgres") from error
    return PostgresBackend(url, timeout, home)


def _address(url: object) -> str:
    text = os.fspath(url) if isinstance(url, str | os.PathLike) else None
    if not isinstance(text, str) or "\x00" in text or not text.strip():
        raise InvalidInput(f"{shown(url)} is not the address of a store; give a path or sqlite:///path.")
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        raise InvalidInput(f"{shown(url)} is not the address of a store: no file can have this name.") from None
    return text


def _path(rest: str) -> Path:
    """Return the path of ``sqlite:///…``: from the root, or beside us if it is only a name.

    What `SQLiteBackend.url` gives has a fourth slash, and then it is from the root for sure.
    """
    path = unquote(rest)
    if os.name == "nt" or ("/" not in path.lstrip("/") and not path.startswith("//")):
        return Path(path.lstrip("/"))
    return Path("/") / path.lstrip("/")
