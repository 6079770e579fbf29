"""Our own lossless format: a header, then a memory a line.

The header says how many lines follow, so that a file which was cut off is noticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.checks import shown
from littlemem_ipy.transfer.archive import Row, name_of
from littlemem_ipy.transfer.documents import checked, dumped, lines, parsed
from littlemem_ipy.transfer.fields import data_of, plain, stamp
from littlemem_ipy.transfer.histories import events_of, history_of, plain_events, plain_history
from littlemem_ipy.transfer.limits import Limits
from littlemem_ipy.transfer.selection import Entry, Summary

__all__ = ["FORMAT", "SCHEMA", "finish", "line_of", "own_row", "record_of", "rows"]

FORMAT = "littlemem"
SCHEMA = 1


def record_of(entry: Entry) -> dict[str, Any]:
    """Return a memory and what of its past goes along as plain values."""
    record = plain(entry.memory)
    if entry.revisions:
        record["history"] = plain_history(entry.revisions)
    if entry.events is not None:
        record["events"] = plain_events(entry.events)
    return record


def line_of(entry: Entry) -> bytes:
    """Return the line of a memory."""
    return dumped(record_of(entry)).encode() + b"\n"


def finish(target: IO[bytes], body: IO[bytes], summary: Summary, description: str | None) -> None:
    """Write the file: the header, then the lines of `body`."""
    header: dict[str, Any] = {"format": FORMAT, "schema": SCHEMA, "savedAt": stamp(summary.changed)}
    header["total"] = summary.total
    if description:
        header["description"] = description
    header["stats"] = summary.plain()
    target.write(dumped(header).encode() + b"\n")
    while part := body.read(1 << 20):
        target.write(part)


def own_row(record: dict[str, Any]) -> Row:
    """Return the row of a record of `record_of`.

    Raises
    ------
    InvalidInput
        If it can't be used.
    """
    fields = {name: value for name, value in record.items() if name not in ("history", "events")}
    data = data_of(fields)
    history = history_of(record["history"]) if "history" in record else ()
    events = events_of(record["events"], fields.get("id")) if "events" in record else None
    return Row(0, data=data, history=history, events=events)


def rows(raw: bytes, limits: Limits, name: str) -> Iterator[Row]:
    """Yield the rows of a file of ours, and one more if it was cut off."""
    found, total = 0, None
    for number, line in lines(raw, limits, name):
        record: Any = None
        try:
            record = parsed(_text(line), limits, f"line {number:,}")
            if not isinstance(record, dict):
                raise InvalidInput(f"a line must be an object, not {shown(record)}.")
            if total is None and record.get("format") == FORMAT:
                total = record.get("total")
                continue
            row = own_row(checked(record))
        except InvalidInput as error:
            yield Row(number, name_of(record), problem=str(error))
        else:
            yield Row(number, name_of(record), row.data, history=row.history, events=row.events)
        found += 1
    if isinstance(total, int) and found < total:
        yield Row(found + 2, name, problem=f"the file was cut off: it says {total:,} memories and has {found:,}.")


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the line is not text in UTF-8 ({error.reason}).") from None
