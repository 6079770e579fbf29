"""What takes memories out of the store and brings them in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeGuard

from littlemem_ipy import search, transfer
from littlemem_ipy.backends import Moved
from littlemem_ipy.errors import ArchiveError, InvalidInput
from littlemem_ipy.models import MAX_LIMIT, Event, EventKind, Memory, Revision, State
from littlemem_ipy.models.checks import check_type
from littlemem_ipy.models.envelope import is_envelope
from littlemem_ipy.models.times import now
from littlemem_ipy.store.admission import admitted, past
from littlemem_ipy.store.scope import CURRENT
from littlemem_ipy.store.writing import Writing
from littlemem_ipy.transfer import Archive, Decision, ImportRow, Mode, Outcome, Row
from littlemem_ipy.transfer.progress import Progress, shown_progress

__all__ = ["Moving"]

_KEPT = tuple(state for state in State if state is not State.DELETED)


@dataclass(frozen=True, slots=True)
class _Coming:
    """A row that passed the gates, or why it didn't."""

    row: Row
    memory: Memory | None = None
    revisions: tuple[Revision, ...] = ()
    note: str = ""


class Moving(Writing):
    """The part of `MemoryStore` that exports and imports."""

    def export(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002
        *,
        text: str = "",
        limit: int | None = None,
        offset: int = 0,
        include_archived: bool = True,
        states: Sequence[State] | None = None,
        exclude_types: Iterable[str] | str = (),
        history: bool = False,
        events: bool = False,
        description: str | None = None,
        overwrite: bool = False,
        passphrase: str | None = None,
        reveal: bool = False,
        progress: Progress = None,
        **filters: Any,
    ) -> transfer.ExportReport:
        """Write memories to a file that `import_` reads back without loss.

        The file appears whole or not at all, for the user alone. The same memories make the same bytes: they
        stand in the order of their creation, and the time of the export is that of the last change in it.

        Parameters
        ----------
        path
            The file; for Markdown a directory, or a name that ends with ``.zip``.
        format
            ``json`` (which LittleLLM imports as well), ``jsonl``, ``md``, ``csv`` or ``parquet``; left out,
            the name's ending says it.
        text, limit, offset, states, **filters
            Only what `search` finds with them: ``type tags tags_any tags_none project conversation_id since
            until pinned sources sources_none``. Without ``project`` the current one and memories of no
            project; ``"*"`` for all.
        include_archived
            False leaves out what is not in use: archived, superseded, expired, or waiting in the inbox.
            Deleted memories only go along if `states` names them.
        exclude_types
            Types to leave out.
        history, events
            Whether each memory's earlier states, and what happened to it, go along (``json`` and ``jsonl``).
        description
            A sentence that stands in the file (``json`` and ``jsonl``).
        overwrite
            Whether a file that is there may be replaced.
        passphrase
            What the file is sealed with; needs the extra ``crypto``.
        reveal
            Whether sensitive memories stand in it in clear text, for which the store must be unlocked; else they
            stay in their envelopes.
        progress
            True for a bar, False for none; left out, for long exports. Or a function that is called with how many
            are done and how many there are; what it raises ends the export.

        Returns
        -------
        ExportReport
            The figures; it can be used as the path.

        Raises
        ------
        InvalidInput
            If a filter or the format is refused, or a memory that shall be revealed can't be opened.
        ArchiveError
            If the file exists or can't be written; what was there is left as it was.
        """
        target = transfer.target_of(
            path, format, overwrite=overwrite, passphrase=passphrase, past=history or events
        )
        several = [exclude_types] if isinstance(exclude_types, str) else exclude_types
        left_out = {check_type(kind) for kind in several}
        states = (_KEPT if include_archived else (State.ACTIVE,)) if states is None else states
        query = self.search("", limit=0, states=states, **filters).query
        if text.strip() or limit is not None or offset:
            page = {"text": text, "limit": MAX_LIMIT if limit is None else limit, "offset": offset}
            hits, total = search.find(self.backend, query.model_copy(update=page), self.embeddings)
            chosen = iter(sorted((hit.memory for hit in hits), key=lambda memory: (memory.created_at, memory.id)))
        else:
            chosen, total = transfer.memories(self.backend, query), self.backend.select(query)[1]
        wanted = (memory for memory in chosen if memory.type not in left_out)
        happened = self._events_by_memory() if events else {}
        worded = self._revealed if reveal else _as_it_is
        entries = (
            transfer.Entry(
                worded(memory),
                tuple(replace(r, memory=worded(r.memory)) for r in self.backend.revisions(memory.id))
                if history
                else (),
                tuple(happened.get(memory.id, ())) if events else None,
            )
            for memory in shown_progress(wanted, total, "Exporting", progress)
        )
        return transfer.ExportReport(str(target.path), target.format, transfer.write(target, entries, description))

    def _revealed(self, memory: Memory) -> Memory:
        opened = self.vault.opened(memory)
        if is_envelope(opened.content):
            raise InvalidInput(
                f"the sensitive memory {memory.id} is locked, or has another passphrase: %mem unlock first. "
                "Nothing was written."
            )
        return opened

    def _events_by_memory(self) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        for event in reversed(self.backend.events()):
            if event.memory_id is not None:
                found.setdefault(event.memory_id, []).append(event)
        return found

    def import_(
        self,
        path: str | os.PathLike[str],
        *,
        mode: str = Mode.SKIP,
        dry_run: bool = False,
        trust: bool = False,
        format: str | None = None,  # noqa: A002
        passphrase: str | None = None,
        limits: transfer.Limits | None = None,
        progress: Progress = None,
    ) -> transfer.ImportReport:
        """Take memories in from a file, in one transaction; importing it again changes nothing.

        Reads what `export` writes, LittleLLM's export and directory, the MCP reference server's
        ``memory.jsonl``, the exports of mem0, ChatGPT and Claude, and Open WebUI's memories; which one it is,
        is told from the content. Ids, times, counts and sources stay as they are in the file. A memory is
        there already if its id is, or the same text in the same project.

        Parameters
        ----------
        path
            The file or directory.
        mode
            What to do where the store has another version of a memory: ``skip`` (the store's stays),
            ``overwrite`` (the file's is taken; `undo` takes it back), ``newest`` (the one changed last),
            ``keep-both`` (the file's gets a new id) or ``fail`` (nothing is imported, and neither if a row
            can't be used).
        dry_run
            Whether to only tell what would be done.
        trust
            Whether the file is your own. Otherwise its memories wait in the inbox until you accept them.
        format
            What the file must be, such as ``json`` or ``mem0``; left out, whatever it is.
        passphrase
            What opens a sealed file.
        limits
            Bounds of what is read; left out, the usual ones.
        progress
            True for a bar, False for none; left out, for long imports. Or a function that is called with how many
            are done and how many there are; what it raises ends the import, and nothing is written.

        Returns
        -------
        ImportReport
            What became of each row.

        Raises
        ------
        ArchiveError
            If the file can't be read, is nothing known, goes beyond the limits, or ``fail`` found a reason;
            nothing was written.
        InvalidInput
            If the mode or format is not one.
        """
        wanted = transfer.mode_of(mode)
        archive = transfer.read(path, format, limits=limits, passphrase=passphrase)
        file = Path(path).name
        rows = shown_progress(archive.rows, len(archive.rows), "Checking", progress)
        coming = [self._admit(row, archive, trust, file) for row in rows]
        if dry_run:
            return _report(path, archive, self._decisions(coming, archive, wanted), dry_run=True)
        with self._writing():
            decided = self._decisions(coming, archive, wanted)
            if wanted is Mode.FAIL:
                _refuse_any(decided)
            written = [(each, decision) for each, decision in decided if _writes(decision)]
            happened = [event for each, decision in written for event in _events(each, decision)]
            writing = shown_progress(written, len(written), "Importing", progress)
            self.backend.adopt((_moved(each, decision) for each, decision in writing), happened)
        return _report(path, archive, decided)

    def _admit(self, row: Row, archive: Archive, trust: bool, file: str) -> _Coming:
        if row.problem:
            return _Coming(row, note=row.problem)
        data = {"project": self._home_of(row.data["type"], CURRENT), **row.data}
        try:
            memory = admitted(data, own=archive.own, trust=trust, file=file)
        except InvalidInput as error:
            return _Coming(row, note=str(error))
        try:
            revisions = past(memory, row.history, own=archive.own, trust=trust, file=file)
        except InvalidInput as error:
            return _Coming(row, memory, note="; ".join(filter(None, (row.note, f"without its history: {error}"))))
        return _Coming(row, memory, revisions, row.note)

    def _decisions(
        self, coming: list[_Coming], archive: Archive, mode: Mode
    ) -> list[tuple[_Coming, Decision | None]]:
        """Return what becomes of each row, None for one that can't be used; later rows see the earlier ones."""
        known = self.backend.get([each.memory.id for each in coming if each.memory is not None])
        texts: dict[tuple[bytes, str | None], Memory] = {}
        decided: list[tuple[_Coming, Decision | None]] = []
        for each in coming:
            if each.memory is None:
                decided.append((each, None))
                continue
            decision = self._decision(each.memory, known, texts, archive, mode)
            if _writes(decision):
                known[decision.memory.id] = decision.memory
                texts.setdefault((decision.memory.content_hash, decision.memory.project), decision.memory)
            decided.append((each, decision))
        return decided

    def _decision(
        self,
        memory: Memory,
        known: dict[str, Memory],
        texts: dict[tuple[bytes, str | None], Memory],
        archive: Archive,
        mode: Mode,
    ) -> Decision:
        place = (memory.content_hash, memory.project)
        same = self.backend.same(*place)
        if not archive.own and place in texts:
            same = [*same, texts[place]]
        decision = transfer.decide(memory, known.get(memory.id), same, mode)
        if mode is Mode.KEEP_BOTH and _writes(decision) and decision.memory.id != memory.id:
            there = known.get(decision.memory.id) or self.backend.get([decision.memory.id]).get(decision.memory.id)
            if there is not None:
                return Decision(Outcome.DUPLICATE, there, f"is there beside {memory.id}")
        return decision


