"""Reading a file or directory of memories, whoever wrote it: what it is, is told from what is in it."""

from __future__ import annotations

import io
import os
import stat
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from littlemem_ipy.backends import in_use
from littlemem_ipy.errors import ArchiveError, InvalidInput
from littlemem_ipy.models.checks import shown
from littlemem_ipy.transfer import assistants, foreign, frames, jsonl, littlellm, markdown
from littlemem_ipy.transfer.archive import Archive, Row
from littlemem_ipy.transfer.documents import brief, decoded, lines, parsed
from littlemem_ipy.transfer.limits import Limits
from littlemem_ipy.transfer.sealing import is_sealed, unseal
from littlemem_ipy.transfer.trees import Folder, Tree, opened_zip

__all__ = ["LABELS", "read"]

LABELS = {
    "json": "JSON export",
    "jsonl": "JSON Lines export",
    "md": "Markdown pages",
    "csv": "CSV table",
    "parquet": "Parquet table",
    "littlellm": "LittleLLM's directory",
    "mcp": "memory file of the MCP reference server",
    "mem0": "mem0 export",
    "chatgpt": "ChatGPT export",
    "claude": "Claude export",
    "openwebui": "Open WebUI memories",
}
"""The formats that can be read, and what they are called."""

_OWN = frozenset({"json", "jsonl", "md", "csv", "parquet", "littlellm"})
_SEVERAL = ("conversations", "memories", "projects", "user", "users")  # the files of a person's data


@dataclass(frozen=True, slots=True)
class _Source:
    """What is being read: a name for messages, the bounds, and a time for what has none of its own."""

    name: str
    limits: Limits
    written_at: datetime


Found = tuple[str, Iterator[Row]]


def read(
    path: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002
    *,
    limits: Limits | None = None,
    passphrase: str | None = None,
) -> Archive:
    """Read memories from a file or directory; nothing is written anywhere.

    Parameters
    ----------
    path
        The file or directory.
    format
        The format that it must have, one of `LABELS`; None for whichever it has.
    limits
        Its bounds; None for the usual ones.
    passphrase
        What opens it if it is sealed.

    Raises
    ------
    ArchiveError
        If it can't be read, is nothing that is known, or goes beyond the limits.
    InvalidInput
        If there is no such format.
    """
    if format is not None and format not in LABELS:
        raise InvalidInput(f"{shown(format)} is no format; use one of {', '.join(LABELS)}.")
    place = Path(path).expanduser()
    bounds = limits or Limits()
    try:
        about = place.stat()
        source = _Source(place.name, bounds, datetime.fromtimestamp(about.st_mtime, UTC).replace(microsecond=0))
        if stat.S_ISDIR(about.st_mode):
            found, rows = _directory(Folder(place, bounds), source)
        else:
            found, rows = _file(_content(place, about, bounds, passphrase), source)
        if format not in (None, found):
            raise ArchiveError(
                f"{shown(place.name)} is a {LABELS[found]}, not a {LABELS[format or found]}; leave the format out."
            )
        return Archive(found, LABELS[found], tuple(map(_printable, rows)), found in _OWN)
    except InvalidInput as error:
        raise ArchiveError(f"{shown(place.name)} can't be read: {error}") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else brief(error)
        raise ArchiveError(f"{shown(str(place), 200)} can't be read ({reason}).") from error


def _printable(row: Row) -> Row:
    """Return a row whose name is one line that can be printed: files and other programs may call it anything."""
    if row.name.isprintable():
        return row
    return replace(row, name=" ".join(row.name[:80].encode("utf-8", "replace").decode().split()))


def _content(place: Path, about: os.stat_result, limits: Limits, passphrase: str | None) -> bytes:
    """Return the bytes of a file, opened if it is sealed."""
    if not stat.S_ISREG(about.st_mode):
        raise ArchiveError(f"{shown(str(place), 200)} is neither a file nor a directory.")
    if about.st_size > limits.file_bytes:
        raise ArchiveError(
            f"{shown(place.name)} has more than {limits.file_bytes:,} bytes; nothing was taken from it."
        )
    if in_use(place):
        raise _no_export(place.name)
    with place.open("rb") as file:
        head = file.read(16)
        file.seek(0)
        if not is_sealed(head):
            return file.read(about.st_size)
        if passphrase is None:
            raise ArchiveError(f"{shown(place.name)} is sealed; give the passphrase that it was sealed with.")
        opened = io.BytesIO()
        unseal(file, opened, passphrase)
        return opened.getvalue()


# -- what it is -------------------------------------------------------------------------------


def _file(raw: bytes, source: _Source) -> Found:
    if raw.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        with opened_zip(io.BytesIO(raw), source.limits) as tree:
            name, rows = _directory(tree, source)
            return name, iter(list(rows))  # read while the archive is open
    if raw.startswith(b"PAR1"):
        return "parquet", frames.rows_of_parquet(raw, source.limits, source.written_at)
    if raw.startswith(b"SQLite format 3\0"):
        raise _no_export(source.name)
    if _has_records(raw, source.limits):
        some = islice(_records(raw, source), 3)
        first = next((record for record in some if isinstance(record, dict)), {})
        if found := _by_lines(raw, first, source):
            return found
    return _text(decoded(raw, source.name), raw, source)


