"""What a later message changes: plans, facts that are only worth keeping as changes, fuller and cancelled ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from littlemem_ipy.capture import capture_exchange
from littlemem_ipy.capture.changes import Relation, over, relation
from littlemem_ipy.capture.likeness import of_one_thing
from littlemem_ipy.capture.remainder import remainder
from littlemem_ipy.capture.statement import read_statement
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
    def same_subject(old: str, new: str) -> bool:
        return of_one_thing(read_statement(old), read_statement(new))

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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The kiln in the yard is gas.", "The kiln in the cellar is electric now."),
        ("The courier for tiles is Bo.", "The courier for bricks is Mia now."),
        ("The east ovens report every 5 minutes.", "The west ovens report every 10 minutes now."),
        ("Rosa owns the glaze catalogue.", "Iker owns the clay catalogue now."),
        ("I use vim for letters.", "I use emacs for recipes now."),
        ("Our ovens are sold in crowns.", "Our tiles are sold in francs now."),
        ("We bake on Fridays.", "We dance on Fridays now."),
        ("The mill is in /srv/mill.", "The mill has 12 shafts now."),
        ("Never use gerunds in my letters.", "Always use initials in my poems."),
        ("Plates with a grey rim, always.", "For this bowl use a blue rim instead."),
    ],
)
def test_statements_about_different_things_stay(old: str, new: str) -> None:
    assert relation(old, new) is Relation.UNRELATED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The deadline for the mural is 3 May.", "The mural deadline got pushed to 9 May."),
        ("We fire with propane.", "We fire with wood since the renovation."),
        ("We glaze plates with celadon.", "We ended up with tenmoku for plates."),
        ("Our caterer is Olga.", "My aunt got her way and our caterer has become Bruno."),
        ("The stall uses a gas kiln.", "We swapped the gas kiln for an electric one."),
        ("I use Windows in the shop.", "Not Windows any more, it's Fedora there now."),
        ("Nous cuisons avec du bois.", "Finalement nous cuisons avec du gaz."),
        ("Die Formen liegen auf dem Regal.", "Die Formen liegen inzwischen im Keller."),
    ],
)
def test_another_value_of_the_same_thing_supersedes(old: str, new: str) -> None:
    assert relation(old, new) is Relation.SUPERSEDES


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I am a potter.", "I'm not a potter any more."),
        ("the fair is on 4 June", "The fair has been called off."),
        ("Always answer in verses.", "You don't have to answer in verses any more."),
        ("Ich bin Töpfer.", "Ich bin kein Töpfer mehr."),
        ("我喜欢陶瓷盘子。", "我不再喜欢陶瓷盘子了。"),
        ("丸い皿が好きです。", "丸い皿はもう好きではありません。"),
    ],
)
def test_what_only_says_that_something_is_over_ends_it(old: str, new: str) -> None:
    assert relation(old, new) is Relation.CANCELS


def test_what_is_over_and_what_comes_instead_is_no_end() -> None:
    assert relation("I live in Delft.", "I no longer live in Delft, I moved to Leiden.") is Relation.SUPERSEDES


def told(store: MemoryStore, *said: str) -> list[str]:
    """Return what is live after messages that each see the ones before."""
    past: list[dict[str, str]] = []
    for text in said:
        capture_exchange(store, text, "OK.", past, "c1")
        past += [{"role": "user", "content": text}, {"role": "assistant", "content": "OK."}]
    return [hit.memory.content for hit in store.search("", limit=50)]


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("Our kiln limit is 1200 degrees.", "Make that 1260.", "1260"),
        ("Our warehouse is Vertica.", "Sorry, I meant Exasol.", "Exasol"),
        ("Remember that the fair is on Monday.", "Scratch that, it's on Tuesday.", "Tuesday"),
        ("I prefer bar charts.", "Scratch that, I prefer line charts.", "line charts"),
        ("The table key is glaze_no.", "No wait, the table key is batch_no.", "batch_no"),
    ],
)
def test_a_short_correction_replaces_what_was_said_last(store: MemoryStore, old: str, new: str, kept: str) -> None:
    (content,) = told(store, old, new)
    assert kept in content


@pytest.mark.parametrize(
    "said",
    ["Should we make that 1260?", "Suppose it's 1260 now.", "Make it blue.", "In this batch use 1260 instead."],
)
def test_a_question_or_a_single_case_replaces_nothing(store: MemoryStore, said: str) -> None:
    (content,) = told(store, "Our kiln limit is 1200 degrees.", said)
    assert "1200" in content


def test_a_short_correction_is_not_about_an_older_conversation(store: MemoryStore) -> None:
    capture_exchange(store, "Our kiln limit is 1200 degrees.", "OK.", None, "c0")
    (content,) = told(store, "What is a saggar?", "Make that 1260.")
    assert "1200" in content


def test_only_the_memory_that_fits_best_is_forgotten(store: MemoryStore) -> None:
    (content,) = live(
        store,
        "Remember that the fitting with Ana is at noon.",
        "Remember that the fitting with Ravi is at four.",
        "Forget the fitting with Ravi.",
    )
    assert "Ana" in content


def test_a_change_that_sounds_like_a_solution_keeps_the_type(store: MemoryStore) -> None:
    told(store, "The kiln column is in Fahrenheit.", "It turns out the kiln column is in Celsius.")
    (hit,) = store.search("", limit=5)
    assert "Celsius" in hit.memory.content
    assert hit.memory.type == "project_knowledge"


def test_a_value_that_was_not_sure_enough_is_kept_once_it_is_corrected(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("littlemem_ipy.capture.judge.odds", lambda *_: {"none": 0.5, "project_knowledge": 0.5})
    assert told(store, "The cut-off for cones is 7.") == []
    (content,) = told(store, "The cut-off for cones is 7.", "Sorry, I meant 9.")
    assert "cut-off for cones is 9" in content


def test_a_passing_figure_is_not_kept_when_it_is_corrected(store: MemoryStore) -> None:
    assert told(store, "The mean is 5.", "Sorry, I meant 6.") == []


def test_another_value_of_a_known_subject_needs_no_word_of_change(store: MemoryStore) -> None:
    told(store, "The fair closes on 15 May.", "They gave us more time, the fair closes on 29 May.")
    (content,) = live(store)
    assert "29 May" in content


def test_names_of_columns_that_begin_alike_are_different_things() -> None:
    assert relation("Column glaze_net is in crowns.", "Column glaze_gross is in francs.") is Relation.UNRELATED


def test_two_pronouns_of_a_person_and_a_name_stay(store: MemoryStore) -> None:
    assert len(live(store, "My name is Kit.", "she/her by the way")) == 2


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ("Our oven is at address 10.0.0.2.", "The oven is slow now."),
        ("Our oven is called otter.", "The oven is down now."),
        ("The raw sketches live in /srv/raw.", "The raw sketches look wrong now."),
        ("Remember that the firing rate is 0.01.", "The firing rate is 0.1 in the second run."),
        ("Remember that the fair is at 9.", "No, make it 10 bins."),
        ("Our glaze split is 80/20.", "It's 0.83 now."),
        ("Our holdout is the year 2021.", "Filter to 2022 instead."),
        ("The gauge samples at 10 Hz.", "I resampled it to 1 Hz now."),
        ("No rhymes in your answers, ever.", "The rhymes column is no longer needed."),
        ("My laptop runs Linux.", "My laptop is at the repair shop now."),
        ("Our database is Postgres.", "The database is unreachable now."),
    ],
)
def test_how_things_are_at_the_moment_changes_nothing_known(store: MemoryStore, known: str, said: str) -> None:
    (before,) = told(store, known)
    assert before in told(store, known, said)


@pytest.mark.parametrize(
    ("first", "then", "stays", "goes"),
    [
        ("The glaze label is `left`. Prices are in cents.", "Prices are in euros now.", "`left`", "cents"),
        ("The kiln is in hall 3. Firing logs are in /srv/log.", "The kiln is in hall 5 now.", "/srv/log", "hall 3"),
        ("Ich rechne in Gramm. Immer Tabellen ohne Rahmen.", "Ich rechne jetzt in Unzen.", "ohne Rahmen", "Gramm"),
    ],
)
def test_a_replaced_sentence_takes_no_other_with_it(
    store: MemoryStore, first: str, then: str, stays: str, goes: str
) -> None:
    live = " | ".join(told(store, first, then))
    assert stays in live
    assert goes not in live


def test_nothing_stays_of_what_leans_on_the_replaced_sentence() -> None:
    assert remainder("Skip the praise. I find it odd.", "Praise is fine again.") == ""
    assert remainder("Prices are in cents.", "Prices are in euros now.") == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "The launch is planned for the first week of May.",
            "The launch slipped, it is planned for the last week of June.",
        ),
        ("We forecast sales with Croston.", "Last word from finance: we forecast sales with Theta."),
        ("The main endpoint is pain now.", "The council overruled us, sleep quality is the main endpoint again."),
        (
            "Our ward's lists are printed from Medix.",
            "Our ward's lists come from Orbis now, Medix was switched off.",
        ),
        (
            "Plotting is done with ggplotLib in our group.",
            "Plotting is done with seagull in our group as of this term.",
        ),
        ("Amounts in dollars for me, please.", "From next quarter amounts in pounds for me, please."),
        ("For timestamps I like the format MM/DD/YYYY.", "I've come to prefer DD.MM.YYYY for timestamps."),
        ("I like captions centred and 12 pt.", "I like captions vertical, from now on."),
        ("表はいつも赤でお願いします", "これから表はいつも黒でお願いします"),
    ],
)
def test_a_change_is_told_in_many_words(old: str, new: str) -> None:
    assert relation(old, new) is Relation.SUPERSEDES


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "The launch is planned for the first week of May.",
            "The audit slipped, it is planned for the last week of June.",
        ),
        ("The main endpoint is pain.", "Sleep quality is the second endpoint now."),
        (
            "Our ward's lists are printed from Medix.",
            "The kitchen orders come from Menuo now, Carto was switched off.",
        ),
        ("Reports in English.", "Slides in Dutch, and posters as well."),
        ("Speeds in m/s for me, please.", "Times as hh:mm for me, please."),
    ],
)
def test_a_change_of_something_else_leaves_what_is_known(old: str, new: str) -> None:
    assert relation(old, new) is Relation.UNRELATED


def test_a_statement_with_more_behind_it_stands_for_the_shorter() -> None:
    shorter = "Captions should be in Dutch."
    assert relation(shorter, "Captions should be in Dutch, and footnotes as well.") is Relation.SUPERSEDES
    assert relation(shorter, "Footnotes should be in Dutch as well.") is Relation.UNRELATED


@pytest.mark.parametrize(
    ("known", "said", "left"),
    [
        ("Réponds-moi toujours avec des majuscules.", "Laisse tomber cette histoire de majuscules.", []),
        ("表は必ず赤でお願いします。", "赤の件は取り消します。", []),
        (
            "Always write my tables without borders.",
            "Borders are fine again, my printer was mended, so forget the borders rule.",
            [],
        ),
        ("Please call me Bartholomew.", "Actually Bart is fine, drop the long form.", ["Please call me Bart"]),
        ("Our crawler needs Python 3.10.", "We dropped 3.10: our crawler needs Python 3.13.", ["3.13"]),
        (
            "Unsere Tabellen immer mit Rahmen, bitte.",
            "Neuerdings will ich unsere Tabellen immer ohne Rahmen.",
            ["ohne"],
        ),
    ],
)
def test_what_is_said_against_a_memory_leaves_no_more_than_what_is_new(
    store: MemoryStore, known: str, said: str, left: list[str]
) -> None:
    assert told(store, known)
    kept = told(store, said)
    assert len(kept) == len(left)
    assert all(new in memory for new, memory in zip(left, kept, strict=True))


def test_another_wish_is_not_forgotten_with_it(store: MemoryStore) -> None:
    kept = live(store, "Réponds-moi toujours avec des majuscules.", "Laisse tomber cette histoire de virgules.")
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("known", "said", "live"),
    [
        ("The crate weight is in pounds.", "Correction, the crate weight is in kilograms.", "kilograms"),
        ("All fees in pounds for me please.", "All fees in euros for me please, from now on.", "euros"),
        ("Leaflets are printed with Scribus.", "We gave up Scribus, leaflets are printed with Typst.", "Typst"),
    ],
)
def test_a_new_unit_or_tool_replaces_the_old_one(store: MemoryStore, known: str, said: str, live: str) -> None:
    (left,) = told(store, known, said)
    assert live in left
