"""The rows of a damaged SQLite file, read page by page without SQLite.

Follows https://sqlite.org/fileformat.html: the b-tree pages (section 1.6), the record format (2.1) and the
write-ahead log (4). Nothing is trusted: what does not parse is left out, and where the list of a page's
cells is spoilt, its rows are looked for by their ids.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from littlemem_ipy.backends.sqlite.files import log_of

__all__ = ["ID", "Cell", "Pages", "Value"]

ID = re.compile(rb"mem_[0-9]{1,16}_[a-z0-9]{9}")

_LEAF = 0x0D  # a table's rows
_KNOWN = (0x02, 0x05, 0x0A)  # its other pages and those of indexes
_HEAD = 100  # of the file, before the first page's own
_WAL_HEAD, _FRAME_HEAD = 32, 24
_SIZES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0}
_MAX_PAYLOAD = 2**26
_MAX_COLUMNS = 64

Value = int | float | bytes | str | None


class Cell(NamedTuple):
    """One row.

    Attributes
    ----------
    key
        Its rowid.
    values
        Its columns; text that is no UTF-8 has its bad bytes replaced.
    """

    key: int
    values: tuple[Value, ...]


class Pages:
    """The pages of a file, with those that its log holds in their place.

    Parameters
    ----------
    path
        The file; it is only read.
    """

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        self._size = self._page_size()
        log = log_of(path)
        self._logged = self._committed(log.read_bytes()) if log.exists() else {}

    def cells(self) -> Iterator[Cell]:
        """Yield every row of every table that can be read."""
        count = max([-(-len(self._data) // self._size), *self._logged])
        for number in range(1, count + 1):
            yield from self._cells_of(number)

    def ids(self) -> set[str]:
        """Return every id of a memory that stands anywhere, in rows, indexes and histories."""
        texts = [self._data, *self._logged.values()]
        return {found.decode() for text in texts for found in ID.findall(text)}

    def _page_size(self) -> int:
        size = int.from_bytes(self._data[16:18], "big")
        size = 65536 if size == 1 else size
        return size if 512 <= size <= 65536 and size & (size - 1) == 0 else 4096

    def _committed(self, log: bytes) -> dict[int, bytes]:
        """Return the pages of a log up to its last commit."""
        salts, pages, waiting = log[16:24], dict[int, bytes](), dict[int, bytes]()
        for start in range(_WAL_HEAD, len(log), _FRAME_HEAD + self._size):
            head, page = log[start : start + _FRAME_HEAD], log[start + _FRAME_HEAD :][: self._size]
            if len(page) < self._size or head[8:16] != salts:
                break
            waiting[int.from_bytes(head[:4], "big")] = page
            if int.from_bytes(head[4:8], "big"):
                pages |= waiting
                waiting = {}
        return pages

    def _page(self, number: int) -> bytes:
        if number in self._logged:
            return self._logged[number]
        return self._data[(number - 1) * self._size : number * self._size] if number > 0 else b""

    def _cells_of(self, number: int) -> Iterator[Cell]:
        page = self._page(number)
        start = _HEAD if number == 1 else 0
        kind = page[start] if len(page) > start else 0
        found: dict[int, Cell | None] = {}
        if kind == _LEAF:
            found = {place: self._cell(page, place) for place in _pointers(page, start)}
        yield from (cell for cell in found.values() if cell)
        if kind not in _KNOWN and not (kind == _LEAF and all(found.values()) and len(found) > 0):
            yield from self._carved(
                page, {cell.values[1] for cell in found.values() if cell and len(cell.values) > 1}
            )

    def _cell(self, page: bytes, place: int) -> Cell | None:
        """Return the row at a place of a page."""
        length, place = _varint(page, place)
        key, place = _varint(page, place)
        if not 0 < length <= _MAX_PAYLOAD:
            return None
        values = _record(self._payload(page, place, length))
        return None if values is None else Cell(key, values)

    def _payload(self, page: bytes, place: int, length: int) -> bytes:
        """Return a row's bytes, with those that did not fit on its page (section 1.6, overflow pages)."""
        usable = self._size
        if length <= usable - 35:
            return page[place : place + length]
        least = (usable - 12) * 32 // 255 - 23
        here = least + (length - least) % (usable - 4)
        here = here if here <= usable - 35 else least
        parts, following = [page[place : place + here]], int.from_bytes(page[place + here :][:4], "big")
        missing, seen = length - here, set[int]()
        while missing > 0 and following and following not in seen:
            seen.add(following)
            more = self._page(following)
            parts.append(more[4 : 4 + min(missing, usable - 4)])
            missing -= len(parts[-1])
            following = int.from_bytes(more[:4], "big")
        return b"".join(parts)

    def _carved(self, page: bytes, known: set[Value]) -> Iterator[Cell]:
        """Yield the memories of a page whose list of cells is spoilt: an id comes right behind a row's head."""
        for found in ID.finditer(page):
            if found[0].decode() in known:
                continue
            for size in range(20, 100):
                start = found.start() - size
                if start >= 2 and page[start] == size and page[start + 1] == 0:
                    cell = self._behind(page, start)
                    if cell and cell.values[1] == found[0].decode():
                        yield cell
                        break

    def _behind(self, page: bytes, start: int) -> Cell | None:
        """Return the row whose head begins at `start`: its length and key stand before that."""
        sizes = _sizes(page, start)
        if sizes is None:
            return None
        length = page[start] + sum(sizes)
        for back in range(1, 10):
            key, end = _varint(page, start - back)
            for before in range(1, 10):
                stated, middle = _varint(page, start - back - before)
                if end == start and middle == start - back and stated == length:
                    values = _record(self._payload(page, start, length))
                    return None if values is None else Cell(key, values)
        return None


