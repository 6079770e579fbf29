"""Files and rows kept alike, in both directions, always under the database's lock.

Whatever we change is committed in the database first, together with a note that the file is behind; then the
files are written, and the note goes. So a process that is killed in between loses nothing: the next one
writes the files. Whatever another program has changed in the files becomes the newest revision of its memory,
and what we had stays in the history.
"""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from littlemem_ipy.backends.base import Change, Gate
from littlemem_ipy.backends.jsondir import layout
from littlemem_ipy.backends.jsondir.places import ASIDE, INDEX, SHOWN, Places, Stamp, id_of
from littlemem_ipy.backends.jsondir.tables import CHANGED, COUNTED
from littlemem_ipy.backends.sqlite import rows, writing
from littlemem_ipy.errors import InvalidInput, LittleMemWarning, StoreError
from littlemem_ipy.models import Memory
from littlemem_ipy.models.times import now

__all__ = ["Mirror"]

# What the app shows is what lies in its directory: also a memory of its own that waits in our inbox.
_SHOWN = f"FROM memories m JOIN mirror_files f ON f.name = '{SHOWN}/' || m.id || '.json'"
_COUNTS = {"access_count", "last_accessed_at"}
_IGNORED = frozenset({*_COUNTS, "revision", "updated_at"})
_GONE: Stamp = (-2, -2)
_WARNED = 3  # files that a warning names


