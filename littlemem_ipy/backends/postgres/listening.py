"""Hearing of changes without asking: PostgreSQL tells whoever listens, and an event loop can wait for it."""

from __future__ import annotations

import psycopg

from littlemem_ipy.backends.postgres.connection import Connection
from littlemem_ipy.backends.postgres.faults import unreachable

__all__ = ["PostgresListener"]


class PostgresListener:
    """A connection that does nothing but listen to the spaces of a store.

    Parameters
    ----------
    connection
        The connection of the store; it tells where the server is and which spaces there are.

    Raises
    ------
    StoreUnreachable
        If the server does not answer.
    """

    def __init__(self, connection: Connection) -> None:
        self._address = connection.address
        spaces = connection.spaces.all
        try:
            self._raw = psycopg.connect(**connection.options, autocommit=True)
            found = self._raw.execute("SELECT channel FROM littlemem.spaces WHERE space = ANY (%s)", (spaces,))
            for (channel,) in found.fetchall():
                self._raw.execute(f"LISTEN littlemem_{channel.hex}")
        except psycopg.Error as error:
            raise unreachable(self._address, error) from error

    def fileno(self) -> int:
        """Return the number of the socket, which is readable when there is something to hear."""
        return self._raw.fileno()

    def heard(self) -> bool:
        """Return whether anything has changed since the last call; never waits.

        Raises
        ------
        StoreUnreachable
            If the connection is lost; nothing will be heard on it any more.
        """
        try:
            return bool(list(self._raw.notifies(timeout=0)))
        except psycopg.Error as error:
            raise unreachable(self._address, error) from error

    def close(self) -> None:
        """Stop listening."""
        self._raw.close()
