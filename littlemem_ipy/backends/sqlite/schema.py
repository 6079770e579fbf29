"""The tables, as the numbered migrations that made them.

``memories`` holds the present, ``revisions`` what was different before (only the fields that
changed, so that an addition costs a few bytes), ``events`` what happened, ``usage`` the counts.
The full-text index has no text of its own: it reads the view ``indexed`` and is kept true by
triggers. It answers only which rows hold a word (``detail=none``: a quarter of the usual size);
scores are computed above from the text. Beside the words it holds facets, words that no text
contains by chance, so that filters work inside the index: ``zt`` and the type, ``zp`` and the
project in hexadecimal, ``zc`` and the conversation, ``zy2026`` and ``zm202605`` for the time, and
``zk`` with month, type and project in one word, because three filters cost three walks; and
``zxhidden`` for everything that is archived, superseded, held or deleted.
"""

from __future__ import annotations

__all__ = ["APPLICATION_ID", "LATEST", "MIGRATIONS"]

APPLICATION_ID = 0x6C6D656D  # "lmem": tells our files from other programs' databases

_FIRST = """
CREATE TABLE memories (
    pk INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '[]',
    tag_keys TEXT NOT NULL DEFAULT '',
    project TEXT,
    conversation_id TEXT,
    source TEXT NOT NULL,
    provenance TEXT,
    importance REAL NOT NULL,
    pinned INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    archived_at INTEGER,
    deleted_at INTEGER,
    superseded_by TEXT,
    held TEXT,
    revision INTEGER NOT NULL,
    content_hash BLOB NOT NULL,
    terms TEXT NOT NULL DEFAULT ''
);
CREATE INDEX memories_created ON memories (created_at);
CREATE INDEX memories_type ON memories (type, created_at, project);
CREATE INDEX memories_pinned ON memories (created_at) WHERE pinned = 1;
CREATE INDEX memories_hash ON memories (content_hash);
CREATE INDEX memories_conversation ON memories (conversation_id, created_at, pk) WHERE conversation_id IS NOT NULL;

CREATE TABLE usage (
    pk INTEGER PRIMARY KEY REFERENCES memories (pk) ON DELETE CASCADE,
    access_count INTEGER NOT NULL DEFAULT 0,
    last_accessed_at INTEGER,
    injected INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0,
    rated INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE revisions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    pk INTEGER NOT NULL REFERENCES memories (pk) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    action TEXT NOT NULL,
    at INTEGER NOT NULL,
    before TEXT,
    undone INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX revisions_memory ON revisions (pk);

CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    pk INTEGER,
    data TEXT
);

"""

_FACETS = (
    "'zt' || replace({m}.type, '_', '') || ' zp' || iif({m}.project IS NULL, 'none', hex({m}.project))"
    " || iif({m}.conversation_id IS NULL, '', ' zc' || hex({m}.conversation_id))"
    " || coalesce(strftime(' zy%Y zm%Y%m zk%Y%m', {m}.created_at / 1000000, 'unixepoch')"
    " || replace({m}.type, '_', '') || 'x' || iif({m}.project IS NULL, 'none', hex({m}.project)), '')"
    " || CASE WHEN coalesce({m}.archived_at, {m}.deleted_at, {m}.superseded_by, {m}.held) IS NULL"
    " THEN '' ELSE ' zxhidden' END"
)
_INDEX = """
CREATE VIEW indexed AS
    SELECT pk, title, content, tags, terms, {facets} AS facets FROM memories AS m;
CREATE VIRTUAL TABLE memories_fts USING fts5 (
    title, content, tags, terms, facets, content='indexed', content_rowid='pk',
    tokenize='porter unicode61 remove_diacritics 2', detail=none, columnsize=0
);
CREATE TRIGGER memories_added AFTER INSERT ON memories BEGIN
    INSERT INTO memories_fts (rowid, title, content, tags, terms, facets)
    VALUES (new.pk, new.title, new.content, new.tags, new.terms, {new});
END;
CREATE TRIGGER memories_changed AFTER UPDATE OF title, content, tags, terms, type, project, conversation_id,
    created_at, archived_at, deleted_at, superseded_by, held ON memories
BEGIN
    INSERT INTO memories_fts (memories_fts, rowid, title, content, tags, terms, facets)
    VALUES ('delete', old.pk, old.title, old.content, old.tags, old.terms, {old});
    INSERT INTO memories_fts (rowid, title, content, tags, terms, facets)
    VALUES (new.pk, new.title, new.content, new.tags, new.terms, {new});
END;
CREATE TRIGGER memories_removed AFTER DELETE ON memories BEGIN
    INSERT INTO memories_fts (memories_fts, rowid, title, content, tags, terms, facets)
    VALUES ('delete', old.pk, old.title, old.content, old.tags, old.terms, {old});
END;
CREATE TABLE vectors (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    pk INTEGER NOT NULL UNIQUE REFERENCES memories (pk) ON DELETE CASCADE,
    model TEXT NOT NULL,
    hash BLOB NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX vectors_hash ON vectors (hash);
CREATE TRIGGER memories_reworded AFTER UPDATE OF title, content ON memories
WHEN old.title != new.title OR old.content != new.content BEGIN
    DELETE FROM vectors WHERE pk = new.pk;
END;
""".format(**{row if row != "m" else "facets": _FACETS.format(m=row) for row in ("m", "old", "new")})

MIGRATIONS: tuple[str, ...] = (_FIRST + _INDEX,)
LATEST = len(MIGRATIONS)
