"""Vectors: made once, never mixed, gone with the text they stand for; words where there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from littlemem_ipy.backends import open_backend
from littlemem_ipy.config import LittleMem
from littlemem_ipy.embeddings import LiteLLMEmbedder, StaticEmbedder, Wording, open_embedder
from littlemem_ipy.errors import ChatError, InvalidInput, MissingExtra
from littlemem_ipy.models.envelope import MARK
from littlemem_ipy.store import MemoryStore
from tests.postgres import fresh_address
from tests.search.test_relevance import NOTES, PROMPTS

TOPICS = ("drink", "coffee", "tea", "car", "wheel", "engine")


class Topics:
    """An embedder for tests: a text is how often it says the words of two topics."""

    def __init__(self, name: str = "topics/1", dimension: int = 3) -> None:
        self.name = name
        self.dimension = dimension
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        self.seen += texts
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = sum(text.lower().count(word) for word in TOPICS[:3])
            row[1] = sum(text.lower().count(word) for word in TOPICS[3:])
            row[2] = 0.1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def opened(path: Path | str, embedder: Any) -> MemoryStore:
    return MemoryStore(open_backend(path), embedder=embedder)


@pytest.fixture(params=["file", "server"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path | str:
    if request.param == "file":
        return tmp_path / "memory.db"
    pytest.importorskip("psycopg", reason="needs the extra postgres")
    return fresh_address()


def test_finds_what_shares_no_word(path: Path | str) -> None:
    store = opened(path, Topics())
    tea = store.add("We sell tea.")
    store.add("We sell wheels.")
    assert store.search("coffee")[0].memory.id == tea.id
    assert float(store.search("coffee")[0].explanation["meaning"]) > 0
    assert list(opened(path, None).search("coffee")) == []


def test_a_text_is_embedded_once(path: Path | str) -> None:
    embedder = Topics()
    store = opened(path, embedder)
    store.add("We sell tea.", project="one")
    store.add("We sell tea.", project="two")
    store.search("x")
    store.search("x")
    store.embed()
    assert embedder.seen.count("We sell tea.") == 1
    assert opened(path, again := Topics()).search("tea", project="*")
    assert again.seen == ["tea"]


class Blunt(Topics):
    """An embedder whose vectors count less than those of a model."""

    weight = 0.1


def test_an_embedder_may_say_that_its_vectors_count_less(tmp_path: Path) -> None:
    parts = []
    for embedder in (Topics(), Blunt()):
        store = opened(tmp_path / f"{embedder.name.replace('/', '-')}{len(parts)}.db", embedder)
        store.add("We sell tea.")
        parts.append(float(store.search("We sell coffee.")[0].explanation["meaning"]))
    full, blunt = parts
    assert full > blunt > 0


class Words(Topics):
    """An embedder that knows single words: those of a topic are alike, all others are not."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def embed_words(self, words: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        self.made += words
        return np.array([[word in TOPICS[:3], word in TOPICS[3:]] for word in words], dtype=np.float32)


def test_a_word_that_is_missing_counts_as_far_as_another_one_is_near(tmp_path: Path) -> None:
    store = opened(tmp_path / "memory.db", Words())
    near = store.add("The price list of the tea shop.")
    far = store.add("The price list of the shoe shop.")
    hits = {hit.memory.id: hit.explanation for hit in store.search("price of coffee")}
    assert float(hits[near.id]["wording"]) > 0 == float(hits[far.id]["wording"])
    assert store.search("price of tea")[0].explanation["wording"] == 0  # it is there itself


