"""Removing a text for good also means the questions that were asked about it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

__all__ = ["forget_queries"]

_WORD = re.compile(r"\w{4,}")


def forget_queries(raw: sqlite3.Connection, texts: Iterable[str]) -> None:
    """Take the words of searches and chats out of the log where they share one with a text.

    What was asked often repeats what was remembered ("remember that …"), so the log keeps
    that something was asked, when and with what outcome, but no longer the words.

    Parameters
    ----------
    raw
        A connection inside a transaction.
    texts
        Titles and contents of memories that are being removed.
    """
    gone = {word for text in texts for word in _WORD.findall(text.casefold())}
    asked = raw.execute(
        "SELECT seq, json_extract(data, '$.query') AS query FROM events"
        " WHERE kind IN ('searched', 'recalled') AND json_extract(data, '$.query') IS NOT NULL"
    )
    touched = [(row["seq"],) for row in asked if gone & set(_WORD.findall(row["query"].casefold()))]
    raw.executemany("UPDATE events SET data = json_remove(data, '$.query') WHERE seq = ?", touched)
