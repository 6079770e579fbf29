"""Which notebook runs, and which cell of it."""

from __future__ import annotations

import hashlib
import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from littlemem_ipy.models import Provenance

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["hash_of", "notebook_name", "running_source", "where"]


def notebook_name(shell: InteractiveShell) -> str | None:
    """Return the file name of the notebook that the shell runs for; None where there is none.

    Jupyter's servers tell it by ``JPY_SESSION_NAME``, VS Code by a variable of its own.
    """
    path = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    return PurePath(str(path)).name if path else None


def where(shell: InteractiveShell, source: str | None = None) -> Provenance:
    """Return the notebook, the cell and its number, as far as the front end tells them.

    Parameters
    ----------
    shell
        The shell.
    source
        What the cell says; None for the one that is running.
    """
    text = running_source(shell) if source is None else source
    said = Provenance(notebook=notebook_name(shell), cell_id=_cell_id(shell), execution_count=shell.execution_count)
    return said.model_copy(update={"cell_hash": hash_of(text)}) if text.strip() else said


def hash_of(source: str) -> str:
    """Return what tells one version of a cell's source from another: 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(source.strip().encode("utf-8", "replace")).hexdigest()[:16]


def running_source(shell: InteractiveShell) -> str:
    """Return the source of the cell that is running; empty if it isn't known."""
    history = getattr(shell, "history_manager", None)
    cells = getattr(history, "input_hist_raw", None) or [""]
    return str(cells[-1])


def _cell_id(shell: InteractiveShell) -> str | None:
    parent: dict[str, Any] = getattr(getattr(shell, "kernel", None), "get_parent", dict)()
    cell_id = (parent.get("metadata") or {}).get("cellId")
    return str(cell_id) if cell_id else None
