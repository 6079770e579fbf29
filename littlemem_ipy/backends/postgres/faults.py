"""What PostgreSQL says when something fails, in words that tell what to do."""

from __future__ import annotations

import re

import psycopg
from psycopg import errors

from littlemem_ipy.backends.postgres.address import Address
from littlemem_ipy.errors import StoreBusy, StoreError, StoreReadOnly, StoreUnreachable
from littlemem_ipy.models.checks import shown

__all__ = ["explained", "is_lost", "unreachable"]

# Classes of SQLSTATE (PostgreSQL 15, appendix A) after which another connection may do better:
# connection exceptions, too few resources, and a server that stops or starts.
_PLACE = re.compile(r'^connection failed: |connection to server at "[^"]*"(?: \([^)]*\))?, port \d+ failed: ')
_LOST = ("08", "53", "57P")


def is_lost(error: psycopg.Error) -> bool:
    """Return whether the connection or the server went away, so that trying again makes sense."""
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    state = error.sqlstate
    if state is None:
        # libpq itself says no: refused, closed, or a login that was refused on the way.
        return not any(sign in str(error) for sign in ("authentication failed", "does not exist", "no pg_hba.conf"))
    return state.startswith(_LOST)


def unreachable(address: Address, error: Exception) -> StoreUnreachable:
    """Return the error for a server that does not answer."""
    return StoreUnreachable(
        f"The memory server {address.server} can't be reached ({_reason(error)}). Try again when it is back."
    )


def explained(error: psycopg.Error, address: Address, timeout: float) -> StoreError:
    """Return what PostgreSQL said as an error of this package, with what to do about it."""
    if is_lost(error):
        return unreachable(address, error)
    if isinstance(error, errors.LockNotAvailable):
        return StoreBusy(
            f"The space has been locked by another process for {timeout:g} s; nothing was written. Try again."
        )
    if isinstance(error, errors.InsufficientPrivilege | errors.ReadOnlySqlTransaction):
        where = f"the space {address.space}" if address.space else "this space"
        said = "" if "row-level security" in str(error) else f" ({_reason(error)})"
        return StoreReadOnly(
            f"You may not change {where} on {address.server}{said}; nothing was written. "
            "Ask who looks after it for the right to write."
        )
    if isinstance(error, errors.DiskFull):
        return StoreError(f"The disk of {address.server} is full; nothing was written.")
    return StoreError(f"The memory server {address.server} failed: {_reason(error)}.")


def _reason(error: Exception) -> str:
    """Return what was said, on one line and short, because it may quote what is in the table."""
    said = _PLACE.sub("", str(error))
    lines = [line.strip() for line in said.splitlines() if line.strip()] or [type(error).__name__]
    return shown(lines[0], 160).strip("'\"").rstrip(".")