class Mirror:
    """The files of one directory and the rows of the database beside them.

    Parameters
    ----------
    places
        The files.
    gate
        What a memory passes that another program has written. The file stays as that program wrote it, until
        the memory is changed here.
    """

    def __init__(self, places: Places, gate: Gate | None = None) -> None:
        self.places = places
        self._gate = gate

    # -- from the files to the rows -----------------------------------------------------------

    def take_in(self, raw: sqlite3.Connection) -> dict[str, Stamp | None]:
        """Take over what other programs have changed in the files, and return what was looked at."""
        seen = self.places.look()
        known = {r["name"]: (r["size"], r["changed"]) for r in raw.execute("SELECT * FROM mirror_files")}
        trouble = {r["name"]: (r["size"], r["changed"]) for r in raw.execute("SELECT * FROM mirror_trouble")}
        self._refuse_if_gone(seen, known)
        batch = raw.execute("SELECT coalesce(max(seq), 0) + 1 FROM revisions").fetchone()[0]
        news = [n for n, stamp in seen.items() if n != INDEX and stamp not in (known.get(n), trouble.get(n))]
        bad = {name: reason for name in sorted(news) if (reason := self._take(raw, name, seen[name], batch))}
        for name in known.keys() - seen.keys() - {INDEX}:
            self._miss(raw, name, batch)
        for name in trouble.keys() - seen.keys() - {INDEX}:
            raw.execute("DELETE FROM mirror_trouble WHERE name = ?", (name,))
        # What others have changed is not ours to take back with an undo.
        raw.execute("UPDATE revisions SET undone = 1 WHERE seq >= ? AND batch = ?", (batch, batch))
        self._check_index(raw, seen, known)
        self._tell(bad)
        return seen

    def _refuse_if_gone(self, seen: Mapping[str, Any], known: Mapping[str, Any]) -> None:
        """Don't take a directory that is not there for one whose memories were all deleted."""
        if any(name.startswith(SHOWN) for name in known) and not self.places.path(SHOWN).is_dir():
            raise StoreError(
                f"The directory {self.places.path(SHOWN)} is gone; nothing was changed. Put it back, or remove "
                f"{self.places.path(SHOWN).parent / 'littlemem'} as well to begin anew."
            )

    def _take(self, raw: sqlite3.Connection, name: str, stamp: Stamp | None, batch: int) -> str | None:
        """Take a file over that is new or has changed; return what is wrong with it, None if nothing is."""
        try:
            if stamp is None:
                raise InvalidInput("it is no regular file")
            memory_id = id_of(name)
            fields = layout.fields_of(layout.document_of(self.places.read(name)))
            if fields["id"] != memory_id:
                raise InvalidInput("its name and its id differ")
            before = _row(raw, memory_id)
            found = layout.memory_of(fields, before)
            found = self._gate(found, before) if self._gate else found
        except FileNotFoundError:
            return None  # gone again
        except (InvalidInput, OSError) as error:
            reason = str(error).rstrip(".")
            values = (name, *(stamp or (None, None)), reason)
            raw.execute("INSERT OR REPLACE INTO mirror_trouble VALUES (?, ?, ?, ?)", values)
            return reason
        self._adopt(raw, before, found, batch)
        raw.execute("DELETE FROM mirror_trouble WHERE name = ?", (name,))
        raw.execute("INSERT OR REPLACE INTO mirror_files VALUES (?, ?, ?)", (name, *(stamp or (0, 0))))
        return None

    def _adopt(self, raw: sqlite3.Connection, before: Memory | None, found: Memory, batch: int) -> None:
        """Write what a file says over what the row says, unless the file is only behind."""
        how = raw.execute("SELECT how FROM mirror_unwritten WHERE id = ?", (found.id,)).fetchone()
        if before is None:
            writing.put(raw, Change(found, "add"), batch)
        elif _differ(before, found):
            number = max(before.revision + 1, found.revision)
            time = max(found.updated_at, before.updated_at) if found.updated_at != before.updated_at else now()
            theirs = found.model_copy(update={"revision": number, "updated_at": time})
            writing.put(raw, Change(theirs, "edit"), batch)
            if how and how["how"] == CHANGED and before.updated_at > found.updated_at:
                # Ours is the later one, it only had not reached the file yet.
                again = before.model_copy(update={"revision": number + 1, "updated_at": time})
                writing.put(raw, Change(again, "edit"), batch)
                return
        _count(raw, found)
        if not (how and how["how"] == CHANGED and before is not None and not _differ(before, found)):
            raw.execute("DELETE FROM mirror_unwritten WHERE id = ?", (found.id,))

    def _miss(self, raw: sqlite3.Connection, name: str, batch: int) -> None:
        """Delete, restorably, a memory in use whose file another program has removed."""
        raw.execute("DELETE FROM mirror_files WHERE name = ?", (name,))
        memory = _row(raw, id_of(name))
        behind = raw.execute(
            "SELECT 1 FROM mirror_unwritten WHERE id = ? AND how = ?", (id_of(name), CHANGED)
        ).fetchone()
        if memory is None or behind:
            return
        moment = now()
        if name.startswith(SHOWN) and memory.deleted_at is None:
            gone = {"deleted_at": moment, "updated_at": moment, "revision": memory.revision + 1}
            writing.put(raw, Change(memory.model_copy(update=gone), "delete"), batch)
        else:
            raw.execute("INSERT OR REPLACE INTO mirror_unwritten VALUES (?, ?)", (memory.id, CHANGED))

    def _check_index(
        self, raw: sqlite3.Connection, seen: Mapping[str, Stamp | None], known: Mapping[str, Stamp]
    ) -> None:
        """Note that the index is to be written anew if it is missing, unreadable, or names other memories."""
        stamp = seen.get(INDEX)
        if stamp is not None and stamp == known.get(INDEX):
            return
        names: set[str] | None = None
        try:
            names = layout.listed(layout.document_of(self.places.read(INDEX)))
        except FileNotFoundError:
            pass
        except (InvalidInput, OSError) as error:
            kept = self.places.set_aside(INDEX)
            self._warn(f"its index can't be read ({error}); it was kept as {kept} and made anew from the entries")
        ids = {row[0] for row in raw.execute(f"SELECT m.id {_SHOWN}")}
        if names != ids:
            raw.execute("INSERT OR REPLACE INTO mirror_unwritten VALUES (?, ?)", (INDEX, CHANGED))
        if names is not None and ids - names and not known:
            count = len(ids - names)
            self._warn(
                f"{count:,} entr{'ies were' if count > 1 else 'y was'} not in its index; taken in, index mended"
            )
        if stamp is not None:
            raw.execute("INSERT OR REPLACE INTO mirror_files VALUES (?, ?, ?)", (INDEX, *stamp))

    def _tell(self, bad: Mapping[str, str]) -> None:
        if bad:
            some = "; ".join(f"{name}: {reason}" for name, reason in list(bad.items())[:_WARNED])
            more = f" and {len(bad) - _WARNED:,} more" if len(bad) > _WARNED else ""
            self._warn(f"files that can't be used are left as they are ({some}{more}); %mem doctor lists them")

    def _warn(self, text: str) -> None:
        warnings.warn(f"The memory store {self.places.directory}: {text}.", LittleMemWarning, stacklevel=2)

    # -- from the rows to the files -----------------------------------------------------------

    def hand_out(
        self, raw: sqlite3.Connection, seen: dict[str, Stamp | None], *, counts: bool = False
    ) -> dict[str, Stamp | None]:
        """Write the files that are behind, and the index with them; return what is there then.

        Parameters
        ----------
        raw
            A connection inside a transaction.
        seen
            What `take_in` has seen in this transaction.
        counts
            Whether to do so for files that are behind only in how often their memories were used.
        """
        behind = raw.execute("SELECT id, how FROM mirror_unwritten ORDER BY id").fetchall()
        if not behind or not (counts or any(row["how"] == CHANGED for row in behind)):
            return seen
        self.places.tidy()
        there: dict[str, Stamp | None] = {}
        for row in behind:
            if row["id"] != INDEX:
                there |= self._counted(raw, row["id"]) if row["how"] == COUNTED else self._hand_out(raw, row["id"])
        there[INDEX] = self._write(raw, INDEX, layout.index_text(_lines(raw), now()))
        self.places.settle(name for name, stamp in there.items() if stamp != _GONE or name in seen)
        raw.execute("DELETE FROM mirror_unwritten")
        return {name: stamp for name, stamp in {**seen, **there}.items() if stamp != _GONE}

    def impose(self, raw: sqlite3.Connection) -> dict[str, Stamp | None]:
        """Write all files anew and remove those of memories that there aren't; return what is there then."""
        seen = self.places.look()
        for table in ("mirror_files", "mirror_trouble", "mirror_unwritten"):
            raw.execute(f"DELETE FROM {table}")
        raw.execute("INSERT INTO mirror_unwritten SELECT id, ? FROM memories", (CHANGED,))
        for name in seen.keys() - {INDEX}:
            with suppress(InvalidInput):  # what is no file of ours is left alone
                raw.execute("INSERT OR IGNORE INTO mirror_unwritten VALUES (?, ?)", (id_of(name), CHANGED))
        raw.execute("INSERT INTO mirror_unwritten VALUES (?, ?)", (INDEX, CHANGED))
        return self.hand_out(raw, seen)

    def _counted(self, raw: sqlite3.Connection, memory_id: str) -> dict[str, Stamp | None]:
        """Write only how often a memory was used: what else stands in the file may be another program's."""
        memory, existing = _row(raw, memory_id), self._existing(raw, memory_id)
        if memory is None or existing is None:
            return self._hand_out(raw, memory_id)
        name, document = existing
        return {name: self._write(raw, name, layout.counted_text(memory, document))}

    def _hand_out(self, raw: sqlite3.Connection, memory_id: str) -> dict[str, Stamp | None]:
        """Write or remove the file of a memory; return the stamps of the files that this concerns."""
        memory = _row(raw, memory_id)
        there: dict[str, Stamp | None] = {}
        names = [f"{place}/{memory_id}.json" for place in (SHOWN, ASIDE)]
        if memory is None:
            self.places.remove_copies(memory_id)
        else:
            hidden = (memory.deleted_at, memory.held, memory.superseded_by, memory.archived_at)
            name = names.pop(any(mark is not None for mark in hidden))
            _, document = self._existing(raw, memory_id) or ("", None)
            there[name] = self._write(raw, name, layout.entry_text(memory, document))
        for name in names:
            there[name] = _GONE
            self.places.remove(name)
            raw.execute("DELETE FROM mirror_files WHERE name = ?", (name,))
            raw.execute("DELETE FROM mirror_trouble WHERE name = ?", (name,))
        return there

    def _existing(self, raw: sqlite3.Connection, memory_id: str) -> tuple[str, dict[str, Any]] | None:
        """Return the memory's file and what it holds now; one that can't be read is set aside, not written over."""
        for name in (f"{SHOWN}/{memory_id}.json", f"{ASIDE}/{memory_id}.json"):
            try:
                document = layout.document_of(self.places.read(name))
                layout.fields_of(document)
            except FileNotFoundError:
                continue
            except (InvalidInput, OSError):
                self.places.set_aside(name)
                raw.execute("DELETE FROM mirror_trouble WHERE name = ?", (name,))
                continue
            return name, document
        return None

    def _write(self, raw: sqlite3.Connection, name: str, content: bytes) -> Stamp:
        stamp = self.places.write(name, content)
        raw.execute("INSERT OR REPLACE INTO mirror_files VALUES (?, ?, ?)", (name, *stamp))
        return stamp


