"""The verbs that look: search, list, show, history, stats, why, doctor, help and the status."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from littlemem_ipy.backends import Shared
from littlemem_ipy.errors import InvalidInput, MemoryNotFound, StoreUnreachable
from littlemem_ipy.magics.grammar import HelpShown, verbs
from littlemem_ipy.magics.views import Card, History, Message, Rows, Why
from littlemem_ipy.magics.workspace import Workspace, scope_of
from littlemem_ipy.models import EXCHANGE, Event, EventKind, SearchResults, State, Table
from littlemem_ipy.models.checks import shown
from littlemem_ipy.notebook.origin import origin_of
from littlemem_ipy.store import MemoryStore

if TYPE_CHECKING:
    from littlemem_ipy.browser import MemoryBrowser

__all__ = [
    "browse",
    "doctor",
    "help_",
    "history",
    "list_",
    "overview",
    "reply_event",
    "search",
    "show",
    "status",
    "why",
]


def search(work: Workspace, args: argparse.Namespace) -> SearchResults:
    """Find memories."""
    return _found(work, " ".join(args.text), args)


def list_(work: Workspace, args: argparse.Namespace) -> SearchResults:
    """List memories, newest first."""
    states = [State(name) for name in args.state] if args.state else None
    return _found(work, "", args, states=states, sources_none=() if args.chats else EXCHANGE)


def _found(work: Workspace, text: str, args: argparse.Namespace, **more: Any) -> SearchResults:
    results = work.store.search(
        text,
        type=args.type,
        tags=args.tag or (),
        tags_any=args.any_tag or (),
        tags_none=args.not_tag or (),
        conversation_id=args.conversation,
        since=args.since,
        until=args.until,
        limit=args.limit,
        offset=args.offset,
        include_archived=args.archived,
        **scope_of(args),
        **more,
    )
    work.show(results.memories, first=args.offset + 1)
    return SearchResults(results.hits, results.total, results.elapsed_ms, results.query, detailed=args.long)


def show(work: Workspace, args: argparse.Namespace) -> Card | Rows:
    """Show memories whole, with their origin."""
    memories = [work.store.reveal(work.store.get(work.id_of(ref))) for ref in args.ref]
    if len(memories) == 1:
        return Card(memories[0], origin_of(memories[0].provenance))
    rows = [[str(memory.type), memory.title, memory.content] for memory in memories]
    return Rows(Table(["type", "title", "content"], rows, cell_limit=400))


def browse(work: Workspace, args: argparse.Namespace) -> MemoryBrowser:
    """Look through, change and count memories in a widget."""
    from littlemem_ipy.browser import MemoryBrowser  # here, as it imports the widgets

    return MemoryBrowser(work.store, settings=work.settings, text=" ".join(args.text))


def history(work: Workspace, args: argparse.Namespace) -> History:
    """Show what a memory was, change by change."""
    found = work.store.history(work.id_of(args.ref))
    return History([replace(revision, memory=work.store.reveal(revision.memory)) for revision in found])


def why(work: Workspace, args: argparse.Namespace) -> Why:
    """Explain which memories went into a reply, and which didn't."""
    event = reply_event(work, args.number)
    ids = [entry["id"] for entry in event.data.get("considered", [])]
    return Why(event, work.store.backend.get(ids), detailed=args.long)


def reply_event(work: Workspace, number: int) -> Event:
    """Return what the log has of the last reply (1), or the N-th last."""
    if number < 1:
        raise InvalidInput(f"the number of a reply is at least 1, not {number}; 1 is the last one.")
    events = work.store.events(EventKind.RECALLED, limit=number)
    if not events:
        raise MemoryNotFound("there is no chat reply yet; ask something with %%chat first.")
    if len(events) < number:
        raise MemoryNotFound(f"there are only {len(events)} replies to speak of.")
    return events[-1]


def doctor(work: Workspace, args: argparse.Namespace) -> Rows:
    """Check the store's file and indexes."""
    findings = work.store.doctor(repair=args.repair)
    rows = [["ok" if finding.ok else "!", finding.what, finding.detail] for finding in findings]
    bad = sum(not finding.ok for finding in findings)
    caption = f"{bad} of {len(findings)} checks need attention." if bad else f"All {len(findings)} checks are fine."
    limit = 600 if bad or args.repair else 100  # what is wrong or was done is read to its end
    return Rows(Table(["", "what", "found"], rows, None if args.repair else caption, cell_limit=limit))


def help_(work: Workspace, args: argparse.Namespace) -> Message:
    """Show this help, or a verb's."""
    parsers = verbs()
    if args.verb:
        if args.verb not in parsers:
            raise InvalidInput(f"there is no verb {shown(args.verb)}; one of {', '.join(parsers)}.")
        raise HelpShown(parsers[args.verb].format_help().rstrip())
    return Message(overview())


def overview() -> str:
    """Return a line for each verb."""
    parsers = verbs()
    width = max(map(len, parsers))
    lines = [f"%mem {name:<{width}}  {parser.description}" for name, parser in parsers.items()]
    return "\n".join([*lines, "", "%mem VERB --help explains a verb; %%mem add and %%chat take the cell's body."])


def status(work: Workspace) -> Rows:
    """Show in one screen where the memory stands."""
    settings, store = work.settings, work.store
    try:
        known = list(_known(store))
    except StoreUnreachable as error:
        known = [["server", str(error)]]
    rows = [
        ["project", store.project or "none (not in a git repository; %mem use NAME chooses one)"],
        *known,
        *_unsent(store),
        ["chat model", settings.model or "none yet: %mem config model=provider/name, or %%chat -m demo"],
        ["capture", settings.capture],
        ["inject", f"up to {settings.budget:,} tokens" if settings.memory else "off"],
    ]
    return Rows(Table(["memory", ""], rows, "%mem help lists the verbs.", cell_limit=160))


def _known(store: MemoryStore) -> Iterator[list[str]]:
    """Yield the rows on what is known."""
    counted = store.search("", limit=0)
    talks = store.search("", limit=0, sources=EXCHANGE).total
    waiting = store.search("", limit=0, states=[State.HELD], sources_none=EXCHANGE).total
    figures, company = store.stats(), store.company
    if company:
        yield ["shared", f"{company.space}, as {company.user}{'' if company.may_write else '; to read only'}"]
    yield ["known here", f"{counted.total:,} of {figures.total:,} memories"]
    for name, count in figures.by_type.items():
        yield ["", f"{count:,} {name}"]
    if talks:
        yield ["", f"of these {talks:,} exchanges of chats (%mem list --chats)"]
    yield ["inbox", f"{waiting:,} waiting: %mem inbox" if waiting else "empty"]


def _unsent(store: MemoryStore) -> Iterator[list[str]]:
    """Yield the row on changes that wait for a server, if some do."""
    if isinstance(store.backend, Shared) and not (outbox := store.backend.waiting()).ok:
        yield [outbox.what, outbox.detail]
