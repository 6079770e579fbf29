"""Accepted and rejected proposals change what a rule's word is worth, in one project."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from littlemem_ipy.capture import capture_exchange, standing
from littlemem_ipy.store import MemoryStore

SAID = "The churn label is the column is_churned: 1 means left."
LIKE_IT = "The revenue column is net_eur: it is without tax."


def proposed(store: MemoryStore, text: str) -> str:
    (memory,) = capture_exchange(store, text, "OK.", sure_from=None).proposed
    return memory.id


@pytest.mark.parametrize(("accepted", "rejected", "factor"), [(0, 0, 1), (0, 1, 2 / 3), (0, 2, 0.5), (1, 1, 0.75)])
def test_the_formula(make_store: Callable[..., MemoryStore], accepted: int, rejected: int, factor: float) -> None:
    store = make_store(project="churn")
    for number in range(accepted + rejected):
        memory = store.add(f"text {number}", held="proposed", provenance=_by("en.rule"))
        (store.accept if number < accepted else store.reject)(memory.id)
    assert standing(store, ["en.rule", "other"]) == {"en.rule": pytest.approx(factor), "other": 1}


def _by(rule: str):  # type: ignore[no-untyped-def]
    from littlemem_ipy.models import Provenance

    return Provenance(author="capture", rule=rule)


def test_a_rejected_rule_proposes_instead_of_saving_and_only_here(make_store: Callable[..., MemoryStore]) -> None:
    store = make_store(project="churn")
    before = capture_exchange(make_store("fresh.db", project="churn"), LIKE_IT, "OK.").saved
    assert len(before) == 1
    store.reject(proposed(store, SAID))
    (held,) = capture_exchange(store, LIKE_IT, "OK.").proposed
    assert held.provenance.confidence == pytest.approx(before[0].provenance.confidence * 2 / 3, abs=0.001)
    store.project = "forecast"
    assert len(capture_exchange(store, LIKE_IT, "OK.").saved) == 1


def test_a_rejection_that_is_undone_counts_no_more(make_store: Callable[..., MemoryStore]) -> None:
    store = make_store(project="churn")
    rejected = store.reject(proposed(store, SAID))
    assert standing(store, [rejected.provenance.rule])[rejected.provenance.rule] < 1
    store.undo()
    assert standing(store, [rejected.provenance.rule])[rejected.provenance.rule] == 1


def test_after_many_rejections_nothing_is_proposed(make_store: Callable[..., MemoryStore]) -> None:
    store = make_store(project="churn")
    rule = store.get(proposed(store, SAID)).provenance.rule
    for number in range(9):
        store.reject(store.add(f"text {number}", held="proposed", provenance=_by(rule)).id)
    assert capture_exchange(store, LIKE_IT, "OK.").captured == ()


def test_what_was_rejected_is_not_proposed_again(make_store: Callable[..., MemoryStore]) -> None:
    store = make_store(project="churn")
    store.reject(proposed(store, SAID))
    assert capture_exchange(store, SAID, "OK.").captured == ()


def test_what_waits_already_is_not_told_as_new(make_store: Callable[..., MemoryStore]) -> None:
    store = make_store(project="churn")
    waiting = proposed(store, SAID)
    again = capture_exchange(store, SAID, "OK.", sure_from=None)
    assert (again.captured, [memory.id for memory in again.repeated]) == ((), [waiting])
