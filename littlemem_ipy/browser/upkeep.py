"""The calls of the maintain tab: what it offers, and the work behind each button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from littlemem_ipy.browser.jobs import Job, Jobs
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.tables import visible
from littlemem_ipy.store import MemoryStore

__all__ = ["Upkeep"]


class Upkeep:
    """The part of the page's calls that keeps the store in order."""

    store: MemoryStore
    _jobs: Jobs

    def offers(self) -> dict[str, Any]:
        """Return the fields of each task, and which one is running."""
        return {"running": self._jobs.running}

    def begin(self, name: str, options: dict[str, Any]) -> None:
        """Start a task with what was typed and the button that was pressed."""
        tasks: dict[str, Callable[[Job, Mapping[str, Any]], dict[str, Any]]] = {"check": self._check}
        if name not in tasks:
            raise InvalidInput(f"there is no task {shown(name)}; one of {', '.join(tasks)} is.")
        self._jobs.begin(name, lambda job: tasks[name](job, options))

    def progress(self) -> dict[str, Any]:
        """Return how far the task is, and what came of it."""
        return self._jobs.report()

    def stop(self) -> None:
        """Ask the task to end."""
        self._jobs.stop()

    def _check(self, job: Job, options: Mapping[str, Any]) -> dict[str, Any]:
        findings = [
            {"what": finding.what, "ok": finding.ok, "detail": visible(finding.detail)}
            for finding in self.store.backend.check()
        ]
        return {"result": {"findings": findings}}
