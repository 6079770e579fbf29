"""The history of a memory in a file: its first state whole, then what each change changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Event, Revision
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.times import as_utc
from littlemem_ipy.transfer.archive import Past
from littlemem_ipy.transfer.documents import checked, sorted_names
from littlemem_ipy.transfer.fields import data_of, plain, stamp

__all__ = ["events_of", "history_of", "plain_events", "plain_history"]

_MAX_WORD = 100


def plain_history(revisions: Iterable[Revision]) -> list[dict[str, Any]]:
    """Return revisions, oldest first, as plain values; a field that a change removed is null."""
    entries: list[dict[str, Any]] = []
    before: dict[str, Any] = {}
    for revision in revisions:
        now = plain(revision.memory, counts=False)
        changes = {name: value for name, value in now.items() if before.get(name) != value or name not in before}
        changes |= {name: None for name in before if name not in now}
        entries.append(
            {
                "number": revision.number,
                "action": revision.action,
                "at": stamp(revision.at),
                "changes": changes,
            }
        )
        before = now
    return entries


def history_of(entries: object) -> tuple[Past, ...]:
    """Return the changes that `plain_history` wrote.

    Raises
    ------
    InvalidInput
        If it is not such a history.
    """
    if not isinstance(entries, list):
        raise InvalidInput(f"a history must be a list, not {shown(entries)}.")
    past: list[Past] = []
    state: dict[str, Any] = {}
    for entry in checked(entries):
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, dict):
            raise InvalidInput(f"a change must have a number, an action, a time and changes, not {shown(entry)}.")
        state = {name: value for name, value in (state | changes).items() if value is not None}
        past.append(Past(_number(entry), _word(entry, "action"), as_utc(entry.get("at")), data_of(state)))
    return tuple(past)


def _number(entry: Mapping[str, Any]) -> int:
    number = entry.get("number")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 2**53:
        raise InvalidInput(f"{shown(number)} is not the number of a revision.")
    return number


def _word(entry: Mapping[str, Any], name: str) -> str:
    word = entry.get(name)
    if not isinstance(word, str) or not word.isprintable() or not 0 < len(word) <= _MAX_WORD:
        raise InvalidInput(f"{name} must be a word, not {shown(word)}.")
    return word


def plain_events(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return events, oldest first, as plain values."""
    return [
        {"kind": str(event.kind), "at": stamp(event.at)}
        | ({"data": sorted_names(dict(event.data))} if event.data else {})
        for event in events
    ]


def events_of(entries: object, memory_id: object) -> tuple[Event, ...]:
    """Return the events that `plain_events` wrote.

    Raises
    ------
    InvalidInput
        If they are not such events.
    """
    if not isinstance(entries, list):
        raise InvalidInput(f"events must be a list, not {shown(entries)}.")
    found = []
    for entry in checked(entries):
        data = entry.get("data", {}) if isinstance(entry, dict) else None
        if not isinstance(data, dict) or not isinstance(memory_id, str):
            raise InvalidInput(f"an event must have a kind, a time and data, not {shown(entry)}.")
        found.append(Event(_word(entry, "kind"), as_utc(entry.get("at")), memory_id, data))
    return tuple(found)
