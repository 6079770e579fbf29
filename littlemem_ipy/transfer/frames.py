"""Tables: CSV and Parquet through pandas, with a column a field; what is not text or a number is JSON."""

from __future__ import annotations

import csv
import io
import json
import warnings
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from littlemem_ipy.errors import ArchiveError, InvalidInput, MissingExtra
from littlemem_ipy.models import Memory
from littlemem_ipy.transfer.archive import Row, rows_of
from littlemem_ipy.transfer.documents import brief, dumped, parsed
from littlemem_ipy.transfer.fields import NAMES, data_of, derived_id, moment, plain, stamp
from littlemem_ipy.transfer.limits import Limits

if TYPE_CHECKING:
    import pandas

__all__ = ["is_csv", "rows_of_csv", "rows_of_parquet", "write_csv", "write_parquet"]

_UNKNOWN = "unknown"
_COLUMNS = [*NAMES.values(), _UNKNOWN]
_JSON = {"tags", "provenance", _UNKNOWN}
_NUMBERS = {"importance": float, "accessCount": int, "revision": int}
_DEFAULTS: dict[str, Any] = {"importance": 0.5, "accessCount": 0, "revision": 1, "pinned": False, "tags": []}
# As other programs and people call these columns.
_ALIASES = {"text": "content", "memory": "content", "category": "type", "created": "createdAt"} | {
    field: name for field, name in NAMES.items() if field != name
}
_CHUNK = 5000
_MAX_COLUMNS = 500  # each costs pandas some kilobytes, however few rows there are


def _cells(memory: Memory) -> dict[str, Any]:
    record = _DEFAULTS | plain(memory)
    cells = {name: record.pop(name, None) for name in NAMES.values()}
    cells[_UNKNOWN] = record or None
    return {n: dumped(v) if n in _JSON and v is not None else v for n, v in cells.items()}