def _no_export(name: str) -> ArchiveError:
    return ArchiveError(f"{shown(name)} is a store and no export; open it with open_store, or copy it.")


def _has_records(raw: bytes, limits: Limits) -> bool:
    """Return whether the first line looks like a whole record and is not the whole file."""
    start = raw[: limits.line_bytes + 4].removeprefix(BOM_UTF8).lstrip()
    line, end, _ = start.partition(b"\n")
    return bool(end) and line.startswith(b"{") and line.rstrip().endswith(b"}")


def _by_lines(raw: bytes, first: dict[str, Any], source: _Source) -> Found | None:
    """Return the rows of a file with a record a line, None if the first one is no record that is known."""
    kind = _line_kind(first)
    if kind == "mcp":
        return kind, foreign.rows_of_graph(list(_records(raw, source)), source.limits, source.written_at)
    if kind == "mem0":
        return kind, foreign.rows_of_mem0(list(_records(raw, source)), source.limits, source.written_at)
    if kind == "jsonl":
        return kind, jsonl.rows(raw, source.limits, source.name)
    return None


def _line_kind(record: dict[str, Any]) -> str | None:
    if record.get("format") == jsonl.FORMAT or ("content" in record and "metadata" not in record):
        return "jsonl"
    return "mcp" if foreign.is_graph(record) else "mem0" if foreign.is_mem0([record]) else None


def _records(raw: bytes, source: _Source) -> Iterator[Any]:
    """Yield the value of each line, and its text where it is not JSON."""
    for number, line in lines(raw, source.limits, source.name):
        text = line.decode("utf-8", "replace")
        try:
            yield parsed(text, source.limits, f"line {number:,}")
        except InvalidInput:
            yield text


def _text(text: str, raw: bytes, source: _Source) -> Found:
    head = text.lstrip("\ufeff \t\r\n")
    if head[:1] in ("{", "["):
        document = parsed(text, source.limits, source.name)
        alone = (
            _by_lines(raw, document, source) if isinstance(document, dict) and "\n" not in head.strip() else None
        )
        return alone or _document(document, source)
    if markdown.is_page(head) or source.name.lower().endswith(".md"):
        row = markdown.row_of_page(head, source.name, source.limits, source.written_at)
        return "md", iter([Row(1, source.name, row.data)])
    if frames.is_csv(text[:65536]):
        return "csv", frames.rows_of_csv(text, source.limits, source.written_at)
    raise _unknown(source, "is")


def _unknown(source: _Source, said: str) -> ArchiveError:
    return ArchiveError(f"{shown(source.name)} {said} nothing that can be imported: {', '.join(LABELS.values())}.")


def _document(document: Any, source: _Source) -> Found:
    limits, written_at = source.limits, source.written_at
    records = foreign.mem0_records(document)
    if records is not None:
        return "mem0", foreign.rows_of_mem0(records, limits, written_at)
    if littlellm.is_export(document):
        return "json", littlellm.export_rows(document, limits)
    several: tuple[tuple[str, Callable[[Any], bool], Callable[..., Iterator[Row]]], ...] = (
        ("chatgpt", assistants.is_chatgpt, assistants.rows_of_chatgpt),
        ("claude", assistants.is_claude, assistants.rows_of_claude),
        ("openwebui", foreign.is_open_webui, foreign.rows_of_open_webui),
    )
    for name, fits, rows in several:
        if fits(document):
            return name, rows(document, limits, written_at)
    raise ArchiveError(
        f"{shown(source.name)} is JSON, but nothing that can be imported: {', '.join(LABELS.values())}."
    )


def _directory(tree: Tree, source: _Source) -> Found:
    names = tree.names()
    if littlellm.is_directory(names):
        return "littlellm", littlellm.directory_rows(tree, source.limits)
    data = [name for name in names if name.endswith(".json") and _stem(name) in _SEVERAL]
    if data:
        return _data(tree, data, source)
    if markdown.is_directory(names) or not names:  # an export of nothing is empty
        return "md", markdown.rows(tree, source.limits, source.written_at)
    single = [name for name in names if name.endswith((".json", ".jsonl", ".csv"))]
    if len(single) == 1:
        return _file(tree.read(single[0]), source)
    raise ArchiveError(
        f"{shown(source.name)} holds nothing that can be imported; archives inside of it are not opened."
    )


def _stem(name: str) -> str:
    """Return ``conversations`` for ``data/conversations-000.json``."""
    return name.rpartition("/")[2].removesuffix(".json").rstrip("0123456789-_")


def _data(tree: Tree, names: list[str], source: _Source) -> Found:
    """Return the rows of all files of a person's data that are known; the first one gives the name."""
    found: list[Found] = []
    trouble: ArchiveError | None = None
    for name in names:
        try:
            document = parsed(decoded(tree.read(name), name), source.limits, name)
            found.append(_document(document, _Source(name, source.limits, source.written_at)))
        except ArchiveError as error:
            if _stem(name) in _SEVERAL[:2]:
                trouble = error
    if trouble or not found:
        raise trouble or ArchiveError(f"{shown(source.name)} holds neither conversations nor memories.")
    return found[0][0], (row for _, rows in found for row in rows)
