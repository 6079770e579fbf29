"""One connection to the server: opened at first use, opened again where it was lost, one transaction at a time.

There is one connection for each process that uses memories, and no pool: a kernel does one thing at a time, and
a thousand kernels with pools would only multiply connections. Nothing is kept in the session (locks belong to
transactions, and no statement is prepared where the session is not ours), so PgBouncer may stand in between.

Reads are repeated when the connection was lost, for some seconds. Writers of one space wait for each other (an
advisory lock that ends with the transaction), as they do in one file: what was read in a transaction is still
true at its end.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

from littlemem_ipy.backends.postgres.address import Address
from littlemem_ipy.backends.postgres.faults import explained, is_lost, unreachable
from littlemem_ipy.backends.postgres.migrating import brought_up_to_date
from littlemem_ipy.backends.postgres.schema import WRITER
from littlemem_ipy.errors import StoreError, StoreReadOnly

__all__ = ["Connection", "Raw", "Spaces"]

Raw = psycopg.Connection[dict[str, Any]]
Result = TypeVar("Result")

_PATIENCE = 5.0  # seconds that a read waits for a server that went away
_REST = 10.0  # seconds for which nobody waits again when that was in vain
_LOGIN = 5  # seconds that a login may take

# Connections inherited through a fork: closing them in the child would say goodbye for the parent.
_inherited: list[Raw] = []


@dataclass(frozen=True, slots=True)
class Spaces:
    """The spaces of a store.

    Attributes
    ----------
    private
        The number of the user's own space.
    shared
        The number of the space that the address names; the private one if it names none.
    may_write
        Whether the shared one may be changed.
    user
        The user's name on the server.
    """

    private: int
    shared: int
    may_write: bool
    user: str

    @property
    def all(self) -> list[int]:
        """The numbers of all, each once."""
        return sorted({self.private, self.shared})


class Connection:
    """The connection to one server, shared by the threads of a process.

    Parameters
    ----------
    address
        Where and as whom.
    timeout
        Seconds to wait for another process's lock.
    """

    def __init__(self, address: Address, timeout: float = 15.0) -> None:
        self.address = address
        self.timeout = timeout
        self.depth = 0
        """How many `writing` blocks are around; only meaningful while `held`."""
        self.read_only: str | None = None
        """Why nothing can be written; None if it can."""
        self.before_reading: Callable[[], None] = lambda: None
        """Called before each read outside of a transaction."""
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._raw: Raw | None = None
        self._spaces: Spaces | None = None
        self._resting = 0.0

    @property
    def options(self) -> dict[str, Any]:
        """What libpq is told."""
        return {"connect_timeout": _LOGIN, "application_name": "littlemem_ipy", **self.address.options}

    @property
    def spaces(self) -> Spaces:
        """The spaces of this store; asks the server at first use."""
        if self._spaces is None:
            self.run(lambda raw: None)
        assert self._spaces is not None  # set where a connection is opened
        return self._spaces

    # -- reading and writing ------------------------------------------------------------------

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of one statement that only reads."""
        return self.run(lambda raw: raw.execute(sql, values).fetchall())

    def run(self, work: Callable[[Raw], Result]) -> Result:
        """Return what `work` reads; it is repeated if the connection is lost outside of a transaction."""
        with self.held():
            if not self.depth:
                self.before_reading()
            with self._translated():
                if self.depth:
                    assert self._raw is not None  # a transaction has a connection
                    return work(self._raw)
                return self._patiently(work)

    def snapshot(self, work: Callable[[Raw], Result]) -> Result:
        """Return what `work` reads in several statements that see one and the same state."""

        def together(raw: Raw) -> Result:
            if self.depth:
                return work(raw)
            with raw.transaction():
                raw.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                return work(raw)

        return self.run(together)

    def begin(self, *, durable: bool = True, patience: float | None = None) -> Raw:
        """Begin the outermost transaction and take the locks of its spaces.

        Parameters
        ----------
        durable
            Whether the commit waits for the server's disk; events do without.
        patience
            Seconds to wait for the lock; None for the usual time.
        """
        wait = self.timeout if patience is None else patience

        def start(raw: Raw) -> Raw:
            if self.read_only:
                raise StoreReadOnly(self.read_only)
            try:
                raw.execute("BEGIN")
                raw.execute(
                    "SELECT set_config('lock_timeout', %s, true), set_config('synchronous_commit', %s, true),"
                    " set_config('search_path', 'pg_catalog, pg_temp', true)",
                    (f"{max(1, int(wait * 1000))}ms", "on" if durable else "off"),
                )
                raw.execute(
                    "SELECT pg_advisory_xact_lock(%s::int, s) FROM unnest(%s::int[]) s", (WRITER, self.spaces.all)
                )
            except BaseException:
                self.roll_back()
                raise
            return raw

        with self._translated():
            raw = self._patiently(start)
        self.depth = 1
        return raw

    def commit(self) -> None:
        """End the outermost transaction; when this returns, everything is safely on the server's disk."""
        assert self._raw is not None  # a transaction has a connection
        self.depth = 0
        with self._translated():
            self._raw.execute("COMMIT")

    def roll_back(self) -> None:
        """Give the outermost transaction up; a connection that is gone has done so itself."""
        self.depth = 0
        raw = self._raw
        if raw is None:
            return
        try:
            if not raw.closed and raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                raw.execute("ROLLBACK")
        except psycopg.Error:
            self.drop()

    def drop(self) -> None:
        """Close what is open; the next use opens it again."""
        # In this order, so that ^C in between leaves nothing that looks open.
        raw, self._raw = self._raw, None
        self.depth = 0
        if raw is not None:
            raw.close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other threads out; after a fork, forget what the parent had open."""
        if self._pid != os.getpid():
            if self._raw is not None:
                _inherited.append(self._raw)
            self._raw, self.depth, self._pid = None, 0, os.getpid()
            self._lock = threading.RLock()
        with self._lock:
            yield

    def _patiently(self, work: Callable[[Raw], Result]) -> Result:
        deadline = time.monotonic() + min(_PATIENCE, max(self.timeout, 0.1))
        while True:
            try:
                return work(self._open())
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                if not is_lost(error):
                    raise
                self.drop()
                now = time.monotonic()
                if now >= deadline or now < self._resting:
                    self._resting = max(self._resting, now + _REST)
                    raise unreachable(self.address, error) from error
            time.sleep(random.uniform(0.05, 0.2))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise explained(error, self.address, self.timeout) from error

    # -- opening ------------------------------------------------------------------------------

    def _open(self) -> Raw:
        if self._raw is not None and not self._raw.closed:
            return self._raw
        raw: Raw = psycopg.connect(**self.options, autocommit=True, row_factory=dict_row)
        try:
            self.read_only = brought_up_to_date(raw, self.address)
            self._spaces = self._enter(raw)
        except BaseException:
            raw.close()
            raise
        self._raw, self._resting = raw, 0.0
        return raw

    def _enter(self, raw: Raw) -> Spaces:
        """Return the spaces of the address, as far as the server lets the user in."""
        row = raw.execute(
            "SELECT littlemem.home() AS space, current_user AS name, pg_backend_pid() AS pid"
        ).fetchone()
        assert row is not None  # the function returns one number
        if row["pid"] != raw.info.backend_pid:
            # A pooler stands in between: the next statement may reach another session of the server.
            raw.prepare_threshold = None
        private, user = row["space"], row["name"]
        if self.address.space is None:
            return Spaces(private, private, True, user)
        found = raw.execute(
            "SELECT s.space, m.may_write FROM littlemem.spaces s JOIN littlemem.members m ON m.space = s.space"
            " WHERE s.name = %s AND m.member = current_user",
            (self.address.space,),
        ).fetchone()
        if found is None:
            raise StoreError(
                f"There is no space {self.address.space!r} on {self.address.server} that you may see. "
                "Ask who looks after the server to let you in, or leave ?space= out for your own."
            )
        return Spaces(private, found["space"], found["may_write"], user)
