"""From memories and a policy to a plan: pure, the same for the same input, and each memory in one row at most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from littlemem_ipy.backends import NEVER, UsageRow
from littlemem_ipy.cleanup.plan import CleanupPlan, Figures, Step, size_of
from littlemem_ipy.cleanup.policy import RetentionPolicy
from littlemem_ipy.duplicates import DuplicateGroup, find_duplicates
from littlemem_ipy.models import Memory, State, type_info
from littlemem_ipy.models.checks import MAX_TAGS

__all__ = ["plan"]


def plan(
    memories: Iterable[Memory],
    policy: RetentionPolicy,
    at: datetime,
    uses: Mapping[str | None, UsageRow] | None = None,
) -> CleanupPlan:
    """Return what the policy would do to these memories; nothing is changed.

    Parameters
    ----------
    memories
        All memories of the scope that are in use or superseded, as they are at one moment.
    policy
        What shall go.
    at
        That moment, aware UTC.
    uses
        What the log says of them, by id; needed for ``junk_after`` alone.
    """
    given = sorted(memories, key=lambda memory: (memory.created_at, memory.id))
    draft = _Draft([memory for memory in given if memory.state is State.ACTIVE], policy, at)
    before = draft.figures()
    if policy.duplicates:
        draft.merge()
    if policy.superseded:
        draft.drop_superseded(memory for memory in given if memory.state is State.SUPERSEDED)
    draft.let_go(uses or {})
    draft.fit()
    return CleanupPlan(policy, at, tuple(draft.steps.values()), before, draft.figures())


class _Draft:
    """A plan in the making: what is still in use, and the steps so far."""

    def __init__(self, memories: Sequence[Memory], policy: RetentionPolicy, at: datetime) -> None:
        self.policy = policy
        self.at = at
        self.in_use = {memory.id: memory for memory in memories}
        self.steps: dict[str, Step] = {}

    def figures(self) -> Figures:
        return Figures(len(self.in_use), sum(map(size_of, self.in_use.values())))

    def _take(self, rule: str, memory: Memory, reason: str) -> None:
        action = "delete" if self.policy.delete or rule == "superseded" else "archive"
        mark = {"delete": "deleted_at", "archive": "archived_at"}[action]
        self.steps[memory.id] = Step(rule, action, memory, _marked(memory, {mark: self.at}), reason)
        self.in_use.pop(memory.id, None)

    # -- duplicates ---------------------------------------------------------------------------

    def merge(self) -> None:
        """Let one memory stand for all whose contents agree with it."""
        for group in find_duplicates(self.in_use.values(), near=False):
            others = [memory for memory in group.others if not memory.pinned]
            if not others:
                continue
            keeper = _merged(group, others)
            count = f"{len(others)} other{'s' if len(others) > 1 else ''}"
            reason = f"stands for {count} with the same content"
            together = (keeper.id, *(other.id for other in others))
            self.steps[keeper.id] = Step("duplicates", "merge", group.keeper, keeper, reason, together)
            self.in_use[keeper.id] = keeper
            for other in others:
                after = _marked(other, {"superseded_by": keeper.id})
                reason = f"says the same as {keeper.id}"
                self.steps[other.id] = Step("duplicates", "supersede", other, after, reason, together)
                del self.in_use[other.id]

    # -- one by one ---------------------------------------------------------------------------

    def drop_superseded(self, memories: Iterable[Memory]) -> None:
        """Delete what others have replaced long ago."""
        for memory in memories:
            if not memory.pinned and self._older(memory.updated_at, self.policy.grace):
                self._take("superseded", memory, f"replaced by {memory.superseded_by}")

    def let_go(self, uses: Mapping[str | None, UsageRow]) -> None:
        """Take out what is old, unused or junk."""
        for memory in list(self.in_use.values()):
            if memory.pinned or memory.id in self.steps:
                continue
            found = next(self._reasons(memory, uses.get(memory.id, NEVER)), None)
            if found:
                self._take(found[0], memory, found[1])

    def _reasons(self, memory: Memory, use: UsageRow) -> Iterator[tuple[str, str]]:
        policy = self.policy
        days = policy.days_of(memory.type)
        if days is not None and self._older(_last_use(memory), days):
            idle = (self.at - _last_use(memory)) // timedelta(days=1)
            yield "age", f"not used for {idle:,} days, the limit is {days:,.0f}"
        if not self._older(memory.created_at, policy.grace):
            return
        if memory.access_count < policy.min_uses:
            yield "unused", f"used {_times(memory.access_count)} since {memory.created_at:%Y-%m-%d}"
        helped = use.used > 0 or use.good > use.bad
        if policy.junk_after is not None and use.injected >= max(1, policy.junk_after) and not helped:
            yield "junk", f"went into {use.injected:,} prompts and helped in none"

    def _older(self, moment: datetime, days: float) -> bool:
        return (self.at - moment) / timedelta(days=1) > days

    # -- the store as a whole -----------------------------------------------------------------

    def fit(self) -> None:
        """Take out the least needed until number and size are within their limits."""
        most, room = self.policy.max_count, self.policy.max_bytes
        now_in_use = self.figures()
        count, size = now_in_use.count, now_in_use.bytes
        for memory in sorted(self.in_use.values(), key=_worth):
            over_count, over_size = most is not None and count > most, room is not None and size > room
            if not (over_count or over_size):
                return
            if memory.pinned or memory.id in self.steps:  # pinned, or it stands for others
                continue
            limit = f"more than {most:,} memories" if over_count else f"more than {room:,} bytes"
            used = f"used {_times(memory.access_count)}, last on {_last_use(memory):%Y-%m-%d}"
            self._take("count" if over_count else "size", memory, f"{limit}; {used}")
            count, size = count - 1, size - size_of(memory)


def _last_use(memory: Memory) -> datetime:
    return max(memory.created_at, memory.updated_at, memory.last_accessed_at or memory.created_at)


def _worth(memory: Memory) -> tuple[bool, int, datetime, datetime, str]:
    """Sort the least needed first: preferences stay longest, then what is used often, then what was used lately."""
    return (
        type_info(memory.type).personal,
        memory.access_count,
        _last_use(memory),
        memory.created_at,
        memory.id,
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times" if count else "never"


def _marked(memory: Memory, marks: dict[str, Any]) -> Memory:
    # A copy without validation: the values are our own, and a plan may have 100,000 rows.
    return memory.model_copy(update=marks)


def _merged(group: DuplicateGroup, others: Sequence[Memory]) -> Memory:
    """Return the keeper with what the others have besides their text: tags, weight, and where they came from."""
    keeper = group.keeper
    tags = {tag.casefold(): tag for memory in (keeper, *others)[::-1] for tag in memory.tags[::-1]}
    came_from = [
        {"id": other.id, "source": other.source, "created_at": other.created_at.isoformat()}
        | other.provenance.compact()
        for other in others
    ]
    earlier = getattr(keeper.provenance, "merged", None) or []
    return keeper.changed(
        tags=list(tags.values())[::-1][:MAX_TAGS],
        importance=max(memory.importance for memory in (keeper, *others)),
        provenance=keeper.provenance.model_copy(update={"merged": [*earlier, *came_from]}),
    )
