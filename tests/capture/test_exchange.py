"""What an exchange does to a store: known, changed and cancelled statements, the inbox, undo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from littlemem_ipy.capture import cancellations, capture_exchange
from littlemem_ipy.capture.changes import Relation, cancels, relation
from littlemem_ipy.models import MemoryType, Provenance, State
from littlemem_ipy.store import MemoryStore, open_store


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    with open_store("memory.db", project="loch") as opened:
        yield opened


def live(store: MemoryStore) -> set[str]:
    return {hit.memory.content for hit in store.search("", limit=100)}


def say(store: MemoryStore, *messages: str) -> set[str]:
    past: list[dict[str, str]] = []
    for message in messages:
        capture_exchange(store, message, "OK.", past, "chat-1")
        past += [{"role": "user", "content": message}, {"role": "assistant", "content": "OK."}]
    return live(store)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("I prefer oat milk.", "i PREFER oat milk!", Relation.SAME),
        ("The gauge is read at 6.", "The gauge is read at 7 now.", Relation.SUPERSEDES),
        ("The gauge is in metres.", "Correction: the gauge is in feet.", Relation.SUPERSEDES),
        ("We store data as CSV.", "Our team has four people.", Relation.UNRELATED),
        ("Column flow is in litres.", "Column level is in litres.", Relation.UNRELATED),
        ("Show the plot before the table.", "Show the table before the plot.", Relation.SUPERSEDES),
        ("I prefer dark plots.", "I prefer light plots.", Relation.SUPERSEDES),
        ("My name is Ola.", "Call me Olav.", Relation.SUPERSEDES),
        ("I use vim.", "I use pandas too.", Relation.UNRELATED),
        ("Antworte auf Deutsch.", "Antworte ab jetzt auf Englisch.", Relation.SUPERSEDES),
        ("Nos données sont en CSV.", "Nos données sont maintenant en Parquet.", Relation.SUPERSEDES),
        ("请叫我小王。", "以后请叫我王老师。", Relation.SUPERSEDES),
    ],
)
def test_relation(old: str, new: str, expected: Relation) -> None:
    assert relation(old, new) is expected


def test_cancels_what_it_names() -> None:
    assert cancels("I prefer hexbin plots.", "hexbin plots")
    assert not cancels("I prefer hexbin plots.", "the deadline")
    assert not cancels("I prefer hexbin plots.", "...")


@pytest.mark.parametrize(
    ("message", "about"),
    [
        ("Forget that I prefer rye.", "I prefer rye"),
        ("I no longer use Fortran.", "Fortran"),
        ("The rule about commas is obsolete.", "The rule about commas"),
        ("Scrap that.", ""),
        ("Vergiss das bitte.", ""),
        ("Oublie ça.", ""),
        ("Forget who the warden is.", "warden is"),
        ("You needn't follow the comma rule any more.", "comma rule any more"),
        ("Tim has left us, so delete that note about him.", "Tim has left us"),
        ("Laisse tomber cette histoire de majuscules.", "majuscules"),
        ("Olvídate de ese asunto de las tildes.", "las tildes"),
        ("Deixa essa história de rimas.", "rimas"),
        ("Vergiss diese Geschichte mit den Reimen.", "den Reimen"),
        ("傘の件は取り消します。", "傘"),
    ],
)
def test_cancellations(message: str, about: str) -> None:
    (found,) = cancellations(message)
    assert found.about == about


@pytest.mark.parametrize(
    "message",
    [
        "Drop the column price.",
        "Don't forget the ferry.",
        "Remove that row.",
        "Can you forget?",
        "Vergiss die Reime nicht.",
    ],
)
def test_no_cancellations(message: str) -> None:
    assert cancellations(message) == []


def test_scrap_that_means_what_was_said_last() -> None:
    past = [{"role": "user", "content": "I prefer rye."}, {"role": "assistant", "content": "OK."}]
    assert cancellations("Scrap that.", past)[0].about == "I prefer rye."


def test_the_same_statement_a_hundred_times_is_one_memory(store: MemoryStore) -> None:
    assert len(say(store, *["I prefer oat bread."] * 100)) == 1


def test_a_changed_statement_supersedes(store: MemoryStore) -> None:
    assert say(store, "Our queue is Beanstalk.", "Since May our queue is NATS.") == {"Since May our queue is NATS"}
    old = next(hit.memory for hit in store.search("Beanstalk", include_archived=True))
    assert old.state is State.SUPERSEDED
    assert old.superseded_by


def test_an_independent_statement_stays(store: MemoryStore) -> None:
    assert len(say(store, "The column flow is in litres.", "The column level is in metres.")) == 2


def test_a_cancelled_statement_is_withdrawn(store: MemoryStore) -> None:
    assert say(store, "I prefer oat bread.", "Forget that I prefer oat bread.") == set()
    assert say(store, "I prefer rye bread.", "Just kidding.") == set()
    assert store.search("", states=[State.DELETED]).total == 2


def test_a_wish_that_fits_nothing_changes_nothing(store: MemoryStore) -> None:
    assert say(store, "I prefer oat bread.", "Forget what I said about the deadline.") == {"I prefer oat bread"}


def test_unsure_candidates_wait_and_replace_nothing(store: MemoryStore) -> None:
    say(store, "Our queue is Beanstalk.")
    report = capture_exchange(store, "Since May our queue is NATS.", "OK.", sure_from=None)
    assert [memory.content for memory in report.proposed] == ["Since May our queue is NATS"]
    assert report.captured == report.proposed
    assert report.saved == report.superseded == ()
    assert live(store) == {"Our queue is Beanstalk"}


def test_types_that_are_not_wanted_are_left_out(store: MemoryStore) -> None:
    report = capture_exchange(store, "I prefer oat bread.", "OK.", types=[MemoryType.PROJECT_KNOWLEDGE])
    assert report.captured == ()


def test_the_rule_and_the_cell_are_kept(store: MemoryStore) -> None:
    said = Provenance(notebook="a.ipynb", cell_id="c7", model="m")
    (memory,) = capture_exchange(store, "I prefer oat bread.", "OK.", said=said).saved
    assert memory.provenance.rule == "en.preference.prefer"
    assert memory.provenance.confidence is not None
    assert (memory.provenance.cell_id, memory.provenance.author) == ("c7", "capture")
    assert memory.project is None


def test_one_undo_takes_an_exchange_back(store: MemoryStore) -> None:
    say(store, "Our queue is Beanstalk.")
    capture_exchange(store, "Our queue is NATS now. The column `vol` is in barrels.", "OK.")
    store.undo()
    assert live(store) == {"Our queue is Beanstalk"}


def test_the_same_cell_again_updates_its_own(store: MemoryStore) -> None:
    said = Provenance(notebook="a.ipynb", cell_id="c7")
    for message in ("Remember that the ferry leaves at 6.", "Remember that the ferry to Skye leaves at 6:30."):
        capture_exchange(store, message, "OK.", said=said)
    assert live(store) == {"the ferry to Skye leaves at 6:30"}


def test_secrets_are_masked(store: MemoryStore) -> None:
    key = "AKIA" + "Z7Q4M2N8B6V1C3X5"
    report = capture_exchange(store, f"Remember that the bucket key is {key}.", "OK.")
    assert report.saved
    assert all(key not in memory.content for memory in report.captured)
    capture_exchange(store, f"Remember that the bucket key is {key}.", "OK.")
    assert len(live(store)) == 1


@pytest.mark.parametrize("before", range(0, 60, 3))
def test_no_part_of_a_secret_stands_in_a_cut_title(before: int, store: MemoryStore) -> None:
    secret = "Wq7-mZ" + "81xTz4kb"
    message = f"Remember that {'x' * before} the staging password is {secret} and nobody may ever change it again"
    report = capture_exchange(store, message, "OK.")
    assert report.saved
    assert all("Wq7" not in f"{memory.title} {memory.content}" for memory in report.captured)


def test_of_some_types_everything_waits(store: MemoryStore) -> None:
    types = ["user_preference:propose", "project_knowledge"]
    asked = capture_exchange(store, "I prefer lollipop charts to bars.", "OK.", types=types)
    kept = capture_exchange(store, "Our warehouse is Vertica.", "OK.", types=types)
    left = capture_exchange(store, "Remember that the canoe club meets at noon.", "OK.", types=types)
    assert [memory.type for memory in asked.proposed] == [MemoryType.USER_PREFERENCE]
    assert not asked.saved
    assert kept.saved
    assert not kept.proposed
    assert not left.captured
