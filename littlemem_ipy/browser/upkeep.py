"""The calls of the maintain tab: what it offers, and the work behind each button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from littlemem_ipy.browser.jobs import Job, Jobs
from littlemem_ipy.browser.payloads import row_of
from littlemem_ipy.cleanup import CleanupPlan, RetentionPolicy
from littlemem_ipy.duplicates import Duplicates
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Table
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.tables import visible
from littlemem_ipy.models.times import now
from littlemem_ipy.store import CURRENT, MemoryStore
from littlemem_ipy.transfer import Mode

__all__ = ["Upkeep"]

_ROWS = 100
_GROUPS = 25
_TEXT = 2000  # characters of each duplicate that are shown
_FORMATS = ("", "json", "jsonl", "md", "csv", "parquet")
_SCOPES: dict[str, Any] = {"all": "*", "here": CURRENT}

Answer = dict[str, Any]
Options = Mapping[str, Any]


class Upkeep:
    """The part of the page's calls that keeps the store in order."""

    store: MemoryStore
    _jobs: Jobs
    _plan: tuple[Options, CleanupPlan] | None = None

    def offers(self) -> Answer:
        """Return the fields of each task, and which one is running."""
        day = f"{now().astimezone():%Y-%m-%d}"
        secret = _field("passphrase", "secret")
        export = [
            _field("path", value=f"memories-{day}.json"),
            _field("format", "choice", choices=_FORMATS),
            _field("scope", "choice", choices=_SCOPES),
            secret,
            _field("history", "switch"),
        ]
        modes = [str(mode) for mode in Mode]
        coming = [_field("path"), _field("mode", "choice", choices=modes), secret, _field("trust", "switch")]
        cleanup = [
            _field("scope", "choice", choices=("here", "all")),
            _field("days", "number"),
            _field("count", "number"),
            *(
                _field(name, "switch", value=name == "duplicates")
                for name in ("unused", "superseded", "duplicates")
            ),
        ]
        return {
            "export": {"fields": export},
            "import": {"fields": coming},
            "backup": {"fields": [_field("path", value=f"backup-{day}.db"), secret]},
            "cleanup": {"fields": cleanup},
            "running": self._jobs.running,
        }

    def begin(self, name: str, options: dict[str, Any]) -> None:
        """Start a task with what was typed and the button that was pressed."""
        tasks: dict[str, Callable[[Job, Options], Answer]] = {
            "check": self._check,
            "export": self._export,
            "import": self._import,
            "backup": self._backup,
            "cleanup": self._cleanup,
            "duplicates": self._duplicates,
        }
        if name not in tasks:
            raise InvalidInput(f"there is no task {shown(name)}; one of {', '.join(tasks)} is.")
        if not isinstance(options, dict):
            raise InvalidInput(f"the options of {name} must be an object, not {shown(options)}.")
        self._jobs.begin(name, lambda job: tasks[name](job, options))

    def progress(self) -> Answer:
        """Return how far the task is, and what came of it."""
        return self._jobs.report()

    def stop(self) -> None:
        """Ask the task to end."""
        self._jobs.stop()

    def keep(self, memory_id: str, others: list[str]) -> Answer:
        """Let one of several memories that say the same stand for all."""
        with self.store.backend.write():
            memories = [self.store.supersede(other, memory_id) for other in others]
        return {"rows": [row_of(memory) for memory in memories], "version": self.store.backend.version()}

    def _check(self, job: Job, options: Options) -> Answer:
        findings = [
            {"what": finding.what, "ok": finding.ok, "detail": visible(finding.detail)}
            for finding in self.store.backend.check()
        ]
        return {"result": {"findings": findings}}

    def _export(self, job: Job, options: Options) -> Answer:
        report = self.store.export(
            _path(options),
            options.get("format") or None,
            project=_SCOPES.get(str(options.get("scope")), "*"),
            history=bool(options.get("history")),
            passphrase=options.get("passphrase") or None,
            progress=job.advance,
        )
        return _told(report.table)

    def _import(self, job: Job, options: Options) -> Answer:
        known = self.store.backend.version()
        report = self.store.import_(
            _path(options),
            mode=str(options.get("mode") or "skip"),
            dry_run=bool(options.get("preview")),
            trust=bool(options.get("trust")),
            passphrase=options.get("passphrase") or None,
            progress=job.advance,
        )
        return _told(report.table) | self._since(known)

    def _backup(self, job: Job, options: Options) -> Answer:
        job.advance(0)
        return _told(repr(self.store.backup(_path(options), passphrase=options.get("passphrase") or None)))

    def _cleanup(self, job: Job, options: Options) -> Answer:
        job.advance(0)
        wanted = {name: value for name, value in options.items() if name not in ("preview", "write")}
        scope = _SCOPES.get(str(wanted.get("scope")), CURRENT)
        if options.get("preview"):
            plan = self.store.cleanup(_policy(wanted), project=scope)
            self._plan = (wanted, plan)
            summary = f"{len(plan):,} to go: now {plan.before}, afterwards {plan.after}." if plan else None
            return _told(_brief(plan), summary)
        known = self.store.backend.version()
        # What was shown is done, not what the same rules would find by now.
        shown_plan = self._plan[1] if self._plan and self._plan[0] == wanted else None
        done = self.store.cleanup(shown_plan or _policy(wanted), dry_run=False, project=scope)
        self._plan = None
        return _told(done.table, done.line) | self._since(known)

    def _duplicates(self, job: Job, options: Options) -> Answer:
        job.advance(0)
        found = self.store.duplicates(project="*")
        groups = [[_whole(memory) for memory in group.memories] for group in found[:_GROUPS]]
        result = {"summary": _alike(found), "groups": groups, "more": max(0, len(found) - _GROUPS)}
        return {"result": result}

    def _since(self, known: str) -> Answer:
        version = self.store.backend.version()
        return {"version": version, "changed": version != known}


