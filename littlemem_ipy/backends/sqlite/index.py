"""The words of the memories, as the search asks for them.

FTS5 only tells which rows hold a word. That costs some 0.1 µs a row, and takes filters along as
further words (facets), so the search can afford to ask for many rows and to score the best of
them exactly from their text. SQLite's own ``bm25`` is not used: it reads every row of every word.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import lru_cache
from typing import Any

from littlemem_ipy.backends.plain import Passage
from littlemem_ipy.backends.sqlite import rows
from littlemem_ipy.backends.sqlite.connection import Connection
from littlemem_ipy.backends.sqlite.filters import where
from littlemem_ipy.backends.words import plain_words
from littlemem_ipy.models import Memory, SearchQuery, State

__all__ = ["SQLiteIndex", "highest_key", "index_size", "merge_if_grown", "passage_of"]

_CHUNK = 500
_TOGETHER = 60  # combinations of filters in one expression
_RECOUNTED = 500  # look-ups between two counts of hidden memories
_MANY = 1000  # memories added in one transaction
_GROWTH = 1.5
_MERGED = 200_000  # memories; to merge the index of more would keep other writers waiting for seconds
_YEARS = 30  # a longer stretch of time is left to the rows: its facets would cost more than they save
_PASSAGE = (
    "SELECT m.pk, m.title, m.content, m.tags, m.terms, m.conversation_id, m.created_at, m.importance, m.pinned,"
    " coalesce(u.access_count, 0), coalesce(u.injected, 0), coalesce(u.used, 0), coalesce(u.rated, 0)"
    " FROM memories m NOT INDEXED LEFT JOIN usage u ON u.pk = m.pk"
)


class SQLiteIndex:
    """The full-text index of one file.

    Parameters
    ----------
    connection
        The connection to the file.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._asked = 0
        self._hidden = False
        self._narrowed: tuple[SearchQuery, list[str]] | None = None

    def snapshot(self) -> AbstractContextManager[object]:
        """Let all that is asked inside see one and the same state."""
        return self.connection.snapshot()

    def size(self) -> tuple[int, float]:
        """Return how many memories the index holds, and their mean number of words."""
        self._narrowed = None  # the next search may meet memories of other months
        with self.connection.reading() as raw:
            return index_size(raw)

    def frequency(self, words: Sequence[str], limit: int) -> int:
        """Return how many memories hold any of the words; counting ends at `limit`, then it is an estimate."""
        with self.connection.reading() as raw:
            count, highest = raw.execute(
                "SELECT count(*), max(rowid) FROM"
                " (SELECT rowid FROM memories_fts WHERE memories_fts MATCH ? LIMIT ?)",
                (_any(words), limit),
            ).fetchone()
            if count < limit:
                return int(count)
            # Rows come in the order of their keys: the share of the keys that was read tells the rest.
            last = raw.execute("SELECT max(pk) FROM memories").fetchone()[0]
            return int(count * max(1.0, last / max(1, highest)))

    def postings(self, words: Sequence[Sequence[str]], query: SearchQuery, limit: int) -> list[int]:
        """Return the keys of memories that hold one word of each group, newest keys first when cut at `limit`."""
        expression = " AND ".join([*map(_any, words), *self._narrowing(query)])
        with self.connection.reading() as raw:
            if query.states == (State.ACTIVE,) and self._many_hidden(raw):
                expression = f"({expression}) NOT zxhidden"
            found = self._keys(raw, expression, "", limit)
            return found if len(found) < limit else self._keys(raw, expression, "ORDER BY rowid DESC", limit)

    def _many_hidden(self, raw: sqlite3.Connection) -> bool:
        """Return whether it pays to leave hidden memories out here already; `passages` does in any case."""
        self._asked += 1
        if self._asked % _RECOUNTED == 1:
            few = index_size(raw)[0] // 10 + 1
            hidden = "SELECT 1 FROM memories_fts WHERE memories_fts MATCH 'zxhidden' LIMIT ?"
            count = raw.execute(f"SELECT count(*) FROM ({hidden})", (min(few, 10_000),)).fetchone()[0]
            self._hidden = count >= min(few, 10_000)
        return self._hidden

    def _keys(self, raw: sqlite3.Connection, expression: str, order: str, limit: int) -> list[int]:
        # One string for all keys: a row for each would cost several times the search itself.
        rowids = f"SELECT rowid FROM memories_fts WHERE memories_fts MATCH ? {order} LIMIT ?"
        keys = raw.execute(f"SELECT group_concat(rowid) FROM ({rowids})", (expression, limit)).fetchone()[0]
        return [int(key) for key in keys.split(",")] if keys else []

    def _narrowing(self, query: SearchQuery) -> list[str]:
        if not _can_narrow(query):
            return []
        if self._narrowed is None or self._narrowed[0] is not query:  # one search asks for many words
            self._narrowed = (query, list(self._facets(query)))
        return self._narrowed[1]

    def _facets(self, query: SearchQuery) -> Iterator[str]:
        """Yield the filters as facets; they may let through more than the filters do, never less."""
        kinds = [str(kind).replace("_", "") for kind in query.types]
        projects = None if query.projects is None else [_hex(project) for project in query.projects]
        months = self._months(query.since, query.until)
        together = len(kinds) * len(projects or ()) * len(months)
        if 0 < together <= _TOGETHER:
            yield _any([f"zk{y:04}{m:02}{k}x{p}" for y, m in months for k in kinds for p in projects or ()])
        else:
            yield from _apart(kinds, projects, months)
        if query.conversation_id is not None:
            yield _any([f"zc{_hex(query.conversation_id)}"])
        for tag in query.tags:
            if tag.isascii():
                yield from (_any([word]) for word in plain_words(tag))

    def _months(self, since: datetime | None, until: datetime | None) -> list[tuple[int, int]]:
        """Return the months of a stretch of time in which there may be memories; none for no limit."""
        if since is None and until is None:
            return []
        with self.connection.reading() as raw:
            oldest, newest = raw.execute(
                "SELECT (SELECT min(created_at) FROM memories), (SELECT max(created_at) FROM memories)"
            ).fetchone()
        if oldest is None:
            return []
        start, end = rows.from_micros(oldest), rows.from_micros(newest)
        assert start is not None
        assert end is not None
        first, last = max(start, since or start), min(end, until or end)
        if last.year - first.year > _YEARS:
            return []
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        months = [divmod(first.year * 12 + first.month - 1 + n, 12) for n in range(count)]
        return [(year, month + 1) for year, month in months] or [(0, 0)]

    def passages(self, keys: Sequence[int], query: SearchQuery) -> list[Passage]:
        """Return what is scored of these memories, those that pass the filters, in the order of the keys."""
        condition, values = where(query)
        also = f" AND {condition}" if condition else ""
        found: dict[int, Passage] = {}
        with self.connection.reading() as raw:
            raw_rows = raw.cursor()
            raw_rows.row_factory = None
            for start in range(0, len(keys), _CHUNK):
                marks = ",".join(map(str, map(int, keys[start : start + _CHUNK])))
                for row in raw_rows.execute(f"{_PASSAGE} WHERE m.pk IN ({marks}){also}", values):
                    found[row[0]] = passage_of(row)
        return [found[key] for key in keys if key in found]

    def neighbours(self, keys: Sequence[int], reach: int) -> dict[int, list[int]]:
        """Return for memories of conversations the keys around them, `reach` on either side, in order."""
        marks = ",".join(map(str, map(int, keys)))
        side = (
            "(SELECT group_concat(pk) FROM (SELECT n.pk FROM memories n WHERE n.conversation_id = m.conversation_id"
            " AND (n.created_at, n.pk) {0} (m.created_at, m.pk) ORDER BY n.created_at {1}, n.pk {1} LIMIT {2}))"
        )
        before, after = side.format("<", "DESC", int(reach)), side.format(">", "ASC", int(reach))
        with self.connection.reading() as raw:
            found = raw.execute(
                f"SELECT m.pk, {before}, {after} FROM memories m"
                f" WHERE m.pk IN ({marks}) AND m.conversation_id IS NOT NULL"
            ).fetchall()
        return {pk: [*_ints(earlier)[::-1], pk, *_ints(later)] for pk, earlier, later in found}

    def vocabulary(self, start: str, limit: int) -> list[str]:
        """Return words of the index that begin with `start`, in alphabetical order."""
        with self.connection.reading() as raw:
            raw.execute(
                "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, memories_fts, row)"
            )
            found = raw.execute(
                "SELECT term FROM temp.vocabulary WHERE term >= ? AND term < ? LIMIT ?",
                (start, start + "\U0010ffff", limit),
            )
            return [term for (term,) in found]

    def memories(self, keys: Sequence[int]) -> dict[int, Memory]:
        """Return the memories of these keys."""
        found: dict[int, Memory] = {}
        with self.connection.reading() as raw:
            for start in range(0, len(keys), _CHUNK):
                marks = ",".join(map(str, map(int, keys[start : start + _CHUNK])))
                for row in raw.execute(f"{rows.SELECT} WHERE m.pk IN ({marks})"):
                    found[row["pk"]] = rows.memory_of(row)
        return found


