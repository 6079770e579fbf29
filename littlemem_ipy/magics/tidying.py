"""The verbs that keep a store in order."""

from __future__ import annotations

import argparse

from littlemem_ipy.duplicates import Duplicates
from littlemem_ipy.magics.workspace import Workspace, scope_of

__all__ = ["duplicates"]


def duplicates(work: Workspace, args: argparse.Namespace) -> Duplicates:
    """Find memories that say the same, side by side."""
    found = work.store.duplicates(near=not args.sure, type=args.type, **scope_of(args))
    work.show(found.memories)
    return found
