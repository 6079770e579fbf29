"""The vectors of the memories, each with the model that made it and the hash of the text it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from littlemem_ipy.backends.base import Unembedded
from littlemem_ipy.backends.sqlite.connection import Connection
from littlemem_ipy.models.envelope import MARK

__all__ = ["SQLiteVectors"]

_CHUNK = 500
_READABLE = f"m.content NOT GLOB '{MARK}.*'"  # what is sensitive has no vector


class SQLiteVectors:
    """The vectors of one file.

    Parameters
    ----------
    connection
        The connection to the file.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def writable(self) -> bool:
        """Whether vectors can be added."""
        with self.connection.reading():
            return self.connection.read_only is None

    def since(self, model: str, number: int, limit: int) -> list[tuple[int, int, bytes]]:
        """Return number, key and vector of a model's vectors with higher numbers than `number`, in order."""
        with self.connection.reading() as raw:
            found = raw.execute(
                "SELECT seq, pk, vector FROM vectors WHERE model = ? AND seq > ? ORDER BY seq LIMIT ?",
                (model, number, limit),
            )
            return [(row[0], row[1], row[2]) for row in found]

    def numbers(self, model: str, keys: Sequence[int]) -> dict[int, int]:
        """Return the numbers that the vectors of these memories have now."""
        found: dict[int, int] = {}
        with self.connection.reading() as raw:
            for start in range(0, len(keys), _CHUNK):
                marks = ",".join(map(str, map(int, keys[start : start + _CHUNK])))
                rows = raw.execute(f"SELECT pk, seq FROM vectors WHERE model = ? AND pk IN ({marks})", (model,))
                found |= {row[0]: row[1] for row in rows}
        return found

    def missing(self, model: str, limit: int, newest: int | None = None) -> list[Unembedded]:
        """Return memories that have no vector of this model, newest first; only among so many `newest` ones."""
        with self.connection.reading() as raw:
            found = raw.execute(
                "SELECT m.pk, m.title, m.content FROM memories m LEFT JOIN vectors v ON v.pk = m.pk AND v.model = ?"
                f" WHERE v.pk IS NULL AND m.deleted_at IS NULL AND {_READABLE}"
                " AND m.pk > coalesce((SELECT max(pk) FROM memories) - ?, 0) ORDER BY m.pk DESC LIMIT ?",
                (model, newest, limit),
            )
            return [Unembedded(*row) for row in found]

    def count(self, model: str) -> tuple[int, int]:
        """Return how many memories have a vector of this model, and how many have none."""
        with self.connection.reading() as raw:
            total = raw.execute(
                f"SELECT count(*) FROM memories m WHERE deleted_at IS NULL AND {_READABLE}"
            ).fetchone()[0]
            done = raw.execute(
                "SELECT count(*) FROM vectors v JOIN memories m ON m.pk = v.pk"
                " WHERE v.model = ? AND m.deleted_at IS NULL",
                (model,),
            ).fetchone()[0]
            return int(done), int(total - done)

    def of_texts(self, model: str, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the vectors that texts of these hashes have already."""
        with self.connection.reading() as raw:
            found = {}
            for digest in hashes:
                row = raw.execute(
                    "SELECT vector FROM vectors WHERE hash = ? AND model = ? LIMIT 1", (digest, model)
                ).fetchone()
                if row is not None:
                    found[digest] = row[0]
            return found

    def put(self, model: str, vectors: Mapping[int, tuple[bytes, bytes]]) -> None:
        """Keep hash and vector of memories; a vector of another model goes, one memory has one vector."""
        with self.connection.writing(durable=False) as raw:
            for key, (digest, vector) in vectors.items():
                raw.execute("DELETE FROM vectors WHERE pk = ?", (key,))
                # The memory may be gone by now; its text must not come back as a vector.
                raw.execute(
                    "INSERT INTO vectors (pk, model, hash, vector) SELECT pk, ?, ?, ? FROM memories WHERE pk = ?",
                    (model, digest, vector, key),
                )
