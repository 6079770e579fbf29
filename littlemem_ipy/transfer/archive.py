"""What was read from a file: rows that are not yet memories, each with what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from littlemem_ipy.errors import ArchiveError, InvalidInput
from littlemem_ipy.models import Event
from littlemem_ipy.models.checks import shown
from littlemem_ipy.transfer.documents import checked
from littlemem_ipy.transfer.limits import Limits

__all__ = ["Archive", "Past", "Row", "name_of", "rows_of"]


@dataclass(frozen=True, slots=True)
class Past:
    """One change in the history of a row.

    Attributes
    ----------
    number, action, at
        As in `littlemem_ipy.models.Revision`.
    data
        The fields of the memory after the change.
    """

    number: int
    action: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file.

    Attributes
    ----------
    number
        Its place in the file, from 1.
    name
        What it is called in the report: its id, title or file.
    data
        The fields of a memory; empty if the record can't be used.
    problem
        Why it can't be used; empty if it can.
    note
        What was changed to make it usable.
    history
        Its changes, oldest first; empty if none came along.
    events
        What happened to it, oldest first; None if that did not come along.
    """

    number: int
    name: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    note: str = ""
    history: tuple[Past, ...] = ()
    events: tuple[Event, ...] | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """The content of a file that was recognised.

    Attributes
    ----------
    format
        The name of the format, as `littlemem_ipy.transfer.read` takes it.
    label
        What the format is called in messages.
    rows
        The records in the order of the file.
    own
        Whether littlemem_ipy or LittleLLM wrote it, so that ids are memories' ids and each record stands for
        itself; the texts of other programs are taken in once each.
    """

    format: str
    label: str
    rows: tuple[Row, ...]
    own: bool = True


def rows_of(records: Iterable[Any], convert: Callable[[dict[str, Any]], Row], limits: Limits) -> Iterator[Row]:
    """Yield a row a record: what `convert` makes of it, or why it can't be used.

    Raises
    ------
    ArchiveError
        If there are more than the limit.
    """
    for number, record in enumerate(records, 1):
        if number > limits.rows:
            raise ArchiveError(f"The file has more than {limits.rows:,} records; nothing was taken from it.")
        try:
            if not isinstance(record, dict):
                raise InvalidInput(f"a record must be an object, not {shown(record)}.")
            row = convert(checked(record))
        except InvalidInput as error:
            yield Row(number, name_of(record), problem=str(error))
        else:
            yield Row(number, row.name or name_of(record), row.data, "", row.note, row.history, row.events)


def name_of(record: Any) -> str:
    """Return what a record is called in a report."""
    if not isinstance(record, dict):
        return ""
    named = (record.get(key) for key in ("id", "uuid", "conversation_id", "name", "title"))
    return next((value[:80] for value in named if isinstance(value, str) and value), "")
