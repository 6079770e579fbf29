"""Times in queries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.search.when import events, moments


def micros(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 12, tzinfo=UTC).timestamp() * 1e6)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("what happened in May", micros(2024, 5, 9), micros(2024, 7, 9)),
        ("the plan of May 2025", micros(2025, 5, 9), micros(2024, 5, 9)),
        ("on 13 October 2023", micros(2023, 10, 13), micros(2023, 10, 12)),
        ("on October 13, 2023", micros(2023, 10, 13), micros(2023, 11, 13)),
        ("before March 2025", micros(2024, 12, 1), micros(2025, 3, 20)),
        ("after 2024", micros(2025, 2, 1), micros(2024, 2, 1)),
        ("since 2024-06", micros(2024, 6, 2), micros(2024, 5, 2)),
    ],
)
def test_reads(text: str, inside: int, outside: int) -> None:
    (moment,) = moments(text)
    assert moment.fit(inside) == 1.0
    assert moment.fit(outside) == 0.0


def test_shortly_after_is_half_the_evidence() -> None:
    (moment,) = moments("in June 2024")
    assert moment.fit(micros(2024, 7, 5)) == 0.5


@pytest.mark.parametrize(
    "text", ["you may do it", "march on", "a decent sun hat", "31 June 2024", "version 3.11", ""]
)
def test_other_words_are_not_times(text: str) -> None:
    assert moments(text) == []


@pytest.mark.parametrize(
    ("text", "what", "earlier"),
    [
        ("what did we decide before the release", "release", True),
        ("who was asked after our summer school?", "summer school", False),
        ("which seed have we used since the v2.1 release", "v2.1 release", False),
    ],
)
def test_reads_events(text: str, what: str, earlier: bool) -> None:
    (event,) = events(text)
    assert (event.what, event.earlier) == (what, earlier)
    then = micros(2026, 2, 1)
    fits = [event.moment(then).fit(at) for at in (micros(2026, 1, 31), micros(2026, 3, 1))]
    assert fits == ([1.0, 0.0] if earlier else [0.0, 1.0])
    assert event.moment(then).fit(then) < 1


@pytest.mark.parametrize(
    "text", ["drop duplicates before the merge", "what did we say before the May 2024", "before the release", ""]
)
def test_not_every_before_is_a_time(text: str) -> None:
    assert [event.what for event in events(text, moments(text))] in ([], ["May 2024"])


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(events(text), list)
    assert isinstance(moments(text), list)
