"""What somebody with a login of their own could try with SQL of their own, beyond asking for rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from littlemem_ipy.backends.postgres import migrating, schema
from littlemem_ipy.backends.postgres.migrating import prepare
from littlemem_ipy.errors import StoreError
from littlemem_ipy.models import State
from littlemem_ipy.store import open_store
from tests.postgres import Server

PACKAGE = Path(migrating.__file__).parent
SPLIT = ("memories", "usage", "revisions", "events", "vectors", "vocabulary")


def space_of(store) -> int:
    return store.backend.connection.spaces.shared


# -- what a stranger could learn --------------------------------------------------------------


def test_nobody_can_look_for_words_of_a_foreign_space(store, people, postgres):
    """Even the time that a look takes would tell: so what is asked of a foreign space is never looked for."""
    ann, bob = store(people[0]), store(people[1])
    ann.add("hidden treasure")
    theirs, own = space_of(ann), space_of(bob)
    with postgres.connect(people[1]) as raw:

        def kept(*asked):
            row = raw.execute(
                "SELECT littlemem.permitted(%s::tsquery[], %s, %s)", (list(asked), [own] * len(asked), [own])
            )
            return row.fetchone()[0]

        for sly in (
            f"'{theirs} treasur'",
            f"'{own} x' | '{theirs} treasur'",
            f"!'{theirs} treasur'",
            f"'{own} it''s' & '{theirs} treasur':*",
            f"'{own}1 x'",
            "''' x'",
            "'x\\\\'",
        ):
            assert kept(sly) is None, sly
        fine = f"'{own} it''s' & ('{own} x':* | !'{own} =x')"
        assert kept(fine, f"'{theirs} treasur'") == raw.execute("SELECT %s::tsquery::text", (fine,)).fetchone()[0]
    assert ann.search("treasure").total == 1


def test_a_stranger_hears_nothing_of_what_goes_on(store, people, team, postgres):
    ann = store(people[0], team)
    ann.count()
    with postgres.connect(people[2]) as raw:
        for number in range(1, 200):
            raw.execute(f"LISTEN littlemem_{number}")
        assert raw.execute("SELECT channel FROM littlemem.spaces WHERE name = %s", (team,)).fetchall() == []
        ann.add("something happens")
        assert list(raw.notifies(timeout=0.5)) == []


def test_rows_are_no_easier_to_get_in_other_ways(store, people, team, postgres):
    store(people[0], team).add("hidden treasure", tags=["gold"])
    with postgres.connect(people[2]) as raw:
        assert raw.execute("SELECT count(*) FROM littlemem.memories").fetchone() == (0,)
        with raw.cursor().copy("COPY littlemem.memories TO STDOUT") as out:
            assert list(out) == []
        with (
            pytest.raises(psycopg.Error) as refused,
            raw.cursor().copy("COPY littlemem.memories FROM STDIN") as into,
        ):
            into.write("x")
        assert isinstance(refused.value, errors.FeatureNotSupported)
        raw.execute("SET row_security = off")
        with pytest.raises(errors.InsufficientPrivilege):
            raw.execute("SELECT * FROM littlemem.memories")
        raw.execute("SET row_security = on")
        shown = raw.execute("SELECT * FROM pg_stats WHERE schemaname = 'littlemem' AND tablename <> 'migrations'")
        assert shown.fetchall() == []
        raw.execute("CREATE TEMP VIEW mine AS SELECT * FROM littlemem.memories")
        assert raw.execute("SELECT * FROM mine").fetchall() == []


def test_what_is_refused_quotes_no_row(store, people, team, postgres):
    one = store(people[0], team).add("hidden treasure")
    with postgres.connect(people[2]) as raw:
        for statement in (
            "INSERT INTO littlemem.vocabulary VALUES (%(space)s, 'treasur')",
            "INSERT INTO littlemem.vocabulary VALUES (%(space)s, 'treasur') ON CONFLICT DO NOTHING",
            "INSERT INTO littlemem.usage (space, key) SELECT %(space)s, g FROM generate_series(1, 99) g",
        ):
            with pytest.raises(psycopg.Error) as refused:
                raw.execute(statement, {"space": space_of(store(people[0], team))})
            assert isinstance(refused.value, errors.InsufficientPrivilege)
            assert refused.value.diag.message_detail is None, "whether it is there is not told"
        assert one.id not in str(refused.value)


# -- what a member who may only read could break ------------------------------------------------


@pytest.fixture
def reader(store, people, team, postgres) -> Iterator[psycopg.Connection]:
    """Give a raw connection of the third user, who may read the team's space."""
    with postgres.connect() as raw:
        raw.execute("SELECT littlemem.let_in(%s, %s, false)", (people[2], team))
    store(people[2], team).count()
    with postgres.connect(people[2]) as raw:
        yield raw


