"""The verbs that learn from what is there: keep, replay and organise."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from IPython.core.getipython import get_ipython

from littlemem_ipy.chat.organising import Organised
from littlemem_ipy.chat.organising import organise as ask_to_organise
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.magics.views import Message
from littlemem_ipy.magics.workspace import Workspace
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import shown
from littlemem_ipy.notebook.keeping import keep_function
from littlemem_ipy.notebook.replay import Replay
from littlemem_ipy.notebook.replay import replay as read_notebooks

__all__ = ["keep", "organise", "replay"]


def keep(work: Workspace, args: argparse.Namespace) -> Message:
    """Remember a function of this notebook."""
    shell: Any = get_ipython()
    memory = keep_function(work.store, shell, args.name, work.ran, title=args.title, tags=args.tag or ())
    work.show([memory])
    used = (memory.provenance.__pydantic_extra__ or {}).get("used_in")
    count = len(used) if isinstance(used, list) else 0
    told = f"later cells that use it: {count}" if count else "no later cell has used it yet"
    return Message(f"Remembered as {memory.type}: {memory.title}; {told}", (memory,))


def replay(work: Workspace, args: argparse.Namespace) -> Replay | Message:
    """See what old notebooks would have taught, or store it."""
    settings = work.settings
    found = read_notebooks(*args.path, types=settings.capture_types, progress=sys.stderr.isatty() or _watched())
    if args.accept is None:
        return found
    memories = found.accept(work.store, _numbers(args.accept), sure_from=settings.capture_threshold)
    work.show(memories)
    return Message(_told(memories), tuple(memories))


def _watched() -> bool:
    return getattr(get_ipython(), "kernel", None) is not None


def _told(memories: list[Memory]) -> str:
    waiting = sum(memory.held is not None for memory in memories)
    inbox = f", {waiting} of them wait in the inbox" if waiting else ""
    if not memories:
        return "Nothing new: all of it is known already."
    return f"Stored {len(memories)}{inbox}. %mem undo takes them back."


def _numbers(text: str) -> list[int] | None:
    """Return the numbers of a list such as "1,3"; None for "all"."""
    if text == "all":
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise InvalidInput(f"--accept {shown(text)}: write numbers with commas, such as 1,3, or 'all'.") from None


def organise(work: Workspace, args: argparse.Namespace) -> Organised | Message:
    """Let a model propose how to put memories in order, or carry out what it proposed last."""
    if args.accept is not None:
        if work.organised is None:
            raise InvalidInput("there are no proposals yet; %mem organise asks for some.")
        memories = work.organised.accept(work.store, _numbers(args.accept))
        work.organised = None
        return Message(f"Changed {len(memories)}. %mem undo takes it back.", tuple(memories))
    settings = work.settings
    proposals = ask_to_organise(
        work.store,
        model=args.model or settings.capture_model or settings.model or None,
        api_base=settings.api_base or None,
        aliases=settings.aliases,
        timeout=settings.timeout,
        limit=args.limit,
    )
    work.organised = proposals
    return proposals
