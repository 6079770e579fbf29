"""The tables, as the numbered migrations that made them, and the rules that the database itself enforces.

Every table begins with the number of a space and is keyed by it, so that all of them can be split by space: over
partitions (`statements` with a number of them) or over machines. ``memories`` holds the present, ``revisions``
what was different before, ``events`` what happened, ``usage`` the counts, ``vocabulary`` each word of a space once.

Who may what is a matter of the database, by row-level security on ``current_user``, which nobody can choose:
a row is seen by the members of its space and changed by those who may write there; events (what somebody asked)
only by whom they belong to. Everybody who can connect may use the schema, and sees nothing until a space lets
them in; each user gets one private space at first use. Only the owner of the schema makes other spaces.

The words are a ``tsvector`` of stems made in Python, exactly as the default backend stems them, each with the
number of its space before it: a look-up costs what the space holds, not what the server holds. Row-level
security keeps PostgreSQL from using such an index for a user's own query, because its operator is not known to be
free of leaks; so two functions of the owner look there, for words of the caller's spaces alone (looking for others
would tell by the time it takes whether they are there), and return only keys.

What the rules do not keep: a login can always hold locks, open connections or fill the disk, and PostgreSQL's
estimates in EXPLAIN tell roughly how frequent a value is among all rows of a table.
"""

from __future__ import annotations

from collections.abc import Iterator

from littlemem_ipy.backends.postgres.functions import FUNCTIONS, LOOKING

__all__ = ["LATEST", "LOCK", "MOST", "VECTORS", "WRITER", "statements"]

LOCK = 0x6C6D656D  # "lmem": the advisory lock of a migration
WRITER = 0x6C6D7772  # "lmwr": with the number of a space, the lock of its writers
VECTORS = 0x6C6D7665  # "lmve": the lock of everybody who adds vectors
MOST = 2**53  # what is counted stays below, so that adding to it never fails

_TABLES = """
CREATE TABLE littlemem.spaces (
    space int PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('private', 'project', 'team')),
    version bigint NOT NULL DEFAULT 0,
    held_rows bigint NOT NULL DEFAULT 0,
    held_words bigint NOT NULL DEFAULT 0
);
CREATE TABLE littlemem.members (
    member name NOT NULL,
    space int NOT NULL REFERENCES littlemem.spaces ON DELETE CASCADE,
    may_write boolean NOT NULL DEFAULT true,
    PRIMARY KEY (member, space)
);
CREATE SEQUENCE littlemem.keys;
CREATE SEQUENCE littlemem.numbers;
CREATE TABLE littlemem.memories (
    space int NOT NULL,
    key bigint NOT NULL DEFAULT nextval('littlemem.keys'),
    id text COLLATE "C" NOT NULL,
    member name NOT NULL DEFAULT current_user,
    type text NOT NULL,
    title text NOT NULL,
    content text NOT NULL,
    tags text NOT NULL,
    tag_keys text NOT NULL,
    project text,
    conversation_id text,
    source text NOT NULL,
    provenance text,
    importance float8 NOT NULL,
    pinned smallint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    expires_at bigint,
    archived_at bigint,
    deleted_at bigint,
    superseded_by text,
    held text,
    revision bigint NOT NULL,
    content_hash bytea NOT NULL,
    terms text NOT NULL,
    length int NOT NULL,
    words tsvector NOT NULL,
    PRIMARY KEY (space, id),
    UNIQUE (space, key)
) {partitioned};
CREATE INDEX memories_created ON littlemem.memories (space, created_at, key);
CREATE INDEX memories_pinned ON littlemem.memories (space, created_at) WHERE pinned = 1;
CREATE INDEX memories_hash ON littlemem.memories (space, content_hash);
CREATE INDEX memories_conversation ON littlemem.memories (space, conversation_id, created_at, key)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX memories_words ON littlemem.memories USING gin (words) WITH (fastupdate = off);

CREATE TABLE littlemem.usage (
    space int NOT NULL,
    key bigint NOT NULL,
    access_count bigint NOT NULL DEFAULT 0,
    last_accessed_at bigint,
    injected bigint NOT NULL DEFAULT 0,
    used bigint NOT NULL DEFAULT 0,
    rated bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (space, key),
    FOREIGN KEY (space, key) REFERENCES littlemem.memories (space, key) ON DELETE CASCADE
) {partitioned};
CREATE TABLE littlemem.revisions (
    space int NOT NULL,
    seq bigint NOT NULL DEFAULT nextval('littlemem.numbers'),
    key bigint NOT NULL,
    number bigint NOT NULL,
    batch bigint NOT NULL,
    action text NOT NULL,
    at bigint NOT NULL,
    before text,
    undone smallint NOT NULL DEFAULT 0,
    member name NOT NULL DEFAULT current_user,
    token uuid NOT NULL,
    PRIMARY KEY (space, seq),
    FOREIGN KEY (space, key) REFERENCES littlemem.memories (space, key) ON DELETE CASCADE
) {partitioned};
CREATE INDEX revisions_memory ON littlemem.revisions (space, key, seq);
CREATE INDEX revisions_batch ON littlemem.revisions (space, batch);
CREATE TABLE littlemem.events (
    space int NOT NULL,
    seq bigint NOT NULL DEFAULT nextval('littlemem.numbers'),
    at bigint NOT NULL,
    kind text NOT NULL,
    key bigint,
    data text,
    member name NOT NULL DEFAULT current_user,
    PRIMARY KEY (space, seq)
) {partitioned};
CREATE INDEX events_member ON littlemem.events (space, member, seq);
CREATE TABLE littlemem.vectors (
    space int NOT NULL,
    key bigint NOT NULL,
    number bigint NOT NULL DEFAULT nextval('littlemem.numbers'),
    model text NOT NULL,
    hash bytea NOT NULL,
    vector bytea NOT NULL,
    PRIMARY KEY (space, key),
    FOREIGN KEY (space, key) REFERENCES littlemem.memories (space, key) ON DELETE CASCADE
) {partitioned};
CREATE INDEX vectors_number ON littlemem.vectors (space, model, number);
CREATE INDEX vectors_hash ON littlemem.vectors (space, hash);
CREATE TABLE littlemem.vocabulary (
    space int NOT NULL,
    word text COLLATE "C" NOT NULL,
    PRIMARY KEY (space, word)
) {partitioned};
"""

