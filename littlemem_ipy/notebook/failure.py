"""The cell that failed last, for ``%%chat --fix``."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from littlemem_ipy.redact import redact

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult

__all__ = ["Failure", "error_of", "failure_of"]

_FRAMES = 6
_TOPIC = 600  # characters of it that are searched for and kept
_MOST = 8_000  # characters of a source or a traceback that go into a message


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


def error_of(result: ExecutionResult) -> BaseException | None:
    """Return what a cell raised; None if it went well, was stopped by hand, or a magic was used wrongly."""
    error: Any = result.error_in_exec or result.error_before_exec
    if not isinstance(error, BaseException) or isinstance(error, KeyboardInterrupt | SystemExit):
        return None
    return None if type(error).__name__ == "UsageError" else error


def failure_of(result: ExecutionResult) -> Failure | None:
    """Return the failure of a cell that was run; None if it went well or was stopped by hand.

    Parameters
    ----------
    result
        What IPython hands to ``post_run_cell``.
    """
    error = error_of(result)
    if error is None:
        return None
    source = str(getattr(result.info, "raw_cell", "") or "")[:_MOST]
    lines = traceback.format_exception(type(error), error, error.__traceback__, limit=-_FRAMES)
    only = traceback.format_exception_only(type(error), error)[-1].strip()
    return Failure(source, only, "".join(lines)[-_MOST:].strip())