def test_the_nearest_word_of_each_text_is_told() -> None:
    embedder = Words()
    wording = Wording(embedder)
    found = wording.nearest(["tea", "wheel"], [["coffee", "shop"], ["shop"], ["car", "drink"]])
    assert found.tolist() == [[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
    assert wording.nearest(["wheel"], [["tea"]]).tolist() == [[0.0]]
    assert sorted(embedder.made) == ["car", "coffee", "drink", "shop", "tea", "wheel"]  # each once


def test_word_vectors_are_forgotten_before_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("littlemem_ipy.embeddings.wording._REMEMBERED", 3)
    wording = Wording(Words())
    for text in (["coffee", "shop"], ["drink", "car"], ["coffee", "engine"]):
        assert wording.nearest(["tea"], [text]).tolist() == [[1.0]]
    assert wording._rows is not None
    assert len(wording._rows) == 3


class Waiting(Topics):
    """An embedder that looks whether anybody has to wait for it."""

    store: MemoryStore | None = None
    asked = 0

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        if self.store is not None:
            with self.store.backend.connection.reading() as raw:  # type: ignore[attr-defined]
                assert not raw.in_transaction
            self.asked += 1
        return super().embed(texts)


def test_nothing_waits_for_a_model_in_the_midst_of_a_search(tmp_path: Path) -> None:
    embedder = Waiting()
    store = opened(tmp_path / "memory.db", embedder)
    store.add("We sell tea.")
    embedder.store = store
    assert len(store.search("coffee")) == 1
    assert embedder.asked == 2  # the memory and the query
    opened(tmp_path / "memory.db", Topics()).add("We sell coffee.")
    assert len(store.search("drink")) == 2
    assert embedder.asked == 4


def test_models_are_never_mixed(path: Path | str) -> None:
    store = opened(path, Topics())
    tea = store.add("We sell tea.")
    store.search("coffee")
    other = opened(path, Topics("topics/2", dimension=5))
    assert other.search("coffee")[0].memory.id == tea.id
    assert store.backend.vectors.count("topics/1") == (0, 1)
    assert store.backend.vectors.count("topics/2") == (1, 0)


def test_words_find_what_has_no_vector_yet(path: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    from littlemem_ipy.embeddings import vectors

    monkeypatch.setattr(vectors, "_BATCH", 2)
    store = opened(path, Topics())
    store.add_many([{"content": f"entry {n} about cars"} for n in range(6)])
    assert len(store.search("entry about cars")) == 6
    assert store.backend.vectors.count("topics/1") == (2, 4)
    assert store.embed() == 4
    assert store.backend.vectors.count("topics/1") == (6, 0)
    assert store.embed() == 0


def test_progress_is_shown_on_request(path: Path | str, capfd: pytest.CaptureFixture[str]) -> None:
    store = opened(path, Topics())
    store.add("We sell tea.")
    store.embed()
    assert capfd.readouterr().err == ""
    store.add("We sell cars.")
    store.embed(progress=True)
    assert "Embedding memories" in capfd.readouterr().err


def test_a_reworded_memory_gets_a_new_vector(path: Path | str) -> None:
    store = opened(path, Topics())
    memory = store.add("We sell tea.")
    store.search("coffee")
    store.update(memory.id, content="We sell wheels.")
    hit = store.search("engine")[0]
    assert hit.memory.id == memory.id
    assert float(hit.explanation["meaning"]) > 0
    assert all(float(h.explanation["meaning"]) < 0 for h in store.search("coffee"))


def test_what_is_locked_is_never_embedded(path: Path | str) -> None:
    embedder = Topics()
    store = opened(path, embedder)
    store.add(f"{MARK}.{'tea' * 30}")
    store.add("We sell tea.")
    store.search("coffee")
    store.embed()
    assert [text for text in embedder.seen if MARK in text] == []
    assert store.backend.vectors.count("topics/1") == (1, 0)


def test_another_process_sees_new_vectors(path: Path | str) -> None:
    one, two = opened(path, Topics()), opened(path, Topics())
    one.add("We sell tea.")
    assert len(two.search("coffee")) == 1
    one.add("They sell drinks.")
    one.search("coffee")
    assert len(two.search("coffee")) == 2


def test_a_hard_delete_takes_the_vector_along(path: Path | str) -> None:
    store = opened(path, Topics())
    memory = store.add("We sell tea.")
    store.search("coffee")
    store.delete(memory.id, hard=True)
    assert list(store.search("coffee")) == []
    assert store.backend.vectors.since("topics/1", 0, 10) == []


def test_filters_hold_for_vectors(path: Path | str) -> None:
    store = opened(path, Topics())
    store.add_many([{"content": f"tea number {n}", "project": "other"} for n in range(150)])
    mine = store.add("A drink of ours.", project="mine")
    assert [hit.memory.id for hit in store.search("coffee", project="mine")] == [mine.id]


class Learning(Topics):
    def __init__(self) -> None:
        super().__init__()
        self.learned: list[int] = []

    def learn(self, texts: Sequence[str]) -> None:
        self.learned.append(len(texts))


def test_an_embedder_learns_from_a_store_and_again_when_it_has_grown(path: Path | str) -> None:
    store = opened(path, Learning())
    store.add("We sell tea.")
    store.search("coffee")
    store.search("engine")
    assert store.embeddings.embedder.learned == [1]
    store.add_many([{"content": f"tea number {n}"} for n in range(9)])
    store.search("coffee")
    store.search("engine")
    assert store.embeddings.embedder.learned == [1, 10]


def test_what_was_said_around_counts_for_half(path: Path | str) -> None:
    store = opened(path, Topics())
    alone = store.add("Yes, two of them.", conversation_id="alone")
    store.add("We sell wheels.", conversation_id="alone")
    store.add("Do you like tea?", conversation_id="talk")
    told = store.add("Yes, two of them!", conversation_id="talk")
    store.add("Coffee is fine as well.", conversation_id="talk")
    meant = {hit.memory.id: float(hit.explanation["meaning"]) for hit in store.search("drink")}
    assert meant[told.id] > meant.get(alone.id, -1.0) + 0.05


def test_settings_name_embedders() -> None:
    assert open_embedder("none") is None
    assert isinstance(open_embedder("static"), StaticEmbedder)
    assert open_embedder("litellm:openai/small").name == "litellm/openai/small"  # type: ignore[union-attr]
    for wrong in ("", "litellm:", "best"):
        with pytest.raises(InvalidInput, match="not an embedder"):
            open_embedder(wrong)


@pytest.fixture
def static() -> StaticEmbedder:
    if not os.environ.get("CI"):  # there a missing part fails
        pytest.importorskip("wordllama", reason="needs the extra semantic")
    return StaticEmbedder()


def test_static_vectors_work_without_a_network(static: StaticEmbedder) -> None:
    rows = static.embed(["The car needs a new engine.", "Repairing the motor of an automobile", "Baking bread", ""])
    assert rows.shape == (4, 256)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1
    assert not rows[3].any()
    assert static.name.startswith("wordllama/")


def test_prompts_about_other_things_find_nothing_by_their_meaning_either(
    tmp_path: Path, static: StaticEmbedder
) -> None:
    semantic = opened(tmp_path / "memory.db", static)
    semantic.add_many([{"content": content} for content in NOTES.values()])
    threshold = LittleMem().threshold

    def relevant(texts: Iterable[str]) -> list[str]:
        return [text for text in texts if any(hit.score >= threshold for hit in semantic.search(text, limit=1))]

    wrong = relevant(PROMPTS)
    assert len(wrong) <= len(PROMPTS) // 10, wrong
    assert relevant(NOTES) == list(NOTES)


def test_static_vectors_know_words(static: StaticEmbedder) -> None:
    wording = Wording(static)
    car, banana, nothing = wording.nearest(["automobile"], [["car"], ["banana"], ["\x00"]])[:, 0]
    assert car > 0.5 > banana
    assert abs(nothing) < 0.5


def test_a_static_vector_does_not_depend_on_what_it_is_made_beside(static: StaticEmbedder) -> None:
    texts = ["car", "a hippopotamus in the antechamber", ""]
    for embed in (static.embed, static.embed_words):
        assert (embed(texts)[0] == embed(["car"])[0]).all()


def test_a_missing_part_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    from littlemem_ipy.embeddings.embedder import _static_model

    _static_model.cache_clear()
    monkeypatch.setitem(sys.modules, "wordllama", None)
    with pytest.raises(MissingExtra, match=r'pip install "littlemem-ipy\[semantic\]"'):
        StaticEmbedder().embed(["x"])


def test_litellm_vectors_are_put_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    import litellm

    answer = SimpleNamespace(data=[{"index": 1, "embedding": [0.0, 2.0]}, {"index": 0, "embedding": [3.0, 4.0]}])
    monkeypatch.setattr(litellm, "embedding", lambda **_: answer)
    rows = LiteLLMEmbedder("some/model").embed(["a", "b"])
    assert np.allclose(rows, [[0.6, 0.8], [0.0, 1.0]])
    with pytest.raises(ChatError, match="2 vectors for 1"):
        LiteLLMEmbedder("some/model").embed(["a"])
