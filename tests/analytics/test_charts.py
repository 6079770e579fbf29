"""Charts: one question each, true answers, the same picture each time, readable by anybody."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from littlemem_ipy import analytics
from littlemem_ipy.analytics import charts
from littlemem_ipy.models import Event, EventKind
from littlemem_ipy.store import MemoryStore, open_store
from littlemem_ipy.transfer import copy_store
from tests.analytics.lives import live
from tests.test_backends import ADDRESSES

PUBLIC = [name for name in charts.__all__ if name != "DRAWN"]
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def busy(store: MemoryStore) -> MemoryStore:
    """Give a store of which every chart has something to show."""
    live(store, 7, memories=60, events=600)
    memory = store.add("Labels <b>$x_1$</b> & 東京 cost $5 each", project="p $ q", tags=["x"])
    store.backend.log(
        [
            Event(EventKind.INJECTED, START, memory.id, {"tokens": 40, "cost": 0.5}),
            Event(EventKind.USED, START, memory.id),
            Event(
                EventKind.ANSWERED, START, None, {"model": "m", "prompt": 90, "completion": 9, "cost": 0.5, "ms": 9}
            ),
        ]
    )
    return store


@pytest.mark.parametrize("name", PUBLIC)
def test_each_chart_is_a_figure_of_its_library(busy: MemoryStore, name: str) -> None:
    from matplotlib.figure import Figure

    chart = getattr(charts, name)(busy)
    assert isinstance(chart, Figure)
    assert chart.title.endswith("?")
    assert chart.answer.endswith(".")
    assert repr(chart) == f"{chart.title} {chart.answer}"


@pytest.mark.parametrize("name", PUBLIC)
def test_of_an_empty_store_it_says_so(store: MemoryStore, name: str) -> None:
    chart = getattr(charts, name)(store)
    assert re.match(r"There is no|No reply|No memory has|Nothing was", chart.answer), chart.answer
    ET.fromstring(chart.svg())


def test_a_picture_is_the_same_each_time_and_follows_the_theme(busy: MemoryStore) -> None:
    first, again = analytics.dashboard(busy), analytics.dashboard(busy)
    assert repr(first) == repr(again)
    assert first._repr_html_() == again._repr_html_()
    assert list(first) == list(charts.DRAWN) == sorted(first, key=list(charts.DRAWN).index)
    assert set(first) == set(PUBLIC)
    for chart in first.charts.values():
        svg = chart.svg()
        root = ET.fromstring(svg)  # what memories say is escaped
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"].startswith(chart.title)
        assert "var(--jp-ui-font-color1" in svg
        assert not re.search(
            r"<script|<image|http://(?!www\.w3\.org|purl\.org|creativecommons)|https://(?!matplotlib)", svg
        )


def test_the_page_has_each_chart_as_it_is_alone(busy: MemoryStore) -> None:
    page = analytics.dashboard(busy)
    for name in PUBLIC:
        assert getattr(charts, name)(busy).svg() == page[name].svg()


@pytest.mark.parametrize("kind", sorted(set(ADDRESSES) - {"sqlite"}))
def test_each_kind_of_store_tells_the_same(busy: MemoryStore, kind: str, tmp_path: Path) -> None:
    with open_store(ADDRESSES[kind](tmp_path / "other"), project=None) as other:
        copy_store(busy.backend, other.backend)
        for frame in analytics.FRAMES.values():
            pd.testing.assert_frame_equal(frame(busy), frame(other))
        assert analytics.dashboard(busy)._repr_html_() == analytics.dashboard(other)._repr_html_()
        assert repr(analytics.insights(busy)) == repr(analytics.insights(other))


def test_text_of_memories_is_shown_as_it_is(busy: MemoryStore) -> None:
    texts = "".join(ET.fromstring(charts.top(busy).svg()).itertext())
    assert "Labels <b>$x_1$</b> & 東京 cost $5 each" in texts
    assert "p $ q" in "".join(ET.fromstring(charts.projects(busy).svg()).itertext())


def test_answers_are_those_of_the_frames(store: MemoryStore) -> None:
    good, dead = store.add("good one"), store.add("dead one")
    events = [Event(EventKind.INJECTED, START, each.id, {"tokens": 30}) for each in (good, dead, dead)]
    events += [Event(EventKind.USED, START, good.id)]
    events += [
        Event(EventKind.SEARCHED, START + timedelta(days=n), None, {"query": "q", "hits": n % 4, "ms": 2.0})
        for n in range(8)
    ]
    store.backend.log(events)
    board = analytics.dashboard(store)
    assert "33% of the memories" in board["top"].answer
    assert board["unused"].answer == "1 memory took 60 tokens (67% of all) for nothing."
    assert board["hits"].answer == "75% of 8 searches did; 2 found nothing."
    assert board["latency"].answer.startswith("Half of them less than 2.0 ms")
    assert board["types"].answer.startswith("2 in use")


def test_a_file_can_be_written(busy: MemoryStore, tmp_path) -> None:
    charts.growth(busy).savefig(tmp_path / "growth.png")
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")


def test_without_the_library_the_message_has_the_install_line(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from littlemem_ipy.errors import MissingExtra

    for name in ("littlemem_ipy.analytics.charts", "littlemem_ipy.analytics.drawing"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r'pip install "littlemem-ipy\[charts\]"'):
        analytics.dashboard(store)
