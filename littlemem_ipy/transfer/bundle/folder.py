"""A bundle on the disk: a file a memory and a line a version, made for git.

Different memories are different files, so they never meet in a merge. Two changes of the same memory do:
``.gitattributes`` tells git to keep the lines of both, which is what joining them means. Where git has left
marks of a conflict all the same, the lines between them are read, and the marks are gone with the next sync.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from littlemem_ipy.errors import ArchiveError, InvalidInput
from littlemem_ipy.models.checks import shown
from littlemem_ipy.transfer.bundle.versions import Version, Versions, joined, ordered, version_of
from littlemem_ipy.transfer.documents import decoded, dumped, lines, parsed
from littlemem_ipy.transfer.files import new_file
from littlemem_ipy.transfer.limits import Limits
from littlemem_ipy.transfer.trees import Folder

__all__ = ["NAME", "read_bundle", "write_bundle"]

NAME = ".littlemem"
"""What the directory of a bundle is called in a project."""

_ATTRIBUTES = (
    b"# Two changes of one memory are both kept; the next sync shows them side by side.\n"
    b"*.jsonl text eol=lf merge=union\n"
)
_SCHEMA = 1
_ABOUT = {"format": "littlemem-bundle", "schema": _SCHEMA}
_MARKS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


def read_bundle(directory: Path, limits: Limits | None = None) -> tuple[Versions, list[tuple[str, str]]]:
    """Return what a bundle says, and what in it can't be used: the file, and why.

    Raises
    ------
    ArchiveError
        If it is the bundle of a newer version, or goes beyond the limits.
    """
    bounds = limits or Limits()
    if not directory.is_dir():
        return {}, []
    tree = Folder(directory, bounds)
    trouble = tree.refused()
    found: list[Versions] = []
    for name in tree.names():
        if name == "bundle.json":
            _refuse_newer(tree.read(name), bounds)
        elif name.startswith("memories/") and name.endswith(".jsonl"):
            for number, line in lines(tree.read(name), bounds, name):
                if line.startswith(_MARKS):
                    continue
                try:
                    version = version_of(parsed(decoded(line, name), bounds, f"line {number}"))
                except InvalidInput as error:
                    trouble.append((name, str(error)))
                else:
                    found.append({version.id: {version.key: version}})
    return joined(*found), trouble


def _refuse_newer(raw: bytes, limits: Limits) -> None:
    try:
        about: Any = parsed(decoded(raw, "bundle.json"), limits, "bundle.json")
    except InvalidInput:
        return  # it only says what is known from the other files
    if isinstance(about, dict) and isinstance(about.get("schema"), int) and about["schema"] > _SCHEMA:
        raise ArchiveError(f"The bundle was written by a newer version (schema {shown(about['schema'])}); upgrade.")


def write_bundle(directory: Path, versions: Versions) -> int:
    """Write what a bundle says, touching only the files that change, and return how many did.

    Raises
    ------
    ArchiveError
        If the disk says no.
    """
    try:
        (directory / "memories").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"{shown(str(directory), 200)} can't be made ({error.strerror}).") from error
    _written(directory / ".gitattributes", _ATTRIBUTES)
    _written(directory / "bundle.json", dumped(_ABOUT).encode() + b"\n")
    several = (
        _written(directory / "memories" / f"{memory_id}.jsonl", _page(some.values()))
        for memory_id, some in sorted(versions.items())
    )
    return sum(several)


def _page(versions: Iterable[Version]) -> bytes:
    return b"".join(dumped(version.plain()).encode() + b"\n" for version in ordered(versions))


def _written(path: Path, content: bytes) -> bool:
    """Write a file if it has another content; return whether it had."""
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return False
    with new_file(path, overwrite=True) as file:
        file.write(content)
    return True
