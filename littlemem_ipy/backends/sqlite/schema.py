"""The tables, as the numbered migrations that made them.

``memories`` holds the present, ``revisions`` what was different before (only the fields that
changed, so that an addition costs a few bytes), ``events`` what happened, ``usage`` the counts.
The full-text index has no text of its own: it reads the view ``indexed`` and is kept true by
triggers. Deleted memories are not in it.
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
    content_hash BLOB NOT NULL
);
CREATE INDEX memories_created ON memories (created_at);
CREATE INDEX memories_hash ON memories (content_hash);
CREATE INDEX memories_conversation ON memories (conversation_id) WHERE conversation_id IS NOT NULL;

CREATE TABLE usage (
    pk INTEGER PRIMARY KEY REFERENCES memories (pk) ON DELETE CASCADE,
    access_count INTEGER NOT NULL,
    last_accessed_at INTEGER
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

CREATE VIEW indexed AS
    SELECT pk, title, content, tags FROM memories WHERE deleted_at IS NULL;
CREATE VIRTUAL TABLE memories_fts USING fts5 (
    title, content, tags, content='indexed', content_rowid='pk', tokenize='porter unicode61'
);
CREATE TRIGGER memories_added AFTER INSERT ON memories WHEN new.deleted_at IS NULL BEGIN
    INSERT INTO memories_fts (rowid, title, content, tags)
    VALUES (new.pk, new.title, new.content, new.tags);
END;
CREATE TRIGGER memories_unindexed AFTER UPDATE OF title, content, tags, deleted_at ON memories
WHEN old.deleted_at IS NULL BEGIN
    INSERT INTO memories_fts (memories_fts, rowid, title, content, tags)
    VALUES ('delete', old.pk, old.title, old.content, old.tags);
    INSERT INTO memories_fts (rowid, title, content, tags)
    SELECT pk, title, content, tags FROM indexed WHERE pk = new.pk;
END;
CREATE TRIGGER memories_indexed AFTER UPDATE OF title, content, tags, deleted_at ON memories
WHEN old.deleted_at IS NOT NULL AND new.deleted_at IS NULL BEGIN
    INSERT INTO memories_fts (rowid, title, content, tags)
    VALUES (new.pk, new.title, new.content, new.tags);
END;
CREATE TRIGGER memories_removed AFTER DELETE ON memories WHEN old.deleted_at IS NULL BEGIN
    INSERT INTO memories_fts (memories_fts, rowid, title, content, tags)
    VALUES ('delete', old.pk, old.title, old.content, old.tags);
END;
"""

MIGRATIONS: tuple[str, ...] = (_FIRST,)
LATEST = len(MIGRATIONS)
