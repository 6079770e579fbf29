"""Who may what: the private space, a shared one, and the rules that hold in the database itself."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from littlemem_ipy.backends import open_backend
from littlemem_ipy.errors import InvalidInput, StoreError, StoreReadOnly
from littlemem_ipy.models import SearchQuery, State
from tests.postgres import OWNER

TABLES = ("spaces", "members", "memories", "usage", "revisions", "events", "vectors", "vocabulary")


def texts(store):
    return sorted(memory.content for memory in store.search(limit=1000, project="*", states=list(State)).memories)


# -- through the store ------------------------------------------------------------------------


def test_without_a_space_everything_is_ones_own(store, people):
    ann, bob = store(people[0]), store(people[1])
    mine = ann.add("my own note about polars")
    assert texts(ann) == ["my own note about polars"]
    assert texts(bob) == []
    assert bob.search("polars").total == 0
    with pytest.raises(LookupError):
        bob.get(mine.id)
    assert bob.stats().total == bob.stats().bytes == 0
    assert mine.provenance.user is None


def test_a_team_shares_what_is_no_preference(store, people, team):
    ann, bob = store(people[0], team), store(people[1], team)
    ann.add("the team deploys on Thursdays", type="project_knowledge")
    ann.add("I prefer tea to coffee", type="user_preference")
    ann.add("You: hello\nModel: hello", source="exchange")
    assert texts(bob) == ["the team deploys on Thursdays"]
    assert len(texts(ann)) == 3
    (hit,) = bob.search("deploys")
    assert hit.memory.provenance.user == people[0]
    assert [h.memory.provenance.user for h in ann.search("tea")] == [None]
    assert texts(store(people[0])) == ["I prefer tea to coffee", "You: hello\nModel: hello"]


def test_a_list_tells_whose_each_is(store, people, team):
    ann, bob = store(people[0], team), store(people[1], team)
    ann.add("of the team")
    bob.add("of bob alone", type="user_preference")
    shown = repr(bob.search(project="*"))
    (head, mine, ours) = shown.splitlines()[:3]
    assert head.split() == ["#", "type", "title", "project", "tags", "by"]
    assert (mine.endswith("you alone"), ours.endswith(people[0])) == (True, True)
    assert " by" not in repr(store(people[1]).search(project="*"))


def test_an_edit_keeps_the_author_and_history_names_nobody_else(store, people, team):
    ann, bob = store(people[0], team), store(people[1], team)
    first = ann.add("the deadline is in May")
    bob.update(first.id, content="the deadline is in June")
    changed = ann.get(first.id)
    assert (changed.content, changed.provenance.user) == ("the deadline is in June", people[0])
    assert [r.memory.content for r in ann.history(first.id)] == [
        "the deadline is in May",
        "the deadline is in June",
    ]
    assert {r.memory.provenance.user for r in ann.history(first.id)} == {people[0]}


def test_undo_takes_back_ones_own_changes_only(store, people, team):
    ann, bob = store(people[0], team), store(people[1], team)
    ann.add("of ann")
    bob.add("of bob")
    assert [memory.content for memory in ann.undo()] == ["of ann"]
    assert ann.undo() == []
    assert bob.search("bob").total == 1


def test_an_undo_of_much_asks_the_server_no_more_than_one_of_little(store, people, team, monkeypatch):
    ann = store(people[0], team)
    asked = []
    run = ann.backend.connection.run
    monkeypatch.setattr(ann.backend.connection, "run", lambda work: asked.append(work) or run(work))

    def effort(count):
        with ann.backend.write():
            many = ann.add_many({"content": f"number {n} of {count}"} for n in range(count))
        asked.clear()
        undone = ann.undo()
        assert sorted(memory.id for memory in undone) == sorted(memory.id for memory in many)
        assert {memory.provenance.user for memory in undone} == {people[0]}
        return len(asked)

    assert effort(200) == effort(2)


def test_what_somebody_asked_is_seen_by_nobody_else(store, people, team):
    ann, bob = store(people[0], team), store(people[1], team)
    one = ann.add("salary bands of the team")
    bob.search("am I paid too little?")
    bob.get(one.id)
    assert [event.data.get("query") for event in bob.events("searched")] == ["am I paid too little?"]
    assert {str(event.kind) for event in ann.events()} == {"stored"}
    assert ann.get(one.id).access_count >= 1, "how often a memory was used is counted for all"


def test_purging_takes_the_words_out_of_everybodys_log(store, people, team, postgres):
    ann, bob = store(people[0], team), store(people[1], team)
    one = ann.add("the codename is zanzibar")
    bob.search("what about zanzibar")
    ann.delete(one.id, hard=True)
    assert [event.data.get("query") for event in bob.events("searched")] == [None]
    assert bob.backend.index.vocabulary("zanz", 5) == []


def test_a_stranger_is_told_that_there_is_no_such_space(store, people, team):
    for name in (team, "no-such-space", f"~{people[0]}"):
        with pytest.raises(StoreError, match=r"no space .* that you may see"):
            store(people[2], name).count()


def test_a_reader_reads_and_keeps_notes_of_their_own(store, people, team, postgres):
    with postgres.connect() as raw:
        raw.execute("SELECT littlemem.let_in(%s, %s, false)", (people[2], team))
    ann, reader = store(people[0], team), store(people[2], team)
    one = ann.add("for everybody to read")
    assert texts(reader) == ["for everybody to read"]
    for call in (
        lambda: reader.add("scribble"),
        lambda: reader.update(one.id, content="defaced"),
        lambda: reader.delete(one.id),
        lambda: reader.delete(one.id, hard=True),
    ):
        with pytest.raises(StoreReadOnly, match="nothing was written") as refused:
            call()
        assert "row-level" not in str(refused.value)
    reader.add("I like it dark", type="user_preference")
    assert texts(ann) == ["for everybody to read"]
    assert len(texts(reader)) == 2


def test_who_is_let_go_sees_nothing_more(store, people, team, postgres):
    bob = store(people[1], team)
    store(people[0], team).add("before bob left")
    assert texts(bob) == ["before bob left"]
    with postgres.connect() as raw:
        raw.execute("SELECT littlemem.let_go(%s, %s)", (people[1], team))
    assert texts(bob) == []
    assert bob.search("left").total == 0


def test_a_space_that_is_dropped_leaves_nothing(store, people, team, postgres):
    ann = store(people[0], team)
    ann.search(ann.add("short lived").content)
    with postgres.connect() as raw:
        (number,) = raw.execute("SELECT space FROM littlemem.spaces WHERE name = %s", (team,)).fetchone()
        raw.execute("SELECT littlemem.drop_space(%s)", (team,))
        for table in TABLES:
            assert raw.execute(f"SELECT count(*) FROM littlemem.{table} WHERE space = {number}").fetchone() == (0,)


def test_the_doctor_warns_whom_the_rules_do_not_bind(store, people, team, postgres):
    def wall(opened):
        return next(finding for finding in opened.backend.check() if finding.what == "row-level security")

    assert (wall(store(people[0], team)).ok, wall(store(people[0], team)).detail) == (True, "on")
    with postgres.connect() as raw:
        raw.execute("SELECT littlemem.let_in(%s, %s)", (OWNER, team))
    assert wall(store(OWNER)).ok
    assert not wall(store(OWNER, team)).ok


# -- past the store: a raw connection as another user -----------------------------------------


@pytest.fixture
def filled(store, people, team, postgres):
    """Give a raw connection of the stranger, with rows of the others in every table."""
    ann, private = store(people[0], team), store(people[0])
    for each in (ann, private):
        one = each.add("hidden treasure under the palm")
        each.search("treasure")
        each.get(one.id)
        (key,) = each.backend.index.postings([["treasure"]], SearchQuery(), 5)[:1]
        each.backend.vectors.put("m", {key: (b"h", b"v")})
    store(people[2]).count()  # the stranger has a space as well
    with postgres.connect(people[2]) as raw:
        yield raw


@pytest.mark.parametrize("table", TABLES)
def test_a_stranger_sees_no_row_whatever_they_ask(filled, table):
    own = filled.execute("SELECT space FROM littlemem.members").fetchall()
    assert len(own) == 1
    assert filled.execute(f"SELECT * FROM littlemem.{table} WHERE space <> %s", own[0]).fetchall() == []


def test_a_stranger_finds_nothing_by_its_words(filled):
    everywhere = list(range(1000))
    lexemes = " | ".join(f"'{space} treasur'" for space in everywhere)
    own = filled.execute("SELECT littlemem.home()").fetchone()[0]
    for asked, spaces in (
        ([f"'{space} treasur'" for space in everywhere], everywhere),
        ([lexemes] * 1000, everywhere),
        ([lexemes], [own]),
    ):
        values = (asked, spaces)
        found = filled.execute("SELECT littlemem.frequency(%s::tsquery[], %s, 9)", values).fetchone()
        assert found == (0,)
        assert filled.execute("SELECT littlemem.holding(%s::tsquery[], %s, 9)", values).fetchall() == []
    assert filled.execute("SELECT littlemem.readable(%s)", (everywhere,)).fetchone()[0] == [
        filled.execute("SELECT littlemem.home()").fetchone()[0]
    ]


def test_a_function_that_leaks_sees_nothing_first(filled):
    """A condition with a side effect must not be shown rows before the rules have left them out."""
    filled.execute(
        "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
        " $$ BEGIN RAISE WARNING 'leaked %', $1; RETURN true; END $$"
    )
    leaked = []
    filled.add_notice_handler(lambda notice: leaked.append(notice.message_primary))
    filled.execute("SELECT id FROM littlemem.memories WHERE pg_temp.leak(content)")
    filled.execute("SELECT word FROM littlemem.vocabulary WHERE pg_temp.leak(word)")
    assert leaked == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE littlemem.memories SET content = 'defaced'",
        "DELETE FROM littlemem.memories",
        "DELETE FROM littlemem.vocabulary",
        "DELETE FROM littlemem.vectors",
        "DELETE FROM littlemem.events",
        "UPDATE littlemem.revisions SET undone = 1",
        "UPDATE littlemem.usage SET access_count = 1000000",
        "UPDATE littlemem.spaces SET version = 0, held_rows = 0",
        "SELECT littlemem.forget(array(SELECT generate_series(1, 1000)), '{treasure}')",
    ],
)
def test_a_stranger_changes_no_row_of_others(filled, statement, postgres):
    with postgres.connect() as owner:
        others = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM littlemem.{} t WHERE space <> {}"
        own = filled.execute("SELECT littlemem.home()").fetchone()[0]
        before = [owner.execute(others.format(table, own)).fetchone() for table in TABLES]
        filled.execute(statement)
        assert [owner.execute(others.format(table, own)).fetchone() for table in TABLES] == before


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO littlemem.members (member, space) VALUES (current_user, {space})",
        "INSERT INTO littlemem.vocabulary VALUES ({space}, 'planted')",
        "INSERT INTO littlemem.events (space, at, kind) VALUES ({space}, 0, 'stored')",
        "INSERT INTO littlemem.usage (space, key) SELECT {space}, 1",
        "UPDATE littlemem.members SET space = {space}",
        "DELETE FROM littlemem.members",
        "UPDATE littlemem.memories SET space = {space}",
        "UPDATE littlemem.memories SET member = 'postgres'",
        "DELETE FROM littlemem.revisions",
        "UPDATE littlemem.revisions SET before = NULL",
        "INSERT INTO littlemem.spaces (name, kind) VALUES ('mine', 'team')",
        "DELETE FROM littlemem.spaces",
        "SELECT littlemem.create_space('mine', 'team', '{{}}')",
        "SELECT littlemem.let_in(current_user, '{team}')",
        "SELECT littlemem.drop_space('{team}')",
        "SET ROLE {ann}",
        "SET SESSION AUTHORIZATION {ann}",
        "TRUNCATE littlemem.memories",
        "ALTER TABLE littlemem.memories DISABLE ROW LEVEL SECURITY",
        "DROP POLICY seen ON littlemem.memories",
        "CREATE FUNCTION littlemem.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_a_stranger_is_refused(filled, statement, people, team, postgres):
    with postgres.connect() as owner:
        (space,) = owner.execute("SELECT space FROM littlemem.spaces WHERE name = %s", (team,)).fetchone()
    with pytest.raises(psycopg.Error) as refused:
        filled.execute(statement.format(space=space, team=team, ann=people[0]))
    assert isinstance(refused.value, errors.InsufficientPrivilege | errors.ForeignKeyViolation), refused.value


def test_a_stranger_who_says_to_be_somebody_else_is_not_believed(filled, people):
    for setting in ("littlemem.user", "application_name", "search_path"):
        filled.execute("SELECT set_config(%s, %s, false)", (setting, people[0]))
    assert filled.execute("SELECT littlemem.caller()").fetchone() == (people[2],)
    assert filled.execute("SELECT count(*) FROM littlemem.memories").fetchone() == (0,)


def test_a_member_can_write_in_no_other_name(people, team, postgres, store):
    one = store(people[0], team).add("by ann")
    with postgres.connect(people[1]) as bob, pytest.raises(errors.InsufficientPrivilege):
        bob.execute(
            "INSERT INTO littlemem.revisions (space, key, number, batch, action, at, member, token)"
            " SELECT space, key, 2, 1, 'edit', 0, %s, gen_random_uuid() FROM littlemem.memories WHERE id = %s",
            (people[0], one.id),
        )


# -- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("postgresql://me:secret@host/db", "holds a password"),
        ("postgresql://me:secret@host:port/db?nonsense=1&space=a&space=b", "holds a password"),
        ("postgresql://me:se%zzcret@host/db", "holds a password"),
        ("postgresql://host/db?password=secret", "holds a password"),
        ("postgresql://host/db?sslpassword=secret", "holds a password"),
        ("postgresql://me:sec#ret@host/db", "written as %23"),
        ("postgresql://me:secret@[host/db", "no address"),
        ("mysql://me:secret@host/db", "not the address of a store"),
        ("postgresql://host/db?space=", "name one space"),
        ("postgresql://host/db?space=a&space=b", "name one space"),
        ("postgresql://host/db?nonsense=1", "nonsense"),
    ],
)
def test_a_bad_address_is_refused_in_one_line(bad, says):
    with pytest.raises(InvalidInput, match=says) as refused:
        open_backend(bad)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_an_address_is_written_in_one_way(postgres, people):
    backend = open_backend(f"postgres://{people[0]}@127.0.0.1:{postgres.port}/memory?sslmode=prefer&space=x%20y")
    assert backend.url == f"postgresql://{people[0]}@127.0.0.1:{postgres.port}/memory?space=x+y&sslmode=prefer"
    assert open_backend(backend.url).url == backend.url
    assert backend.connection.address.space == "x y"
