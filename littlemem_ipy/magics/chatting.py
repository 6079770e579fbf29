"""``%%chat``: a message to a model, the reply as it arrives, and one line about the memory."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from littlemem_ipy.chat.answer import ChatReply
from littlemem_ipy.chat.reply import Interrupted
from littlemem_ipy.chat.session import ChatSession
from littlemem_ipy.context import ContextBlock
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.magics.interpolation import interpolate
from littlemem_ipy.magics.views import Comparison, DryRun
from littlemem_ipy.magics.workspace import Workspace
from littlemem_ipy.models.checks import check_conversation
from littlemem_ipy.notebook import Failure, notebook_name, where

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Desk", "chat"]

_INTERVAL = 0.1  # seconds between two updates of the display
_CODE = re.compile(r"^```(?:python|py|ipython)?[ \t]*\n(.*?)^```", re.DOTALL | re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Desk:
    """Where a chat cell is written.

    Attributes
    ----------
    work
        What the magics of the shell share.
    shell
        The shell.
    failure
        The cell that failed last; None if none has.
    source
        The cell that is running.
    """

    work: Workspace
    shell: InteractiveShell
    failure: Failure | None = None
    source: str = ""


def chat(desk: Desk, args: argparse.Namespace, body: str | None, names: Mapping[str, Any]) -> Any:
    """Send the message of a cell or line; show the reply, and return it.

    Parameters
    ----------
    desk
        Where the cell is written.
    args
        The parsed line.
    body
        The cell's body; None for a line.
    names
        Variables for ``{name}``.

    Returns
    -------
    ChatReply, DryRun, Comparison or None
        None if there was nothing to send.
    """
    if args.output and not args.output.isidentifier():
        raise InvalidInput(f"-o {args.output!r} is not the name of a variable.")
    text, filled, about = _message(desk, args, body, names)
    session = _session(desk, args)
    if not text.strip():
        if args.new or args.resume or args.thread:
            return None
        raise InvalidInput("the message is empty; write it below %%chat, or after %chat.")
    only = [desk.work.id_of(ref) for ref in args.only.split(",")] if args.only else None
    if args.dry_run:
        block = session.recall(about or text, only=only) if session.memory else ContextBlock()
        return DryRun(session.messages(text, block))
    plain = session.without_memory().send(text) if args.compare else None
    send = partial(_sent, desk, session, text, origin=where(desk.shell, desk.source), only=only, about=about)
    reply = (send() if plain is not None else _spoken(send, session.stream)).noting(*filled)
    if reply.proposed:
        desk.work.show(reply.proposed)
    if args.code:
        reply = reply.noting(_into_a_cell(desk.shell, reply.text))
    if plain is not None:
        return Comparison(plain, reply)
    return reply


def _sent(desk: Desk, session: ChatSession, text: str, **options: Any) -> ChatReply:
    """Send a message; its reply tells as well what a cleanup did after it."""
    return session.send(text, **options).noting(*desk.work.tidy())


def _spoken(send: Callable[..., ChatReply], streaming: bool) -> ChatReply:
    """Send, showing the reply as it arrives."""
    screen = _screen(streaming=streaming)
    try:
        reply = send(on_text=screen.write, on_wait=screen.wait, on_reply=screen.show)
    except Interrupted as stop:
        screen.stop(stop.partial.text)
        raise
    screen.finish(reply)
    return reply


def _message(
    desk: Desk, args: argparse.Namespace, body: str | None, names: Mapping[str, Any]
) -> tuple[str, list[str], str | None]:
    """Return the message, what was filled into it, and what it is about if that is not the whole of it."""
    asks_fix = args.fix or (body is None and args.text == ["fix"])
    words = [] if args.text == ["fix"] and not args.fix and asks_fix else args.text
    text = "\n".join(part for part in (" ".join(words), body or "") if part.strip())
    text, filled = interpolate(text, names)
    if not asks_fix:
        return text, filled, None
    if desk.failure is None:
        raise InvalidInput("no cell has failed since the extension was loaded; there is nothing to fix.")
    return desk.failure.message(text), filled, desk.failure.topic


def _into_a_cell(shell: InteractiveShell, text: str) -> str:
    """Put the code of a reply into a new cell, and say what was done."""
    blocks = _CODE.findall(text)
    if not blocks:
        return "there is no code in the reply, so no cell was made"
    shell.set_next_input("\n\n".join(block.strip() for block in blocks), replace=False)
    return "the code is in a new cell; read it before you run it"


def _session(desk: Desk, args: argparse.Namespace) -> ChatSession:
    """Return the notebook's conversation, with the settings and options of this message."""
    work, settings = desk.work, desk.work.settings
    if work.chat is None or work.chat.store is not work.store:
        work.chat = ChatSession(work.store)
    session: ChatSession = work.chat
    if args.new:
        session.clear()
    if args.thread and session.id != args.thread:
        session.resume(check_conversation(args.thread))
    elif args.resume and not session.resume(notebook=notebook_name(desk.shell)):
        raise InvalidInput("there is no earlier conversation here; %%chat --thread NAME takes up one by its name.")
    session.model = args.model or settings.model or None
    session.api_base = args.api_base or settings.api_base or None
    session.stream = settings.stream and not args.no_stream and not _headless()
    session.memory = settings.memory and not args.no_memory
    session.budget = settings.budget if args.budget is None else args.budget
    session.capture = "off" if args.no_capture else settings.capture
    session.log_chats = settings.log_chats and not args.no_capture
    session.aliases = settings.aliases
    session.system_prompt = settings.system_prompt
    session.timeout = settings.timeout
    session.max_memories = settings.max_memories
    session.threshold = settings.threshold
    session.capture_threshold = settings.capture_threshold
    session.capture_types = settings.capture_types
    session.capture_model = settings.capture_model or None
    session.tools = settings.tools
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

    def wait(self, line: str) -> None:
        print(f"[{line}]")

    def show(self, text: str) -> None:
        # What a reply without streaming holds back, and what ends the line.
        print(text.removeprefix(self._shown), flush=True)

    def finish(self, reply: ChatReply) -> None:
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

    def wait(self, line: str) -> None:
        if self._streaming:  # otherwise the one output is the reply
            self._show(f"*{line} …*")

    def show(self, text: str) -> None:
        self._show(text)

    def finish(self, reply: ChatReply) -> None:
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
