"""What the database beside the files keeps of them, for finding out who has changed what.

``mirror_files`` has the stamp of each file as we know it, ``mirror_unwritten`` the memories whose files are behind
(triggers fill it, in the transaction of the change itself), ``mirror_trouble`` the files that can't be used.
"""

from __future__ import annotations

import sqlite3

__all__ = ["CHANGED", "COUNTED", "make"]

COUNTED, CHANGED = 0, 1
"""How far a file is behind: only in how often the memory was used, or in what it says."""

_TABLES = """
CREATE TABLE IF NOT EXISTS mirror_files (name TEXT PRIMARY KEY, size INTEGER NOT NULL, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mirror_unwritten (id TEXT PRIMARY KEY, how INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mirror_trouble (
    name TEXT PRIMARY KEY, size INTEGER, changed INTEGER, reason TEXT NOT NULL);
"""
# Without "OR IGNORE": what a statement says about conflicts holds in its triggers as well.
_NOTE = """
CREATE TRIGGER IF NOT EXISTS mirror_{name} AFTER {event} ON memories BEGIN
    DELETE FROM mirror_unwritten WHERE id = {row}.id;
    INSERT INTO mirror_unwritten VALUES ({row}.id, 1); END;
"""
_COUNT = """
CREATE TRIGGER IF NOT EXISTS mirror_{name} AFTER {event} ON usage BEGIN
    INSERT INTO mirror_unwritten SELECT id, 0 FROM memories
    WHERE pk = new.pk AND id NOT IN (SELECT id FROM mirror_unwritten); END;
"""
_EVENTS = (("added", "INSERT", "new"), ("changed", "UPDATE", "new"), ("removed", "DELETE", "old"))
_SCRIPT = "".join(
    [
        _TABLES,
        *(_NOTE.format(name=n, event=e, row=r) for n, e, r in _EVENTS),
        *(_COUNT.format(name=n, event=e) for n, e in (("counted_first", "INSERT"), ("counted", "UPDATE"))),
    ]
)


def make(raw: sqlite3.Connection) -> None:
    """Make the tables, inside a transaction of the caller."""
    statement = ""
    for line in _SCRIPT.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            raw.execute(statement)
            statement = ""
