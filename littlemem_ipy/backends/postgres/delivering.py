"""Bringing a change that has waited to what is there now.

Each goes through once: a transaction that reached the server before the connection was lost is known by its
token. Where somebody else changed the memory meanwhile, changes of different fields are put together; where both
changed the same field, theirs stays and ours comes beside it, into the inbox.
"""

from __future__ import annotations

from littlemem_ipy.backends.base import Change
from littlemem_ipy.backends.postgres.connection import Connection, Raw
from littlemem_ipy.backends.postgres.outbox import Waiting
from littlemem_ipy.backends.postgres.rows import SELECT, memory_of
from littlemem_ipy.backends.postgres.writing import Transaction, found_in
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import new_id
from littlemem_ipy.models.versions import differences, put_together

__all__ = ["deliver", "settled"]


def deliver(connection: Connection, waiting: Waiting) -> None:
    """Write a transaction that has waited, unless the server has it already."""
    connection.begin()
    try:
        transaction = Transaction(token=waiting.token)
        if not connection.run(lambda raw: _has(raw, connection, waiting)):
            for change, before in waiting.changes:
                connection.run(lambda raw, c=change, b=before: _put(raw, connection, transaction, c, b))  # type: ignore[misc]
            connection.run(transaction.finish)
        connection.commit()
    except BaseException:
        connection.roll_back()
        raise


def _has(raw: Raw, connection: Connection, waiting: Waiting) -> bool:
    ids = [change.memory.id for change, _ in waiting.changes]
    found = raw.execute(
        "SELECT 1 FROM littlemem.memories m JOIN littlemem.revisions r ON r.space = m.space AND r.key = m.key"
        " WHERE m.space = ANY (%s) AND m.id = ANY (%s) AND r.token = %s LIMIT 1",
        (connection.spaces.all, ids, waiting.token),
    )
    return found.fetchone() is not None


def _put(raw: Raw, connection: Connection, transaction: Transaction, change: Change, before: Memory | None) -> None:
    spaces, memory = connection.spaces, change.memory
    row = found_in(raw, spaces, [memory.id]).get(memory.id)
    if row is None:
        # What changes hands is there twice for a moment: the one that it was made from says the same.
        if before is None and (change.shared is not None or not _said(raw, connection, memory)):
            transaction.put(spaces, raw, [change])
        return  # removed for good meanwhile, or said by somebody else
    settled_change = settled(change, before, memory_of(row, spaces.private))
    if settled_change is not None:
        transaction.put(spaces, raw, [settled_change])


def _said(raw: Raw, connection: Connection, memory: Memory) -> bool:
    """Return whether the same text of the same project is in use already."""
    found = raw.execute(
        f"{SELECT} WHERE m.space = ANY (%s) AND m.content_hash = %s AND m.project IS NOT DISTINCT FROM %s"
        " AND m.deleted_at IS NULL AND m.superseded_by IS NULL LIMIT 1",
        (connection.spaces.all, memory.content_hash, memory.project),
    )
    return found.fetchone() is not None


def settled(change: Change, before: Memory | None, now: Memory) -> Change | None:
    """Return a change as it has to be made to a memory that is different by now; None if nothing is left to do.

    Parameters
    ----------
    change
        What was wanted.
    before
        The memory that it was wanted of; None if that is not known.
    now
        The memory as it is.
    """
    memory = change.memory
    if before is not None:
        changes, contradicting = put_together(before, differences(before, memory), now)
        if not contradicting:
            merged = {"revision": now.revision + 1, "updated_at": max(memory.updated_at, now.updated_at)}
            return Change(now.changed(**changes, **merged), change.action) if changes else None
    elif not differences(now, memory):
        return None
    reason = f"{now.id} was changed by somebody else while this version of it waited: accept it to keep both"
    beside = {"id": new_id(), "revision": 1, "held": reason, "superseded_by": None, "deleted_at": None}
    return Change(memory.model_copy(update=beside), "add", change.shared)
