"""Values in statements, and changes that name nothing but a new value."""

from __future__ import annotations

import pytest

from littlemem_ipy.capture.clauses import Clause
from littlemem_ipy.capture.ellipsis import NewValue, completed, new_value
from littlemem_ipy.capture.rules import language
from littlemem_ipy.capture.values import values_of


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("Sketches sit in drafts/pen.csv", "path", "drafts/pen.csv"),
        ("Sketches sit in /srv/ink", "path", "/srv/ink"),
        ("The kiln opens on 3 May", "date", "3 may"),
        ("Der Ofen öffnet am 3. Mai", "date", "3. mai"),
        ("The kiln opens at 9:40", "time", "9:40"),
        ("The key is glaze_no", "name", "glaze_no"),
        ("The zone is ap-south-2", "name", "ap-south-2"),
        ("Fire it at 1,040 degrees", "number", "1,040"),
        ("The split is 70/30", "ratio", "70/30"),
    ],
)
def test_a_value_and_its_kind(text: str, kind: str, said: str) -> None:
    assert [(value.kind, value.said) for value in values_of(text).all] == [(kind, said)]


def test_a_number_knows_what_it_counts() -> None:
    (value,) = values_of("at most 12 shelves").all
    assert (value.said, value.unit) == ("12", "shelves")


def test_blanked_values_leave_the_rest_in_its_place() -> None:
    assert values_of("fire at 1040 now").blanked() == "fire at      now"


@pytest.mark.parametrize(
    ("code", "said", "value"),
    [
        ("en", "Make that 12", "12"),
        ("en", "Sorry, I meant Thursday", "Thursday"),
        ("en", "No, 12", "12"),
        ("en", "12 shelves from now on", "12 shelves"),
        ("en", "It's at 9:50 now", "9:50"),
        ("de", "Nein, 12", "12"),
        ("fr", "Je voulais dire 12", "12"),
        ("es", "Quise decir 12", "12"),
        ("pt", "Quis dizer 12", "12"),
        ("zh", "改成 12 吧", "12"),
        ("ja", "いや、12", "12"),
    ],
)
def test_a_value_named_alone(code: str, said: str, value: str) -> None:
    found = new_value(Clause(said, said), language(code))
    assert found is not None
    assert found.text == value


@pytest.mark.parametrize("said", ["The kiln is hot now", "Glaze the whole shelf again please", "No", "I like clay"])
def test_other_clauses_name_no_value_alone(said: str) -> None:
    assert new_value(Clause(said, said), language("en")) is None


@pytest.mark.parametrize(
    ("old", "value", "new"),
    [
        ("Our kiln holds 8 shelves", NewValue("12 shelves"), "Our kiln holds 12 shelves"),
        ("The tasting is on Monday at 10", NewValue("Tuesday"), "The tasting is on Tuesday at 10"),
        ("I prefer tabs in Lua", NewValue("Spaces"), "I prefer spaces in Lua"),
        ("Our caterer is Olga", NewValue("Bruno"), "Our caterer is Bruno"),
        ("Our glaze is celadon", NewValue("tenmoku", meant=True), "Our glaze is tenmoku"),
        ("The shelf limit is 8", NewValue("12", of="limit"), "The shelf limit is 12"),
    ],
)
def test_a_value_takes_the_place_of_its_kind(old: str, value: NewValue, new: str) -> None:
    assert completed(old, value) == new


@pytest.mark.parametrize(
    ("old", "value"),
    [
        ("Our kiln holds 8 shelves", NewValue("Tuesday")),
        ("Our kiln holds 8 shelves", NewValue("12 minutes")),
        ("Our kiln holds 8 shelves", NewValue("12 wide", of="poster")),
        ("Our kiln has 8 shelves and 9 cones", NewValue("12")),
        ("Our glaze is celadon", NewValue("tenmoku")),
        ("Our glaze is celadon", NewValue("something else", meant=True)),
    ],
)
def test_a_value_of_another_kind_or_of_several_changes_nothing(old: str, value: NewValue) -> None:
    assert completed(old, value) == ""