_MINE = "space = ANY (ARRAY(SELECT x.space FROM littlemem.members x WHERE x.member = current_user))"
_WRITABLE = (
    "space = ANY (ARRAY(SELECT x.space FROM littlemem.members x WHERE x.member = current_user AND x.may_write))"
)
_CHANGEABLE = (
    "type, title, content, tags, tag_keys, project, conversation_id, source, provenance, importance, pinned,"
    " created_at, updated_at, expires_at, archived_at, deleted_at, superseded_by, held, revision, content_hash,"
    " terms, length, words"
)

# What only the owner may call; everything else is safe in anybody's hands.
_OWNERS = (
    "create_space(text, text, name[])", "let_in(name, text, boolean)", "let_go(name, text)", "drop_space(text)",
)  # fmt: skip


def _rules() -> Iterator[str]:
    """Yield who may see and change what."""
    for table in ("spaces", "members", "memories", "usage", "revisions", "events", "vectors", "vocabulary"):
        yield f"ALTER TABLE littlemem.{table} ENABLE ROW LEVEL SECURITY"
        yield f"GRANT SELECT ON littlemem.{table} TO PUBLIC"
    yield "CREATE POLICY seen ON littlemem.members FOR SELECT USING (member = current_user)"
    for table in ("spaces", "memories", "usage", "revisions", "vectors", "vocabulary"):
        yield f"CREATE POLICY seen ON littlemem.{table} FOR SELECT USING ({_MINE})"
    for table in ("usage", "vectors", "vocabulary"):
        # Who may read a space leaves traces there: counts, vectors of its texts, words of them.
        right = _MINE if table == "usage" else _WRITABLE
        yield f"CREATE POLICY added ON littlemem.{table} FOR INSERT WITH CHECK ({right})"
        yield f"CREATE POLICY changed ON littlemem.{table} FOR UPDATE USING ({right}) WITH CHECK ({right})"
        yield f"CREATE POLICY removed ON littlemem.{table} FOR DELETE USING ({right})"
        yield f"GRANT INSERT, UPDATE, DELETE ON littlemem.{table} TO PUBLIC"
    for table in ("memories", "revisions"):
        yield (
            f"CREATE POLICY added ON littlemem.{table} FOR INSERT"
            f" WITH CHECK (member = current_user AND {_WRITABLE})"
        )
        yield f"CREATE POLICY changed ON littlemem.{table} FOR UPDATE USING ({_WRITABLE}) WITH CHECK ({_WRITABLE})"
        yield f"GRANT INSERT ON littlemem.{table} TO PUBLIC"
    # Neither the author of a memory nor its history can be changed; revisions go with their memory.
    yield f"GRANT UPDATE ({_CHANGEABLE}) ON littlemem.memories TO PUBLIC"
    yield "GRANT UPDATE (undone) ON littlemem.revisions TO PUBLIC"
    yield f"CREATE POLICY removed ON littlemem.memories FOR DELETE USING ({_WRITABLE})"
    yield "GRANT DELETE ON littlemem.memories TO PUBLIC"
    yield f"CREATE POLICY mine ON littlemem.events USING (member = current_user AND {_MINE})"
    yield "GRANT INSERT, DELETE ON littlemem.events TO PUBLIC"
    yield f"CREATE POLICY counted ON littlemem.spaces FOR UPDATE USING ({_WRITABLE}) WITH CHECK ({_WRITABLE})"
    yield "GRANT UPDATE (version, held_rows, held_words) ON littlemem.spaces TO PUBLIC"
    yield "GRANT USAGE ON SEQUENCE littlemem.keys, littlemem.numbers TO PUBLIC"
    yield "GRANT USAGE ON SCHEMA littlemem TO PUBLIC"
    for function in _OWNERS:
        yield f"REVOKE EXECUTE ON FUNCTION littlemem.{function} FROM PUBLIC"


