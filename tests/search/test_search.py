"""What a search finds, and in which order, through the store as every face uses it."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.backends import Change
from littlemem_ipy.backends.sqlite.filters import where
from littlemem_ipy.backends.sqlite.index import _PASSAGE
from littlemem_ipy.models import Memory, SearchQuery, State
from littlemem_ipy.store import MemoryStore, open_store

NOTES = [
    (
        "solution",
        "Duplicate keys",
        "merge exploded: validate='one_to_one' raised MergeError, keys were duplicated.",
    ),
    ("code_snippet", "lag features", "def add_lag_features(df, lags):\n    return make_lags(df, lags)"),
    (
        "project_knowledge",
        "Loader",
        "HashingVectorizer feeds the model; pinned pyarrow==15.0.2 in requirements.txt.",
    ),
    ("solution", "Umlaute", "Aus Müller wurde MÃ¼ller: die Datei war UTF-8, die Größe stimmte nicht."),
    ("general", "打ち合わせ", "東京店では退会届は毎月10日が締め切り。"),
    ("conversation_context", "Prices", "We decided to freeze all prices until the audit."),
    ("general", "Coffee", "The espresso machine on the third floor needs descaling."),
    ("solution", "Timezones", "TypeError: Cannot compare tz-naive and tz-aware timestamps. Localize to UTC first."),
    ("project_knowledge", "Competitors", "Competitor prices are scraped weekly into comp_prices.csv."),
    ("user_preference", "Charts", "I prefer matplotlib figures without a grid."),
]


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    opened = open_store(tmp_path / "memory.db", project=None)
    opened.add_many([{"type": t, "title": title, "content": content} for t, title, content in NOTES])
    return opened


def best(store: MemoryStore, text: str) -> str:
    hits = store.search(text, project="*")
    return hits[0].memory.title if len(hits) else "nothing"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("merging duplicated keys", "Duplicate keys"),
        ("MergeError", "Duplicate keys"),
        ("merge error", "Duplicate keys"),
        ("addlagfeatures", "lag features"),
        ("lag_features", "lag features"),
        ("make lags", "lag features"),
        ("hashing vectorizer", "Loader"),
        ("HashingVec", "Loader"),
        ("pyarrow==15.0.2", "Loader"),
        ("comp_prices.csv", "Competitors"),
        ("mueller", "Umlaute"),
        ("GROESSE", "Umlaute"),
        ("größe", "Umlaute"),
        ("東京店の退会届", "打ち合わせ"),
        ("expresso machien", "Coffee"),
        ("competitor pirces", "Competitors"),
        ("what did we agree to freeze", "Prices"),
        (
            "Traceback (most recent call last):\n  File 'x.py', line 3\nTypeError: Cannot compare tz-naive",
            "Timezones",
        ),
    ],
)
def test_finds(store: MemoryStore, text: str, title: str) -> None:
    assert best(store, text) == title


@pytest.mark.parametrize("text", ["quarterly football league", "zzzz", "...", "¿?", "🚲", "CSS flexbox layout"])
def test_nothing_relevant_is_a_normal_result(store: MemoryStore, text: str) -> None:
    assert all(hit.score < 0.4 for hit in store.search(text, project="*"))


def test_scores_mean_the_same_for_every_query(store: MemoryStore) -> None:
    whole = store.search("espresso machine", project="*")[0].score
    half = store.search("espresso bicycle", project="*")[0].score
    assert 0.7 < whole < 1
    assert half < whole - 0.2


def test_every_part_of_a_score_is_told(store: MemoryStore) -> None:
    hit = store.search("expresso machine", project="*")[0]
    assert {"words", "coverage", "recency", "importance", "pinned", "use"} <= set(hit.explanation)
    assert "espresso" in str(hit.explanation["taken for"])
    assert all(isinstance(part, float | str) for part in hit.explanation.values())
    assert hit.matched_fields == ("content",)
    assert "«espresso» «machine»" in hit.snippet


def test_words_of_four_letters_are_not_taken_for_shorter_ones(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add("Keywords in capitals, one column per line.")
    hit = store.search("capitals of Peru")[0]
    assert "taken for" not in hit.explanation


def test_names_the_fields_that_matched(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add("Something else entirely.", title="Quarterly plan", tags=["budget"])
    assert store.search("quarterly")[0].matched_fields == ("title",)
    assert store.search("budget")[0].matched_fields == ("tags",)


def test_words_of_the_title_count_more(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add("A long text about wine in which the harvest is named once.", title="Other things")
    titled = store.add("A long text about grapes in which nothing else is named.", title="Harvest")
    assert store.search("harvest")[0].memory.id == titled.id


def test_priors_order_equals_but_bury_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    plain = store.add("The parquet export runs at noon.", importance=0.0)
    weighty = store.add("The parquet export runs at noon too.", importance=1.0, pinned=True)
    clear = store.add("The parquet export of billing runs at midnight.", importance=0.0)
    assert [hit.memory.id for hit in store.search("parquet export noon")][:2] == [weighty.id, plain.id]
    assert store.search("billing parquet export")[0].memory.id == clear.id


def dialog(store: MemoryStore, *turns: str, conversation: str = "c1") -> list[str]:
    start = datetime(2026, 5, 3, 10, tzinfo=UTC)
    items = [
        {"content": turn, "conversation_id": conversation, "created_at": start + timedelta(seconds=i)}
        for i, turn in enumerate(turns)
    ]
    return [memory.id for memory in store.add_many(items)]


def test_an_answer_is_found_by_its_question(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    ids = dialog(store, "Hello!", "Where did you spend the holidays?", "In Norway, by the fjord.", "Lovely.")
    dialog(store, "The weather is bad.", "Yes, rain again.", conversation="c2")
    assert store.search("where were the holidays spent")[0].memory.id in ids[1:3]
    assert ids[2] in [hit.memory.id for hit in store.search("where were the holidays spent")][:2]


def test_neighbours_of_another_project_say_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project="mine")
    dialog(store, "Hello!", "Well.", conversation="shared")
    store.add("The secret codeword is zanzibar.", project="theirs", conversation_id="shared")
    assert list(store.search("zanzibar")) == []


def test_times_are_evidence(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    made = {}
    for month in (3, 6, 9):
        item = {"content": f"Pricing decision number {month}.", "created_at": datetime(2025, month, 15, tzinfo=UTC)}
        made[month] = store.add_many([item])[0].id
    assert store.search("pricing decision in June 2025")[0].memory.id == made[6]
    assert store.search("pricing decision from September")[0].memory.id == made[9]
    assert store.search("pricing decision before May 2025")[0].memory.id == made[3]
    assert len(store.search("pricing decision in June 2025")) == 3


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("which format did we agree on before the release", "Format A"),
        ("which format did we agree on after the release", "Format B"),
        ("which format did we agree on since the wedding", "Format B"),  # of which nothing is known; the newer one
    ],
)
def test_an_event_dates_what_was_before_and_after_it(tmp_path: Path, text: str, title: str) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    rows = (
        ("2026-01-05", "Format A", "We agreed on the format parquet."),
        ("2026-02-01", "Release of version 2", "Version 2 went out to all users."),
        ("2026-03-03", "Format B", "We agreed on the format arrow."),
        ("2026-05-03", "Checklist", "Notes on the release."),
    )
    store.add_many(
        [{"created_at": f"{day}T12:00:00Z", "title": name, "content": content} for day, name, content in rows]
    )
    assert best(store, text) == title


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("ECE", "expected_calibration_error"),
        ("ece of the classifier", "expected_calibration_error"),
        ("LOS feature hospital", "length_of_stay"),
        ("GDD", "Growing degree days"),
    ],
)
def test_initials_stand_for_a_name(tmp_path: Path, text: str, title: str) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add("return sum(abs(y - p))", title="expected_calibration_error")
    store.add("los = discharged - admitted", title="length_of_stay")
    store.add("Heat sums start in March.", title="Growing degree days")
    store.add("El equipo se reúne todos los lunes.", title="Reunión")
    assert best(store, text) == title
    assert "zi" not in str(store.search(text)[0].explanation.get("taken for", "initials"))


def test_a_word_is_not_found_in_the_initials_of_a_name(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add("Draws the figures.", title="make_all_plots")
    store.add("The map of the stations is in docs.")
    assert [hit.memory.content[:7] for hit in store.search("map of the harbour")] == ["The map"]


def test_pages_are_stable_and_disjoint(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add_many([{"content": f"entry number {n} of the log, " + "words " * 90} for n in range(119)])
    store.add("a log of entry fees " * 40)
    whole = [hit.memory.id for hit in store.search("entry log", limit=120)]
    pages = [
        hit.memory.id for start in range(0, 120, 17) for hit in store.search("entry log", limit=17, offset=start)
    ]
    assert len(set(whole)) == 120
    assert pages == whole


def test_the_trash_is_searched_only_on_request(store: MemoryStore) -> None:
    coffee = store.search("espresso", project="*")[0].memory
    store.delete(coffee.id)
    assert list(store.search("espresso", project="*")) == []
    assert [hit.memory.id for hit in store.search("espresso", project="*", states=[State.DELETED])] == [coffee.id]
    store.restore(coffee.id)
    assert best(store, "espresso") == "Coffee"


def test_a_hard_delete_leaves_no_word_behind(store: MemoryStore) -> None:
    coffee = store.search("espresso", project="*")[0].memory
    store.delete(coffee.id, hard=True)
    assert list(store.search("espresso descaling", project="*")) == []
    assert "espresso" not in store.backend.index.vocabulary("es", 100)
    assert "descal" not in store.backend.index.vocabulary("de", 100)


def test_an_edit_moves_the_words(store: MemoryStore) -> None:
    coffee = store.search("espresso", project="*")[0].memory
    store.update(coffee.id, content="The teapot on the third floor leaks.")
    assert best(store, "teapot") == "Coffee"
    assert list(store.search("espresso", project="*")) == []


@given(st.text(max_size=200))
def test_any_text_is_a_query(text: str) -> None:
    results = open_store(Path("any.db"), project=None).search(text, project="*")
    assert results.total >= len(results)


@pytest.mark.parametrize(
    "text", ['"', "a AND b", "NEAR(a b)", "col:x", "x*", "(", "^a", "-b", "{a}", "zxhidden", "a\x00b"]
)
def test_operators_are_words(store: MemoryStore, text: str) -> None:
    assert store.search(text, project="*").total >= 0


def test_filters_are_those_of_an_oracle(tmp_path: Path) -> None:
    chance = random.Random(5)
    store = open_store(tmp_path / "memory.db", project=None)
    words = "alpha beta gamma delta epsilon zeta eta theta".split()
    start = datetime(2023, 11, 20, tzinfo=UTC)
    store.add_many(
        {
            "content": " ".join(chance.sample(words, 4)) + f" {n}",
            "type": chance.choice(["general", "solution", "code_snippet"]),
            "project": chance.choice([None, "one", "two"]),
            "tags": chance.sample(["red", "green", "Dark Blue"], chance.randint(0, 2)),
            "conversation_id": chance.choice([None, "x", "y"]),
            "created_at": start + timedelta(days=chance.randint(0, 900), seconds=n),
        }
        for n in range(400)
    )
    every = [hit.memory for hit in store.search("", project="*", limit=1000)]
    for _ in range(150):
        word = chance.choice(words)
        since = (start + timedelta(days=chance.randint(0, 900))).date() if chance.random() < 0.5 else None
        until = since + timedelta(days=chance.randint(0, 400)) if since and chance.random() < 0.7 else None
        kind = chance.choice([None, "solution"])
        tag = chance.choice([None, "red", "dark blue"])
        project = chance.choice(["*", None, "one"])
        conversation = chance.choice([None, "x"])
        hits = store.search(
            word, limit=1000, since=since, until=until, type=kind, tags=[tag] if tag else [], project=project,
            conversation_id=conversation,
        )  # fmt: skip
        expected = {
            memory.id
            for memory in every
            if word in memory.content.split()
            and (since is None or memory.created_at.astimezone().date() >= since)
            and (until is None or memory.created_at.astimezone().date() <= until)
            and kind in (None, memory.type)
            and (tag is None or tag in [t.lower() for t in memory.tags])
            and (project == "*" or memory.project == project)
            and conversation in (None, memory.conversation_id)
        }
        found = {hit.memory.id for hit in hits if word in hit.memory.content.split()}
        assert found == expected
        assert all(kind in (None, hit.memory.type) for hit in hits)


def test_common_words_alone_are_answered_from_a_bounded_number_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from littlemem_ipy.search import candidates

    monkeypatch.setattr(candidates, "_ROWS", 40)
    store = open_store(tmp_path / "memory.db", project=None)
    store.add_many([{"content": f"common usual entry {n}"} for n in range(300)])
    both = store.add("common usual rarity")
    asked: list[int] = []
    index = store.backend.index
    postings = index.postings
    monkeypatch.setattr(index, "postings", lambda *a: asked.append(len(found := postings(*a))) or found)
    assert store.search("common usual rarity")[0].memory.id == both.id
    assert len(store.search("common usual")) == 10
    assert max(asked) <= 40


def test_what_was_saved_a_moment_ago_is_found_in_a_large_store(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add_many([{"content": f"usual entry {n}"} for n in range(1500)])
    assert list(store.search("platypus")) == []
    assert list(store.search("platipus")) == []
    added = store.add("A platypus lays eggs.")
    for text in ("platypus", "platipus", "platyp"):
        assert store.search(text)[0].memory.id == added.id


def test_a_common_word_is_found_where_filters_leave_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from littlemem_ipy.search import candidates

    monkeypatch.setattr(candidates, "_ROWS", 30)
    store = open_store(tmp_path / "memory.db", project=None)
    store.add_many([{"content": f"release note {n}", "project": "large"} for n in range(200)])
    store.add("A rare platypus.", project="large")
    mine = store.add("The release is on Monday.", project="small")
    assert [hit.memory.id for hit in store.search("release platypus", project="small")] == [mine.id]
    assert [hit.memory.id for hit in store.search("release", project="small")] == [mine.id]


def test_a_word_that_appears_while_it_is_looked_for_is_found_or_not(make_store: Any, monkeypatch: Any) -> None:
    """Another process may add a word between its counting and the look for words like it."""
    store = make_store("race.db")
    store.add("the quarterly revenue report")
    index = type(store.backend.index)
    true = index.vocabulary

    def later(self: Any, start: str, limit: int) -> Any:
        return [*true(self, start, limit), "zebrafish"]

    monkeypatch.setattr(index, "vocabulary", later)
    assert len(store.search("zebrafish")) == 0


def test_a_search_sees_one_state_of_the_file(tmp_path: Path) -> None:
    store, other = open_store(tmp_path / "memory.db"), open_store(tmp_path / "memory.db")
    saved = store.add("The ledger is reconciled nightly.")
    with store.backend.index.snapshot():
        before = store.backend.index.size()
        other.delete(saved.id)
        other.add("The ledger has a second page.")
        assert store.backend.index.size() == before
        assert [hit.memory.id for hit in store.search("ledger", by=None)] == [saved.id]
    assert [hit.memory.title for hit in store.search("ledger")] == ["The ledger has a second page"]


def test_a_search_sees_what_its_own_transaction_has_written(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db")
    with store.backend.write():
        saved = store.add("The ledger is reconciled nightly.")
        assert [hit.memory.id for hit in store.search("ledger", by=None)] == [saved.id]


def test_the_profile_is_what_is_pinned_and_what_the_user_prefers(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project="mine")
    liked = store.add("I prefer polars.", type="user_preference")
    pinned = store.add("The cluster is down on Sundays.", pinned=True)
    store.add("A fact like any other.")
    store.add("Another project's pinned fact.", pinned=True, project="theirs")
    newest = store.add("I like short answers.", type="user_preference")
    assert [memory.id for memory in store.profile()] == [pinned.id, newest.id, liked.id]
    assert [memory.id for memory in store.profile(1)] == [pinned.id, newest.id]


def test_many_memories_leave_the_index_in_one_piece(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    for start in (0, 200):
        memories = (Memory(title=f"{n}", content=f"usual entry number {n}") for n in range(start, start * 7 + 200))
        store.backend.put(Change(memory, "add") for memory in memories)
    store.close()
    with closing(sqlite3.connect(tmp_path / "memory.db")) as raw:
        assert raw.execute("SELECT count(DISTINCT segid) FROM memories_fts_idx").fetchone() == (1,)
    assert store.search("entry 777")[0].memory.title == "777"


def test_rows_are_read_by_their_keys_whatever_the_filters(tmp_path: Path) -> None:
    store = open_store(tmp_path / "memory.db", project=None)
    store.add("anything")
    query = SearchQuery(types="general", since="2020-01-01", until="2090-01-01", tags="x", conversation_id="c")
    condition, values = where(query)
    with closing(sqlite3.connect(tmp_path / "memory.db")) as raw:
        plan = raw.execute(f"EXPLAIN QUERY PLAN {_PASSAGE} WHERE m.pk IN (1, 2, 3) AND {condition}", values)
        assert "SEARCH m USING INTEGER PRIMARY KEY" in plan.fetchone()[3]
