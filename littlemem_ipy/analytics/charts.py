"""Charts of a store: each a function that returns a matplotlib figure and answers one question.

matplotlib because a static picture shows in every front end, in a saved notebook, in nbconvert's HTML and without a
network; its ground is transparent, and its greys read on light and dark and follow the theme of a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from littlemem_ipy.analytics import activity, chats, contents
from littlemem_ipy.analytics.drawing import (
    ACCENT,
    COLOURS,
    INK,
    MUTED,
    OTHER,
    WARNING,
    Chart,
    bars,
    chart,
    days,
    empty,
    whole,
)
from littlemem_ipy.models import EXCHANGE, type_info
from littlemem_ipy.models.tables import counted
from littlemem_ipy.store import MemoryStore

__all__ = [
    "DRAWN",
    "captures",
    "growth",
    "hits",
    "latency",
    "projects",
    "spending",
    "tokens",
    "top",
    "types",
    "unused",
]

_MOST = 8
_SPREAD = 4  # times are drawn to a quarter and to four times the middle one at least: powers of ten are in sight
_DAY = pd.Timedelta(days=1)


def growth(store: MemoryStore) -> Chart:
    """Return how many memories there were of each type, day by day."""
    return _growth(contents.growth(store, sources_none=EXCHANGE))


def _growth(frame: pd.DataFrame) -> Chart:
    title = "How does the memory grow?"
    if frame.empty:
        return empty(title, "There is no memory yet.")
    wide = frame.pivot_table(index="day", columns="type", values="total", observed=True, aggfunc="last")
    first, last = wide.index[0], wide.index[-1]
    # A line for each day that something happened, one before the first, when nothing was there, and one after the
    # last, so that this day is seen as well.
    wide = wide.reindex(wide.index.union([first - _DAY, last + _DAY])).ffill().fillna(0)
    total, before = int(wide.iloc[-1].sum()), int(wide[wide.index <= last - 30 * _DAY].tail(1).to_numpy().sum())
    recent = f"{total - before:+,} in the 30 days up to {last:%Y-%m-%d}"
    figure, axes = chart(title, f"{counted(total)} since {first:%Y-%m-%d}, {recent}.")
    names = [type_info(str(kind)).label for kind in wide.columns]
    axes.stackplot(
        pd.DatetimeIndex(wide.index).tz_localize(None),
        wide.to_numpy().T,
        labels=names,
        colors=COLOURS,
        step="post",
        linewidth=0,
    )
    axes.legend(loc="upper left", fontsize=8, frameon=False, labelcolor=INK, ncols=2)
    axes.set_ylim(0, wide.sum(axis=1).max() * 1.35 or 1)
    whole(axes)
    days(axes)
    return figure


def types(store: MemoryStore) -> Chart:
    """Return how many memories in use there are of each type."""
    return _types(contents.memories(store, sources_none=EXCHANGE))


def _types(frame: pd.DataFrame) -> Chart:
    title = "What kinds of memories are there?"
    counts = frame["type"].value_counts()
    counts = counts[counts > 0]
    if counts.empty:
        return empty(title, "There is no memory in use.")
    first = type_info(str(counts.index[0])).label
    figure, axes = chart(
        title, f"{len(frame):,} in use; most of them are of the type {first!r} ({counts.iloc[0] / len(frame):.0%})."
    )
    bars(
        axes,
        [type_info(str(kind)).label for kind in counts.index],
        list(counts),
        [f"{count:,}" for count in counts],
    )
    return figure


def projects(store: MemoryStore) -> Chart:
    """Return which projects the memories in use belong to."""
    return _projects(contents.memories(store, sources_none=EXCHANGE))


def _projects(frame: pd.DataFrame) -> Chart:
    title = "Which projects do they belong to?"
    if frame.empty:
        return empty(title, "There is no memory in use.")
    counts = frame["project"].value_counts(dropna=False)
    counts = counts[counts > 0]
    homeless = int(frame["project"].isna().sum())
    named = counted(int(pd.notna(counts.index).sum()), "project", "projects")
    figure, axes = chart(title, f"{named}; {homeless:,} of {len(frame):,} memories belong to none.")
    shown = counts.head(_MOST)
    names = ["no project" if pd.isna(name) else str(name) for name in shown.index]
    bars(axes, names, list(shown), [f"{count:,}" for count in shown])
    return figure


def top(store: MemoryStore) -> Chart:
    """Return which memories replies made use of most."""
    return _top(activity.usage(store, sources_none=EXCHANGE))


def _top(frame: pd.DataFrame) -> Chart:
    title = "Which memories help most?"
    shown = frame[frame["used"] > 0].sort_values(["used", "injected"], ascending=False, kind="stable").head(_MOST)
    if shown.empty:
        return empty(title, "No reply has made use of a memory yet.")
    share = frame["used"].sum() / max(1, frame["injected"].sum())
    figure, axes = chart(title, f"Replies made use of {share:.0%} of the memories that went into their prompts.")
    notes = [
        f"used {used:,} of {injected:,}" for used, injected in zip(shown["used"], shown["injected"], strict=True)
    ]
    axes.barh(range(len(shown)), shown["injected"], color=OTHER, alpha=0.45, height=0.66)
    bars(axes, list(shown["title"]), list(shown["used"]), [""] * len(shown))
    for place, (injected, note) in enumerate(zip(shown["injected"], notes, strict=True)):
        axes.annotate(
            note, (injected, place), (4, 0), textcoords="offset points", va="center", fontsize=8.5, color=INK
        )
    axes.margins(x=0.4)
    return figure


def unused(store: MemoryStore) -> Chart:
    """Return which memories take tokens and were never made use of."""
    return _unused(activity.usage(store, sources_none=EXCHANGE))


def _unused(frame: pd.DataFrame) -> Chart:
    title = "Which memories cost and never help?"
    if not frame["injected"].any():
        return empty(title, "No memory has gone into a prompt yet.")
    dead = frame[(frame["injected"] > 0) & (frame["used"] == 0) & (frame["good"] == 0)]
    if dead.empty:
        return empty(title, "None: each memory that went into a prompt was made use of at least once.")
    spent, everything = int(dead["tokens"].sum()), int(frame["tokens"].sum())
    count = counted(len(dead))
    share = f"{spent / max(1, everything):.0%} of all"
    figure, axes = chart(title, f"{count} took {spent:,} tokens ({share}) for nothing.")
    shown = dead.sort_values(["tokens", "injected"], ascending=False, kind="stable").head(_MOST)
    notes = [
        f"{tokens:,} tokens, {times:,}×" for tokens, times in zip(shown["tokens"], shown["injected"], strict=True)
    ]
    bars(axes, list(shown["title"]), list(shown["tokens"]), notes, colour=WARNING)
    axes.margins(x=0.4)
    return figure


def hits(store: MemoryStore) -> Chart:
    """Return how many searches found something, week by week."""
    return _hits(activity.searches(store))


def _hits(frame: pd.DataFrame) -> Chart:
    title = "Do searches find something?"
    if frame.empty:
        return empty(title, "Nothing was searched for yet.")
    missed = int(frame["nothing_found"].sum())
    figure, axes = chart(
        title, f"{1 - missed / len(frame):.0%} of {len(frame):,} searches did; {missed:,} found nothing."
    )
    spread = frame["at"].iloc[-1] - frame["at"].iloc[0]
    unit = "D" if spread < pd.Timedelta(days=60) else "W" if spread < pd.Timedelta(days=700) else "MS"
    grouped = frame.set_index(frame["at"].dt.tz_localize(None))["nothing_found"].resample(unit).agg(["size", "sum"])
    grouped = grouped[grouped["size"] > 0]
    axes.plot(grouped.index, 1 - grouped["sum"] / grouped["size"], color=ACCENT, marker="o", markersize=3)
    axes.set_ylim(0, 1.05)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    days(axes)
    return figure


def latency(store: MemoryStore) -> Chart:
    """Return how long searches take."""
    return _latency(activity.searches(store))


def _latency(frame: pd.DataFrame) -> Chart:
    title = "How long does a search take?"
    times = frame["ms"].dropna()
    times = times[times > 0]
    if times.empty:
        return empty(title, "Nothing was searched for yet.")
    middle, slow = float(times.median()), float(times.quantile(0.95))
    figure, axes = chart(title, f"Half of them less than {middle:.1f} ms, 95 of 100 less than {slow:.1f} ms.")
    low, high = min(float(times.min()), middle / _SPREAD), max(float(times.max()), middle * _SPREAD)
    axes.hist(times, bins=list(np.geomspace(low * 0.95, high * 1.05, 40)), color=ACCENT)
    axes.set_xscale("log")
    whole(axes)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} ms")
    axes.tick_params(which="minor", length=0, labelbottom=False)
    for value, name, drop in ((middle, "median", -8), (slow, "95 %", -19)):
        axes.axvline(value, color=MUTED, linewidth=1, linestyle="--")
        axes.annotate(
            name,
            (value, 1),
            (3, drop),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8,
            color=MUTED,
        )
    return figure


def tokens(store: MemoryStore) -> Chart:
    """Return how many tokens replies took, and how many of these were memories."""
    return _tokens(chats.costs(store))


def _tokens(frame: pd.DataFrame) -> Chart:
    title = "What do memories add to the prompts?"
    if frame.empty:
        return empty(title, "No reply was counted yet.")
    columns = ["prompt_tokens", "completion_tokens", "memory_tokens"]
    daily = _by_time(frame, columns)
    total = int(daily[columns[:2]].to_numpy().sum())
    memory = int(daily["memory_tokens"].sum())
    share = f", {memory / total:.0%} of all" if total >= memory > 0 else ""
    replies = counted(int(frame["replies"].sum()), "reply", "replies")
    figure, axes = chart(title, f"{replies}; memories took {memory:,} tokens{share}.")
    rest = (daily["prompt_tokens"] + daily["completion_tokens"] - daily["memory_tokens"]).clip(lower=0)
    width = _width(daily)
    axes.bar(daily.index, daily["memory_tokens"], width, color=ACCENT, label="memories")
    axes.bar(
        daily.index, rest, width, bottom=daily["memory_tokens"], color=OTHER, alpha=0.5, label="everything else"
    )
    whole(axes)
    axes.legend(loc="upper left", fontsize=8, frameon=False, labelcolor=INK, ncols=2)
    axes.margins(y=0.2)
    days(axes)
    return figure


def spending(store: MemoryStore) -> Chart:
    """Return what replies cost, by model."""
    return _spending(chats.costs(store))


def _spending(frame: pd.DataFrame) -> Chart:
    title = "What do the chats cost?"
    if not frame["cost"].sum():
        return empty(title, "No reply had a known price." if len(frame) else "No reply was counted yet.")
    models = frame.groupby("model", observed=True)["cost"].sum().sort_values(ascending=False)
    shown = [str(name) for name in models.index[:5]]
    figure, axes = chart(
        title, f"${models.sum():,.2f} in all, {models.iloc[0] / models.sum():.0%} of it for {shown[0]}."
    )
    below: Any = 0.0
    for name, colour in zip(shown, COLOURS, strict=False):
        daily = _by_time(frame.assign(cost=frame["cost"].where(frame["model"] == name, 0.0)), ["cost"])
        axes.bar(daily.index, daily["cost"], _width(daily), bottom=below, color=colour, label=name)
        below = daily["cost"] + below
    axes.yaxis.set_major_formatter(lambda value, _: f"${value:,.2f}")
    axes.legend(loc="upper left", fontsize=8, frameon=False, labelcolor=INK, ncols=2)
    axes.margins(y=0.25)
    days(axes)
    return figure


def _by_time(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return sums for each day, or each week where there are many days."""
    daily = frame.set_index(frame["day"].dt.tz_localize(None))[columns]
    spread = daily.index[-1] - daily.index[0]
    return daily.resample("D" if spread < 90 * _DAY else "W").sum()


