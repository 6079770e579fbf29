"""A memory goes from one's own space to the team's and back: with its author, without its past."""

from __future__ import annotations

import pytest

from littlemem_ipy.browser import MemoryBrowser
from littlemem_ipy.config import LittleMem
from littlemem_ipy.errors import InvalidInput, StoreReadOnly
from littlemem_ipy.magics.dispatch import run_mem
from littlemem_ipy.magics.workspace import Workspace
from littlemem_ipy.models import State
from littlemem_ipy.models.envelope import MARK
from littlemem_ipy.store import open_store
from tests.postgres import Server


@pytest.fixture
def ann(store, people, team):
    return store(people[0], team)


@pytest.fixture
def bob(store, people, team):
    return store(people[1], team)


def texts(store, **filters):
    return sorted(memory.content for memory in store.search(limit=1000, project="*", **filters).memories)


def everything(store):
    return texts(store, states=list(State))


def test_a_preference_becomes_the_teams(ann, bob, people):
    mine = ann.add(
        "We write SQL in capitals.", type="user_preference", tags=["sql"], pinned=True, conversation_id="c"
    )
    ann.update(mine.id, content="We write SQL in small letters.")
    assert everything(bob) == []
    shared = ann.share(mine.id)
    assert shared.id != mine.id
    assert (shared.content, shared.tags, shared.type) == (
        "We write SQL in small letters.",
        ("sql",),
        "user_preference",
    )
    assert (shared.created_at, shared.pinned, shared.conversation_id) == (mine.created_at, False, None)
    (seen,) = bob.search("sql").memories
    assert (seen.id, seen.provenance.user) == (shared.id, people[0])
    assert [revision.action for revision in bob.history(shared.id)] == ["share"]
    assert "capitals" not in repr(everything(bob)), "what it was before stays private"
    assert texts(ann) == ["We write SQL in small letters."], "not there twice"
    assert ann.get(mine.id).superseded_by == shared.id
    assert ann.share(shared.id).revision == 1, "shared already"


def test_it_comes_back_with_what_colleagues_have_made_of_it(ann, bob):
    mine = ann.add("the deadline is in May", type="user_preference")
    shared = ann.share(mine.id)
    bob.update(shared.id, content="the deadline is in June", tags=["date"])
    back = ann.unshare(shared.id)
    assert (back.id, back.content, back.tags) == (mine.id, "the deadline is in June", ("date",))
    assert (back.state, back.provenance.user) == (State.ACTIVE, None)
    assert texts(bob) == []
    assert [r.action for r in ann.history(mine.id)] == ["add", "share", "unshare"]
    assert ann.unshare(mine.id) == ann.get(mine.id).model_copy(update={"access_count": 0, "last_accessed_at": None})


def test_undo_takes_either_back(ann, bob):
    mine = ann.add("a note of my own", type="user_preference")
    shared = ann.share(mine.id)
    ann.undo()
    assert (texts(bob), texts(ann)) == ([], ["a note of my own"])
    assert ann.get(mine.id).superseded_by is None
    again = ann.share(mine.id)
    assert again.id != shared.id
    ann.unshare(again.id)
    ann.undo()
    assert texts(bob) == texts(ann) == ["a note of my own"]
    assert ann.get(mine.id).superseded_by == again.id


def test_what_was_written_for_the_team_becomes_ones_own(ann, bob):
    ours = ann.add("the server is called atlas")
    mine = ann.unshare(ours.id)
    assert mine.id != ours.id
    assert (mine.content, mine.provenance.user) == ("the server is called atlas", None)
    assert (texts(ann), texts(bob)) == (["the server is called atlas"], [])
    ann.delete(ours.id, hard=True)
    assert everything(bob) == []


def test_only_the_author_takes_it_back(ann, bob, people):
    ours = ann.add("the server is called atlas")
    with pytest.raises(InvalidInput, match=f"is {people[0]}'s, and only its author"):
        bob.unshare(ours.id)
    assert texts(bob) == ["the server is called atlas"]


def test_of_the_same_text_there_is_one(ann, bob, people):
    ours = bob.add("the server is called atlas")
    with ann.backend.write():
        mine = ann.add("the server is called atlas!", type="user_preference")
        ann.update(mine.id, content="the server is called atlas")
    assert ann.share(mine.id).id == ours.id
    assert texts(ann) == texts(bob) == ["the server is called atlas"]


