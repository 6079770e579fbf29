"""What SQLite says when something fails, in words that tell what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from littlemem_ipy.errors import StoreBusy, StoreDamaged, StoreError, StoreReadOnly
from littlemem_ipy.models.checks import shown

__all__ = ["BUSY", "damaged", "explained"]

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_READ_ONLY = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)


def explained(error: sqlite3.Error | UnicodeDecodeError, path: Path, timeout: float) -> StoreError:
    """Return what SQLite said as an error of this package, with what to do about it."""
    # Text that is no UTF-8 comes without a code: from a row, or from SQLite's own message about it.
    undecodable = isinstance(error, sqlite3.OperationalError | UnicodeDecodeError)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT if undecodable else sqlite3.SQLITE_ERROR)
    code, reason = code & 0xFF, _reason(error)
    if code in BUSY:
        return StoreBusy(
            f"The memory store {path} has been locked by another process for {timeout:g} s; "
            "nothing was written. Try again, or close what is using it."
        )
    if code in _DAMAGED:
        return damaged(error, path)
    if code in _READ_ONLY:
        return StoreReadOnly(f"The memory store {path} can't be written ({reason}); nothing was changed.")
    if code == sqlite3.SQLITE_FULL:
        return StoreError(f"The disk of {path} is full; nothing was written. Free some space and try again.")
    return StoreError(f"The memory store {path} failed: {reason}.")


def damaged(error: Exception, path: Path) -> StoreDamaged:
    """Return the error for a file that can't be read."""
    return StoreDamaged(
        f"The memory store {path} is damaged ({_reason(error)}). It was left as it is: "
        "keep a copy of it, then restore a backup or set LITTLEMEM_STORE to a new file."
    )


def _reason(error: Exception) -> str:
    """Return what SQLite said, on one line and short, because it may quote what is in the file."""
    return shown(str(error), 100).strip("'\"")
