"""What a later message changes: plans, facts that are only worth keeping as changes, fuller and cancelled ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from littlemem_ipy.capture import capture_exchange
from littlemem_ipy.capture.changes import Relation, over, relation, same_subject
from littlemem_ipy.store import MemoryStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    with open_store(str(tmp_path / "m.db"), project="kiln") as opened:
        yield opened


def live(store: MemoryStore, *said: str) -> list[str]:
    for text in said:
        capture_exchange(store, text, "OK.", None, "c1")
    return [hit.memory.content for hit in store.search("", limit=50)]


def test_a_change_of_plan_replaces_the_plan(store: MemoryStore) -> None:
    assert live(store, "Next we do the glaze tests.", "Change of plan: next we do the regression plots.") == [
        "next we do the regression plots"
    ]


def test_a_plan_of_another_conversation_stays(store: MemoryStore) -> None:
    capture_exchange(store, "Next we do the glaze tests.", "OK.", None, "c0")
    assert len(live(store, "Change of plan: next we do the regression plots.")) == 2


def test_what_is_no_memory_by_itself_changes_one(store: MemoryStore) -> None:
    assert live(store, "My shelf is now 9.") == []
    (kept,) = live(store, "Remember that my shelf is 4.", "My shelf is now 9.")
    assert "9" in kept


def test_a_change_of_something_unknown_is_not_kept(store: MemoryStore) -> None:
    (kept,) = live(store, "Remember that my shelf is 4.", "The lamp is now off.")
    assert "4" in kept


@pytest.mark.parametrize(
    "gone",
    [
        "You can drop the rule about type hints, I don't want them any more.",
        "Never mind what I said about type hints.",
        "Forget the type hints rule, it's obsolete.",
    ],
)
def test_a_cancelled_rule_leaves_nothing(store: MemoryStore, gone: str) -> None:
    assert live(store, "Always write type hints for me.", gone) == []


def test_a_cancelled_rule_with_a_successor_leaves_the_successor(store: MemoryStore) -> None:
    (kept,) = live(store, "I prefer German comments.", "No German comments any more, I prefer French comments now.")
    assert "French" in kept


def test_the_fuller_statement_stands_for_both() -> None:
    assert relation("Legends below the axes", "Legends below the axes in grey boxes") is Relation.SUPERSEDES
    assert relation("Legends below the axes in grey boxes", "Titles in bold") is Relation.UNRELATED


def test_words_around_a_statement_can_say_that_it_changes() -> None:
    old, new = "drafts sit in thick folders", "cardboard boxes for drafts"
    assert relation(old, new) is not Relation.SUPERSEDES
    assert relation(old, new, amends=True) is Relation.SUPERSEDES


def test_subjects_are_compared_not_values() -> None:
    assert same_subject("the port is 80", "The port is now 8080")
    assert not same_subject("the port is 80", "The host is now 8080")
    assert not same_subject("tabs", "tabs")


def test_what_is_over_is_told_from_what_is_new() -> None:
    assert over("I don't want them any more")
    assert not over("use French comments")


def test_what_the_model_stored_is_not_captured_again_but_the_rest_is(store: MemoryStore) -> None:
    own = store.add("User likes dark plots.", type="user_preference")
    report = capture_exchange(
        store, "I prefer dark plots. Our target column is left_90d.", "Noted.", None, "c1", stored=[own.id]
    )
    assert [memory.content for memory in report.saved] == ["Our target column is left_90d"]
    assert [memory.id for memory in report.repeated] == [own.id]
    assert report.superseded == ()
