"""Sensitive memories: their text is nowhere but in an envelope, and only the passphrase opens it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from littlemem_ipy import context
from littlemem_ipy.chat import ChatSession
from littlemem_ipy.errors import InvalidInput, LittleMemError
from littlemem_ipy.models.envelope import LOCKED_TITLE, MARK, is_envelope
from littlemem_ipy.store import open_store
from littlemem_ipy.tools import call_tool
from littlemem_ipy.transfer import envelopes

pytest.importorskip("cryptography", reason="needs the extra crypto")

WORDS = "correct horse battery staple"
TEXT = "My xylofantasmagoria salary is quibblewhack"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    monkeypatch.setattr(envelopes, "_COST", 10)


@pytest.fixture
def open_vault(store):
    store.unlock(WORDS)
    return store


def traces(store, *words: str) -> list[str]:
    place: Path = store.backend.path.parent
    return [f.name for f in place.rglob("*") if f.is_file() for w in words if w.encode() in f.read_bytes().lower()]


def test_its_text_is_in_no_file(open_vault):
    store = open_vault
    memory = store.add(TEXT, title="wobblegong", sensitive=True, tags=["money"])
    changed = store.update(memory.id, content="now it is zorpadoodle")
    store.update(memory.id, pinned=True)
    store.delete(memory.id)
    store.restore(memory.id)
    store.search("money")
    store.backup()
    assert traces(store, "xylofanta", "quibblewhack", "zorpadoodle", "wobblegong") == []
    store.close()
    assert traces(store, "xylofanta", "quibblewhack", "zorpadoodle", "wobblegong") == []
    assert (changed.title, changed.locked) == (LOCKED_TITLE, True)
    assert store.reveal(store.get(memory.id)).content == "now it is zorpadoodle"
    assert store.reveal(store.history(memory.id)[0].memory).content == TEXT
    assert all(revision.memory.locked for revision in store.history(memory.id))


def test_the_passphrase_opens_it_later_and_no_other_one_does(open_vault, make_store):
    memory = open_vault.add(TEXT, sensitive=True)
    later = make_store()
    assert not later.unlocked
    assert later.reveal(later.get(memory.id)).locked
    with pytest.raises(InvalidInput, match=r"does not open .* nothing was changed"):
        later.unlock("wrong")
    assert not later.unlocked
    for call in (lambda: later.add("x", sensitive=True), lambda: later.update(memory.id, content="x")):
        with pytest.raises(InvalidInput, match="locked"):
            call()
    later.update(memory.id, tags=["still possible"])
    later.unlock(WORDS)
    assert later.reveal(later.get(memory.id)).content == TEXT
    assert later.reveal(later.get(memory.id)).tags == ("still possible",)
    later.lock()
    assert later.reveal(later.get(memory.id)).locked


def test_a_wrong_passphrase_leaves_an_open_store_open(open_vault):
    memory = open_vault.add(TEXT, sensitive=True)
    with pytest.raises(InvalidInput):
        open_vault.unlock("wrong")
    assert open_vault.reveal(open_vault.get(memory.id)).content == TEXT


def test_models_see_that_it_is_there_and_not_what_it_says(open_vault):
    store = open_vault
    memory = store.add(TEXT, sensitive=True, pinned=True, tags=["salary"], type="user_preference")
    chat = ChatSession(store, model="demo")
    block = chat.recall("What is my salary?")
    assert block.text == ""
    assert {entry.rule.split(":")[0] for entry in block.left_out} == {"sensitive"}
    seen = json.dumps(
        [
            call_tool(store, "memory-search", {"text": "salary"}),
            call_tool(store, "memory-retrieve", {"id": memory.id}),
        ]
    )
    assert "quibblewhack" not in seen
    assert context.render([store.get(memory.id)], [], budget=1000).text == ""
    store.share_sensitive = True
    assert TEXT in ChatSession(store, model="demo").recall("What is my salary?").text
    store.lock()
    assert ChatSession(store, model="demo").recall("What is my salary?").text == ""


def test_the_setting_lets_them_see_it(tmp_path, monkeypatch):
    monkeypatch.setenv("LITTLEMEM_SHARE_SENSITIVE", "on")
    with open_store(tmp_path / "memory.db", project=None) as store:
        store.unlock(WORDS)
        store.add(TEXT, sensitive=True, tags=["salary"])
        assert store.search("salary").memories[0].content == TEXT


def test_words_of_it_find_nothing(open_vault):
    open_vault.add(TEXT, sensitive=True, tags=["money"])
    assert open_vault.search("quibblewhack").total == 0
    assert open_vault.search("money").total == 1
    assert open_vault.backend.vectors.missing("any", 10) == []


def test_a_plain_one_becomes_sensitive_and_leaves_no_trace(open_vault):
    store = open_vault
    memory = store.add(TEXT, pinned=True)
    store.update(memory.id, title="wobblegong")
    kept = store.protect(memory.id)
    store.close()
    assert traces(store, "xylofanta", "quibblewhack", "wobblegong") == []
    assert (store.reveal(kept).content, store.reveal(kept).title, kept.pinned) == (TEXT, "wobblegong", True)
    assert kept.created_at == memory.created_at
    assert store.count() == 1


def test_an_export_holds_envelopes_and_they_come_back(open_vault, make_store, tmp_path):
    memory = open_vault.add(TEXT, sensitive=True)
    open_vault.export(tmp_path / "all.json")
    assert "quibblewhack" not in (tmp_path / "all.json").read_text()
    other = make_store("other.db")
    other.import_(tmp_path / "all.json", trust=True)
    other.unlock(WORDS)
    assert other.reveal(other.get(memory.id)).content == TEXT


def test_what_only_looks_like_an_envelope_opens_nothing(open_vault):
    fake = open_vault.add(f"{MARK}.{'A' * 100}")
    assert open_vault.reveal(fake).locked
    assert open_vault.add(f"{MARK}. is a word").content == f"{MARK}. is a word"


@pytest.mark.parametrize("place", [0, 5, 20, 40, -1])
def test_a_changed_envelope_is_noticed(place, open_vault):
    memory = open_vault.add(TEXT, sensitive=True)
    letters = list(memory.content.removeprefix(f"{MARK}."))
    letters[place] = "A" if letters[place] != "A" else "Q"
    broken = memory.model_copy(update={"content": f"{MARK}.{''.join(letters)}"})
    assert is_envelope(broken.content)
    assert open_vault.reveal(broken) == broken


def test_too_long_a_text_is_told(open_vault):
    with pytest.raises(InvalidInput, match="split it"):
        open_vault.add("words " * 40_000, sensitive=True)


def test_the_systems_keyring_keeps_a_passphrase(store, make_store, monkeypatch):
    keyring = pytest.importorskip("keyring", reason="needs the extra crypto")

    class Kept(keyring.backend.KeyringBackend):
        priority = 5

        def get_password(self, service, username):
            return words.get((service, username))

        def set_password(self, service, username, password):
            words[service, username] = password

    words: dict[tuple[str, str], str] = {}
    kept = Kept()
    monkeypatch.setattr(keyring, "get_keyring", lambda: kept)
    monkeypatch.setattr(keyring, "get_password", kept.get_password)
    monkeypatch.setattr(keyring, "set_password", kept.set_password)
    store.unlock()
    memory = store.add(TEXT, sensitive=True)
    again = make_store()
    again.unlock()
    assert again.reveal(again.get(memory.id)).content == TEXT
    (word,) = words.values()
    assert len(word) > 30


def test_without_a_keyring_it_is_told(store, monkeypatch):
    keyring = pytest.importorskip("keyring", reason="needs the extra crypto")
    from keyring.backends.fail import Keyring

    monkeypatch.setattr(keyring, "get_keyring", Keyring)
    with pytest.raises(LittleMemError, match="no keyring"):
        store.unlock()


@pytest.mark.parametrize("name", ["mine.json", "mine.jsonl", "mine.md.zip", "mine.csv"])
def test_it_is_taken_out_in_clear_text_on_request_alone(open_vault, make_store, tmp_path, name):
    store = open_vault
    memory = store.add("the salary was smaller", title="wobblegong", sensitive=True, tags=["money"])
    store.update(memory.id, content=TEXT)
    store.add("plain")
    past = {"history": True} if name.startswith("mine.json") else {}
    store.export(tmp_path / name, reveal=True, **past)
    other = make_store("other.db")
    assert other.import_(tmp_path / name, trust=True).imported == 2
    assert (other.get(memory.id).title, other.get(memory.id).content) == ("wobblegong", TEXT)
    assert [r.memory.content for r in other.history(memory.id)][: len(past)] == ["the salary was smaller"] * len(
        past
    )
    store.export(tmp_path / f"closed-{name}", **past)
    closed = make_store("closed.db")
    closed.import_(tmp_path / f"closed-{name}", trust=True)
    assert closed.get(memory.id).locked
    closed.unlock(WORDS)
    assert closed.reveal(closed.get(memory.id)).content == TEXT


def test_what_is_locked_is_not_revealed_by_an_export(open_vault, tmp_path):
    memory = open_vault.add(TEXT, sensitive=True)
    open_vault.lock()
    with pytest.raises(InvalidInput, match=f"{memory.id} is locked.*unlock first. Nothing was written"):
        open_vault.export(tmp_path / "mine.json", reveal=True)
    assert list(tmp_path.glob("mine*")) == []
