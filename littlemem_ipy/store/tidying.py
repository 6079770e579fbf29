"""Keeping a store in order: duplicates found, and what is no longer needed put out of use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal, overload

from littlemem_ipy.backends import Change
from littlemem_ipy.cleanup import CleanupPlan, CleanupReport, LeftAlone, RetentionPolicy, Step, plan
from littlemem_ipy.cleanup.plan import Figures, size_of
from littlemem_ipy.duplicates import Duplicates, find_duplicates
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import MAX_LIMIT, Event, EventKind, Memory, SearchQuery, State, build
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.times import now
from littlemem_ipy.store.changing import Changing
from littlemem_ipy.store.scope import CURRENT, Unset

__all__ = ["Tidying"]

_EVENTS = {"delete": EventKind.DELETED} | dict.fromkeys(("archive", "supersede", "merge"), EventKind.EDITED)


class Tidying(Changing):
    """The part of `MemoryStore` that keeps it in order."""

    def duplicates(
        self,
        *,
        near: bool = True,
        type: str | None = None,  # noqa: A002
        project: str | Unset | None = CURRENT,
    ) -> Duplicates:
        """Return the groups of memories in use that say the same; nothing is changed.

        Contents decide, titles don't. Numbers, names, identifiers and negations must agree in every group.

        Parameters
        ----------
        near
            Whether to look for contents that differ in a few words as well.
        type
            Only among memories of this type.
        project
            Another scope, as in `search`; memories of different projects are never duplicates.
        """
        return find_duplicates(self._everything((State.ACTIVE,), project, types=type), near=near)

    @overload
    def cleanup(
        self,
        policy: RetentionPolicy | CleanupPlan | None = None,
        *,
        dry_run: Literal[True] = True,
        project: str | Unset | None = CURRENT,
    ) -> CleanupPlan: ...
    @overload
    def cleanup(
        self,
        policy: RetentionPolicy | CleanupPlan | None = None,
        *,
        dry_run: Literal[False],
        project: str | Unset | None = CURRENT,
    ) -> CleanupReport: ...
    def cleanup(
        self,
        policy: RetentionPolicy | CleanupPlan | None = None,
        *,
        dry_run: bool = True,
        project: str | Unset | None = CURRENT,
    ) -> CleanupPlan | CleanupReport:
        """Show what the store could do without, or put it out of use in one transaction.

        Nothing is removed for good: memories are archived, marked as superseded or deleted (restorable), and
        one `undo` takes all of it back. What has changed since the plan was made is left alone and reported.

        Parameters
        ----------
        policy
            What shall go; None for `RetentionPolicy()`. A plan that was shown before is carried out as it is.
        dry_run
            True only makes the plan; False carries it out.
        project
            Another scope, as in `search`.

        Returns
        -------
        CleanupPlan or CleanupReport
            The plan when `dry_run` is true; else what was done.
        """
        if policy is not None and not isinstance(policy, RetentionPolicy | CleanupPlan):
            raise InvalidInput(f"a cleanup needs a RetentionPolicy or a CleanupPlan, not {shown(policy)}.")
        made = policy if isinstance(policy, CleanupPlan) else self._plan(policy or RetentionPolicy(), project)
        return made if dry_run else self._apply(made)

    def cleanup_due(self, every: timedelta = timedelta(days=1)) -> CleanupReport | None:
        """Archive what the types' retention lets go, unless a cleanup has run lately; None if there was no need.

        Parameters
        ----------
        every
            How long after the last cleanup nothing happens.
        """
        last = self.backend.events((EventKind.CLEANED,), 1)
        if last and now() - last[0].at < every:
            return None
        report = self.cleanup(RetentionPolicy(duplicates=False), dry_run=False)
        return report if report.steps else None

    def _plan(self, policy: RetentionPolicy, project: str | Unset | None) -> CleanupPlan:
        log = self.backend.usage_rows() if policy.junk_after is not None else ()
        uses = {use.memory_id: use for use in log}
        return plan(self._everything((State.ACTIVE, State.SUPERSEDED), project), policy, now(), uses)

    def _apply(self, made: CleanupPlan) -> CleanupReport:
        with self.backend.write():
            present = self.backend.get([step.memory.id for step in made.steps])
            moved = {step.memory.id: reason for step in made.steps if (reason := _moved(step, present))}
            left = [LeftAlone(step, reason) for step in made.steps if (reason := _obstacle(step, moved))]
            kept = {one.step.memory.id for one in left}
            steps = [_now(step, present) for step in made.steps if step.memory.id not in kept]
            self.backend.put(Change(step.after, step.action) for step in steps)
            moment = now()
            self.backend.log(Event(_EVENTS[s.action], moment, s.after.id, {"action": s.action}) for s in steps)
            report = CleanupReport(tuple(steps), tuple(left), made.before, _after(made, steps))
            self.backend.log([Event(EventKind.CLEANED, moment, None, {"changed": len(steps), "left": len(left)})])
        return report

    def _everything(self, states: tuple[State, ...], project: str | Unset | None, **filters: Any) -> list[Memory]:
        """Return all memories of a scope in these states, as they are at one moment."""
        found: list[Memory] = []
        query = build(
            SearchQuery, {"states": states, "projects": self._scope(project), "limit": MAX_LIMIT, **filters}
        )
        while True:
            page, total = self.backend.select(query.model_copy(update={"offset": len(found)}))
            found += page
            if not page or len(found) >= total:
                return found


def _moved(step: Step, present: dict[str, Memory]) -> str | None:
    """Return what has happened to a memory since it was planned for; None if nothing has."""
    memory = present.get(step.memory.id)
    if memory is None:
        return "it was removed"
    if memory.revision != step.memory.revision:
        return "it was changed"
    if memory.access_count != step.memory.access_count and step.rule != "duplicates":
        return "it was used"
    return None


def _obstacle(step: Step, moved: dict[str, str]) -> str | None:
    """Return why a step must not be done; what is merged stays as it is when one of them has changed."""
    if step.memory.id in moved:
        return moved[step.memory.id]
    return next((f"{moved[other]}, the memory {other}" for other in step.together if other in moved), None)


def _now(step: Step, present: dict[str, Memory]) -> Step:
    """Return a step as it is carried out: on the memory's counts of this moment, as its next revision."""
    memory = present[step.memory.id]
    counts = {"access_count": memory.access_count, "last_accessed_at": memory.last_accessed_at}
    after = step.after.model_copy(update=counts | {"revision": memory.revision + 1, "updated_at": now()})
    return replace(step, after=after)


def _after(made: CleanupPlan, steps: list[Step]) -> Figures:
    """Return how much is in use when these steps of a plan are done."""
    gone = [step.memory for step in steps if step.memory.state is State.ACTIVE and step.action != "merge"]
    return Figures(made.before.count - len(gone), made.before.bytes - sum(map(size_of, gone)))
