"""The words of a memory as the server's index keeps them: stems and filters, with the space before each.

The stems are those of the default backend, so that both find the same. Filters are further words that no text
can hold: ``=t`` and the type, ``=p`` and the project, ``=c`` and the conversation, ``=m202605`` for the month, and
``=x`` for everything that is archived, superseded, held or deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from littlemem_ipy.backends.words import plain_words, stem
from littlemem_ipy.models import Memory, SearchQuery

__all__ = ["all_of", "any_of", "asked_facets", "facets", "stems", "within"]

_LONGEST = 100  # characters of a word; longer ones, such as sentences without spaces, count by their beginning
_MOST_BYTES = 1_000_000  # PostgreSQL keeps 1 MiB of different words for a row


def stems(memory: Memory, terms: str) -> list[str]:
    """Return the words of a memory by which it is found, each as often as it occurs."""
    words = plain_words("\n".join((memory.title, memory.content, *memory.tags)))
    return [_stem(word) for word in (*words, *terms.split())]


def _stem(word: str) -> str:
    return stem(word)[:_LONGEST]


def facets(memory: Memory) -> Iterator[str]:
    """Yield the words for the filters."""
    yield f"=t{memory.type}"
    yield _project(memory.project)
    yield _month(memory.created_at.year, memory.created_at.month)
    if memory.conversation_id is not None:
        yield f"=c{memory.conversation_id}"
    if memory.archived_at or memory.deleted_at or memory.superseded_by or memory.held:
        yield "=x"


def within(space: int, words: Iterable[str]) -> list[str]:
    """Return different words as the index of all spaces keeps them."""
    kept, room = [], _MOST_BYTES
    for word in dict.fromkeys(words):
        lexeme = f"{space} {word}"
        room -= len(lexeme.encode())
        if room < 0:
            break
        kept.append(lexeme)
    return kept


def any_of(space: int, words: Iterable[str]) -> str:
    """Return the expression for any of the folded words; one that ends in ``*`` stands for its beginnings."""
    return f"({' | '.join(_quoted(space, word) for word in words)})"


def _quoted(space: int, word: str) -> str:
    bare = word.rstrip("*") if not word.startswith("=") else word
    lexeme = f"{space} {bare if bare.startswith('=') else _stem(bare)}"
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'" + ":*" * (bare != word)


def all_of(parts: Sequence[str]) -> str:
    """Return the expression for all of some expressions."""
    return f"({' & '.join(parts)})"


def asked_facets(query: SearchQuery, oldest: datetime | None, newest: datetime | None) -> Iterator[list[str]]:
    """Yield the filters of a query as groups of words, one of each of which must be there."""
    if query.types:
        yield [f"=t{kind}" for kind in query.types]
    if query.projects is not None:
        yield [_project(project) for project in query.projects] or ["=p"]
    if query.conversation_id is not None:
        yield [f"=c{query.conversation_id}"]
    if oldest is not None and newest is not None:
        first, last = max(oldest, query.since or oldest), min(newest, query.until or newest)
        months = [
            divmod(first.year * 12 + first.month - 1 + n, 12)
            for n in range((last.year - first.year) * 12 + last.month - first.month + 1)
        ]
        yield [_month(year, month + 1) for year, month in months] or ["=m"]


def _project(name: str | None) -> str:
    return "=p" if name is None else f"=p {name}"


def _month(year: int, month: int) -> str:
    return f"=m{year:04}{month:02}"
