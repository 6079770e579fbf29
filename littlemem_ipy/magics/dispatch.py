"""From a line to a verb: parsed, run, and every user's error turned into one line.

It is imported at the first use of a magic, because loading the extension must stay light.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from littlemem_ipy.chat.answer import ChatReply
from littlemem_ipy.chat.reply import Interrupted
from littlemem_ipy.errors import LittleMemError
from littlemem_ipy.magics import choosing, keeping, learning, moving, reading, studying, tidying, writing
from littlemem_ipy.magics.chatting import Desk, chat
from littlemem_ipy.magics.grammar import HelpShown, WrongUsage, chat_parser, split, verbs
from littlemem_ipy.magics.views import Message
from littlemem_ipy.magics.workspace import Workspace
from littlemem_ipy.models.checks import shown

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["run_chat", "run_mem"]

_VERBS: dict[str, Callable[..., Any]] = {
    "add": writing.add,
    "search": reading.search,
    "list": reading.list_,
    "show": reading.show,
    "edit": writing.edit,
    "rm": writing.rm,
    "restore": writing.restore,
    "browse": reading.browse,
    "history": reading.history,
    "share": writing.share,
    "unshare": writing.unshare,
    "undo": writing.undo,
    "inbox": writing.inbox,
    "stats": studying.stats,
    "df": studying.df,
    "insights": studying.insights,
    "dashboard": studying.dashboard,
    "eval": studying.evaluate,
    "expect": studying.expect,
    "backup": keeping.backup,
    "restore-backup": keeping.restore_backup,
    "unlock": keeping.unlock,
    "lock": keeping.lock,
    "why": reading.why,
    "good": writing.good,
    "bad": writing.bad,
    "export": moving.export,
    "import": moving.import_,
    "bundle": moving.bundle,
    "copy": moving.copy,
    "keep": learning.keep,
    "replay": learning.replay,
    "organise": learning.organise,
    "cleanup": tidying.cleanup,
    "duplicates": tidying.duplicates,
    "use": choosing.use,
    "config": choosing.config,
    "doctor": reading.doctor,
    "help": reading.help_,
}
_WITH_BODY = {"add": "text", "edit": "content"}


@contextmanager
def _one_line() -> Iterator[None]:
    """Let errors out as the one line that IPython prints for a usage error."""
    try:
        yield
    except (LittleMemError, WrongUsage) as error:
        raise UsageError(str(error)) from error
    except Interrupted:
        raise UsageError("Interrupted: what came is kept in the conversation, nothing was captured.") from None
    except KeyboardInterrupt:
        raise UsageError("Interrupted: what was not finished was not written.") from None


def run_mem(work: Workspace, line: str, cell: str | None) -> Any:
    """Run a line or cell of ``%mem`` and return what it shows.

    Raises
    ------
    UsageError
        With one line, whatever the user did wrong.
    """
    with _one_line():
        words = split(line)
        if words:
            return _verb(work, words[0], words[1:], cell)
        if cell is not None:
            raise WrongUsage("%%mem needs a verb that takes a text: %%mem add, or %%mem edit REF.")
        return reading.status(work)


def _verb(work: Workspace, verb: str, words: list[str], cell: str | None) -> Any:
    parser = verbs().get(verb)
    if parser is None:
        if verb in ("-h", "--help"):
            return Message(reading.overview())
        raise WrongUsage(_unknown(verb))
    try:
        args = parser.read(words)
    except HelpShown as help_text:
        return Message(str(help_text))
    if cell is not None:
        if verb not in _WITH_BODY:
            raise WrongUsage(f"%mem {verb} takes no cell; write it on one line with a single %.")
        field = _WITH_BODY[verb]
        setattr(args, field, [cell] if field == "text" else cell)
    return _VERBS[verb](work, args)


def _unknown(verb: str) -> str:
    close = difflib.get_close_matches(verb, _VERBS, 1)
    advice = f"did you mean {close[0]}?" if close else "%mem help lists the verbs."
    return f"%mem: there is no verb {shown(verb)}; {advice}"


def run_chat(desk: Desk, line: str, cell: str | None, names: Mapping[str, Any]) -> Any:
    """Run a line or cell of ``%chat`` and return what it shows.

    Raises
    ------
    UsageError
        With one line, whatever went wrong.
    """
    with _one_line():
        try:
            args = chat_parser().read(split(line))
        except HelpShown as help_text:
            return Message(str(help_text))
        shown_reply = chat(desk, args, cell, names)
    if args.output and shown_reply is not None:
        desk.shell.user_ns[args.output] = shown_reply
    if not isinstance(shown_reply, ChatReply):
        return shown_reply
    # A cell has shown its reply; a line may be assigned, so it hands the reply on.
    return None if cell is not None else _Shown(shown_reply, desk.shell)


class _Shown:
    """A reply that is on the screen already: it shows itself again only in a later cell."""

    def __init__(self, reply: Any, shell: InteractiveShell) -> None:
        self._reply = reply
        self._shell = shell
        self._count = shell.execution_count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reply, name)

    def __repr__(self) -> str:
        return repr(self._reply)

    def _ipython_display_(self) -> None:
        if self._shell.execution_count != self._count:
            from IPython.display import display

            display(self._reply)
