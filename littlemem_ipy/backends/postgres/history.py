"""The changes of one transaction, read back from the differences that the rows of ``revisions`` keep."""

from __future__ import annotations

from littlemem_ipy.backends.base import Batch
from littlemem_ipy.backends.postgres.connection import Raw, Spaces
from littlemem_ipy.backends.postgres.rows import SELECT, named
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.backends.sqlite.history import walked_back

__all__ = ["batch_of"]

_MEMBERS = "(m.space, m.key) IN (SELECT space, key FROM littlemem.revisions WHERE space = ANY (%s) AND batch = %s)"
# The number of a batch is drawn before those of its rows, so what is before it need not be looked at.
_SINCE = (
    "SELECT m.id, r.batch, r.action, r.before FROM littlemem.memories m"
    f" JOIN littlemem.revisions r ON r.space = m.space AND r.key = m.key WHERE {_MEMBERS} AND r.seq > %s"
    " ORDER BY r.seq DESC"
)


def batch_of(raw: Raw, spaces: Spaces, key: int) -> Batch:
    """Return a batch: one walk back over all that came since, from its memories as they are now."""
    members = [spaces.all, key]
    present = {row["id"]: row for row in raw.execute(f"{SELECT} WHERE {_MEMBERS}", members).fetchall()}
    since = raw.execute(_SINCE, [*members, key]).fetchall()
    batch = walked_back(key, since, {memory_id: rows.memory_of(row) for memory_id, row in present.items()})
    changes = (
        (i, action, before and named(before, present[i], spaces.private)) for i, action, before in batch.changes
    )
    return Batch(key, tuple(changes))
