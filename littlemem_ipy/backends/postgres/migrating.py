"""Making the tables and bringing them up to date, once, however many processes come at the same time."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import errors

from littlemem_ipy.backends.postgres.address import Address
from littlemem_ipy.backends.postgres.schema import LATEST, LOCK, statements
from littlemem_ipy.errors import StoreError

__all__ = ["brought_up_to_date", "prepare"]


def brought_up_to_date(raw: psycopg.Connection[dict[str, Any]], address: Address) -> str | None:
    """Bring the tables to the latest format if need be, and return why they can't be written if so.

    Raises
    ------
    StoreError
        If there are no tables, or older ones, and the user has no right to make them.
    """
    version = _version(raw)
    if version < LATEST:
        try:
            _migrate(raw, 0)
        except errors.InsufficientPrivilege as error:
            raise StoreError(
                f"The database {address.server} is not prepared for memories of this version, and you "
                "may not do that: ask who looks after it to open it once with littlemem_ipy."
            ) from error
    elif version > LATEST:
        return (
            f"The tables on {address.server} were made by a newer version of littlemem_ipy (format {version}, this "
            f"version writes {LATEST}); they can be read and exported. Upgrade littlemem_ipy to write."
        )
    return None


def prepare(url: str, partitions: int = 0) -> None:
    """Make the tables on a server, for whoever looks after it; does nothing where they are up to date.

    Parameters
    ----------
    url
        ``postgresql://owner@host/database``; the user must own the database or be allowed to make schemas in it.
    partitions
        Over how many partitions the tables are split by space; 0 for whole tables. It can't be changed later.
    """
    address = Address.of(url)
    with psycopg.connect(**address.options, autocommit=True, row_factory=psycopg.rows.dict_row) as raw:
        _migrate(raw, partitions)


def _migrate(raw: psycopg.Connection[dict[str, Any]], partitions: int) -> None:
    with raw.transaction():
        # Whoever may make functions in a schema of the path could put one in the place of a function meant here.
        raw.execute("SET LOCAL search_path = pg_catalog, pg_temp")
        raw.execute("SELECT pg_advisory_xact_lock(%s::bigint)", (LOCK,))
        for statement in statements(_version(raw), partitions):
            raw.execute(statement)


def _version(raw: psycopg.Connection[dict[str, Any]]) -> int:
    row = raw.execute("SELECT to_regclass('littlemem.migrations') IS NOT NULL AS made").fetchone()
    if row is None or not row["made"]:
        return 0
    found = raw.execute("SELECT max(version) AS version FROM littlemem.migrations").fetchone()
    return int(found["version"] or 0) if found else 0
