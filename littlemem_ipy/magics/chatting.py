"""``%%chat``: a message to a model, the reply as it arrives, and one line about the memory."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.magics.interpolation import interpolate
from littlemem_ipy.magics.views import DryRun
from littlemem_ipy.magics.workspace import Workspace
from littlemem_ipy.models import Provenance

__all__ = ["chat"]

_INTERVAL = 0.1  # seconds between two updates of the display


def chat(
    work: Workspace, args: argparse.Namespace, body: str | None, names: Mapping[str, Any], origin: Provenance
) -> Any:
    """Send the message of a cell or line; show the reply, and return it.

    Parameters
    ----------
    work
        The shell's state.
    args
        The parsed line.
    body
        The cell's body; None for a line.
    names
        Variables for ``{name}``.
    origin
        The notebook and cell.
    """
    from littlemem_ipy.chat.reply import Interrupted

    if args.output and not args.output.isidentifier():
        raise InvalidInput(f"-o {args.output!r} is not the name of a variable.")
    text = "\n".join(part for part in (" ".join(args.text), body or "") if part.strip())
    if not text.strip() and not args.new:
        raise InvalidInput("the message is empty; write it below %%chat, or after %chat.")
    text, filled = interpolate(text, names)
    session = _session(work, args)
    if not text.strip():
        return None
    if args.dry_run:
        return DryRun(session.messages(text, session.recall(text)) if session.memory else session.messages(text))
    screen = _screen(streaming=session.stream)
    try:
        reply = session.send(text, on_text=screen.write, origin=origin)
    except Interrupted as stop:
        screen.stop(stop.partial.text)
        raise
    reply = reply.noting(*filled)
    screen.finish(reply)
    return reply


def _session(work: Workspace, args: argparse.Namespace) -> Any:
    """Return the notebook's conversation, with the settings and options of this message."""
    from littlemem_ipy.chat.session import ChatSession

    settings = work.settings
    if work.chat is None or work.chat.store is not work.store:
        work.chat = ChatSession(work.store)
    session = work.chat
    if args.new:
        session.clear()
    session.model = args.model or settings.model or None
    session.api_base = args.api_base or settings.api_base or None
    session.aliases = settings.aliases
    session.system_prompt = settings.system_prompt
    session.timeout = settings.timeout
    session.stream = settings.stream and not args.no_stream and not _headless()
    session.memory = settings.memory and not args.no_memory
    session.budget = settings.budget if args.budget is None else args.budget
    session.max_memories = settings.max_memories
    session.threshold = settings.threshold
    session.capture = "off" if args.no_capture else settings.capture
    session.capture_threshold = settings.capture_threshold
    session.capture_types = settings.capture_types
    return session


def _headless() -> bool:
    """Return whether nobody watches: nbconvert, nbclient, nbval and papermill run without standard input."""
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and not getattr(kernel, "_allow_stdin", True)


def _screen(*, streaming: bool) -> _Terminal | _Display:
    if getattr(get_ipython(), "kernel", None) is None:
        return _Terminal()
    return _Display(streaming=streaming)


class _Terminal:
    """Text as it arrives, then the receipt."""

    def __init__(self) -> None:
        self._shown = ""

    def write(self, piece: str) -> None:
        self._shown += piece
        sys.stdout.write(piece)
        sys.stdout.flush()

    def finish(self, reply: Any) -> None:
        # What a reply without streaming holds back, and what ends the line.
        print(reply.text.removeprefix(self._shown))
        for line in reply.lines:
            print(f"[{line}]")

    def stop(self, text: str) -> None:
        print("\n[interrupted: nothing was remembered]")


class _Display:
    """One Markdown output that grows, and the receipt as an output of its own."""

    def __init__(self, *, streaming: bool) -> None:
        self._streaming = streaming
        self._handle: Any = None
        self._text = ""
        self._updated = 0.0

    def write(self, piece: str) -> None:
        self._text += piece
        if self._streaming and time.monotonic() - self._updated >= _INTERVAL:
            self._show(self._text)

    def finish(self, reply: Any) -> None:
        self._show(reply.text)
        receipt = "\n".join(f"[{line}]" for line in reply.lines)
        display({"text/plain": receipt, "text/html": reply.receipt_html()}, raw=True)

    def stop(self, text: str) -> None:
        self._show(f"{text}\n\n*[interrupted: nothing was remembered]*")

    def _show(self, text: str) -> None:
        bundle = {"text/plain": text, "text/markdown": text}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
        self._updated = time.monotonic()
