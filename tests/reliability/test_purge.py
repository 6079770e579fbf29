"""A hard delete leaves no byte of the text in any file of the store."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from littlemem_ipy.errors import LittleMemWarning
from littlemem_ipy.store import open_store

# Words that occur nowhere else, as the index stores them too.
SECRET = "xylofantasmagoria quibblewhack zorpadoodle"
EARLIER = "plumbuswrangler glimmertwist"
TAG = "snorkelblatt"
TITLE = "wobblegong"


def traces(path: Path, *texts: str) -> list[tuple[str, str]]:
    """Return in which files of the directory which words are found, in whatever case."""
    words = {word[:cut] for text in texts for word in text.split() for cut in (None, 9)}
    found = []
    for file in sorted(path.parent.iterdir()):
        content = file.read_bytes().lower()
        found += [(file.name, word) for word in sorted(words) if word.encode() in content]
    return found


def fill(store, number: int = 300) -> None:
    rng = random.Random(1)
    store.add_many(
        {"content": " ".join(rng.choices(["alpha", "beta", "gamma", "delta", "epsilon"], k=40))}
        for _ in range(number)
    )


def secret_in(store) -> str:
    memory = store.add(f"It was said: {EARLIER}", tags=[TAG], title=TITLE, conversation_id="chat")
    store.update(memory.id, content=f"It was said: {SECRET}", title="changed")
    store.update(memory.id, tags=["other"])
    store.delete(memory.id)
    store.restore(memory.id)
    store.get(memory.id)
    store.search("said")
    return memory.id


@pytest.mark.parametrize("around", [0, 300])
def test_no_byte_stays(around, path, sound):
    store = open_store(path, project=None)
    fill(store, around)
    memory_id = secret_in(store)
    fill(store, around)
    assert traces(path, SECRET, EARLIER, TAG, TITLE), "it was there"
    store.delete(memory_id, hard=True)
    assert traces(path, SECRET, EARLIER, TAG, TITLE) == []
    assert memory_id.encode() not in path.read_bytes()
    store.close()
    assert traces(path, SECRET, EARLIER, TAG, TITLE) == []
    sound(path)


def test_no_byte_stays_of_what_was_deleted_before(path):
    with open_store(path, project=None) as store:
        memory_id = secret_in(store)
        store.delete(memory_id)
        store.close()
        store.delete(memory_id, hard=True)
        assert traces(path, SECRET, EARLIER, TAG, TITLE) == []


def test_long_texts_leave_their_overflow_pages_too(path, sound):
    with open_store(path, project=None) as store:
        fill(store)
        memory = store.add(f"{SECRET} {'filler ' * 20_000} {EARLIER}")
        store.update(memory.id, content="short now")
        fill(store)
        store.delete(memory.id, hard=True)
        assert traces(path, SECRET, EARLIER) == []
    sound(path)


def test_what_was_searched_for_goes_as_well(path):
    """A query often repeats the text; the log of searches must not keep what the rows have lost."""
    with open_store(path, project=None) as store:
        memory = store.add(f"It was said: {SECRET}")
        store.search("quibblewhack")
        store.search("something else")
        store.delete(memory.id, hard=True)
        assert traces(path, SECRET) == []
        queries = [event.data.get("query") for event in store.backend.events(["searched"])]
        assert queries == ["something else", None]


def test_undo_of_an_addition_is_no_purge_but_can_be_purged(path):
    with open_store(path, project=None) as store:
        memory = store.add(SECRET)
        store.undo()
        assert traces(path, SECRET)
        store.delete(memory.id, hard=True)
        assert traces(path, SECRET) == []


def test_a_reader_in_the_way_is_told(path):
    store = open_store(path, project=None, timeout=0.3)
    memory_id = secret_in(store)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM memories").fetchone()
    with pytest.warns(LittleMemWarning, match="stays in its log file until"):
        store.delete(memory_id, hard=True)
    reader.close()
    store.close()
    assert traces(path, SECRET, EARLIER) == []
