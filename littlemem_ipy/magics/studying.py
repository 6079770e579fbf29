"""The verbs that study: frames, figures, charts, sentences, evaluation and assertions.

The analytics are imported where they are needed, as they bring pandas.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.magics.views import Card, Message, Rows
from littlemem_ipy.magics.workspace import Workspace, scope_of
from littlemem_ipy.models import Table
from littlemem_ipy.models.checks import shown

if TYPE_CHECKING:
    import pandas

    from littlemem_ipy.analytics import Dashboard, Evaluation, Insights, Overview
    from littlemem_ipy.analytics.drawing import Chart

__all__ = ["dashboard", "df", "evaluate", "expect", "insights", "stats"]

# Which options a frame takes; the memories that a frame is about are chosen as in a search.
_MEMORIES = (
    "type",
    "tags",
    "tags_any",
    "tags_none",
    "project",
    "conversation_id",
    "since",
    "until",
    "include_archived",
)
_LOG = ("since", "until")
_TAKES = {
    "events": (*_LOG, "kinds"),
    "searches": _LOG,
    "conversations": _LOG,
    "costs": _LOG,
    "usage": (*_MEMORIES, "during"),
}
_SPELLED = {
    "tags": "tag",
    "tags_any": "any-tag",
    "tags_none": "not-tag",
    "conversation_id": "conversation",
    "include_archived": "archived",
    "kinds": "kind",
}


def df(work: Workspace, args: argparse.Namespace) -> pandas.DataFrame | Rows:
    """Give the store as DataFrames."""
    from littlemem_ipy import analytics

    if args.name is None:
        rows = [[name, meaning] for name, meaning in analytics.MEANING.items()]
        return Rows(
            Table(
                ["frame", "what it holds"], rows, "%mem df NAME gives one; --columns explains it.", cell_limit=100
            )
        )
    if args.columns or args.name not in analytics.FRAMES:
        return Rows(analytics.explained(args.name))
    asked = {name: value for name, value in _filters(args).items() if value}
    takes = _TAKES.get(args.name, _MEMORIES)
    for name in asked:
        if name not in takes:
            options = ", ".join(map(_option, takes))
            raise InvalidInput(f"the frame {args.name} takes no {_option(name)}; it can be narrowed by {options}.")
    frame = analytics.FRAMES[args.name](work.store, **asked)
    return frame[frame["rule"] == args.rule].reset_index(drop=True) if args.rule and "rule" in frame else frame


def _option(name: str) -> str:
    return f"--{_SPELLED.get(name, name)}"


def _filters(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "type": args.type,
        "tags": args.tag,
        "tags_any": args.any_tag,
        "tags_none": args.not_tag,
        "conversation_id": args.conversation,
        "since": args.since,
        "until": args.until,
        "include_archived": args.archived,
        "kinds": args.kind,
        "during": args.during,
        **scope_of(args),
    }


def stats(work: Workspace, args: argparse.Namespace) -> Overview:
    """Show how much there is of what, and what it was good for."""
    from littlemem_ipy.analytics import overview

    return overview(work.store)


def insights(work: Workspace, args: argparse.Namespace) -> Insights:
    """Say what stands out, and what to do about it."""
    from littlemem_ipy.analytics import insights as found

    return found(work.store, **scope_of(args))


def dashboard(work: Workspace, args: argparse.Namespace) -> Dashboard | Chart:
    """Draw what the memory holds and what it is worth."""
    from littlemem_ipy.analytics import dashboard as drawn

    charts = drawn(work.store)
    if args.chart is None:
        return charts
    if args.chart not in charts.charts:
        raise InvalidInput(f"there is no chart {shown(args.chart)}; one of {', '.join(charts)}.")
    return charts[args.chart]


def evaluate(work: Workspace, args: argparse.Namespace) -> Evaluation:
    """Ask your own questions and count what is found."""
    from littlemem_ipy.analytics import evaluate as asked
    from littlemem_ipy.analytics import read_pairs

    settings = work.settings
    chat = {
        "budget": settings.budget if args.budget is None else args.budget,
        "threshold": settings.threshold,
        "max_memories": settings.max_memories,
    }
    return asked(work.store, read_pairs(Path(args.file).expanduser()), **chat)


def expect(work: Workspace, args: argparse.Namespace) -> Card | Message:
    """Check that a question finds what it should; the cell fails if not."""
    found = work.store.expect(
        " ".join(args.text), contains=args.contains or "", lacks=args.lacks or "", limit=args.limit
    )
    if found is None:
        return Message(f"As expected: nothing says {shown(args.lacks)}.")
    return Message(f"As expected: {found.title}", (found,))
