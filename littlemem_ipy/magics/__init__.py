"""``%mem``, ``%%mem``, ``%chat`` and ``%%chat``: what the extension puts into a shell.

Only what registering needs is imported here; the rest comes at the first use of a magic.
Everything the magics do is a call of the store or of a chat session, so that a script can do
it as well.
"""

from __future__ import annotations

import warnings
from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

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
from littlemem_ipy.errors import LittleMemWarning
from littlemem_ipy.magics.questions import keep_question_marks

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

    from littlemem_ipy.magics.workspace import Workspace
    from littlemem_ipy.notebook import Failure
    from littlemem_ipy.notebook.watch import Watch

__all__ = ["Extension", "MemMagics", "register", "unregister"]

_RAN = 1_000  # cells that `%mem keep` can look back on


@magics_class
class MemMagics(Magics):
    """The magics of the memory.

    Parameters
    ----------
    shell
        The shell that they live in.
    settings
        The settings, as ``%config LittleMem`` shows them.
    """

    shell: InteractiveShell

    def __init__(self, shell: InteractiveShell, settings: LittleMem) -> None:
        super().__init__(shell)
        self.settings = settings
        self.failure: Failure | None = None
        self.running = ""
        self.ran: deque[tuple[int, str]] = deque(maxlen=_RAN)

    @cached_property
    def work(self) -> Workspace:
        """The state that the magics share."""
        from littlemem_ipy.magics.workspace import Workspace

        return Workspace(self.settings, self.ran)

    @no_var_expand
    @output_can_be_silenced
    @line_cell_magic
    def mem(self, line: str, cell: str | None = None) -> Any:
        """Remember, find, change and explain memories; alone it shows where the memory stands.

        %mem search          Find memories.
        %mem list            List memories, newest first.
        %mem show            Show memories whole, with their origin.
        %mem browse          Look through, change and count memories in a widget.
        %mem history         Show what a memory was, change by change.
        %mem why             Explain which memories went into a reply, and which didn't.
        %mem stats           Show how much there is of what, and what it was good for.
        %mem df              Give the store as DataFrames.
        %mem insights        Say what stands out, and what to do about it.
        %mem dashboard       Draw what the memory holds and what it is worth.
        %mem eval            Ask your own questions and count what is found.
        %mem expect          Check that a question finds what it should; the cell fails if not.
        %mem add             Remember a text.
        %mem edit            Change a memory; what it was stays in its history.
        %mem rm              Delete memories; undo or restore takes them back.
        %mem restore         Take deleted, archived or superseded memories back into use.
        %mem share           Hand memories of your own to the team of the store's shared space.
        %mem unshare         Take memories that you have shared back; they are yours alone again.
        %mem undo            Take back the last changes.
        %mem inbox           See, accept, edit or reject what waits for you.
        %mem good            Say that a reply was good; its memories gain by it.
        %mem bad             Say that a reply was bad; its memories lose by it.
        %mem export          Write memories to a file, all of the scope or a selection.
        %mem import          Take memories in from a file; also from other programs.
        %mem bundle          Share the project's memories as text files for git, and merge those of others.
        %mem copy            Copy a whole store to another place or kind, with its histories and events.
        %mem keep            Remember a function of this notebook, with its imports.
        %mem replay          See what old notebooks would have taught; --accept stores it.
        %mem organise        Let a model propose titles, tags, merges; --accept applies them.
        %mem backup          Copy the whole store to a file, opened and counted, while others write.
        %mem restore-backup  Take the whole store back to a backup; what it was is kept.
        %mem unlock          Open sensitive memories for this session; asks for the passphrase.
        %mem lock            Close sensitive memories again.
        %mem cleanup         Show what the store can do without; --apply archives it.
        %mem duplicates      Find memories that say the same, side by side.
        %mem use             Show or choose the project.
        %mem config          Show or change settings.
        %mem doctor          Check the store and what is around it, and say what to do.
        %mem help            Show this help, or a verb's.

        %mem VERB --help explains a verb; %%mem add and %%chat take the cell's body.
        """
        from littlemem_ipy.magics.dispatch import run_mem

        return run_mem(self.work, line, cell)

    @no_var_expand
    @output_can_be_silenced
    @needs_local_scope
    @line_cell_magic
    def chat(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> Any:
        """Talk to a model that remembers.

        %%chat [-m MODEL] with the message below it, or %chat MESSAGE on a line. {name} becomes the value of
        a variable. %%chat --help lists the options; -m demo needs no key.
        """
        from littlemem_ipy.magics.chatting import Desk
        from littlemem_ipy.magics.dispatch import run_chat

        desk = Desk(self.work, self.shell, self.failure, self.running)
        return run_chat(desk, line, cell, {**self.shell.user_ns, **(local_ns or {})})

    @cached_property
    def watch(self) -> Watch:
        """What learns from the cells that run."""
        from littlemem_ipy.notebook.watch import Watch

        return Watch(self.shell, self.settings, lambda: self.work.store, lambda memories: self.work.show(memories))

    def note_start(self, info: ExecutionInfo) -> None:
        """Remember the cell that is about to run; called before each cell."""
        self.running = str(info.raw_cell or "")

    def note_run(self, result: ExecutionResult) -> None:
        """Remember a cell that has raised, for ``%%chat --fix``, and learn from runs; called after each cell."""
        if result.success and self.running.strip():
            self.ran.append((result.execution_count or self.shell.execution_count, self.running))
        if not result.success:
            from littlemem_ipy.notebook import failure_of

            self.failure = failure_of(result) or self.failure
        if self.settings.capture_runs:
            self.watch.after(result)

    def close(self) -> None:
        """Release the store."""
        if "work" in self.__dict__:
            self.work.close()


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
        self.magics = MemMagics(shell, self.settings)

    def put_in(self) -> None:
        """Register magics, settings and completion."""
        self.shell.register_magics(self.magics)
        LittleMem.active = self.settings
        self._configurables.append(self.settings)
        self.shell.Completer.custom_matchers.append(self.complete)
        self.shell.input_transformers_cleanup.append(keep_question_marks)
        self.shell.events.register("pre_run_cell", self.magics.note_start)
        self.shell.events.register("post_run_cell", self.magics.note_run)

    def take_out(self) -> None:
        """Take out everything again, and release the store."""
        self.magics.close()
        if LittleMem.active is self.settings:
            LittleMem.active = None
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
            (self.shell.events.callbacks["pre_run_cell"], self.magics.note_start),
            (self.shell.events.callbacks["post_run_cell"], self.magics.note_run),
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
            if "%" not in context.text_until_cursor:
                return {"completions": [], "suppress": False}
            from littlemem_ipy.magics.completion import completions

            found = completions(self.magics.work, context.text_until_cursor)
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