@pytest.mark.parametrize("data", ["no json", '"text"', '{"query": "a\\u0000b"}', "[1]", "null"])
def test_a_reader_can_not_keep_others_from_removing_for_good(reader, store, people, team, data):
    ann = store(people[0], team)
    one = ann.add("the codename is zanzibar")
    with pytest.raises(psycopg.Error) as refused:
        reader.execute(
            "INSERT INTO littlemem.events (space, at, kind, data) VALUES (%s, 0, 'searched', %s)",
            (space_of(ann), data),
        )
    assert refused.value.sqlstate.startswith(("22", "23"))
    ann.delete(one.id, hard=True)
    assert ann.search(states=list(State)).total == 0


@pytest.mark.parametrize("column", ["access_count", "injected", "used", "rated", "last_accessed_at"])
def test_a_reader_can_not_keep_others_from_counting(reader, store, people, team, column):
    ann = store(people[0], team)
    one = ann.add("an ordinary memory")
    ann.get(one.id)
    greatest = {"rated": schema.MOST, "last_accessed_at": 253402300799999999}.get(column, schema.MOST)
    for value in (2**63 - 1, -(2**63), greatest):
        change = f"UPDATE littlemem.usage SET {column} = %s WHERE space = %s"
        if value == greatest:
            reader.execute(change, (value, space_of(ann)))
        else:
            with pytest.raises(errors.CheckViolation):
                reader.execute(change, (value, space_of(ann)))
    for kind in ("retrieved", "injected", "used"):
        ann.note(kind, [one.id])
    ann.note("rated", [one.id], value=1)
    ann.update(one.id, title="Life goes on")
    assert ann.get(one.id).title == "Life goes on"
    assert ann.search("ordinary").total == 1
    assert ann.backend._pending == []


def test_a_query_with_a_nul_is_logged_all_the_same(store, people, team):
    ann = store(people[0], team)
    ann.record("searched", query="zan\x00zibar", path="\\u0000 is no NUL")
    (event,) = ann.events("searched")
    assert dict(event.data) == {"query": "zan zibar", "path": "\\u0000 is no NUL"}


# -- functions in the place of others -----------------------------------------------------------


@pytest.fixture(scope="module")
def trapped() -> Iterator[Server]:
    """Give a server where a user may make functions in ``public``, as it was usual before PostgreSQL 15."""
    made = Server()
    with made.connect("postgres") as raw:
        raw.execute("CREATE ROLE mallory LOGIN")
        raw.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    with made.connect("mallory") as raw:
        set_traps(raw)
    yield made
    made.remove()


