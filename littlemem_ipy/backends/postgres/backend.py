"""`PostgresBackend`: the protocol of `Backend` on the tables of a server."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from littlemem_ipy.backends.base import Batch, Change, Moved, TextIndex, VectorTable
from littlemem_ipy.backends.company import Company
from littlemem_ipy.backends.plain import EventRow, MemoryRow, UsageRow
from littlemem_ipy.backends.postgres.address import Address
from littlemem_ipy.backends.postgres.connection import Raw
from littlemem_ipy.backends.postgres.dialect import order, where
from littlemem_ipy.backends.postgres.history import batch_of
from littlemem_ipy.backends.postgres.index import PostgresIndex, unlearn
from littlemem_ipy.backends.postgres.inspection import check, stats
from littlemem_ipy.backends.postgres.listening import PostgresListener
from littlemem_ipy.backends.postgres.log import append, event_rows, events, usage_rows
from littlemem_ipy.backends.postgres.rows import PLAIN, SELECT, history_of, memory_of, words_of
from littlemem_ipy.backends.postgres.transactions import Transactions
from littlemem_ipy.backends.postgres.vectors import PostgresVectors
from littlemem_ipy.backends.postgres.writing import adopt, found_in
from littlemem_ipy.backends.whole import Uncopied
from littlemem_ipy.errors import StoreReadOnly
from littlemem_ipy.models import Event, Finding, Memory, MemoryStats, Revision, SearchQuery

__all__ = ["PostgresBackend"]

_WORD = re.compile(r"\w{4,}")


class PostgresBackend(Transactions, Uncopied):
    """Memories in the tables of a PostgreSQL server: the user's own, and those of the space in the address.

    Parameters
    ----------
    url
        ``postgresql://user@host/database?space=team-x``; without a space the user's own alone.
    timeout
        Seconds to wait for another writer of the same space.
    home
        The directory in which changes wait while the server is away; None to refuse them.

    Raises
    ------
    InvalidInput
        If it is no such address.
    """

    def __init__(self, url: str, timeout: float = 15.0, home: Path | None = None) -> None:
        super().__init__(Address.of(url), timeout, home)
        self.index: TextIndex = PostgresIndex(self.connection)
        self.vectors: VectorTable = PostgresVectors(self.connection)

    @property
    def url(self) -> str:
        """The address of the space; it never holds a password."""
        return self.connection.address.url

    def __repr__(self) -> str:
        return f"PostgresBackend({self.url!r})"

    def company(self) -> Company:
        """Return with whom the space in the address is shared."""
        spaces = self.connection.spaces
        return Company(self.connection.address.space, spaces.user, spaces.may_write)

    # -- rows ---------------------------------------------------------------------------------

    def get(self, ids: Sequence[str]) -> dict[str, Memory]:
        """Return the memories of these ids, whatever their state."""
        if not ids:
            return {}
        return self.asked(lambda: self._get(ids), lambda: self.recalled(ids))

    def _get(self, ids: Sequence[str]) -> dict[str, Memory]:
        found = self.connection.run(lambda raw: found_in(raw, self.connection.spaces, ids))
        memories = {memory_id: self._memory(row) for memory_id, row in found.items()}
        self.remember(memories.values())
        return memories

    def _memory(self, row: dict[str, object]) -> Memory:
        return memory_of(row, self.connection.spaces.private)

    def same(self, content_hash: bytes, project: str | None) -> list[Memory]:
        """Return the memories of a project with this content that are not deleted, newest first."""
        return self.asked(lambda: self._same(content_hash, project), lambda: self.alike(content_hash, project))

    def _same(self, content_hash: bytes, project: str | None) -> list[Memory]:
        found = self.connection.run(
            lambda raw: raw.execute(
                f"{SELECT} WHERE m.space = ANY (%s) AND m.content_hash = %s AND m.project IS NOT DISTINCT FROM %s"
                " AND m.deleted_at IS NULL ORDER BY m.key DESC",
                (self.connection.spaces.all, content_hash, project),
            ).fetchall()
        )
        return [self._memory(row) for row in found]

    def put(self, changes: Iterable[Change]) -> None:
        """Add or replace rows and write a revision for each."""
        with self.write():
            assert self._transaction is not None  # we are inside of it
            transaction, many = self._transaction, list(changes)
            self.note(many)
            self.asked(
                lambda: self.connection.run(lambda raw: transaction.put(self.connection.spaces, raw, many)),
                lambda: None,
            )

    def adopt(self, moved: Iterable[Moved], events: Iterable[Event] = ()) -> None:
        """Take memories, histories and events over from another store exactly as they are there."""
        with self.write():
            assert self._transaction is not None  # we are inside of it
            transaction, many, log = self._transaction, list(moved), list(events)
            self.asked(
                lambda: self.connection.run(lambda raw: adopt(raw, self.connection.spaces, transaction, many))
            )
            self.asked(lambda: self.connection.run(lambda raw: append(raw, self.connection, log, counted=False)))

    def purge(self, ids: Sequence[str]) -> None:
        """Remove rows, revisions and index entries.

        The server keeps removed rows until its next VACUUM, and in its log and backups as long as it is told to.
        """
        with self.write():
            self.asked(lambda: self._remove(ids))

    def _remove(self, ids: Sequence[str]) -> None:
        gone = self._get(ids)
        if gone:
            earlier = [revision.memory for memory_id in gone for revision in self.revisions(memory_id)]
            self.connection.run(lambda raw: self._purge(raw, list(gone), earlier))

    def _purge(self, raw: Raw, ids: list[str], earlier: list[Memory]) -> None:
        assert self._transaction is not None  # called inside of one
        spaces = self.connection.spaces.all
        removed = raw.execute(
            "DELETE FROM littlemem.memories WHERE space = ANY (%s) AND id = ANY (%s) RETURNING space, length",
            (spaces, ids),
        ).fetchall()
        if len(removed) < len(ids):
            raise StoreReadOnly("You may read this space but not remove from it; nothing was written.")
        for row in removed:
            self._transaction.tally(row["space"], -1, -row["length"])
        asked = {w for memory in earlier for w in _WORD.findall(f"{memory.title}\n{memory.content}".casefold())}
        raw.execute("SELECT littlemem.forget(%s, %s)", (spaces, sorted(asked)))
        gone = {word for memory in earlier for word in words_of(memory)}
        unlearn(raw, {row["space"] for row in removed}, gone)

    def select(self, query: SearchQuery) -> tuple[list[Memory], int]:
        """Return the page of memories that pass the filters, in the query's order, and how many pass in all."""
        condition, values = where(query, self.connection.spaces.all)

        def read(raw: Raw) -> tuple[list[dict[str, object]], int]:
            counted = raw.execute(f"SELECT count(*) AS n FROM littlemem.memories m WHERE {condition}", values)
            row = counted.fetchone()
            found = raw.execute(
                f"{SELECT} WHERE {condition} ORDER BY {order(query)} LIMIT %s OFFSET %s",
                [*values, query.limit, query.offset],
            )
            return found.fetchall() if query.limit else [], row["n"] if row else 0

        found, total = self.connection.snapshot(read)
        return [self._memory(row) for row in found], total

    def rows(self, query: SearchQuery) -> list[MemoryRow]:
        """Return all memories that pass the filters as plain values, in no particular order."""
        spaces = self.connection.spaces
        condition, values = where(query, spaces.all)
        found = self.connection.rows(f"{PLAIN} WHERE {condition}", [spaces.private, *values])
        return [MemoryRow(*row.values()) for row in found]

    def near(self, prefix: str, limit: int) -> list[str]:
        """Return ids that begin with `prefix`, newest first."""
        found = self.connection.rows(
            "SELECT id FROM littlemem.memories WHERE space = ANY (%s) AND id >= %s AND starts_with(id, %s)"
            " AND deleted_at IS NULL ORDER BY key DESC LIMIT %s",
            (self.connection.spaces.all, prefix, prefix, limit),
        )
        return [row["id"] for row in found]

    def names(self, kind: str) -> list[str]:
        """Return the projects or the tags in use, most frequent first."""
        memories = "littlemem.memories WHERE space = ANY (%s) AND deleted_at IS NULL"
        table = {
            "projects": f"SELECT project AS name FROM {memories} AND project IS NOT NULL",
            "tags": f"SELECT json_array_elements_text(tags::json) AS name FROM {memories}",
        }[kind]
        found = self.connection.rows(
            f'SELECT name FROM ({table}) AS used GROUP BY name ORDER BY count(*) DESC, name COLLATE "C"',
            [self.connection.spaces.all],
        )
        return [row["name"] for row in found]

    # -- history ------------------------------------------------------------------------------

    def revisions(self, memory_id: str, since: int | None = None) -> list[Revision]:
        """Return the history of a memory, oldest first; only from the revision of this number on."""
        of_one = "FROM littlemem.revisions WHERE space = %(space)s AND key = %(key)s"
        first = f"SELECT seq {of_one} AND number = %(since)s ORDER BY seq DESC LIMIT 1"
        condition = "" if since is None else f" AND seq >= ({first})"

        def read(raw: Raw) -> tuple[dict[str, object], list[dict[str, object]]] | None:
            row = found_in(raw, self.connection.spaces, [memory_id]).get(memory_id)
            if row is None:
                return None
            found = raw.execute(
                f"SELECT number, action, at, before {of_one}{condition} ORDER BY seq DESC",
                {"space": row["space"], "key": row["key"], "since": since},
            )
            return row, found.fetchall()

        read_back = self.connection.snapshot(read)
        return [] if read_back is None else history_of(*read_back, self.connection.spaces.private)

    def batches(self, count: int, query: SearchQuery) -> list[Batch]:
        """Return the user's last transactions that were not undone and touched what passes the filters."""
        condition, values = where(query, self.connection.spaces.all)
        # What colleagues did is theirs to take back.
        found = (
            "SELECT DISTINCT r.batch FROM littlemem.revisions r"
            " JOIN littlemem.memories m ON m.space = r.space AND m.key = r.key"
            f" WHERE r.undone = 0 AND r.action <> 'undo' AND r.member = current_user AND {condition}"
            " ORDER BY r.batch DESC LIMIT %s"
        )

        def read(raw: Raw) -> list[Batch]:
            keys = [row["batch"] for row in raw.execute(found, [*values, count]).fetchall()]
            return [batch_of(raw, self.connection.spaces, key) for key in keys]

        return self.connection.snapshot(read)

    def mark_undone(self, key: int) -> None:
        """Leave this batch out of `batches` from now on."""
        with self.write():
            self.asked(lambda: self.connection.run(lambda raw: self._mark(raw, key)))

    def _mark(self, raw: Raw, key: int) -> None:
        raw.execute(
            "UPDATE littlemem.revisions SET undone = 1 WHERE space = ANY (%s) AND batch = %s",
            (self.connection.spaces.all, key),
        )

    # -- events -------------------------------------------------------------------------------

    def events(self, kinds: Sequence[str] = (), limit: int | None = None) -> list[Event]:
        """Return the user's own events of these kinds (all when empty), newest first."""
        return events(self.connection, kinds, limit)

    def event_rows(self, kinds: Sequence[str] = ()) -> list[EventRow]:
        """Return the user's own events of these kinds (all when empty) as plain values, oldest first."""
        return event_rows(self.connection, kinds)

    def usage_rows(self, since: int | None = None) -> list[UsageRow]:
        """Return what each memory of the user's own log was good for, in no particular order."""
        return usage_rows(self.connection, since)

    # -- the whole ----------------------------------------------------------------------------

    def version(self) -> str:
        """Return a text that differs after every change of a memory; one short look at the server."""
        found = self.connection.rows(
            "SELECT space, version FROM littlemem.spaces WHERE space = ANY (%s) ORDER BY space",
            [self.connection.spaces.all],
        )
        return ".".join(str(row["version"]) for row in found)

    def listener(self) -> PostgresListener:
        """Return what hears of changes that anybody makes in these spaces."""
        return PostgresListener(self.connection)

    def stats(self) -> MemoryStats:
        """Return how much there is of what."""
        return stats(self.connection)

    def check(self) -> list[Finding]:
        """Return what a look at the server finds."""
        return [*check(self.connection), self.waiting()]

    def close(self) -> None:
        """Write what is pending, and leave the server."""
        if self._pending:
            self.log(())
        with self.connection.held():
            self.connection.drop()