def _row(raw: sqlite3.Connection, memory_id: str) -> Memory | None:
    row = raw.execute(f"{rows.SELECT} WHERE m.id = ?", (memory_id,)).fetchone()
    return None if row is None else rows.memory_of(row)


def _differ(one: Memory, two: Memory) -> bool:
    return any(getattr(one, name) != getattr(two, name) for name in Memory.model_fields if name not in _IGNORED)


def _count(raw: sqlite3.Connection, memory: Memory) -> None:
    """Take over how often the memory was used, where the file knows of more."""
    if memory.access_count:
        raw.execute(
            "INSERT INTO usage (pk, access_count, last_accessed_at) SELECT pk, ?, ? FROM memories WHERE id = ?"
            " ON CONFLICT (pk) DO UPDATE SET access_count = excluded.access_count,"
            " last_accessed_at = coalesce(excluded.last_accessed_at, last_accessed_at)"
            " WHERE excluded.access_count > access_count",
            (memory.access_count, rows.to_micros(memory.last_accessed_at), memory.id),
        )


def _lines(raw: sqlite3.Connection) -> list[str]:
    cursor = raw.cursor()
    cursor.row_factory = None
    found = cursor.execute(
        "SELECT m.id, m.type, m.title, m.tags, m.created_at, m.project, m.conversation_id, f.size"
        f" {_SHOWN} ORDER BY m.created_at DESC, m.pk DESC"
    )
    return [layout.index_line(*line) for line in found]
