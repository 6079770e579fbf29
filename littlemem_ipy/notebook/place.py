"""Which notebook runs, and which cell of it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from littlemem_ipy.models import Provenance

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["hash_of", "notebook_name", "notebook_path", "root_of", "where"]


def notebook_path(shell: InteractiveShell) -> Path | None:
    """Return the path of the notebook that the shell runs for, as the front end tells it; None where there is none.

    Jupyter's servers tell it by ``JPY_SESSION_NAME``, VS Code by a variable of its own.
    """
    path = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    return Path(str(path)) if path else None


def notebook_name(shell: InteractiveShell) -> str | None:
    """Return the file name of the notebook that the shell runs for; None where there is none."""
    path = notebook_path(shell)
    return path.name if path else None


def root_of(directory: Path) -> Path | None:
    """Return the root of the git repository around a directory; None outside of one."""
    try:
        start = directory.resolve()
    except OSError:  # the directory has been removed
        return None
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)


def where(shell: InteractiveShell, source: str) -> Provenance:
    """Return the notebook, the cell and its number, as far as the front end tells them.

    Parameters
    ----------
    shell
        The shell.
    source
        What the cell says; empty if it isn't known.
    """
    path = notebook_path(shell)
    said = Provenance(
        notebook=path.name if path else None, cell_id=_cell_id(shell), execution_count=shell.execution_count
    )
    more = {"path": _in_project(path) if path else None}
    # In a terminal there are no cells to come back to.
    if source.strip() and getattr(shell, "kernel", None) is not None:
        more["cell_hash"] = hash_of(source)
    return said.model_copy(update={name: value for name, value in more.items() if value})


def hash_of(source: str) -> str:
    """Return what tells one version of a cell's source from another: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()[:16]


def _in_project(path: Path) -> str | None:
    """Return the notebook's path from the project's root: nothing of where that is."""
    root = root_of(path.parent)
    return path.resolve().relative_to(root).as_posix() if root and path.is_file() else None


def _cell_id(shell: InteractiveShell) -> str | None:
    parent: dict[str, Any] = getattr(getattr(shell, "kernel", None), "get_parent", dict)()
    cell_id = str((parent.get("metadata") or {}).get("cellId") or "")
    # VS Code counts its cells anew each time a notebook is opened.
    return None if cell_id.startswith("vscode-") else cell_id or None