def _as_it_is(memory: Memory) -> Memory:
    return memory


def _writes(decision: Decision | None) -> TypeGuard[Decision]:
    return decision is not None and decision.outcome in (Outcome.IMPORTED, Outcome.UPDATED)


def _moved(coming: _Coming, decision: Decision) -> Moved:
    memory = decision.memory
    if decision.outcome is Outcome.UPDATED:
        return Moved(memory)
    renamed = {"id": memory.id}
    history = (Revision(r.number, r.action, r.at, r.memory.model_copy(update=renamed)) for r in coming.revisions)
    return Moved(memory, tuple(history))


def _events(coming: _Coming, decision: Decision) -> Iterator[Event]:
    """Yield what happened to a memory where it comes from, or else that it was imported."""
    if decision.outcome is Outcome.IMPORTED and coming.row.events is not None:
        for event in coming.row.events:
            yield Event(event.kind, event.at, decision.memory.id, event.data)
        return
    kind = EventKind.STORED if decision.outcome is Outcome.IMPORTED else EventKind.EDITED
    yield Event(kind, now(), decision.memory.id, {"action": "import"})


def _refuse_any(decided: list[tuple[_Coming, Decision | None]]) -> None:
    reasons = [
        f"{each.row.name or each.row.number}: {each.note if decision is None else decision.reason}"
        for each, decision in decided
        if decision is None or decision.outcome is Outcome.SKIPPED
    ]
    if reasons:
        more = f" (and {len(reasons) - 1:,} more; dry_run shows all)" if len(reasons) > 1 else ""
        raise ArchiveError(f"Nothing was imported, because of {reasons[0].rstrip('.')}{more}.")


def _report(
    path: str | os.PathLike[str],
    archive: Archive,
    decided: list[tuple[_Coming, Decision | None]],
    *,
    dry_run: bool = False,
) -> transfer.ImportReport:
    rows = []
    for each, decision in decided:
        if decision is None or each.memory is None:
            rows.append(ImportRow(each.row.number, each.row.name, "", Outcome.ERROR, each.note))
        else:
            reason = "; ".join(filter(None, (decision.reason, each.note)))
            rows.append(
                ImportRow(each.row.number, decision.memory.id, decision.memory.title, decision.outcome, reason)
            )
    held = sum(d is not None and _writes(d) and d.memory.held is not None for _, d in decided)
    return transfer.ImportReport(os.fspath(path), archive.label, tuple(rows), dry_run, held)
