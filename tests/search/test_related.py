"""Questions in other words than the memories': a thesaurus helps where plain words find little, and only there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from littlemem_ipy.backends.words import stem
from littlemem_ipy.search import ranking
from littlemem_ipy.search import related as widening
from littlemem_ipy.search.lexicon import english, related
from littlemem_ipy.store import MemoryStore, open_store

# A memory of notebook work and a question for it that shares hardly a word with it. The first 84 were written
# before there was a thesaurus, the other 90 before its second half.
PAIRS = [
    tuple(line.split(" | "))
    for line in Path(__file__).with_name("paraphrases.txt").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> MemoryStore:
    opened = open_store(tmp_path_factory.mktemp("pairs") / "memory.db", project=None)
    opened.add_many({"content": memory} for memory, _ in PAIRS)
    return opened


def found(store: MemoryStore) -> float:
    """Return the share of questions with their memory among the first three."""
    return sum(
        memory in [hit.memory.content for hit in store.search(question, limit=3)] for memory, question in PAIRS
    ) / len(PAIRS)


def test_other_words_are_found(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(PAIRS) == 174
    assert found(store) >= 0.22
    monkeypatch.setattr(widening, "related", dict)
    assert found(store) < 0.1


def test_what_words_find_is_left_alone(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the words themselves find enough")

    monkeypatch.setattr(ranking, "add_related", refuse)
    hits = store.search("numpy docstrings of our team")
    assert hits[0].memory.content == "Our team writes docstrings in numpy style."


def test_the_word_itself_comes_before_one_of_like_meaning(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    for content in ("Replies must be short.", "Replies must be brief."):
        store.add(content)
    hits = store.search("brief zebra quagga okapi replies")
    assert [hit.memory.content for hit in hits] == ["Replies must be brief.", "Replies must be short."]


def test_a_word_that_is_spelled_right_is_no_typing_error(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add("The arrival rate of jobs is seven a minute.")
    store.add("Prices of the competitor are scraped on Mondays.")
    assert store.search("rivals")[0].memory.content.startswith("Prices")


@pytest.mark.parametrize(("word", "taken"), [("printer", False), ("printter", True)])
def test_only_what_is_no_word_is_taken_for_another_one(tmp_path: Path, word: str, taken: bool) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add("A pointer to the deployment of the seventh room.")
    hit = store.search(f"{word} in the seventh room")[0]
    assert ("taken for" in hit.explanation) is taken


def test_the_words_are_in_order() -> None:
    lines = Path(ranking.__file__).with_name("english.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert len(lines) > 5000
    assert all(line.isascii() and line.isalpha() and line.islower() and len(line) >= 4 for line in lines)
    assert {stem(word) for word in ("recognition", "printers", "whether", "office")} <= english()
    assert not {stem(word) for word in ("recieve", "commti", "datafarme")} & english()


def test_the_thesaurus_is_in_order() -> None:
    path = Path(ranking.__file__).with_name("thesaurus.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    for line in lines:
        words = line.split()
        assert len(words) == len(set(words)) > 1
        assert all(word.isascii() and word.islower() and word.isalpha() for word in words)
    assert "short" in related()["brief"]