def test_secrets_are_masked_on_the_way(ann, bob):
    from littlemem_ipy.backends import Change

    key = "AKIA" + "IOSFODNN7EXAMPLF"
    mine = ann.add("harmless", type="user_preference")
    older = mine.model_copy(update={"content": f"key {key}", "title": key, "tags": (key,), "revision": 2})
    ann.backend.put([Change(older, "edit")])  # as if it had been stored before that kind was known
    ann.share(mine.id)
    assert key not in repr(bob.search(project="*").memories)
    assert len(texts(bob)) == 1


def test_what_can_not_be_shared_is_told(ann, bob):
    locked = ann.add(f"{MARK}.{'x' * 80}", type="user_preference")
    talk = ann.add("You: hello\nModel: hello", source="exchange")
    held = ann.add("I like tea", type="user_preference", held="not sure")
    gone = ann.delete(ann.add("I like rain", type="user_preference").id)
    for memory, reason in ((locked, "sensitive"), (talk, "exchange"), (held, "inbox"), (gone, "it is deleted")):
        with pytest.raises(InvalidInput, match=reason):
            ann.share(memory.id)
    assert everything(bob) == []


def test_without_a_shared_space_or_the_right_nothing_moves(store, people, team, postgres):
    alone = store(people[0])
    mine = alone.add("a note")
    for act in (alone.share, alone.unshare):
        with pytest.raises(InvalidInput, match="yours alone"):
            act(mine.id)
    with postgres.connect() as raw:
        raw.execute("SELECT littlemem.let_in(%s, %s, false)", (people[2], team))
    reader = store(people[2], team)
    note = reader.add("a note", type="user_preference")
    with pytest.raises(StoreReadOnly, match="only read"):
        reader.share(note.id)


def test_what_is_shared_while_the_server_is_away_arrives_there(people, monkeypatch):
    from littlemem_ipy.backends.postgres import connection
    from littlemem_ipy.backends.postgres.migrating import prepare
    from littlemem_ipy.errors import LittleMemWarning

    monkeypatch.setattr(connection, "_PATIENCE", 0.2)
    own = Server()
    prepare(own.url("littlemem_owner"))
    names = [own.add_user(), own.add_user()]
    with own.connect() as raw:
        raw.execute("SELECT littlemem.create_space('team-z', 'team', %s)", (names,))
    with open_store(own.url(names[0], "team-z")) as ann, open_store(own.url(names[1], "team-z")) as bob:
        mine = ann.add("We write SQL in capitals.", type="user_preference")
        own.stop()
        with pytest.warns(LittleMemWarning, match="kept on this computer"):
            ann.share(mine.id)
        own.start()
        assert texts(ann) == ["We write SQL in capitals."]
        assert texts(bob) == ["We write SQL in capitals."]
        assert bob.search("capitals").memories[0].provenance.user == names[0]
    own.remove()


def test_the_page_hands_over_and_takes_back(ann, bob, people, team):
    browser = MemoryBrowser(ann)
    mine = ann.add("We write SQL in capitals.", type="user_preference")
    assert browser._actions.call("hello", {})["company"] == {"space": team, "user": people[0]}
    told = browser._actions.call("share", {"ids": [mine.id]})
    assert told["rows"][0]["by"] == people[0]
    assert texts(bob) == ["We write SQL in capitals."]
    browser._actions.call("undo", {"version": told["version"]})
    assert texts(bob) == []
    browser.close()


def test_the_verbs(bob, team, people, postgres, monkeypatch):
    monkeypatch.setenv("LITTLEMEM_STORE", postgres.url(people[0], team))
    work = Workspace(LittleMem())
    run_mem(work, "add --type user_preference We write SQL in capitals.", None)
    done = run_mem(work, "share 1", None)
    assert repr(done) == f"In {team} now, for all: We write SQL in capitals\n%mem undo takes it back."
    assert texts(bob) == ["We write SQL in capitals."]
    done = run_mem(work, "unshare 1", None)
    assert repr(done) == "Yours alone again: We write SQL in capitals\n%mem undo takes it back."
    assert texts(bob) == []
    work.close()
