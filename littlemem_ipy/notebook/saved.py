"""Notebooks as they are on the disk: their cells, with what these have put out."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from littlemem_ipy.errors import InvalidInput

__all__ = ["SavedCell", "SavedError", "notebooks_in", "read_notebook"]

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_ARROW = re.compile(r"^-+> *(\d+)", re.MULTILINE)
_OWN_FRAME = re.compile(r"(?:Cell ?In ?\[|Input ?In ?\[|<ipython-input-|ipykernel_)")
_LEFT_OUT = frozenset(
    {".git", ".ipynb_checkpoints", ".venv", "venv", "node_modules", "site-packages", ".nox", ".tox"}
)
_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class SavedError:
    """An error that stands in a saved output."""

    name: str
    message: str
    line: int | None


@dataclass(frozen=True)
class SavedCell:
    """A cell of a saved notebook.

    Attributes
    ----------
    kind
        ``code`` or ``markdown``.
    source
        What it says.
    cell_id
        Its id; None in notebooks older than format 4.5.
    number
        Its execution count, or its place among the cells where it has none.
    shown
        The text of its outputs.
    error
        The error it ended in, if it did.
    ran
        Whether it has been run.
    """

    kind: str
    source: str
    cell_id: str | None
    number: int
    shown: str = ""
    error: SavedError | None = None
    ran: bool = False


def notebooks_in(path: Path) -> list[Path]:
    """Return the notebooks that a path means: itself, or those below a directory, sorted.

    Raises
    ------
    InvalidInput
        If there is no such path.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise InvalidInput(f"there is no notebook or directory {str(path)!r}.")
    found = []
    for folder, names, files in os.walk(path):
        names[:] = sorted(name for name in names if name not in _LEFT_OUT and not name.startswith("."))
        found += [Path(folder) / file for file in sorted(files) if file.endswith(".ipynb")]
    return found


def read_notebook(path: Path) -> list[SavedCell]:
    """Return the cells of a notebook.

    Raises
    ------
    InvalidInput
        If it can't be read as a notebook.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is larger than 50 MB")
        data = json.loads(path.read_text(encoding="utf-8"))
        cells = data["cells"]
        if not isinstance(cells, list):
            raise TypeError("its cells are no list")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidInput(f"{path} can't be read as a notebook: {error}.") from None
    return list(_cells(cells))


def _cells(cells: Sequence[Any]) -> Iterator[SavedCell]:
    for place, cell in enumerate(cells, 1):
        if not isinstance(cell, Mapping) or cell.get("cell_type") not in ("code", "markdown"):
            continue
        outputs = [output for output in cell.get("outputs") or () if isinstance(output, Mapping)]
        count = cell.get("execution_count")
        cell_id = cell.get("id")
        yield SavedCell(
            kind=str(cell["cell_type"]),
            source=_text(cell.get("source")),
            cell_id=cell_id if isinstance(cell_id, str) else None,
            number=count if isinstance(count, int) else place,
            shown="\n".join(filter(None, map(_shown, outputs))),
            error=next(filter(None, map(_error, outputs)), None),
            ran=isinstance(count, int) or bool(outputs),
        )


def _text(value: Any) -> str:
    return "".join(str(part) for part in value) if isinstance(value, list) else str(value or "")


def _shown(output: Mapping[str, Any]) -> str:
    if output.get("output_type") == "stream":
        return _text(output.get("text")) if output.get("name") != "stderr" else ""
    data = output.get("data")
    if not isinstance(data, Mapping):
        return ""
    return _text(data.get("text/markdown") or data.get("text/plain"))


def _error(output: Mapping[str, Any]) -> SavedError | None:
    if output.get("output_type") != "error":
        return None
    trace = output.get("traceback")
    lines = _ANSI.sub("", "\n".join(map(str, trace)) if isinstance(trace, list) else "")
    # The first frame is the cell's own: what its arrow points to is the statement that failed.
    own = _OWN_FRAME.search(lines)
    arrow = _ARROW.search(lines, own.end() if own else 0)
    return SavedError(
        str(output.get("ename") or ""), _text(output.get("evalue")), int(arrow.group(1)) if arrow else None
    )