def write_csv(target: IO[bytes], memories: Iterable[Memory]) -> None:
    """Write memories as CSV in UTF-8, every text in quotes, some thousand at a time."""
    import pandas as pd

    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    waiting, header = iter(memories), True
    while chunk := [_cells(memory) for memory in islice(waiting, _CHUNK)]:
        frame = pd.DataFrame(chunk, columns=pd.Index(_COLUMNS), dtype=object)
        frame.to_csv(text, header=header, index=False, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        header = False
    if header:
        text.write(",".join(f'"{name}"' for name in _COLUMNS) + "\r\n")
    text.detach()


def write_parquet(target: IO[bytes], memories: Iterable[Memory]) -> None:
    """Write memories as a Parquet file.

    Raises
    ------
    MissingExtra
        If pyarrow is not installed.
    """
    import pandas as pd

    _need_pyarrow()
    frame = pd.DataFrame([_cells(memory) for memory in memories], columns=pd.Index(_COLUMNS))
    for name, kind in _NUMBERS.items():
        frame[name] = frame[name].astype(kind)
    frame["pinned"] = frame["pinned"].astype(bool)
    for name in set(_COLUMNS) - set(_NUMBERS) - {"pinned"}:
        frame[name] = frame[name].astype("string")
    buffer = io.BytesIO()  # pyarrow closes what it is given
    frame.to_parquet(buffer, index=False, engine="pyarrow")
    target.write(buffer.getbuffer())


def _need_pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise MissingExtra("Parquet", "parquet") from error


def is_csv(head: str) -> bool:
    """Return whether a text begins with a line of column names, one of them a memory's text."""
    line = head.lstrip("\ufeff").partition("\n")[0]
    try:
        names = next(csv.reader([line]), [])
    except csv.Error:
        return False
    return len(names) > 1 and "content" in {_column(name) for name in names}


def _column(name: object) -> str:
    text = str(name).strip()
    return _ALIASES.get(text, _ALIASES.get(text.lower(), text))


def rows_of_csv(text: str, limits: Limits, written_at: datetime) -> Iterator[Row]:
    """Yield the rows of a CSV file.

    Raises
    ------
    ArchiveError
        If it is none.
    """
    import pandas as pd

    columns = text.partition("\n")[0].count(",") + 1
    if columns > _MAX_COLUMNS:
        raise ArchiveError(f"The table has {columns:,} columns; nothing was taken from it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # cells beyond the last column would be lost
            frame = pd.read_csv(
                io.StringIO(text, newline=""),
                dtype=str,
                keep_default_na=False,
                nrows=limits.rows + 1,
                engine="c",
                index_col=False,
            )
    except (ValueError, csv.Error, pd.errors.ParserWarning) as error:
        raise ArchiveError(f"The file is no CSV that pandas reads ({brief(error)}).") from None
    yield from _rows(_objects(frame), limits, written_at)


def rows_of_parquet(raw: bytes, limits: Limits, written_at: datetime) -> Iterator[Row]:
    """Yield the rows of a Parquet file.

    Raises
    ------
    ArchiveError
        If it is none, or unpacks to more than the limits.
    MissingExtra
        If pyarrow is not installed.
    """
    _need_pyarrow()
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.ParquetFile(io.BytesIO(raw)).metadata
        size = sum(about.row_group(place).total_byte_size for place in range(about.num_row_groups))
        if about.num_rows > limits.rows or size > limits.file_bytes:
            raise ArchiveError("The Parquet file unpacks to more than the limits; nothing was taken from it.")
        # Texts that are none are only noticed when they become Python's.
        frame = _objects(pd.read_parquet(io.BytesIO(raw), engine="pyarrow"))
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        raise ArchiveError(f"The Parquet file can't be read ({brief(error)}).") from None
    yield from _rows(frame, limits, written_at)


def _objects(frame: pandas.DataFrame) -> pandas.DataFrame:
    """Return a table of Python's own values, with None where there is none."""
    return frame.astype(object).where(frame.notna(), None)


def _rows(frame: pandas.DataFrame, limits: Limits, written_at: datetime) -> Iterator[Row]:
    columns = [_column(name) for name in frame.columns]
    if "content" not in columns or len(set(columns)) != len(columns):
        raise ArchiveError(f"The table needs one column 'content'; it has {', '.join(columns)[:200]}.")
    records = (dict(zip(columns, values, strict=True)) for values in frame.itertuples(index=False, name=None))
    yield from rows_of(records, lambda record: _row(record, limits, written_at), limits)


def _row(record: dict[str, Any], limits: Limits, written_at: datetime) -> Row:
    cells = {name: _cell(name, value, limits) for name, value in record.items()}
    cells = {name: value for name, value in cells.items() if value is not None}
    unknown = cells.pop(_UNKNOWN, {})
    if not isinstance(unknown, dict):
        raise InvalidInput("the column 'unknown' must hold JSON objects.")
    for name in [name for name in cells if name.endswith("At")]:
        time = moment(cells.pop(name))
        if time is not None:
            cells[name] = stamp(time)
    cells.setdefault("createdAt", stamp(written_at))
    if "id" not in cells:
        cells["id"] = derived_id(f"{cells.get('title')}\0{cells.get('content')}", written_at)
    return Row(0, data=data_of(unknown | cells))


def _cell(name: str, value: Any, limits: Limits) -> Any:
    """Return the value of a cell: JSON where the column holds JSON or a number, else the text."""
    if value is None or (isinstance(value, str) and not value):
        return None
    if not isinstance(value, str):
        # Numbers and lists of numpy, times of pandas, bytes: what JSON has no word for becomes text.
        return json.loads(json.dumps(value.tolist() if hasattr(value, "tolist") else value, default=str))
    if name not in _JSON and name not in _NUMBERS and name != "pinned":
        return value
    try:
        return parsed(value.lower() if name == "pinned" else value, limits, name)
    except InvalidInput:
        if name == "tags":
            return value
        raise
