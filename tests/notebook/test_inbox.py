"""Proposals under the reply: accepted, edited or rejected, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from littlemem_ipy.models import EventKind
from littlemem_ipy.store import open_store

Run = Callable[..., str]

SAY = "%%chat -m demo\nThe churn label is the column is_churned: 1 means left."
SAY_ALIKE = "%%chat -m demo\nThe revenue column is net_eur: it is without tax."


def texts() -> list[str]:
    with open_store(project="churn") as store:
        return [memory.content for memory in store.search("", sources="chat", limit=50).memories]


@pytest.fixture
def review(run: Run) -> Run:
    run("%config LittleMem.capture = 'review'")
    return run


def test_proposals_stand_under_the_reply_and_are_accepted_by_their_number(review: Run) -> None:
    said = review(SAY)
    assert "1 captured (1 in the inbox)" in said
    assert "[1 proposed: " in said
    assert "%mem inbox accept 1, edit 1 --content '…' or reject 1 decides" in said
    assert texts() == []
    assert "Accepted" in review("%mem inbox accept 1")
    assert len(texts()) == 1
    review("%mem undo")
    assert texts() == []
    assert "is_churned" in review("%mem inbox")


def test_edited_ones_are_taken_into_use_in_the_users_words(review: Run) -> None:
    review(SAY)
    assert "Accepted as edited" in review("%mem inbox edit 1 --content 'is_churned is 1 for customers who left'")
    assert texts() == ["is_churned is 1 for customers who left"]
    assert "Nothing waits" in review("%mem inbox")
    review("%mem undo")
    assert texts() == []


@pytest.mark.parametrize("line", ["edit", "edit 1", "edit all --content x y z", "edit 1 2 --content x"])
def test_a_wrong_edit_is_one_line_and_changes_nothing(review: Run, line: str) -> None:
    review(SAY)
    assert "UsageError" in review(f"%mem inbox {line}")
    assert texts() == []
    assert "is_churned" in review("%mem inbox")


def test_a_rejected_rule_only_proposes_from_then_on(run: Run) -> None:
    run("%config LittleMem.capture = 'review'")
    run(SAY)
    assert "Rejected" in run("%mem inbox reject 1")
    with open_store(project="churn") as store:
        (event,) = store.events(EventKind.REJECTED)
        assert event.data["project"] == "churn"
        assert event.data["rule"]
    run("%config LittleMem.capture = 'auto'")
    assert "in the inbox" in run(SAY_ALIKE)
    run("%mem use forecast")
    assert "in the inbox" not in run(SAY_ALIKE)