def set_traps(raw: psycopg.Connection) -> None:
    """Make for each function that our statements may call others that would fit their arguments better."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py"))
    named = sorted(set(re.findall(r"(?<![.\w])([a-z_]{3,})\(", source)))
    found = raw.execute(
        "SELECT proname, proargtypes::regtype[]::text[] FROM pg_proc WHERE proname = ANY (%s)"
        " AND pronamespace = 'pg_catalog'::regnamespace AND provariadic = 0 AND proargtypes::text <> ''",
        (named,),
    ).fetchall()
    assert {"pg_advisory_xact_lock", "strpos", "lower", "set_config", "starts_with"} <= {name for name, _ in found}
    others = {
        "bigint": ("smallint", "integer"), "integer": ("smallint", "bigint"), "text": ("varchar", "name"),
        "name": ("text", "varchar"), "oid": ("text",), "json": ("text",), "jsonb": ("text", "json"),
    }  # fmt: skip
    known = {(name, tuple(kinds)) for name, kinds in found}
    for name, kinds in sorted(known):
        for place, kind in enumerate(kinds):
            for other in others.get(kind, ()):
                changed = (*kinds[:place], other, *kinds[place + 1 :])
                if (name, changed) not in known and not any("any" in each for each in changed):
                    raw.execute(
                        f"CREATE OR REPLACE FUNCTION public.{name}({', '.join(changed)}) RETURNS text"
                        " LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped as %', current_user; END $$"
                    )


def test_no_statement_calls_a_function_of_somebody_else(trapped, tmp_path):
    with trapped.connect() as owner, pytest.raises(psycopg.Error, match="trapped as littlemem_owner"):
        owner.execute("SELECT pg_advisory_xact_lock(1)")  # the traps work
    prepare(trapped.url("littlemem_owner"))
    user = trapped.add_user()
    with open_store(trapped.url(user), project="p") as store:
        one = store.add("We use polars for joins.", tags=["a"], conversation_id="c")
        store.add_many({"content": f"number {n} of café", "tags": ["b"]} for n in range(5))
        store.update(one.id, content="We use polars for all joins.", tags=["a", "b"])
        for text in ("polars joins", "caf", "zzz", ""):
            for filters in ({}, {"tags": "a"}, {"conversation_id": "c"}, {"since": "7d"}, {"type": "general"}):
                store.search(text, include_archived=True, **filters)
        for sort in ("title", "type", "project", "tags", "source", "used", "updated"):
            store.search(sort=sort, descending=False)
        store.history(one.id)
        store.profile()
        store.stats()
        store.backend.rows(store.search().query)
        store.backend.vectors.put("m", {1: (b"h", b"v")})
        store.backend.vectors.missing("m", 5)
        store.backend.vectors.of_texts("m", [b"h"])
        store.backend.vectors.since("m", 0, 5)
        store.backend.vectors.count("m")
        for kind in ("projects", "tags"):
            store.backend.names(kind)
        with pytest.raises(LookupError):
            store.get("mem_1_aaaaaaaaa")
        store.backend.index.neighbours([1, 2], 2)
        store.backend.index.vocabulary("po", 5)
        store.backend.listener().close()
        store.undo(3)
        store.delete(one.id, hard=True)
        assert all(finding.ok for finding in store.backend.check())
        assert store.backend._pending == []


# -- tables that were made by earlier versions --------------------------------------------------


@pytest.mark.parametrize("partitions", [0, 3])
def test_tables_of_the_first_version_are_brought_up_to_date(partitions, monkeypatch):
    made = Server()
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "_MIGRATIONS", schema._MIGRATIONS[:1])
        prepare(made.url("littlemem_owner"), partitions=partitions)
    user = made.add_user()
    with made.connect(user) as raw:
        raw.execute("SELECT littlemem.home()")
    with open_store(made.url(user)) as store, pytest.raises(StoreError, match="not prepared for memories of this"):
        store.count()
    prepare(made.url("littlemem_owner"))
    with open_store(made.url(user), project=None) as store:
        store.add("We use polars for joins.")
        assert store.search("polars").total == 1
        assert all(finding.ok for finding in store.backend.check())
    with made.connect(user) as raw:
        for table in SPLIT if partitions else ():
            with pytest.raises(errors.InsufficientPrivilege):  # past the rules of the whole table
                raw.execute(f"SELECT * FROM littlemem.{table}_0")
    made.remove()
