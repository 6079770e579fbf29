"""One long piece of work at a time, beside the kernel's own, that tells how far it is and can be stopped.

The kernel reads the page's messages one after the other: work inside an answer would keep "stop" waiting
until it is done. So it runs in a thread that lives as long as the work does, and none runs otherwise.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from littlemem_ipy.errors import InvalidInput, LittleMemError

__all__ = ["Job", "Jobs", "Stopped"]

Work = Callable[["Job"], dict[str, Any]]


class Stopped(LittleMemError):
    """The user has stopped the work; what it had begun is taken back."""


class Job:
    """One piece of work.

    Parameters
    ----------
    name
        What the page calls it.
    work
        What it does; it is given the job, to tell how far it is.
    """

    def __init__(self, name: str, work: Work) -> None:
        self.name = name
        self.state = "running"
        self.done = 0
        self.total: int | None = None
        self.answer: dict[str, Any] = {}
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(work,), name=f"littlemem-{name}", daemon=True)
        self._thread.start()

    def advance(self, done: int, total: int | None = None) -> None:
        """Tell how far the work is.

        Raises
        ------
        Stopped
            If the user has asked for it.
        """
        self.done, self.total = done, total
        if self._halt.is_set():
            raise Stopped("Stopped; nothing was changed.")

    def stop(self) -> None:
        """Ask the work to end; it does at its next step."""
        self._halt.set()

    def wait(self, seconds: float) -> None:
        """Wait for the end of the work, but not longer than this."""
        self._thread.join(seconds)

    def report(self) -> dict[str, Any]:
        """Return where the work stands, as the page is told."""
        return {"name": self.name, "state": self.state, "done": self.done, "total": self.total, **self.answer}

    def _run(self, work: Work) -> None:
        try:
            self.answer, self.state = work(self), "done"
        except Stopped as stopped:
            self.answer, self.state = {"result": {"summary": str(stopped)}}, "stopped"
        except LittleMemError as error:
            self.answer, self.state = {"error": str(error)}, "failed"
        except Exception as error:  # noqa: BLE001 - a thread has nobody above it; the page shows it
            self.answer, self.state = {"error": f"{type(error).__name__}: {error}"}, "failed"


class Jobs:
    """The work of one browser."""

    def __init__(self) -> None:
        self._job: Job | None = None

    @property
    def running(self) -> str | None:
        """The name of the work that runs now."""
        return self._job.name if self._job and self._job.state == "running" else None

    def begin(self, name: str, work: Work) -> None:
        """Start a piece of work.

        Raises
        ------
        InvalidInput
            If another one is running.
        """
        if self.running:
            raise InvalidInput(f"{self.running} is still running; stop it, or wait for its end.")
        self._job = Job(name, work)

    def report(self) -> dict[str, Any]:
        """Return where the last work stands."""
        if self._job is None:
            raise InvalidInput("there is no work to tell of.")
        self._job.wait(0.05)  # what is quick is answered at once
        return self._job.report()

    def stop(self) -> None:
        """Ask the work to end."""
        if self._job:
            self._job.stop()