def _field(name: str, kind: str = "text", *, value: Any = None, choices: Any = ()) -> Answer:
    return {"name": name, "kind": kind, "value": value, "choices": list(choices)}


def _path(options: Options) -> str:
    path = str(options.get("path") or "").strip()
    if not path:
        raise InvalidInput("which file? Its path is missing.")
    return path


def _policy(options: Options) -> RetentionPolicy:
    days, count = (str(options.get(name) or "").strip() for name in ("days", "count"))
    if count and not count.isdecimal():
        raise InvalidInput(f"keep at most {shown(count)}: write a whole number, or leave it empty.")
    return RetentionPolicy(
        max_age=days or None,
        by_age=bool(days),
        max_count=int(count) if count else None,
        min_uses=1 if options.get("unused") else 0,
        superseded=bool(options.get("superseded")),
        duplicates=bool(options.get("duplicates")),
    )


def _brief(plan: CleanupPlan) -> Table:
    """Return the columns of a plan that a narrow page has room for."""
    rows = [[step.action, step.memory.title, step.reason] for step in plan.steps]
    return Table(["action", "memory", "why"], rows, plan.table.caption)


def _alike(found: Duplicates) -> str:
    if not found:
        return f"No duplicates among {found.looked_at:,} memories."
    return f"{len(found.memories):,} of {found.looked_at:,} memories repeat another one."


def _whole(memory: Any) -> Answer:
    return row_of(memory) | {"content": visible(memory.content[:_TEXT])}


def _told(report: Table | str, summary: str | None = None) -> Answer:
    """Return a report as the page shows it: a sentence (its own when left out), and the first rows."""
    if isinstance(report, str):
        return {"result": {"summary": visible(report)}}
    rows = [[visible(cell) for cell in row] for row in report.rows[:_ROWS]]
    more = max(0, len(report.rows) - _ROWS)
    line = visible(summary or report.caption or "")
    return {"result": {"summary": line, "columns": list(report.columns), "rows": rows, "more": more}}
