"""Capture over notebooks that exist already: what would be remembered, from which cell, before anything is.

Read are chat cells (``%%chat``, ``%%ai``, ``%%llm`` and their like) with their outputs as the replies, Markdown
cells, and errors whose fix follows in a later cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from littlemem_ipy.capture import Candidate, candidates, store_captured
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Memory, MemoryType, Provenance, Table
from littlemem_ipy.models.kinds import captured_types
from littlemem_ipy.notebook.change import Attempt, fix_of, mends
from littlemem_ipy.notebook.fixes import RULE, Fix, keep_fix
from littlemem_ipy.notebook.place import hash_of
from littlemem_ipy.notebook.saved import SavedCell, notebooks_in, read_notebook
from littlemem_ipy.notebook.symptom import told_symptom
from littlemem_ipy.store import MemoryStore

if TYPE_CHECKING:
    import pandas

__all__ = ["Proposal", "Replay", "replay"]

_CHAT = re.compile(
    r"%%(?:chat|ai|aichat|ask|assistant|bot|chatgpt|claude|copilot|gemini|gpt|jai|llm|ollama|prompt)\b.*"
)
_RECEIPT = re.compile(r"^\[.*\bused\b.*\bcaptured\b.*\]$", re.MULTILINE)
_WRITTEN = frozenset({MemoryType.PROJECT_KNOWLEDGE, MemoryType.CONVERSATION_CONTEXT, MemoryType.SOLUTION})
_REGION = 10  # cells after an error that are looked at for its fix
_FIX_CONFIDENCE = 0.8  # it ran, but the order in which a saved notebook was run is not known
_MOST_TEXT = 20_000


@dataclass(frozen=True)
class Proposal:
    """What would be remembered of one cell.

    Attributes
    ----------
    notebook
        The notebook's file name.
    cell
        The cell.
    how
        ``said`` in a chat, ``written`` in a Markdown cell, or ``ran``.
    candidate
        What would be remembered.
    fix
        The error and its fix, where it is one.
    """

    notebook: str
    cell: SavedCell
    how: str
    candidate: Candidate
    fix: Fix | None = None

    @property
    def said(self) -> Provenance:
        """Where it comes from."""
        place = Provenance(notebook=self.notebook, cell_id=self.cell.cell_id, execution_count=self.cell.number)
        return place.model_copy(update={"cell_hash": hash_of(self.cell.source), "replayed": True})


@dataclass(frozen=True, repr=False)
class Replay:
    """What capture finds in notebooks; nothing is stored until `accept`.

    Attributes
    ----------
    proposals
        What would be remembered.
    notebooks
        How many notebooks were read.
    unread
        A line for each notebook that could not be read.
    """

    proposals: tuple[Proposal, ...]
    notebooks: int
    unread: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        """A row a proposal."""
        rows = [
            [
                str(number),
                p.notebook,
                str(p.cell.number),
                p.how,
                str(p.candidate.type),
                p.candidate.content,
                f"{p.candidate.confidence:.2f}",
            ]
            for number, p in enumerate(self.proposals, 1)
        ]
        found = f"{len(rows)} proposals from {self.notebooks} notebooks; nothing is stored yet."
        advice = " %mem replay PATH --accept stores them." if rows else ""
        caption = "\n".join([found + advice, *self.unread])
        return Table(
            ["#", "notebook", "cell", "how", "type", "content", "confidence"], rows, caption, cell_limit=80
        )

    @property
    def df(self) -> pandas.DataFrame:
        """The proposals as a DataFrame."""
        import pandas as pd

        names = ["notebook", "cell", "cell_id", "how", "type", "title", "content", "tags", "confidence", "rule"]
        rows = [
            [
                p.notebook,
                p.cell.number,
                p.cell.cell_id,
                p.how,
                str(p.candidate.type),
                p.candidate.title,
                p.candidate.content,
                list(p.candidate.tags),
                p.candidate.confidence,
                p.candidate.reason,
            ]
            for p in self.proposals
        ]
        return pd.DataFrame(rows, columns=pd.Index(names))

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()

    def accept(
        self, store: MemoryStore, numbers: Iterable[int] | None = None, *, sure_from: float = 0.7
    ) -> list[Memory]:
        """Store proposals, with all gates, and return the new memories; one `undo` takes them back.

        Parameters
        ----------
        store
            Where.
        numbers
            Which, by their numbers in the table; None means all.
        sure_from
            The confidence from which on they are taken into use; the others wait in the inbox.

        Raises
        ------
        InvalidInput
            If a number is not in the table; nothing is stored.
        """
        chosen = range(1, len(self.proposals) + 1) if numbers is None else list(dict.fromkeys(numbers))
        wrong = [number for number in chosen if not 1 <= number <= len(self.proposals)]
        if wrong:
            raise InvalidInput(f"there is no proposal {wrong[0]}; there are {len(self.proposals)}.")
        stored: dict[str, Memory] = {}
        with store.backend.write():
            for number in chosen:
                for memory in _stored(store, self.proposals[number - 1], sure_from):
                    stored[memory.id] = memory
        return list(stored.values())


def _stored(store: MemoryStore, proposal: Proposal, sure_from: float) -> Iterable[Memory]:
    if proposal.fix is not None:
        memory = keep_fix(store, proposal.fix, proposal.said)
        return [memory] if memory else []
    return store_captured(store, [proposal.candidate], [], None, sure_from, proposal.said).captured


def replay(*paths: str | Path, types: Iterable[str] = tuple(MemoryType), progress: bool = False) -> Replay:
    """Return what capture finds in notebooks; nothing is stored.

    Parameters
    ----------
    *paths
        Notebooks, or directories of them.
    types
        The types that may be captured.
    progress
        Whether to show a bar.

    Raises
    ------
    InvalidInput
        If there is no such path.
    """
    files = [file for path in paths for file in notebooks_in(Path(path).expanduser())]
    steps: Iterable[Path] = files
    if progress and len(files) > 1:
        from tqdm.auto import tqdm

        steps = tqdm(files, desc="notebooks", leave=False)
    allowed = captured_types(types)
    found: list[Proposal] = []
    unread: list[str] = []
    for file in steps:
        try:
            cells = read_notebook(file)
        except InvalidInput as error:
            unread.append(str(error))
            continue
        found += [p for p in _proposals(file.name, cells) if p.candidate.type in allowed]
    return Replay(tuple(_distinct(found)), len(files) - len(unread), tuple(unread))


def _proposals(notebook: str, cells: list[SavedCell]) -> Iterator[Proposal]:
    history: list[dict[str, str]] = []
    for place, cell in enumerate(cells):
        text = cell.source[:_MOST_TEXT]
        if cell.kind == "markdown":
            for candidate in candidates(text, ""):
                if candidate.type in _WRITTEN:
                    yield Proposal(notebook, cell, "written", candidate)
            continue
        first, _, body = text.lstrip().partition("\n")
        if _CHAT.fullmatch(first.strip()) and body.strip():
            reply = _RECEIPT.sub("", cell.shown[:_MOST_TEXT]).strip()
            for candidate in candidates(body, reply, history):
                yield Proposal(notebook, cell, "said", candidate)
            history += [{"role": "user", "content": body}, {"role": "assistant", "content": reply}]
        elif cell.error:
            yield from _mended(notebook, cell, cells[place + 1 : place + 1 + _REGION])


def _mended(notebook: str, cell: SavedCell, later: list[SavedCell]) -> Iterator[Proposal]:
    """Yield the fix of an error, if one of the cells after it is one."""
    error = cell.error
    assert error is not None
    failed = Attempt(cell.source, error.line)
    for other in later:
        if other.kind != "code" or other.error or not other.ran or not mends(failed, other.source, same_cell=False):
            continue
        change = fix_of(failed, other.source, same_cell=False)
        if change:
            symptom = told_symptom(error.name, error.message, cell.source, error.line)
            fix = Fix(symptom, failed.statement, change, "")
            candidate = Candidate(
                type=MemoryType.SOLUTION,
                title=fix.title,
                content=fix.content,
                tags=fix.tags,
                confidence=_FIX_CONFIDENCE,
                reason=RULE,
            )
            yield Proposal(notebook, other, "ran", candidate, fix)
        return


def _distinct(found: list[Proposal]) -> list[Proposal]:
    """Leave out what is said a second time in the same words; the last one stays, as the newest."""
    return list({p.candidate.content: p for p in reversed(found)}.values())[::-1]