def _pointers(page: bytes, start: int) -> list[int]:
    """Return where the cells of a leaf begin."""
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    table = page[start + 8 : start + 8 + 2 * count]
    return [int.from_bytes(table[place : place + 2], "big") for place in range(0, len(table) - 1, 2)]


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """Return the number at a place and where it ends; (-1, `place`) if it does not fit."""
    value = 0
    for step in range(9):
        if not 0 <= place + step < len(data):
            return -1, place
        byte = data[place + step]
        if step == 8:
            value = value << 8 | byte
            return value - (1 << 64) if value >> 63 else value, place + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + step + 1
    return -1, place


def _sizes(record: bytes, start: int) -> list[int] | None:
    """Return the bytes that each column takes, from the head of a record."""
    kinds = _kinds(record, start)
    return None if kinds is None else [_SIZES[kind] if kind in _SIZES else (kind - 12) // 2 for kind in kinds]


def _kinds(record: bytes, start: int) -> list[int] | None:
    length, place = _varint(record, start)
    kinds = list[int]()
    while place < start + length and len(kinds) <= _MAX_COLUMNS:
        kind, following = _varint(record, place)
        if following == place or kind < 0 or kind in (10, 11) or kind > 2 * _MAX_PAYLOAD:
            return None
        kinds.append(kind)
        place = following
    return kinds if kinds and place == start + length else None


def _record(payload: bytes) -> tuple[Value, ...] | None:
    """Return the columns of a record; None if it isn't one."""
    kinds, sizes = _kinds(payload, 0), _sizes(payload, 0)
    if kinds is None or sizes is None:
        return None
    place, values = _varint(payload, 0)[0], list[Value]()
    for kind, size in zip(kinds, sizes, strict=True):
        raw = payload[place : place + size]
        if len(raw) < size:
            return None
        values.append(_value(kind, raw))
        place += size
    return tuple(values)


def _value(kind: int, raw: bytes) -> Value:
    if kind == 0:
        return None
    if kind in (8, 9):
        return kind - 8
    if kind < 7:
        return int.from_bytes(raw, "big", signed=True)
    if kind == 7:
        return struct.unpack(">d", raw)[0]  # type: ignore[no-any-return]
    return raw if kind % 2 == 0 else raw.decode("utf-8", "replace")
