"""Transactions on a server that may go away in the middle: what was acknowledged is on a disk, here or there."""

from __future__ import annotations

import os
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from littlemem_ipy.backends.base import Change
from littlemem_ipy.backends.postgres.address import Address
from littlemem_ipy.backends.postgres.connection import Connection
from littlemem_ipy.backends.postgres.delivering import deliver
from littlemem_ipy.backends.postgres.log import append
from littlemem_ipy.backends.postgres.outbox import Outbox
from littlemem_ipy.backends.postgres.writing import Transaction
from littlemem_ipy.errors import LittleMemWarning, StoreBusy, StoreError, StoreUnreachable
from littlemem_ipy.models import Event, Finding, Memory

__all__ = ["Transactions"]

Result = TypeVar("Result")

_MAX_PENDING = 1000
_LOG_PATIENCE = 1.0  # seconds that a log waits for a writer; it can be written later
_REMEMBERED = 1000  # memories that are known without asking, for changes of them while the server is away


class _Unsent(StoreBusy):
    """Another process is delivering what waits, and has not come to an end."""


class Transactions:
    """The part of the backend that writes.

    While the server is away, a transaction that only adds or changes memories goes on: it sees what this process
    has seen last, and waits in the outbox until the server is back. Everything else raises `StoreUnreachable`.

    Parameters
    ----------
    address
        Where the server is.
    timeout
        Seconds to wait for another writer of the same space.
    home
        The directory for the outbox; None for none.
    """

    def __init__(self, address: Address, timeout: float, home: Path | None) -> None:
        self.connection = Connection(address, timeout)
        self.connection.before_reading = self.send
        self.outbox = Outbox(home / "outbox.db", address.url) if home else None
        self._transaction: Transaction | None = None
        self._pending: list[Event] = []
        self._pid = os.getpid()
        self._seen: OrderedDict[str, Memory] = OrderedDict()
        self._unsent: bool | None = None  # None until it was looked for
        self._told = False  # whether the user knows that changes wait
        self._sending = False
        self._away: StoreUnreachable | None = None  # why the current transaction is without a server

    # -- one transaction ----------------------------------------------------------------------

    @contextmanager
    def write(self) -> Iterator[None]:
        """Return one durable write transaction; inside another one it joins that one."""
        with self.connection.held():
            if self._transaction is not None:
                yield
                return
            self._forget_after_fork()
            transaction, waiting = Transaction(), list(self._pending)
            self._begin()
            self._transaction = transaction
            try:
                yield
                self._end(transaction)
            except BaseException:
                self._pending = waiting  # what the transaction logged did not happen
                self.connection.roll_back()
                raise
            finally:
                self._transaction = self._away = None

    def _begin(self) -> None:
        try:
            self.send()  # what is read in this transaction must not be older than what was acknowledged before
            self.connection.begin()
        except StoreUnreachable as error:
            if self.outbox is None:
                raise
            self._away = error
        except _Unsent as error:
            # Others still bring what came before to the server: this waits as well, behind it.
            self._away = StoreUnreachable(str(error))

    def _end(self, transaction: Transaction) -> None:
        if self._away is None:
            try:
                if self._pending:
                    self.connection.run(lambda raw: append(raw, self.connection, self._pending))
                self.connection.run(transaction.finish)
                self.connection.commit()
            except StoreUnreachable as error:
                self._lose(transaction, error)
        if self._away is None:
            self._pending = []
        else:
            self._keep(transaction)
        self.remember(change.memory for change, _ in transaction.changes)

    def _lose(self, transaction: Transaction, error: StoreUnreachable) -> None:
        """Go on without the server, if what the transaction does can be done later."""
        if self.outbox is None or not transaction.repeatable:
            raise error
        self.connection.drop()
        self._away = error

    def _keep(self, transaction: Transaction) -> None:
        assert self.outbox is not None  # without one there is no going on
        if not transaction.changes:
            return
        self.outbox.add(transaction.token, transaction.changes)
        self._pending = self._pending[-_MAX_PENDING:]
        if not self._told:
            # Without a line of ours below it: it is read in the output of a cell.
            warnings.warn_explicit(
                f"{self._away} What you change until then is kept on this computer and goes there by itself; "
                "%mem tells how much waits.",
                LittleMemWarning,
                "littlemem_ipy",
                0,
            )
        self._unsent = self._told = True

    def asked(self, online: Callable[[], Result], offline: Callable[[], Result] | None = None) -> Result:
        """Return what the server says; in a transaction without one, what is known here.

        Parameters
        ----------
        online
            Asks the server.
        offline
            Answers without it; None where nobody else can.
        """
        transaction = self._transaction
        if transaction is None:
            return online()
        if offline is None:
            transaction.repeatable = False
        if self._away is None:
            try:
                return online()
            except StoreUnreachable as error:
                self._lose(transaction, error)
        if offline is None:
            assert self._away is not None  # else we would have returned
            raise self._away
        return offline()

    # -- what is known without a server -------------------------------------------------------

    def remember(self, memories: Iterable[Memory]) -> None:
        """Keep memories in mind as they were seen last."""
        for memory in memories:
            self._seen[memory.id] = memory
            self._seen.move_to_end(memory.id)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def recalled(self, ids: Sequence[str]) -> dict[str, Memory]:
        """Return memories as they were seen last, changes of the current transaction included."""
        assert self._away is not None  # called only without a server
        mine = {change.memory.id: change.memory for change, _ in self._changes()}
        known = {memory_id: mine.get(memory_id) or self._seen.get(memory_id) for memory_id in ids}
        if None in known.values():
            raise self._away
        return {memory_id: memory for memory_id, memory in known.items() if memory is not None}

    def alike(self, content_hash: bytes, project: str | None) -> list[Memory]:
        """Return the memories with this content that were seen."""
        known = {**self._seen, **{change.memory.id: change.memory for change, _ in self._changes()}}
        return [
            memory
            for memory in reversed(known.values())
            if memory.content_hash == content_hash and memory.project == project and memory.deleted_at is None
        ]

    def note(self, changes: Iterable[Change]) -> None:
        """Keep in mind what the current transaction changes, and what was there before: it may have to wait."""
        mine = self._changes()
        latest = {change.memory.id: change.memory for change, _ in mine}
        for change in changes:
            memory_id = change.memory.id
            mine.append((change, latest.get(memory_id) or self._seen.get(memory_id)))
            latest[memory_id] = change.memory

    def _changes(self) -> list[tuple[Change, Memory | None]]:
        assert self._transaction is not None  # called inside of one
        return self._transaction.changes

    # -- what waits ---------------------------------------------------------------------------

    def send(self) -> None:
        """Bring what waits to the server, if there is something.

        Raises
        ------
        StoreUnreachable
            If the server is away; what waits goes on waiting.
        """
        if self.outbox is None or self._unsent is False or self._sending or self._transaction is not None:
            return
        if self._unsent is None:
            self._unsent = self.outbox.count() > 0
        if not self._unsent:
            return
        self._sending = True
        try:
            self.connection.rows("SELECT 1 AS here")  # before the file is locked: others may want to add to it
            self._deliver(self.outbox)
            self._unsent = self._told = False
        finally:
            self._sending = False

    def _deliver(self, outbox: Outbox) -> None:
        with ExitStack() as stack:
            try:
                waiting = stack.enter_context(outbox.taken())
            except StoreBusy:
                raise _Unsent(
                    f"Earlier changes are still on their way to the memory server {self.connection.address.server}."
                ) from None
            for each in waiting:
                deliver(self.connection, each)

    def waiting(self) -> Finding:
        """Return how much waits on this computer for the server."""
        count = self.outbox.count() if self.outbox else 0
        detail = (
            f"{count:,} of your changes wait{'s' * (count == 1)} for the server; they go there by themselves"
            if count
            else "nothing waits"
        )
        return Finding("outbox", not count, detail)

    # -- the log ------------------------------------------------------------------------------

    def log(self, events: Iterable[Event]) -> None:
        """Append events: with the transaction around, or at once without waiting for the server's disk.

        Where the server is away, or a writer takes long, they wait in memory for the next write; at most
        1,000 do, because a read must never fail for its log.
        """
        with self.connection.held():
            self._forget_after_fork()
            self._pending.extend(events)
            if self._transaction is not None or not self._pending:
                return
            pending, self._pending = self._pending, []
            try:
                self.connection.begin(durable=False, patience=_LOG_PATIENCE)
                try:
                    self.connection.run(lambda raw: append(raw, self.connection, pending))
                    self.connection.commit()
                except BaseException:
                    self.connection.roll_back()
                    raise
            except StoreError:
                self._pending = pending[-_MAX_PENDING:]

    def _forget_after_fork(self) -> None:
        """Leave what waits in memory to the process that logged it."""
        if self._pid != os.getpid():
            self._pid, self._pending = os.getpid(), []
