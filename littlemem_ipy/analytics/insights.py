"""What stands out in a store, as plain sentences, each with the command to act on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pandas as pd

from littlemem_ipy.analytics import activity, chats
from littlemem_ipy.capture.changes import Relation, relation
from littlemem_ipy.models import EXCHANGE, MemoryType, State
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.tables import Table, counted
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore

__all__ = ["Insight", "Insights", "insights"]

_DURING = 30  # days that use and cost are looked at
_NEWEST, _NEAREST = 500, 4  # memories that are looked at for contradictions, and how many others each
_OFTEN = 3
_UNSURE = 5  # captures of a rule, below which its precision says nothing


@dataclass(frozen=True, slots=True)
class Insight:
    """One thing that stands out.

    Attributes
    ----------
    text
        A sentence with its numbers.
    command
        What to type next.
    figures
        The numbers, by name.
    ids
        The memories that it speaks of.
    """

    text: str
    command: str
    figures: Mapping[str, float] = field(default_factory=dict)
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Insights(Sequence[Insight]):
    """Insights, the most urgent first.

    Attributes
    ----------
    found
        The insights.
    note
        What was not looked at; empty if everything was.
    """

    found: tuple[Insight, ...]
    note: str = ""

    def __getitem__(self, index: Any) -> Any:
        return self.found[index]

    def __len__(self) -> int:
        return len(self.found)

    @property
    def table(self) -> Table:
        """The sentences and their commands as rows."""
        rows = [[insight.text, insight.command] for insight in self.found]
        return Table(["what stands out", "what to do"], rows, self._caption or None, cell_limit=200)

    @property
    def _caption(self) -> str:
        return " ".join(filter(None, ("" if self.found else "Nothing stands out.", self.note)))

    def __repr__(self) -> str:
        lines = [f"• {insight.text}\n    {insight.command}" for insight in self.found]
        return "\n".join(filter(None, (*lines, self._caption)))

    def _repr_html_(self) -> str:
        return self.table.html()


def insights(store: MemoryStore, *, project: str = "*") -> Insights:
    """Return what stands out: cost without use, contradictions, repeats, vain searches, rules that err.

    Parameters
    ----------
    store
        The store.
    project
        Only memories of this project; ``"*"`` for all.

    Notes
    -----
    Contradictions are looked for between the 500 newest memories and older ones that are near them, because each
    takes a search. Use and cost are those of the last 30 days; what a fix was needed for counts since ever.
    """
    scope: dict[str, Any] = {"project": project, "sources_none": EXCHANGE}
    count = store.count(**scope)
    usage = activity.usage(store, during=now() - timedelta(days=_DURING), **scope)
    looks: tuple[Callable[[], Iterator[Insight]], ...] = (
        lambda: _contradictions(store, scope),
        lambda: _waiting(store, project),
        lambda: _wasted(usage),
        lambda: _rated(usage),
        lambda: _erring(chats.captures(store, project=project)),
        lambda: _vain(activity.searches(store, since=now() - timedelta(days=_DURING))),
        lambda: _needed(activity.usage(store, type=MemoryType.SOLUTION, **scope)),
        lambda: _repeated(store, project),
        lambda: _helpful(usage),
    )
    note = f"Contradictions were looked for among the newest {_NEWEST} of {count:,} memories."
    return Insights(tuple(insight for look in looks for insight in look()), note if count > _NEWEST else "")


def _contradictions(store: MemoryStore, scope: Mapping[str, Any]) -> Iterator[Insight]:
    """Yield groups of memories in use of which a newer one says something else about the same."""
    newest = store.search("", by=None, limit=_NEWEST, **scope).memories
    groups: dict[str, dict[str, str]] = {}
    for memory in newest:
        near = store.search(memory.content[:400], by=None, limit=_NEAREST, **scope).memories
        for other in near:
            older = other.id != memory.id and other.created_at <= memory.created_at
            if older and relation(other.content, memory.content) is Relation.SUPERSEDES:
                group = groups.get(other.id) or groups.setdefault(memory.id, {memory.id: memory.title})
                group |= {other.id: other.title, memory.id: memory.title}
                groups[other.id] = groups[memory.id] = group
    for group in {id(group): group for group in groups.values()}.values():
        titles = "; ".join(shown(title, 50) for title in group.values())
        yield Insight(
            f"These {len(group)} seem to contradict each other: {titles}.",
            f"%mem show {' '.join(group)}",
            {"memories": len(group)},
            tuple(group),
        )


def _waiting(store: MemoryStore, project: str) -> Iterator[Insight]:
    count = store.count(states=[State.HELD], sources_none=EXCHANGE, project=project)
    if count:
        verb = "waits" if count == 1 else "wait"
        yield Insight(
            f"{counted(count)} {verb} in the inbox and {'is' if count == 1 else 'are'} not used until accepted.",
            "%mem inbox",
            {"memories": count},
        )


def _wasted(usage: pd.DataFrame) -> Iterator[Insight]:
    """Yield for each project what memories took that no reply made use of."""
    dead = usage[(usage["injected"] > 0) & (usage["used"] == 0) & (usage["good"] == 0)]
    homes = dead["project"].astype(object).where(dead["project"].notna(), "")
    sums = dead.groupby(homes)[["tokens", "cost", "injected"]].sum().sort_values("tokens", ascending=False)
    for name, row in sums.head(3).iterrows():
        count = int((homes == name).sum())
        price = f" (${row['cost']:.2f})" if row["cost"] >= 0.005 else ""
        where, option = (f"of project {name}", f" -p {_quoted(str(name))}") if name else ("of no project", "")
        was = "was" if count == 1 else "were"
        yield Insight(
            f"{counted(count)} {where} took {int(row['tokens']):,} tokens{price} in the last {_DURING} days"
            f" and {was} never used.",
            f"%mem df usage{option} --during {_DURING}d",
            {"memories": count, "tokens": int(row["tokens"]), "cost": float(row["cost"])},
            tuple(dead["id"][homes == name]),
        )


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _rated(usage: pd.DataFrame) -> Iterator[Insight]:
    bad = usage[usage["bad"] > usage["good"]]
    for _, row in bad.sort_values("bad", ascending=False, kind="stable").head(2).iterrows():
        yield Insight(
            f"{row['title']!r} went into {counted(int(row['bad']), 'reply', 'replies')} that you called bad.",
            f"%mem show {row['id']}",
            {"bad": int(row["bad"]), "good": int(row["good"])},
            (str(row["id"]),),
        )


def _erring(captures: pd.DataFrame) -> Iterator[Insight]:
    decided = captures[captures["outcome"] != "waiting"].astype({"rule": object})
    rules = decided.groupby("rule")["wrong"].agg(["size", "sum"])
    for rule, row in rules[(rules["size"] >= _UNSURE) & (rules["sum"] * 2 >= rules["size"])].iterrows():
        yield Insight(
            f"The capture rule {rule} was wrong {int(row['sum'])} of {int(row['size'])} times.",
            f"%mem df captures --rule {rule}",
            {"captures": int(row["size"]), "wrong": int(row["sum"])},
        )


def _vain(searches: pd.DataFrame) -> Iterator[Insight]:
    """Yield what was searched for again and again without a hit."""
    asked = searches[searches["nothing_found"]]["query"].dropna()
    counts = Counter(" ".join(query.lower().split()) for query in asked)
    for query, count in counts.most_common(2):
        if count >= _OFTEN:
            yield Insight(
                f"{count} searches for {shown(query, 60)} found nothing in the last {_DURING} days.",
                "%mem add …",
                {"searches": count},
            )


def _needed(solutions: pd.DataFrame) -> Iterator[Insight]:
    often = solutions[solutions["used"] >= _OFTEN].sort_values("used", ascending=False, kind="stable")
    for _, row in often.head(3).iterrows():
        yield Insight(
            f"The fix {row['title']!r} was needed {counted(int(row['used']), 'time', 'times')}.",
            f"%mem show {row['id']}",
            {"used": int(row["used"])},
            (str(row["id"]),),
        )


def _repeated(store: MemoryStore, project: str) -> Iterator[Insight]:
    groups = store.duplicates(near=False, project=project)
    count = sum(len(group.others) for group in groups)
    if count:
        verb = "says" if count == 1 else "say"
        option = " --all" if project == "*" else f" -p {_quoted(project)}"
        yield Insight(
            f"{counted(count)} {verb} the same as another one.",
            f"%mem duplicates --sure{option}",
            {"memories": count, "groups": len(groups)},
            tuple(memory.id for group in groups for memory in group.others),
        )


def _helpful(usage: pd.DataFrame) -> Iterator[Insight]:
    injected, used = int(usage["injected"].sum()), int(usage["used"].sum())
    if not injected:
        return
    best = usage.sort_values(["used", "good"], ascending=False, kind="stable").iloc[0]
    more = f" Most of all {best['title']!r}, {counted(int(best['used']), 'time', 'times')}." if best["used"] else ""
    yield Insight(
        f"In the last {_DURING} days memories went into prompts {counted(injected, 'time', 'times')}, and"
        f" {counted(used, 'time', 'times')} ({used / injected:.0%}) the reply made use of them.{more}",
        f"%mem df usage --during {_DURING}d",
        {"injected": injected, "used": used},
    )
