"""``%mem``, ``%%mem``, ``%chat`` and ``%%chat``: the only place that turns errors into usage errors.

A user's mistake gives one line, not a traceback. Everything the magics do is a call of the
store or of a chat session, so that a script can do it as well.
"""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from IPython.core.error import UsageError
from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
    output_can_be_silenced,
)
from traitlets import TraitError

from littlemem_ipy.config import LittleMem
from littlemem_ipy.errors import LittleMemError, LittleMemWarning
from littlemem_ipy.magics import choosing, reading, writing
from littlemem_ipy.magics.completion import completions
from littlemem_ipy.magics.parser import HelpShown, WrongUsage, chat_parser, reference, split, verbs
from littlemem_ipy.magics.questions import keep_question_marks
from littlemem_ipy.magics.views import Message
from littlemem_ipy.magics.workspace import Workspace
from littlemem_ipy.models import Provenance
from littlemem_ipy.models.checks import shown

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["MemMagics", "reference", "register", "unregister"]

_VERBS: dict[str, Callable[..., Any]] = {
    "add": writing.add,
    "search": reading.search,
    "list": reading.list_,
    "show": reading.show,
    "edit": writing.edit,
    "rm": writing.rm,
    "restore": writing.restore,
    "history": reading.history,
    "undo": writing.undo,
    "inbox": writing.inbox,
    "stats": reading.stats,
    "why": reading.why,
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


@magics_class
class MemMagics(Magics):
    """The magics of the memory.

    Parameters
    ----------
    shell
        The shell that they live in.
    work
        The state that they share.
    """

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell, work: Workspace) -> None:
        super().__init__(shell)
        self.work = work

    @no_var_expand
    @output_can_be_silenced
    @line_cell_magic
    def mem(self, line: str, cell: str | None = None) -> Any:
        """Remember, find, change and explain memories: %mem VERB …; alone it shows where the memory stands."""
        with _one_line():
            words = split(line)
            if not words:
                if cell is not None:
                    raise WrongUsage("%%mem needs a verb that takes a text: %%mem add, or %%mem edit REF.")
                return reading.status(self.work)
            return self._run(words[0], words[1:], cell)

    def _run(self, verb: str, words: list[str], cell: str | None) -> Any:
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
            setattr(args, _WITH_BODY[verb], [cell] if verb == "add" else cell)
        return _VERBS[verb](self.work, args)

    @no_var_expand
    @output_can_be_silenced
    @needs_local_scope
    @line_cell_magic
    def chat(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> Any:
        """Talk to a model that remembers: %%chat [-m MODEL] with the message below, or %chat MESSAGE."""
        from littlemem_ipy.chat.reply import Interrupted
        from littlemem_ipy.magics.chatting import chat

        with _one_line():
            try:
                args = chat_parser().read(split(line))
            except HelpShown as help_text:
                return Message(str(help_text))
            names = {**self.shell.user_ns, **(local_ns or {})}
            try:
                reply = chat(self.work, args, cell, names, self._origin())
            except Interrupted:
                raise UsageError(
                    "Interrupted: what came is kept in the conversation, nothing was captured."
                ) from None
        if args.output and reply is not None:
            self.shell.user_ns[args.output] = reply
        if args.dry_run:
            return reply
        # A cell has shown its reply; a line may be assigned, so it hands the reply on.
        return None if cell is not None or reply is None else _Shown(reply, self.shell)

    def _origin(self) -> Provenance:
        return Provenance(execution_count=self.shell.execution_count)


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


def _unknown(verb: str) -> str:
    close = difflib.get_close_matches(verb, _VERBS, 1)
    advice = f"did you mean {close[0]}?" if close else "%mem help lists the verbs."
    return f"%mem: there is no verb {shown(verb)}; {advice}"


class Extension:
    """What the extension has put into a shell, so that exactly this can be taken out again.

    Parameters
    ----------
    shell
        The shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.settings = _settings(shell)
        self.work = Workspace(self.settings)
        self.magics = MemMagics(shell, self.work)

    def put_in(self) -> None:
        """Register magics, settings and completion."""
        self.shell.register_magics(self.magics)
        self._configurables.append(self.settings)
        self.shell.Completer.custom_matchers.append(self.complete)
        self.shell.input_transformers_cleanup.append(keep_question_marks)

    def take_out(self) -> None:
        """Take out everything again, and release the store."""
        self.work.close()
        for kind in self.shell.magics_manager.magics.values():
            for name in ("mem", "chat"):
                if getattr(kind.get(name), "__self__", None) is self.magics:
                    del kind[name]
        self.shell.magics_manager.registry.pop("MemMagics", None)
        for thing in (self.settings, self.magics):
            if thing in self._configurables:
                self._configurables.remove(thing)
        for hooks, hook in (
            (self.shell.Completer.custom_matchers, self.complete),
            (self.shell.input_transformers_cleanup, keep_question_marks),
        ):
            if hook in hooks:
                hooks.remove(hook)

    @property
    def _configurables(self) -> list[Any]:
        """What ``%config`` knows; IPython's annotation speaks of shells alone."""
        return self.shell.configurables

    @cached_property
    def complete(self) -> Any:
        """The completer's matcher."""
        from IPython.core.completer import SimpleCompletion, context_matcher

        @context_matcher()
        def littlemem_matcher(context: CompletionContext) -> SimpleMatcherResult:
            found = completions(self.work, context.text_until_cursor)
            if found is None:
                return {"completions": [], "suppress": False}
            fragment, options = found
            shown_options = [SimpleCompletion(text=option, type="magic") for option in options]
            return {"completions": shown_options, "matched_fragment": fragment, "suppress": True}

        return littlemem_matcher


def _settings(shell: InteractiveShell) -> LittleMem:
    """Return the settings of this shell; a wrong value in its configuration is told and left out."""
    try:
        return LittleMem(parent=shell)
    except TraitError as error:
        warnings.warn(f"The configuration of LittleMem is left out: {error}", LittleMemWarning, stacklevel=4)
        return LittleMem()


def register(shell: InteractiveShell) -> None:
    """Put the extension into a shell; one that is there already is replaced."""
    unregister(shell)
    extension = Extension(shell)
    extension.put_in()
    _loaded[shell] = extension


def unregister(shell: InteractiveShell) -> None:
    """Take the extension out of a shell; nothing of it stays."""
    extension = _loaded.pop(shell, None)
    if extension is not None:
        extension.take_out()


_loaded: WeakKeyDictionary[InteractiveShell, Extension] = WeakKeyDictionary()
