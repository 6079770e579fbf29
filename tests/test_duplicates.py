"""Duplicates: contents decide, titles never; what carries the meaning must agree; the time does not explode."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.duplicates import Likeness, find_duplicates, repeats
from littlemem_ipy.duplicates.blocking import ALIKE, Blocks
from littlemem_ipy.duplicates.wording import wording_of
from littlemem_ipy.models import Memory, build
from tests import strategies as some

WORDS = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(400)]


def memories(*texts: str, **fields: object) -> list[Memory]:
    return [build(Memory, {"content": text, **fields}) for text in texts]


def likeness(*texts: str, **fields: object) -> list[str]:
    return [str(group.likeness) for group in find_duplicates(memories(*texts, **fields))]


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("Prefer polars for joins.", "Prefer  polars\nfor joins.", "exact"),
        ("Prefer polars for joins.", "PREFER polars for joins.", "exact"),
        ("Prefer polars for joins", "Please prefer polars for joins!", "same"),
        ("The revenue column is net of tax.", "revenue column is net of tax", "same"),
        ("I dislike games with pixel art graphics.", "I strongly dislike games with pixel art graphics.", "near"),
        ("Comments in code should be German.", "Code comments in German.", "near"),
        ("def f(x):\n    return x + 1", "def f(x):\n\n    return x + 1\n", "exact"),
    ],
)
def test_the_same_said_again_is_found(one, two, expected):
    assert likeness(one, two) == [expected]


LONG = "When the nightly export of the warehouse runs, the loader waits until the lock file is gone and then reads"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("The API listens on port 8080.", "The API listens on port 8081."),
        (f"{LONG} 3 files.", f"{LONG} 4 files."),
        (f"{LONG} it.", f"{LONG} it, not twice."),
        (f"{LONG} customers.csv into memory.", f"{LONG} orders.csv into memory."),
        (f"{LONG} the table for Anna.", f"{LONG} the table for Bernd."),
        (f"{LONG} max_rows rows.", f"{LONG} min_rows rows."),
        ("My theme in Lab is the dark one for all work.", "My theme in Lab is the light one for all work."),
        ("I use pandas for all joins of large tables.", "I use polars for all joins of large tables."),
        ("Scale the features before you split.", "You split before you scale the features."),
        ("delta is -5 degrees", "delta is 5 degrees"),
        ("x != y in the second case", "x = y in the second case"),
        ("Use C# for the add-in", "Use C for the add-in"),
        ("def f(x):\n    return x + 1\n", "def f(x):\n    return x + 2\n"),
        ("import os\nprint(first(frame))\n", "import os\nprint(last(frame))\n"),
        ("Is the table partitioned by day?", "The table is partitioned by day."),
    ],
)  # fmt: skip
def test_what_differs_in_its_meaning_is_no_duplicate(one, two):
    assert likeness(one, two) == []
    assert likeness(one, two, title="The same title") == []


def test_eight_snippets_of_one_title_stay_eight():
    """The seed made one of them: its titles were enough (row 118)."""
    bodies = [f"def helper_{n}(frame):\n    return frame.groupby('c{n}').sum()" for n in range(8)]
    assert likeness(*bodies, title="Helper", type="code_snippet") == []


def test_projects_and_kept_chats_are_left_apart():
    one, two = memories("The same text."), memories("The same text.", project="other")
    assert len(find_duplicates(one + two)) == 0
    assert likeness("The same text.", "The same text.", source="exchange") == []


def test_the_one_to_keep_is_pinned_then_trusted_then_used_then_newest():
    facts = [
        {"access_count": 9, "source": "tool", "created_at": "2026-01-05T00:00:00Z"},
        {"access_count": 1, "created_at": "2026-01-04T00:00:00Z"},
        {"access_count": 1, "created_at": "2026-01-02T00:00:00Z"},
        {"access_count": 0, "pinned": True, "created_at": "2026-01-01T00:00:00Z"},
    ]
    found = [build(Memory, {"content": "The same text.", **fact}) for fact in facts]
    (group,) = find_duplicates(random.Random(1).sample(found, 4))
    assert [found.index(memory) for memory in group.memories] == [3, 1, 2, 0]
    assert (group.keeper, group.others, group.mergeable) == (found[3], (found[1], found[2], found[0]), True)


def varied(rng: random.Random, text: str) -> str:
    words = text.split()
    where = rng.randrange(1, len(words))
    return " ".join([*words[:where], rng.choice(("", rng.choice(WORDS))), *words[where + 1 :]])


def test_the_pairs_that_are_compared_miss_none_that_is_alike():
    """Against all pairs: the blocks let through whatever is alike enough."""
    from rapidfuzz.distance import Indel

    rng = random.Random(5)
    texts = [" ".join(rng.choices(WORDS, k=rng.randint(10, 40))) for _ in range(150)]
    texts += [varied(rng, rng.choice(texts)) for _ in range(150)]
    split = [text.split() for text in texts]
    blocks = Blocks(("", words) for words in split)
    met = set()
    for number in range(len(split)):
        met |= {(other, number) for other in blocks.meet(number)}
        blocks.let_in(number)
    alike = {
        (a, b)
        for b in range(len(split))
        for a in range(b)
        if Indel.normalized_similarity(split[a], split[b]) >= ALIKE
    }
    assert len(alike) > 100
    assert alike <= met
    assert len(met) < 3 * len(alike), "only few pairs are compared"


@given(st.lists(st.sampled_from(some.NASTY) | some.written, max_size=12), st.randoms(use_true_random=False))
def test_groups_are_the_same_whatever_the_order(texts, rng):
    found = memories(*(text for text in texts if text.strip() and "\x00" not in text and text.isprintable()))
    mixed = rng.sample(found, len(found))
    one, two = find_duplicates(found), find_duplicates(mixed)
    assert one == two
    for group in one:
        assert len({memory.project for memory in group.memories}) == 1
        if group.likeness is Likeness.EXACT:
            assert len({wording_of(memory.content).exact for memory in group.memories}) == 1
    assert len({m.id for group in one if group.mergeable for m in group.memories}) == sum(
        len(group.memories) for group in one if group.mergeable
    ), "the sure groups do not overlap"


def test_twice_as_many_take_about_twice_as_long():
    """Among texts of few words, which all share pairs, as well as among others; a square would be 16 times."""
    rng = random.Random(9)
    few = ["table", "column", "export", "runs", "every", "day", "when", "loader", "reads"]

    def seconds(count: int) -> float:
        made = memories(*(" ".join(rng.choices(few if n % 2 else WORDS, k=20)) for n in range(count)))
        started = time.process_time()
        find_duplicates(made)
        return time.process_time() - started

    seconds(50)
    small, large = seconds(800), seconds(3200)
    assert large < 9 * small, (small, large)


def test_the_store_finds_them_and_changes_nothing(store):
    kept = store.add("Prefer polars for joins.", pinned=True)
    store.add("Please prefer polars for joins!")
    archived = store.add("prefer polars for joins")
    store.archive(archived.id)
    store.add("Another text.")
    version = store.backend.version()
    found = store.duplicates()
    assert [[m.content for m in group.memories] for group in found] == [
        ["Prefer polars for joins.", "Please prefer polars for joins!"]
    ]
    assert found[0].keeper == kept
    assert store.backend.version() == version
    assert list(found.df["keep"]) == [True, False]
    assert list(found.df["group"]) == [1, 1]
    assert "1 of 3 memories repeat another one" in repr(found)
    assert len(store.duplicates(type="solution")) == 0
    assert "No duplicates among 0 memories." in repr(store.duplicates(type="solution"))


def test_the_scope_is_that_of_a_search(make_store):
    store = make_store(project="alpha")
    for project in ("alpha", "beta"):
        store.add("One text.", project=project)
        store.add("one text", project=project)
    assert [group.keeper.project for group in store.duplicates()] == ["alpha"]
    assert [group.keeper.project for group in store.duplicates(project="beta")] == ["beta"]
    assert len(store.duplicates(project="*")) == 2


def test_repeats_is_looser_but_not_about_values():
    assert repeats("The export runs at night on the big server", "The export runs at night on the server")
    assert not repeats("The export runs at 3 on the server", "The export runs at 4 on the server")
    assert not repeats("Prefer tabs", "Prefer spaces")
