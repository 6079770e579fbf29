"""The part of a text that is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.search.snippets import snippet


def test_shows_the_place_with_most_words() -> None:
    text = "word " * 100 + "the parquet reader fails " + "other " * 100
    shown = snippet(text, {"parquet", "reader"})
    assert "«parquet» «reader»" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 250


def test_marks_words_with_accents_in_their_own_spelling() -> None:
    assert snippet("Die GRÖSSE zählt.", {"grosse"}) == "Die «GRÖSSE» zählt."


@given(st.text(max_size=300), st.sets(st.text("abc", min_size=1, max_size=3)))
def test_adds_only_marks(text: str, words: set[str]) -> None:
    plain = snippet(text.replace("«", "").replace("»", "").replace("…", ""), words)
    assert plain.replace("«", "").replace("»", "").replace("…", "") in text.replace("«", "").replace(
        "»", ""
    ).replace("…", "")
