"""A readable file a memory: its fields as front matter, its text below as it is.

Each value of the front matter is a bare word or JSON, and both are YAML, so other programs read it; so does
a person, and a version control system shows what changed. Files without front matter are notes of somebody's
own and come in as such.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Author, Memory, Provenance
from littlemem_ipy.models.checks import title_of
from littlemem_ipy.transfer.archive import Row
from littlemem_ipy.transfer.documents import checked, decoded, dumped, parsed
from littlemem_ipy.transfer.fields import data_of, derived_id, plain, stamp
from littlemem_ipy.transfer.limits import Limits
from littlemem_ipy.transfer.trees import Tree

__all__ = ["is_directory", "is_page", "name_of_file", "page", "row_of_page", "rows"]

_FENCE = "---"
_BARE = re.compile(r"[a-z_][a-z0-9_]*")
_YAML_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_MAX_SLUG = 48


def name_of_file(memory: Memory) -> str:
    """Return the name of a memory's file: its day, its title in plain letters, and its id, so that it is unique."""
    letters = unicodedata.normalize("NFKD", memory.title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters)[:_MAX_SLUG].strip("-")
    return "-".join(filter(None, (f"{memory.created_at:%Y-%m-%d}", slug, memory.id))) + ".md"


def page(memory: Memory) -> bytes:
    """Return the file of a memory."""
    record = plain(memory)
    content = record.pop("content")
    head = "\n".join(f"{name}: {_written(value)}" for name, value in record.items())
    return f"{_FENCE}\n{head}\n{_FENCE}\n\n{content}\n".encode()


def _written(value: Any) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value) and value not in _YAML_WORDS:
        return value
    return dumped(value) if not isinstance(value, list | dict) else json.dumps(value, ensure_ascii=False)


def is_directory(names: list[str]) -> bool:
    """Return whether files of these names are pages."""
    return any(name.endswith(".md") for name in names)


def is_page(text: str) -> bool:
    """Return whether a text has front matter."""
    return _parts(text)[0] is not None


def rows(tree: Tree, limits: Limits, written_at: datetime) -> Iterator[Row]:
    """Yield a row for each page; one without times counts as written at `written_at`."""
    number = 0
    for number, name in enumerate((name for name in tree.names() if name.endswith(".md")), 1):
        try:
            row = row_of_page(decoded(tree.read(name), name), name, limits, written_at)
        except InvalidInput as error:
            yield Row(number, name, problem=str(error))
        else:
            yield Row(number, name, row.data, note=row.note)
    for name, reason in tree.refused():
        number += 1
        yield Row(number, name, problem=reason)


def row_of_page(text: str, name: str, limits: Limits, written_at: datetime) -> Row:
    """Return the row of a page.

    Raises
    ------
    InvalidInput
        If its front matter can't be read.
    """
    head, content = _parts(text)
    if head is None:
        stem = name.rpartition("/")[2].removesuffix(".md")
        record = {"id": derived_id(name, written_at), "title": title_of(content) if content.strip() else stem}
        data = data_of(record | {"content": content, "source": "file", "createdAt": stamp(written_at)})
        data["provenance"] = Provenance.model_validate({"author": Author.RUN, "file": name})
        return Row(0, data=data)
    record = checked(dict(_read_line(line, limits) for line in head if line.strip()))
    if "id" not in record:
        record["id"] = derived_id(name, written_at)
    record.setdefault("createdAt", stamp(written_at))
    return Row(0, data=data_of(record | {"content": content}))


def _parts(text: str) -> tuple[list[str] | None, str]:
    """Return the lines of the front matter, None without one, and the text below."""
    first, _, rest = text.partition("\n")
    if first.rstrip("\r ") != _FENCE:
        return None, text
    end = re.search(r"^---[ \r]*(\n|$)", rest, re.MULTILINE)
    if end is None:
        return None, text
    return [line.rstrip("\r") for line in rest[: end.start()].split("\n")], rest[end.end() :]


def _read_line(line: str, limits: Limits) -> tuple[str, Any]:
    name, colon, value = line.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not name:
        raise InvalidInput(f"the line {line[:60]!r} of the front matter is not 'name: value'.")
    try:
        return name, parsed(value, limits, name)
    except InvalidInput:
        pass  # a bare word, or a list as people write it
    if value.startswith("[") and value.endswith("]"):
        return name, [part.strip().strip("'\"") for part in value[1:-1].split(",") if part.strip()]
    return name, value.strip("'\"") or None