def _width(frame: pd.DataFrame) -> float:
    return 0.8 if len(frame) < 2 else 0.8 * (frame.index[1] - frame.index[0]) / _DAY


def captures(store: MemoryStore) -> Chart:
    """Return how often each capture rule was right."""
    return _captures(chats.captures(store))


def _captures(frame: pd.DataFrame) -> Chart:
    title = "Which capture rules are right?"
    decided = frame[frame["outcome"] != "waiting"]
    if decided.empty:
        return empty(title, "Nothing was captured from a chat yet.")
    decided = decided.assign(rule=decided["rule"].astype(object).fillna("without a rule"))
    rules = (
        decided.groupby("rule")["wrong"]
        .agg(["size", "sum"])
        .sort_values("size", ascending=False, kind="stable")
        .head(_MOST)
    )
    right = 1 - rules["sum"] / rules["size"]
    wrong, everything = int(decided["wrong"].sum()), len(decided)
    kept = f"{1 - wrong / everything:.0%} of {everything:,} captures were kept"
    figure, axes = chart(title, f"{kept}; {wrong:,} rejected, undone or deleted.")
    notes = [f"{share:.0%} of {size:,}" for share, size in zip(right, rules["size"], strict=True)]
    bars(axes, [str(rule) for rule in rules.index], list(right), notes)
    axes.set_xlim(0, 1.25)
    return figure


DRAWN: Mapping[str, tuple[str, Callable[[pd.DataFrame], Chart]]] = MappingProxyType(
    {
        "growth": ("growth", _growth),
        "types": ("usage", _types),
        "projects": ("usage", _projects),
        "top": ("usage", _top),
        "unused": ("usage", _unused),
        "hits": ("searches", _hits),
        "latency": ("searches", _latency),
        "tokens": ("costs", _tokens),
        "spending": ("costs", _spending),
        "captures": ("captures", _captures),
    }
)
"""For the name of a chart the frame that it is drawn from, and what draws it."""
