"""What IPython tells before and after each cell: errors and their fixes, tables, and the cell that is running.

Nothing here may break or delay a cell: each step is guarded, what fails is told once in one line, and ^C ends it.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from littlemem_ipy.config import LittleMem
from littlemem_ipy.models import Memory, MemoryType, Provenance
from littlemem_ipy.models.kinds import captured_types, proposed_types
from littlemem_ipy.notebook.change import Attempt, change_between, fix_of, helps, mends, unchanged
from littlemem_ipy.notebook.failure import error_of
from littlemem_ipy.notebook.fixes import Fix, fix_for, keep_fix, lines_of, versions
from littlemem_ipy.notebook.frames import Frames
from littlemem_ipy.notebook.likeness import ALIKE, likeness
from littlemem_ipy.notebook.place import where
from littlemem_ipy.notebook.symptom import Symptom, symptom_of
from littlemem_ipy.notebook.telling import tell
from littlemem_ipy.store import MemoryStore

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

__all__ = ["Watch"]

_LONGEST = 20_000  # characters of a cell that is looked at
_OPEN = 8  # errors that wait for their fix
_WAIT = 30  # cells that an error waits for it
_REGION = 10  # cells after which only the same cell can be the fix
_BETWEEN = 3


@dataclass(frozen=True)
class _Run:
    """A cell that was run."""

    number: int
    source: str
    cell_id: str | None
    count: int | None = None
    before: str = ""
    """What the same cell said when it was run the time before."""


@dataclass(frozen=True)
class _Open:
    """An error that has not been mended yet."""

    run: _Run
    attempt: Attempt
    symptom: Symptom


@dataclass
class Watch:
    """Learns from what runs in one shell, while the setting ``capture_runs`` is on.

    Parameters
    ----------
    shell
        The shell.
    settings
        The settings.
    store
        Opens the store.
    listed
        Told which memories were shown, so that numbers refer to them.
    """

    shell: InteractiveShell
    settings: LittleMem
    store: Callable[[], MemoryStore]
    listed: Callable[[Sequence[Memory]], None]
    _runs: deque[_Run] = field(default_factory=lambda: deque(maxlen=_WAIT))
    _open: list[_Open] = field(default_factory=list)
    _count: int = 0
    _told: set[str] = field(default_factory=set)
    _frames: Frames = field(default_factory=Frames)

    def after(self, result: ExecutionResult) -> None:
        """Look at a cell that has run; never raises."""
        source = str(getattr(result.info, "raw_cell", "") or "")
        if not source.strip() or len(source) > _LONGEST:
            return
        self._count += 1
        run = self._run(source, getattr(result.info, "cell_id", None), result.execution_count)
        error = error_of(result)
        if error is not None:
            self._guarded("looking for a known fix", lambda: self._failed(run, error))
        elif result.success:
            self._guarded("keeping a fix", lambda: self._succeeded(run))
            self._guarded("noting a table", lambda: self._tables(run))
            self._runs.append(run)

    def _run(self, source: str, cell_id: str | None, count: int | None) -> _Run:
        earlier = [run.source for run in self._runs if cell_id and run.cell_id == cell_id]
        return _Run(self._count, source, cell_id, count, earlier[-1] if earlier else "")

    def _where(self, run: _Run) -> Provenance:
        # The shell counts the next cell already.
        said = where(self.shell, run.source)
        return said.model_copy(update={"execution_count": run.count}) if run.count else said

    def _guarded(self, what: str, step: Callable[[], None]) -> None:
        """Run a step; what goes wrong is told once, in one line."""
        try:
            step()
        except KeyboardInterrupt:
            return
        except Exception as error:  # noqa: BLE001  the user's cell has run, and must not seem to have failed
            note = f"{what} failed ({type(error).__name__}: {error})"
            if note not in self._told:
                self._told.add(note)
                print(f"[memory: {note}]", file=sys.stderr)

    def _failed(self, run: _Run, error: BaseException) -> None:
        symptom = symptom_of(error, self.shell.user_ns)
        failure = _Open(run, Attempt(run.source, _line(error, self.shell.user_ns)), symptom)
        # Tried again, and failed in the same way: the last version is the one that was mended in the end.
        here = [known for known in self._open if _same_cell(known.run, run)]
        again = [known for known in here if likeness(known.symptom, symptom) >= ALIKE]
        self._open = [known for known in self._open if known not in again][-_OPEN:]
        self._open.append(failure)
        if any(unchanged(known.run.source, run.source) for known in again):
            return
        memory = fix_for(self.store(), symptom)
        if memory is not None:
            self.listed([memory])
            tell(self.shell, "memory: this kind of error was fixed before; %mem show 1 has more", lines_of(memory))

    def _succeeded(self, run: _Run) -> None:
        mended = [(known, change) for known in self._open if (change := self._change(known, run)) is not None]
        if mended:
            done = [known for known, _ in mended]
            self._open = [known for known in self._open if known not in done]
        self._open = [known for known in self._open if run.number - known.run.number < _WAIT]
        kinds: list[Symptom] = []
        for known, change in reversed(mended):
            if change and not any(likeness(kind, known.symptom) >= ALIKE for kind in kinds):
                kinds.append(known.symptom)
                self._keep(known, run, change)

    def _change(self, known: _Open, run: _Run) -> str | None:
        """Return what was changed to make an error go away; None if the cell has nothing to do with it."""
        if unchanged(known.run.source, run.source):
            return self._between(known)
        same = bool(run.cell_id) and run.cell_id == known.run.cell_id
        if not same and run.number - known.run.number > _REGION:
            return None
        if not mends(known.attempt, run.source, same_cell=same):
            return None
        return fix_of(known.attempt, run.source, same_cell=same)

    def _between(self, known: _Open) -> str:
        """Return what ran between an error and the same cell's success, as far as it can be the reason."""
        since = [run for run in self._runs if run.number > known.run.number and helps(known.attempt, run.source)]
        changes = [change_between(run.before, run.source) for run in since[-_BETWEEN:]]
        return "\n".join(filter(None, changes))

    def _keep(self, known: _Open, run: _Run, change: str) -> None:
        if MemoryType.SOLUTION not in captured_types(self.settings.capture_types):
            return
        said = versions(f"{known.run.source}\n{run.source}", self.shell.user_ns, known.symptom)
        fix = Fix(known.symptom, known.attempt.statement, change, said)
        review = self._asks(MemoryType.SOLUTION)
        memory = keep_fix(self.store(), fix, self._where(run), review=review)
        if memory is not None:
            where_to = "it waits in the inbox" if memory.held else "%mem undo takes it back"
            tell(self.shell, f"memory: kept how this {known.symptom.name} was fixed; {where_to}")

    def _asks(self, kind: MemoryType) -> bool:
        return self.settings.capture == "review" or kind in proposed_types(self.settings.capture_types)

    def _tables(self, run: _Run) -> None:
        if MemoryType.PROJECT_KNOWLEDGE not in captured_types(self.settings.capture_types):
            return
        review = self._asks(MemoryType.PROJECT_KNOWLEDGE)
        changed = self._frames.note(self.store, run.source, self.shell.user_ns, self._where(run), review)
        for memory in changed:
            where_to = "it waits in the inbox" if memory.held else "%mem undo takes it back"
            tell(self.shell, f"memory: noted the columns of {memory.tags[1]}; {where_to}")


def _same_cell(one: _Run, two: _Run) -> bool:
    if one.cell_id or two.cell_id:
        return one.cell_id == two.cell_id
    return unchanged(one.source, two.source)


def _line(error: BaseException, namespace: dict[str, Any]) -> int | None:
    """Return the line of the cell's own outermost statement that failed."""
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_globals is namespace:
            return step.tb_lineno
        step = step.tb_next
    return None
