"""Words as the index makes them: the same in Python and in SQLite, whatever the language."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.backends.words import (
    beginnings,
    bigrams,
    camel_parts,
    fold,
    index_terms,
    joined,
    plain_words,
    spellings,
    stem,
)

TOKENIZE = "porter unicode61 remove_diacritics 2"
ENGLISH = """running runs ran easily relational conditional rational valency hesitancy digitizer conformably
    radically differently vileness analogously vietnamization predication operator feudalism
    decisiveness hopefulness callousness formality sensitivity sensibility triplicate formative
    formalize electricity electrical hopeful goodness revival allowance inference airliner
    gyroscopic adjustable defensible irritant replacement adjustment dependent adoption homologous
    communism activate angularity effective bowdlerize probate rate cease controlling rolling agreed
    feed plastered bled motoring sing conflated troubled sized hopping tanned falling hissing fizzed
    failing filing happy sky merging exploded duplicated patients pickled pipelines recursing
    generalizations oscillators caresses ponies ties yes says flies dies apology apologies by why
    yyy eeed bed""".split()


def terms_of(text: str) -> list[str]:
    """Return the words that SQLite's own tokenizer makes of a text."""
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.execute(f"CREATE VIRTUAL TABLE words USING fts5 (text, tokenize='{TOKENIZE}')")
        raw.execute("CREATE VIRTUAL TABLE seen USING fts5vocab (words, instance)")
        raw.execute("INSERT INTO words VALUES (?)", (text,))
        return [row[0] for row in raw.execute("SELECT term FROM seen ORDER BY offset")]


@pytest.mark.parametrize("word", ENGLISH)
def test_stems_are_those_of_the_index(word: str) -> None:
    assert terms_of(word) == [stem(word)]


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=14))
def test_stems_of_any_letters_are_those_of_the_index(word: str) -> None:
    assert terms_of(word) == [stem(word)]


@given(st.text(st.characters(codec="ascii"), max_size=60).filter(lambda text: "\x00" not in text))
def test_ascii_is_split_as_the_index_splits_it(text: str) -> None:
    assert terms_of(text) == [stem(word) for word in plain_words(text)]


@pytest.mark.parametrize(
    "text", ["Größe der Packung", "réclamation", "Ελλάδα", "Привет мир", "東京 です", "Ångström", "naïve"]
)
def test_other_letters_find_what_the_index_holds(text: str) -> None:
    held = set(terms_of(f"{text} {index_terms('', text, ())}"))
    for word in plain_words(text):
        assert stem(word) in held


@given(st.text(max_size=80))
def test_no_text_makes_a_word_that_the_index_splits(text: str) -> None:
    for word in plain_words(text.replace("\x00", "")):
        assert len(terms_of(word)) <= 1, word


def test_identifiers_are_taken_apart_and_joined() -> None:
    found = index_terms("", "HashingVectorizer read_csv fine-tuning data/labels_h90.parquet XGBoost", ()).split()
    for word in ("hashing", "vectorizer", "readcsv", "finetuning", "labelsh90parquet", "labelsh90", "xg", "boost"):
        assert word in found
    assert camel_parts("DataFrameGroupBy") == ["data", "frame", "group", "by"]
    assert camel_parts("plain") == camel_parts("Plain") == []
    assert list(joined("see merge_asof here")) == ["mergeasof"]


def test_scripts_without_spaces_become_pairs() -> None:
    assert bigrams("東京店 abc") == ["東京", "京店"]
    assert bigrams("猫") == ["猫"]
    assert bigrams("abc") == []
    assert "東京" in index_terms("", "東京店の解約", ()).split()


def test_umlauts_are_spelled_both_ways() -> None:
    assert set(spellings("Müller")) == {"muller", "mueller"}
    assert fold("STRASSE") == fold("Straße") == "strasse"
    assert fold("Crème BRÛLÉE") == "creme brulee"
    assert spellings("plain") == []


def test_emoji_get_words() -> None:
    assert index_terms("", "ship it 🚀", ()) == "u1f680"


def test_prose_needs_no_extra_words() -> None:
    assert index_terms("A title", "We use polars for joins, not pandas.", ("data",)) == ""


@pytest.mark.parametrize("word", [*ENGLISH, "ability", "nobility", "enabling", "ays", "trays", "mls", "ai"])
def test_a_word_begins_as_its_stem_says(word: str) -> None:
    assert word.startswith(beginnings(stem(word)))


@given(
    st.from_regex(r"[a-z]{0,7}(ational|bility|ility|ies|ying|ization|ing|ed|eed|y|s|ly|iveness)?", fullmatch=True)
)
def test_any_word_begins_as_its_stem_says(word: str) -> None:
    assert word.startswith(beginnings(stem(word)))


@pytest.mark.parametrize(
    ("title", "content", "found"),
    [
        ("", "def expected_calibration_error(y, p)", {"ziece"}),
        ("", "see src/length_of_stay.py and DataFrameGroupBy", {"zilos", "zidfgb"}),
        ("Growing degree days", "Heat sums", {"zigdd"}),
        ("A title of more than five words", "read_csv on 2024-05-01 in v_1_2", set()),
    ],
)
def test_names_are_found_by_their_initials(title: str, content: str, found: set[str]) -> None:
    assert {word for word in index_terms(title, content, ()).split() if word.startswith("zi")} == found
