"""The words of the memories, as the search asks for them; see `littlemem_ipy.backends.postgres.schema`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from littlemem_ipy.backends.plain import Passage
from littlemem_ipy.backends.postgres.connection import Connection, Raw
from littlemem_ipy.backends.postgres.dialect import where
from littlemem_ipy.backends.postgres.lexemes import all_of, any_of, asked_facets
from littlemem_ipy.backends.postgres.rows import SELECT, memory_of
from littlemem_ipy.backends.sqlite.index import passage_of
from littlemem_ipy.backends.sqlite.rows import from_micros
from littlemem_ipy.backends.words import plain_words
from littlemem_ipy.models import Memory, SearchQuery, State

__all__ = ["PostgresIndex", "unlearn"]

_PASSAGE = (
    "SELECT m.key, m.title, m.content, m.tags, m.terms, m.conversation_id, m.created_at, m.importance, m.pinned,"
    " coalesce(u.access_count, 0) AS access_count, coalesce(u.injected, 0) AS injected,"
    " coalesce(u.used, 0) AS used, coalesce(u.rated, 0) AS rated FROM littlemem.memories m"
    " LEFT JOIN littlemem.usage u ON u.space = m.space AND u.key = m.key"
)


class PostgresIndex:
    """The words of the spaces of a store.

    Parameters
    ----------
    connection
        The connection to the server.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._narrowed: tuple[SearchQuery, Callable[[int], list[str]]] | None = None

    def snapshot(self) -> AbstractContextManager[object]:
        """Do nothing: each read sees the latest state, and can be repeated where the server was lost."""
        return nullcontext()

    def size(self) -> tuple[int, float]:
        """Return how many memories the index holds, and their mean number of words."""
        self._narrowed = None  # the next search may meet memories of other months
        (row,) = self.connection.rows(
            "SELECT sum(held_rows)::bigint AS held, sum(held_words)::bigint AS words FROM littlemem.spaces"
            " WHERE space = ANY (%s)",
            [self.connection.spaces.all],
        )
        return (row["held"], row["words"] / row["held"]) if row["held"] else (0, 0.0)

    def frequency(self, words: Sequence[str], limit: int) -> int:
        """Return how many memories hold any of the words; counting ends at `limit`, then it is an estimate."""
        spaces = self.connection.spaces.all
        (row,) = self.connection.rows(
            "SELECT littlemem.frequency(%s::tsquery[], %s::int[], %s) AS held",
            ([any_of(space, words) for space in spaces], spaces, limit),
        )
        return int(row["held"])

    def postings(self, words: Sequence[Sequence[str]], query: SearchQuery, limit: int) -> list[int]:
        """Return the keys of memories that hold one word of each group, newest keys first."""
        if self._narrowed is None or self._narrowed[0] is not query:  # one search asks for many words
            self._narrowed = (query, self._narrowing(query))
        narrowing, spaces = self._narrowed[1], self.connection.spaces.all
        asked = [all_of([*(any_of(space, group) for group in words), *narrowing(space)]) for space in spaces]
        found = self.connection.rows(
            "SELECT littlemem.holding(%s::tsquery[], %s::int[], %s) AS key", (asked, spaces, limit)
        )
        return [row["key"] for row in found]

    def _narrowing(self, query: SearchQuery) -> Callable[[int], list[str]]:
        """Return the filters as expressions; they may let through more than the filters do, never less."""
        groups = list(asked_facets(query, *self._months(query)))
        groups += [[word] for tag in query.tags if tag.isascii() for word in plain_words(tag)]
        hidden = query.states == (State.ACTIVE,)
        return lambda space: [any_of(space, g) for g in groups] + [f"!{any_of(space, ['=x'])}"] * hidden

    def _months(self, query: SearchQuery) -> tuple[datetime | None, datetime | None]:
        if query.since is None and query.until is None:
            return None, None
        (row,) = self.connection.rows(
            "SELECT min(created_at) AS oldest, max(created_at) AS newest FROM littlemem.memories"
            " WHERE space = ANY (%s)",
            [self.connection.spaces.all],
        )
        return from_micros(row["oldest"]), from_micros(row["newest"])

    def passages(self, keys: Sequence[int], query: SearchQuery) -> list[Passage]:
        """Return what is scored of these memories, those that pass the filters, in the order of the keys."""
        condition, values = where(query, self.connection.spaces.all)
        found = {
            row["key"]: passage_of(tuple(row.values()))
            for row in self.connection.rows(
                f"{_PASSAGE} WHERE {condition} AND m.key = ANY (%s)", [*values, list(keys)]
            )
        }
        return [found[key] for key in keys if key in found]

    def neighbours(self, keys: Sequence[int], reach: int) -> dict[int, list[int]]:
        """Return for memories of conversations the keys around them, `reach` on either side, in order."""
        side = (
            "ARRAY(SELECT n.key FROM littlemem.memories n WHERE n.space = m.space"
            " AND n.conversation_id = m.conversation_id AND (n.created_at, n.key) {0} (m.created_at, m.key)"
            " ORDER BY n.created_at {1}, n.key {1} LIMIT %s)"
        )
        found = self.connection.rows(
            f"SELECT m.key, {side.format('<', 'DESC')} AS earlier, {side.format('>', 'ASC')} AS later"
            " FROM littlemem.memories m"
            " WHERE m.space = ANY (%s) AND m.key = ANY (%s) AND m.conversation_id IS NOT NULL",
            (reach, reach, self.connection.spaces.all, list(keys)),
        )
        return {row["key"]: [*row["earlier"][::-1], row["key"], *row["later"]] for row in found}

    def vocabulary(self, start: str, limit: int) -> list[str]:
        """Return words of the index that begin with `start`, in alphabetical order."""
        found = self.connection.rows(
            "SELECT DISTINCT word FROM littlemem.vocabulary WHERE space = ANY (%s) AND word >= %s"
            " AND starts_with(word, %s) ORDER BY word LIMIT %s",
            (self.connection.spaces.all, start, start, limit),
        )
        return [row["word"] for row in found]

    def memories(self, keys: Sequence[int]) -> dict[int, Memory]:
        """Return the memories of these keys."""
        found = self.connection.rows(
            f"{SELECT} WHERE m.space = ANY (%s) AND m.key = ANY (%s)", (self.connection.spaces.all, list(keys))
        )
        return {row["key"]: memory_of(row, self.connection.spaces.private) for row in found}


def unlearn(raw: Raw, spaces: Iterable[int], words: Iterable[str]) -> None:
    """Take words out of the vocabulary that no memory of these spaces holds any more."""
    for space in spaces:
        asked = [(word, any_of(space, [word])) for word in words]
        raw.execute(
            "DELETE FROM littlemem.vocabulary USING unnest(%s::text[], %s::text[]) AS w (gone, asked)"
            " WHERE space = %s AND word = gone AND littlemem.frequency(ARRAY[asked::tsquery], %s::int[], 1) = 0",
            ([word for word, _ in asked], [expression for _, expression in asked], space, [space]),
        )