# Who may only read a space leaves events and counts there: they must not be able to break anything for the others.
_BOUNDS = """
ALTER TABLE littlemem.events ADD CHECK (data IS NULL OR jsonb_typeof(data::jsonb) = 'object');
ALTER TABLE littlemem.usage
    ADD CHECK (access_count BETWEEN 0 AND {most}), ADD CHECK (injected BETWEEN 0 AND {most}),
    ADD CHECK (used BETWEEN 0 AND {most}), ADD CHECK (rated BETWEEN -{most} AND {most}),
    ADD CHECK (last_accessed_at BETWEEN -62135596800000000 AND 253402300799999999);
"""
# Whoever knows the name of a channel hears when something changes there, so it can't be guessed.
_CHANNELS = "ALTER TABLE littlemem.spaces ADD COLUMN channel uuid NOT NULL DEFAULT gen_random_uuid()"


def _first(partitions: int) -> Iterator[str]:
    split = "PARTITION BY HASH (space)" if partitions else ""
    yield "CREATE SCHEMA IF NOT EXISTS littlemem"
    yield "CREATE TABLE littlemem.migrations (version int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
    yield "GRANT SELECT ON littlemem.migrations TO PUBLIC"
    yield _TABLES.format(partitioned=split)
    for table in ("memories", "usage", "revisions", "events", "vectors", "vocabulary"):
        for part in range(partitions):
            yield (
                f"CREATE TABLE littlemem.{table}_{part} PARTITION OF littlemem.{table}"
                f" FOR VALUES WITH (MODULUS {partitions}, REMAINDER {part})"
            )
    yield FUNCTIONS
    yield from _rules()


def _second(partitions: int) -> Iterator[str]:
    yield LOOKING
    yield _BOUNDS.format(most=MOST)
    yield _CHANNELS


_MIGRATIONS = (_first, _second)
LATEST = len(_MIGRATIONS)


def statements(version: int, partitions: int = 0) -> Iterator[str]:
    """Yield what brings the tables from a version to the latest one.

    Parameters
    ----------
    version
        What is there; 0 for nothing.
    partitions
        Over how many partitions the tables are split by space when they are made; 0 for whole tables.
    """
    for number, migration in enumerate(_MIGRATIONS[version:], version + 1):
        yield from migration(partitions)
        yield f"INSERT INTO littlemem.migrations (version) VALUES ({number})"