def index_size(raw: sqlite3.Connection) -> tuple[int, float]:
    """Return the index's own count of its rows, and their mean number of words.

    Source: the record with the id 1 of the table ``_data`` holds the number of rows and the number
    of tokens of each column as variable-length integers (https://sqlite.org/fts5.html, section 9).
    """
    row = raw.execute("SELECT block FROM memories_fts_data WHERE id = 1").fetchone()
    numbers = _varints(row[0]) if row else []
    if not numbers or not numbers[0]:
        return 0, 0.0
    # The last column holds the facets, which are no words of the text.
    return numbers[0], sum(numbers[1:-1]) / numbers[0]


def highest_key(raw: sqlite3.Connection) -> int:
    """Return the highest key that a memory has ever had."""
    row = raw.execute("SELECT seq FROM sqlite_sequence WHERE name = 'memories'").fetchone()
    return int(row[0]) if row else 0


def merge_if_grown(raw: sqlite3.Connection, before: int) -> None:
    """Bring the index into one piece when many memories have made it grow by half.

    Each piece costs every search another look-up of every word; a few memories at a time are merged by SQLite.

    Parameters
    ----------
    raw
        The connection, in the transaction that added them.
    before
        The highest key before.
    """
    after = highest_key(raw)
    grown = math.floor(math.log(max(before, 1), _GROWTH)) < math.floor(math.log(max(after, 1), _GROWTH))
    if grown and after - before >= _MANY and after <= _MERGED:
        raw.execute("INSERT INTO memories_fts (memories_fts) VALUES ('optimize')")


