"""The vectors of the memories, each with the model that made it and the hash of the text it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from littlemem_ipy.backends.base import Unembedded
from littlemem_ipy.backends.postgres.connection import Connection, Raw
from littlemem_ipy.backends.postgres.schema import VECTORS
from littlemem_ipy.models.envelope import MARK

__all__ = ["PostgresVectors"]

_READABLE = f"NOT starts_with(m.content, '{MARK}.')"  # what is sensitive has no vector


class PostgresVectors:
    """The vectors of the spaces of a store.

    Parameters
    ----------
    connection
        The connection to the server.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def writable(self) -> bool:
        """Whether vectors can be added."""
        return self.connection.spaces.may_write and self.connection.read_only is None

    def since(self, model: str, number: int, limit: int) -> list[tuple[int, int, bytes]]:
        """Return number, key and vector of a model's vectors with higher numbers than `number`, in order."""
        found = self.connection.rows(
            "SELECT number, key, vector FROM littlemem.vectors WHERE space = ANY (%s) AND model = %s"
            " AND number > %s ORDER BY number LIMIT %s",
            (self.connection.spaces.all, model, number, limit),
        )
        return [(row["number"], row["key"], row["vector"]) for row in found]

    def numbers(self, model: str, keys: Sequence[int]) -> dict[int, int]:
        """Return the numbers that the vectors of these memories have now."""
        found = self.connection.rows(
            "SELECT key, number FROM littlemem.vectors WHERE space = ANY (%s) AND model = %s AND key = ANY (%s)",
            (self.connection.spaces.all, model, list(keys)),
        )
        return {row["key"]: row["number"] for row in found}

    def missing(self, model: str, limit: int, newest: int | None = None) -> list[Unembedded]:
        """Return memories that have no vector of this model, newest first; only among so many `newest` ones."""
        found = self.connection.rows(
            "SELECT m.key, m.title, m.content FROM (SELECT space, key, title, content FROM littlemem.memories"
            " WHERE space = ANY (%s) AND deleted_at IS NULL ORDER BY key DESC LIMIT %s) AS m"
            " LEFT JOIN littlemem.vectors v ON v.space = m.space AND v.key = m.key AND v.model = %s"
            f" WHERE v.key IS NULL AND {_READABLE} ORDER BY m.key DESC LIMIT %s",
            (self.connection.spaces.all, newest, model, limit),
        )
        return [Unembedded(row["key"], row["title"], row["content"]) for row in found]

    def count(self, model: str) -> tuple[int, int]:
        """Return how many memories have a vector of this model, and how many have none."""
        (row,) = self.connection.rows(
            "SELECT count(v.key) AS done, count(*) AS total FROM littlemem.memories m"
            " LEFT JOIN littlemem.vectors v ON v.space = m.space AND v.key = m.key AND v.model = %s"
            f" WHERE m.space = ANY (%s) AND m.deleted_at IS NULL AND {_READABLE}",
            (model, self.connection.spaces.all),
        )
        return row["done"], row["total"] - row["done"]

    def of_texts(self, model: str, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the vectors that texts of these hashes have already."""
        found = self.connection.rows(
            "SELECT DISTINCT ON (hash) hash, vector FROM littlemem.vectors"
            " WHERE space = ANY (%s) AND hash = ANY (%s) AND model = %s",
            (self.connection.spaces.all, list(hashes), model),
        )
        return {row["hash"]: row["vector"] for row in found}

    def put(self, model: str, vectors: Mapping[int, tuple[bytes, bytes]]) -> None:
        """Keep hash and vector of memories; a vector of another model goes, one memory has one vector."""
        with self.connection.held():
            self.connection.begin(durable=False)
            try:
                self.connection.run(lambda raw: self._put(raw, model, vectors))
                self.connection.commit()
            except BaseException:
                self.connection.roll_back()
                raise

    def _put(self, raw: Raw, model: str, vectors: Mapping[int, tuple[bytes, bytes]]) -> None:
        # Whoever has read up to a number must not miss a lower one that is written a moment later, and a number
        # is drawn before its transaction ends: so one at a time, whatever the space.
        raw.execute("SELECT pg_advisory_xact_lock(%s::bigint)", (VECTORS,))
        keys = list(vectors)
        raw.execute(
            "DELETE FROM littlemem.vectors WHERE space = ANY (%s) AND key = ANY (%s)",
            (self.connection.spaces.all, keys),
        )
        # The memory may be gone by now; its text must not come back as a vector.
        raw.execute(
            "INSERT INTO littlemem.vectors (space, key, model, hash, vector)"
            " SELECT m.space, m.key, %s, v.hash, v.vector FROM littlemem.memories m"
            " JOIN unnest(%s::bigint[], %s::bytea[], %s::bytea[]) AS v (key, hash, vector) ON v.key = m.key"
            " WHERE m.space = ANY (%s)",
            (
                model,
                keys,
                [v[0] for v in vectors.values()],
                [v[1] for v in vectors.values()],
                self.connection.spaces.all,
            ),
        )
