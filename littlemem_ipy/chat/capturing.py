"""Capture after a reply: by a model where one is set, by the rules otherwise or when the model is of no use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from littlemem_ipy.capture import CaptureReport, cancellations, capture_exchange, off_record, store_captured
from littlemem_ipy.chat.extracting import asker, extract
from littlemem_ipy.models import Provenance
from littlemem_ipy.models.kinds import captured_types

if TYPE_CHECKING:
    from littlemem_ipy.chat.session import ChatSession

__all__ = ["captured"]


def captured(
    session: ChatSession,
    text: str,
    reply: str,
    earlier: Sequence[Mapping[str, Any]],
    said: Provenance,
    notes: list[str],
    stored: Sequence[str] = (),
) -> CaptureReport:
    """Store what is worth keeping of an exchange, as a session's settings want it.

    Parameters
    ----------
    session
        The conversation.
    text, reply, earlier
        The exchange, and the messages before it.
    said
        The notebook, cell and model.
    notes
        Gets a line about what the capture model said and cost.
    stored
        Ids of what the model has stored itself in this turn: that is not captured again, and a capture model is
        not asked about a turn in which the model has already judged.
    """
    sure_from = session.capture_threshold if session.capture == "auto" else None
    if session.capture_model and not stored and not off_record(text):
        ask = asker(session.capture_model, session.api_base, session.aliases, session.timeout)
        extraction = extract(ask, session.capture_model, text, reply, earlier)
        notes.append(extraction.line)
        if extraction.answered:
            allowed = captured_types(session.capture_types)
            found = [candidate for candidate in extraction.candidates if candidate.type in allowed]
            by = said.model_copy(update={"capture_model": session.capture_model})
            wishes = cancellations(text, earlier)
            return store_captured(
                session.store, found, wishes, session.id, sure_from, by, types=session.capture_types
            )
    return capture_exchange(
        session.store,
        text,
        reply,
        earlier,
        session.id,
        sure_from=sure_from,
        types=session.capture_types,
        said=said,
        stored=stored,
    )
