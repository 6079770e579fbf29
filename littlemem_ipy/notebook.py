"""What only a notebook knows: which cell is running, and which one failed last."""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from littlemem_ipy.models import Provenance
from littlemem_ipy.redact import redact

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

__all__ = ["Failure", "failure_of", "notebook_name", "where"]

_FRAMES = 6
_TOPIC = 600  # characters of it that are searched for and kept
_MOST = 8_000  # characters of a source or a traceback that go into a message


def notebook_name(shell: InteractiveShell) -> str | None:
    """Return the file name of the notebook that the shell runs for; None where there is none.

    Jupyter's servers tell it by ``JPY_SESSION_NAME``, VS Code by a variable of its own.
    """
    path = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    return PurePath(str(path)).name if path else None


def where(shell: InteractiveShell) -> Provenance:
    """Return the notebook, the cell and its number, as far as the front end tells them."""
    return Provenance(notebook=notebook_name(shell), cell_id=_cell_id(shell), execution_count=shell.execution_count)


def _cell_id(shell: InteractiveShell) -> str | None:
    parent: dict[str, Any] = getattr(getattr(shell, "kernel", None), "get_parent", dict)()
    cell_id = (parent.get("metadata") or {}).get("cellId")
    return str(cell_id) if cell_id else None


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that raised.

    Attributes
    ----------
    source
        What was run.
    error
        The class and message, on one line.
    trace
        The last frames of the traceback.
    """

    source: str
    error: str
    trace: str

    @property
    def topic(self) -> str:
        """What it is about, short: the error and the cell."""
        return redact(f"Fix {self.error}\n{self.source}")[:_TOPIC]

    def message(self, remark: str = "") -> str:
        """Return a message that asks for an explanation and a fix; secrets in it are masked.

        Parameters
        ----------
        remark
            What the user adds.
        """
        asked = remark.strip() or "Explain briefly why, and give the whole corrected cell."
        return redact(f"This cell failed:\n\n```python\n{self.source}\n```\n\n```\n{self.trace}\n```\n\n{asked}")


def failure_of(result: ExecutionResult) -> Failure | None:
    """Return the failure of a cell that was run; None if it went well or was stopped by hand.

    Parameters
    ----------
    result
        What IPython hands to ``post_run_cell``.
    """
    error: Any = result.error_in_exec or result.error_before_exec
    if error is None or isinstance(error, KeyboardInterrupt) or type(error).__name__ == "UsageError":
        return None
    source = str(getattr(result.info, "raw_cell", "") or "")[:_MOST]
    lines = traceback.format_exception(type(error), error, error.__traceback__, limit=-_FRAMES)
    only = traceback.format_exception_only(type(error), error)[-1].strip()
    return Failure(source, only, "".join(lines)[-_MOST:].strip())