def _varints(block: bytes) -> list[int]:
    numbers, value, length = [], 0, 0
    for byte in block:
        length += 1
        if length == 9:  # the ninth byte of a number counts whole
            numbers.append((value << 8) | byte)
            value = length = 0
            continue
        value = (value << 7) | (byte & 0x7F)
        if not byte & 0x80:
            numbers.append(value)
            value = length = 0
    return numbers


def _any(words: Sequence[str]) -> str:
    """Return the expression for any of the words; one that ends in ``*`` stands for its beginnings."""
    return f"({' OR '.join(_quoted(word) for word in words)})"


def _quoted(word: str) -> str:
    bare = word.rstrip("*").replace('"', "")
    if not _is_one_token(bare):
        return '""'  # matches nothing
    return f'"{bare}"' + "*" * word.endswith("*")


@lru_cache(maxsize=1)
def _taster() -> sqlite3.Connection:
    """Return an empty index of the same kind in memory."""
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    tokenizer = "porter unicode61 remove_diacritics 2"
    raw.execute(f"CREATE VIRTUAL TABLE words USING fts5 (word, detail=none, tokenize='{tokenizer}')")
    return raw


@lru_cache(maxsize=1 << 13)
def _is_one_token(word: str) -> bool:
    """Return whether SQLite takes `word` for one word; several are a phrase, which this index refuses.

    Its letters are those of Unicode 6.1, Python knows many more, so SQLite is asked.
    """
    if word.isascii() and word.isalnum():
        return True
    try:
        _taster().execute("SELECT rowid FROM words WHERE words MATCH ?", (f'"{word}"',)).fetchall()
    except sqlite3.OperationalError:
        return False
    return True


def passage_of(row: tuple[Any, ...]) -> Passage:
    """Return the passage of a row; its tags are JSON."""
    tags = " ".join(json.loads(row[3])) if row[3] != "[]" else ""
    return Passage._make((*row[:3], tags, *row[4:]))


def _can_narrow(query: SearchQuery) -> bool:
    named = query.types or query.tags or query.conversation_id or query.since or query.until
    return bool(named) or query.projects is not None


def _hex(text: str | None) -> str:
    return "none" if text is None else text.encode().hex()


def _ints(text: str | None) -> list[int]:
    return [int(key) for key in text.split(",")] if text else []


def _apart(kinds: list[str], projects: list[str] | None, months: list[tuple[int, int]]) -> Iterator[str]:
    if kinds:
        yield _any([f"zt{kind}" for kind in kinds])
    if projects is not None:
        yield _any([f"zp{project}" for project in projects] or ["zp"])
    if months:
        whole = [year for year, month in months if month == 1 and (year, 12) in months]
        rest = [f"zm{year:04}{month:02}" for year, month in months if year not in whole]
        yield _any([f"zy{year:04}" for year in whole] + rest)
