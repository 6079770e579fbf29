"""The verbs that keep a store in order."""

from __future__ import annotations

import argparse

from littlemem_ipy.cleanup import CleanupPlan, CleanupReport, RetentionPolicy
from littlemem_ipy.duplicates import Duplicates
from littlemem_ipy.magics.workspace import Workspace, scope_of

__all__ = ["cleanup", "duplicates"]


def duplicates(work: Workspace, args: argparse.Namespace) -> Duplicates:
    """Find memories that say the same, side by side."""
    found = work.store.duplicates(near=not args.sure, type=args.type, **scope_of(args))
    work.show(found.memories)
    return found


def cleanup(work: Workspace, args: argparse.Namespace) -> CleanupPlan | CleanupReport:
    """Show what the store can do without; with ``--apply`` put it out of use."""
    plan = work.store.cleanup(_policy(args), **scope_of(args))
    done = work.store.cleanup(plan, dry_run=False) if args.apply else plan
    work.show(step.memory for step in done.steps)
    return done


def _policy(args: argparse.Namespace) -> RetentionPolicy:
    """Return the rules that were named; where none was, those of the types, and duplicates."""
    limits = (args.older_than, args.max_count, args.max_size, args.junk)
    usual = all(limit is None for limit in limits) and not (args.unused or args.duplicates or args.superseded)
    return RetentionPolicy(
        max_age=args.older_than,
        by_age=usual or args.older_than is not None,
        duplicates=usual or args.duplicates,
        superseded=args.superseded,
        min_uses=args.unused,
        junk_after=args.junk,
        max_count=args.max_count,
        max_bytes=args.max_size,
        grace=args.grace,
        delete=args.delete,
    )
