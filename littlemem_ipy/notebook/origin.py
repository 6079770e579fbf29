"""The cell that a memory comes from: whether it is still there, and still says the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Provenance
from littlemem_ipy.notebook.place import hash_of, root_of
from littlemem_ipy.notebook.saved import SavedCell, notebooks_in, read_notebook

__all__ = ["Origin", "origin_of"]


@dataclass(frozen=True)
class Origin:
    """Where a memory comes from, as it is now.

    Attributes
    ----------
    notebook
        The notebook's file name.
    status
        One sentence: the cell is unchanged, has changed, or is gone.
    link
        A link to the cell, relative to the working directory; empty if the notebook was not found.
    """

    notebook: str
    status: str
    link: str = ""


def origin_of(said: Provenance) -> Origin | None:
    """Return what has become of the cell that a memory comes from; None if no notebook is known.

    The notebook is looked for where it was, then below the project's directory. A notebook that was
    changed and not saved yet is still the old one here.

    Parameters
    ----------
    said
        The memory's provenance.
    """
    if not said.notebook:
        return None
    file = _file(said)
    if file is None:
        return Origin(said.notebook, "the notebook was not found here")
    try:
        cells = read_notebook(file)
    except InvalidInput as error:
        return Origin(said.notebook, str(error))
    marks = said.__pydantic_extra__ or {}
    cell, status = _cell(cells, said.cell_id, marks.get("cell_hash"))
    fragment = f"#cell-id={cell.cell_id}" if cell and cell.cell_id else ""
    return Origin(said.notebook, status, f"{_relative(file)}{fragment}")


def _cell(cells: list[SavedCell], cell_id: str | None, mark: object) -> tuple[SavedCell | None, str]:
    named = next((cell for cell in cells if cell_id and cell.cell_id == cell_id), None)
    same = next((cell for cell in cells if mark and hash_of(cell.source) == mark), None)
    if named is None:
        gone = "the cell is not there any more, or says something else now"
        return same, "the cell is unchanged" if same else gone
    if mark and hash_of(named.source) != mark:
        return named, "the cell has changed since"
    return named, "the cell is unchanged" if mark else "the cell is there"


def _file(said: Provenance) -> Path | None:
    path = (said.__pydantic_extra__ or {}).get("path")
    root = root_of(Path.cwd())
    places = [root / path] if root and isinstance(path, str) else []
    for place in (*places, Path.cwd() / str(said.notebook)):
        if place.is_file():
            return place
    return next((file for file in notebooks_in(root) if file.name == said.notebook), None) if root else None


def _relative(file: Path) -> str:
    try:
        return file.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file.as_posix()
