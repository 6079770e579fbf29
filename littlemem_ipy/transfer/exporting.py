"""Writing a selection of memories to a file, or to a directory of pages."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import shown
from littlemem_ipy.transfer import frames, jsonl, littlellm, markdown
from littlemem_ipy.transfer.documents import dumped
from littlemem_ipy.transfer.files import new_directory, new_file, written
from littlemem_ipy.transfer.selection import Entry, Summary

__all__ = ["FORMATS", "Target", "target_of", "write"]

FORMATS = ("json", "jsonl", "md", "csv", "parquet")
"""The formats that can be written."""

_WITH_PAST = ("json", "jsonl")
_SUFFIXES = {".ndjson": "jsonl", ".zip": "md", ".pq": "parquet"} | {f".{name}": name for name in FORMATS}
_SEALED = ".sealed"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of zip; a fixed one, so that the same memories make the same file


@dataclass(frozen=True, slots=True)
class Target:
    """Where an export goes, in which form, and whether it may take the place of another one.

    Attributes
    ----------
    path
        The file or directory.
    format
        One of `FORMATS`.
    overwrite
        Whether something that is there may be replaced.
    passphrase
        What the file is sealed with; None for a plain one.
    """

    path: Path
    format: str
    overwrite: bool = False
    passphrase: str | None = None

    @property
    def directory(self) -> bool:
        """Whether it is a directory of pages."""
        return self.format == "md" and self.path.name.removesuffix(_SEALED)[-4:].lower() != ".zip"


def target_of(
    path: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002
    *,
    overwrite: bool = False,
    passphrase: str | None = None,
    past: bool = False,
) -> Target:
    """Return where an export goes.

    Parameters
    ----------
    path
        A file; for pages a directory, or a file that ends with ``.zip``.
    format
        One of `FORMATS`; None for what the name's ending says.
    overwrite, passphrase
        See `Target`.
    past
        Whether histories or events go along.

    Raises
    ------
    InvalidInput
        If these do not go together.
    """
    place = Path(path).expanduser()
    ending = Path(place.name.removesuffix(_SEALED)).suffix.lower()
    chosen = format or _SUFFIXES.get(ending) or ("md" if place.is_dir() else "")
    if chosen not in FORMATS:
        said = (
            f"{shown(format)} is no format" if format else f"the name {shown(place.name)} does not say the format"
        )
        raise InvalidInput(f"{said}; use one of {', '.join(FORMATS)}.")
    target = Target(place, chosen, overwrite, passphrase)
    if past and chosen not in _WITH_PAST:
        raise InvalidInput(f"{chosen} has no place for history or events; use json or jsonl.")
    if chosen == "md" and ending == ".md":
        raise InvalidInput("Markdown is a file a memory: give the name of a directory, or one that ends with .zip.")
    if passphrase is not None and target.directory:
        raise InvalidInput("a directory can't be sealed; give a name that ends with .zip.")
    return target


def write(target: Target, entries: Iterable[Entry], description: str | None = None) -> Summary:
    """Write memories, in the order given, and return the figures about them.

    Raises
    ------
    ArchiveError
        If there is something already, or the disk says no; nothing is left then.
    """
    if target.directory:
        return _pages(target, entries)
    with new_file(target.path, overwrite=target.overwrite, passphrase=target.passphrase) as file:
        if target.format == "jsonl":
            return _jsonl(file, entries, description, target.path.parent)
        if target.format == "json":
            return _json(file, entries, description, target.path.parent)
        summary = Summary()
        memories = _counted(entries, summary)
        if target.format == "md":
            _zipped(file, memories)
        else:
            (frames.write_csv if target.format == "csv" else frames.write_parquet)(file, memories)
        return summary


@contextmanager
def _spool(directory: Path) -> Iterator[IO[bytes]]:
    """Give a nameless file for what stands below a head that is only known at the end."""
    with tempfile.TemporaryFile(dir=directory) as file:
        yield file


def _jsonl(file: IO[bytes], entries: Iterable[Entry], description: str | None, directory: Path) -> Summary:
    summary = Summary()
    with _spool(directory) as body:
        for entry in entries:
            line = jsonl.line_of(entry)
            summary.add(entry.memory, len(line))
            body.write(line)
        body.seek(0)
        jsonl.finish(file, body, summary, description)
    return summary


def _json(file: IO[bytes], entries: Iterable[Entry], description: str | None, directory: Path) -> Summary:
    summary = Summary()
    with _spool(directory) as body, _spool(directory) as index:
        for entry in entries:
            text = littlellm.entry_text(entry)
            size = len(text.encode())
            comma = "," if summary.total else ""
            summary.add(entry.memory, size)
            body.write(f"{comma}\n{_shifted(text, '    ')}".encode())
            index.write(f"{comma}\n      {dumped(littlellm.index_line(entry.memory, size))}".encode())
        body.seek(0)
        index.seek(0)
        littlellm.finish(file, body, index, summary, description)
    return summary


def _shifted(text: str, by: str) -> str:
    return "\n".join(by + line for line in text.split("\n"))


def _counted(entries: Iterable[Entry], summary: Summary) -> Iterator[Memory]:
    for entry in entries:
        summary.add(entry.memory, len(entry.memory.content.encode()))
        yield entry.memory


def _pages(target: Target, entries: Iterable[Entry]) -> Summary:
    summary = Summary()
    with new_directory(target.path, overwrite=target.overwrite) as directory:
        for memory in _counted(entries, summary):
            written(directory / markdown.name_of_file(memory), markdown.page(memory))
    return summary


def _zipped(file: IO[bytes], memories: Iterable[Memory]) -> None:
    archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
    try:
        for memory in memories:
            entry = zipfile.ZipInfo(markdown.name_of_file(memory), _FIRST_DAY)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(entry, markdown.page(memory))
        archive.close()
    except BaseException:
        # It would finish what goes away anyway, and within an entry say so in place of the reason.
        archive.fp = None
        raise
