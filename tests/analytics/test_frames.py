"""Every frame agrees with a recount in plain Python."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from littlemem_ipy import analytics
from littlemem_ipy.duplicates import find_duplicates
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import EXCHANGE, Event, EventKind, Memory, State
from littlemem_ipy.store import MemoryStore, open_store
from tests.analytics.lives import everything, live

seeds = st.integers(0, 2**32)
EVERY = {"states": list(State)}


@contextmanager
def lived(seed: int) -> Iterator[tuple[MemoryStore, list[Memory], list[Event]]]:
    with TemporaryDirectory() as directory, open_store(Path(directory) / "memory.db", project=None) as store:
        memories = live(store, seed)
        memories.sort(key=lambda memory: (memory.created_at, memory.id))
        yield store, memories, everything(store)


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows of Python values: missing ones are None, times are datetimes."""

    def value(cell: Any) -> Any:
        if isinstance(cell, tuple):
            return cell
        if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell)):
            return None
        return cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell

    return [{name: value(cell) for name, cell in row.items()} for row in frame.to_dict("records")]


def day(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def of(events: list[Event], kind: str, memory: Memory | None = None) -> list[Event]:
    return [e for e in events if e.kind == kind and (memory is None or e.memory_id == memory.id)]


def active(memories: list[Memory]) -> list[Memory]:
    return [memory for memory in memories if memory.state is State.ACTIVE]


def size(memory: Memory) -> int:
    return len(memory.title.encode()) + len(memory.content.encode())


def total(events: list[Event], name: str) -> Any:
    return sum(event.data.get(name) or 0 for event in events)


@given(seeds)
def test_memories(seed: int) -> None:
    with lived(seed) as (store, memories, _):
        expected = [
            {
                **{name: getattr(memory, name) for name in Memory.model_fields if name != "provenance"},
                "type": str(memory.type),
                "state": str(memory.state),
                "bytes": size(memory),
                **{name: getattr(memory.provenance, name) for name in ("rule", "confidence", "notebook", "model")},
                "author": str(memory.provenance.author),
                "accepted": memory.provenance.accepted,
            }
            for memory in memories
        ]
        assert plain(analytics.memories(store, **EVERY)) == [
            {column.name: row[column.name] for column in analytics.COLUMNS["memories"]} for row in expected
        ]
        in_use = [memory.id for memory in active(memories)]
        assert list(analytics.memories(store)["id"]) == in_use
        assert len(in_use) == store.count() == store.stats().total
        notes = [memory.id for memory in active(memories) if memory.type == "general" and memory.project == "alpha"]
        assert list(store.df.memories(type="general", project="alpha")["id"]) == notes


@given(seeds)
def test_events(seed: int) -> None:
    with lived(seed) as (store, _, events):
        names = ("model", "action", "by", "query", "hits", "ms", "tokens", "cost", "value")
        expected = [
            {"at": e.at, "kind": e.kind, "memory_id": e.memory_id, "conversation_id": e.data.get("conversation")}
            | {name: e.data.get(name) for name in names}
            for e in events
        ]
        assert plain(analytics.events(store)) == expected
        assert plain(analytics.events(store, kinds=["rated"])) == [e for e in expected if e["kind"] == "rated"]
        since = datetime(2026, 3, 1, 12, tzinfo=UTC)
        assert plain(analytics.events(store, since=since)) == [e for e in expected if e["at"] >= since]
        assert plain(analytics.events(store, until=since)) == [e for e in expected if e["at"] < since]


@given(seeds)
def test_usage(seed: int) -> None:
    with lived(seed) as (store, memories, events):
        injections = of(events, "injected")
        frame = plain(analytics.usage(store, **EVERY))
        assert [row["id"] for row in frame] == [memory.id for memory in memories]
        for row, memory in zip(frame, memories, strict=True):
            injected, used, rated = (of(events, kind, memory) for kind in ("injected", "used", "rated"))
            good = sum(e.data["value"] > 0 for e in rated)
            tokens, cost = total(injected, "tokens"), total(injected, "cost")
            tried = max(len(injected), len(used)) + len(rated)
            assert row == {
                **{name: getattr(memory, name) for name in ("id", "title", "project", "created_at")},
                "type": str(memory.type),
                "state": str(memory.state),
                "retrieved": len(of(events, "retrieved", memory)),
                "injected": len(injected),
                "used": len(used),
                "good": good,
                "bad": len(rated) - good,
                "use_rate": len(used) / len(injected) if injected else None,
                "usefulness": pytest.approx((len(used) + good + 1) / (tried + 2)),
                "tokens": tokens,
                "token_share": pytest.approx(tokens / (total(injections, "tokens") or 1)),
                "cost": pytest.approx(cost),
                "cost_share": pytest.approx(cost / (total(injections, "cost") or 1)),
                "last_injected_at": max((e.at for e in injected), default=None),
                "last_used_at": max((e.at for e in used), default=None),
            }
        assert len(analytics.usage(store)) == store.count()


@given(seeds)
def test_usage_of_a_stretch_of_time(seed: int) -> None:
    since = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with lived(seed) as (store, memories, events):
        frame = analytics.usage(store, during=since, **EVERY)
        for injected, memory in zip(frame["injected"], memories, strict=True):
            assert injected == sum(e.at >= since for e in of(events, "injected", memory))


def hosts(memories: list[Memory], events: list[Event]) -> set[str]:
    found = {m.conversation_id for m in memories if m.conversation_id and m.state is not State.DELETED}
    return found | {e.data["conversation"] for e in events if e.kind in ("answered", "injected", "used") and e.data}


@given(seeds)
def test_conversations(seed: int) -> None:
    with lived(seed) as (store, memories, events):
        frame = plain(analytics.conversations(store))
        assert {row["conversation_id"] for row in frame} == hosts(memories, events)
        assert frame == sorted(frame, key=lambda row: (row["started_at"], row["conversation_id"]))
        for row in frame:
            name = row["conversation_id"]
            mine = [m for m in memories if m.conversation_id == name and m.state is not State.DELETED]
            said = [e for e in events if e.data.get("conversation") == name]
            replies = of(said, "answered")
            heard = [e.at for kind in ("answered", "injected", "used") for e in of(said, kind)]
            times = [memory.created_at for memory in mine] + heard
            homes = Counter(memory.project for memory in mine if memory.project)
            most = max(homes.values(), default=0)
            assert row == {
                "conversation_id": name,
                "project": min((p for p, n in homes.items() if n == most), default=None),
                "notebook": next((m.provenance.notebook for m in mine[::-1] if m.provenance.notebook), None),
                "model": next((e.data["model"] for e in replies[::-1] if e.data["model"]), None),
                "started_at": min(times),
                "ended_at": max(times),
                "replies": len(replies),
                "memories": sum(m.source != EXCHANGE and m.state is State.ACTIVE for m in mine),
                "exchanges": sum(m.source == EXCHANGE for m in mine),
                "injected": len(of(said, "injected")),
                "used": len(of(said, "used")),
                "prompt_tokens": total(replies, "prompt"),
                "completion_tokens": total(replies, "completion"),
                "memory_tokens": total(replies, "memory"),
                "cost": pytest.approx(total(replies, "cost")),
                "seconds": pytest.approx(total(replies, "ms") / 1000),
            }


def figures(memories: list[Memory], events: list[Event]) -> dict[str, Any]:
    ids = {memory.id for memory in memories}
    injected = [e for e in of(events, "injected") if e.memory_id in ids]
    return {
        "memories": len(memories),
        "injected": len(injected),
        "used": sum(e.memory_id in ids for e in of(events, "used")),
        "oldest": min(memory.created_at for memory in memories),
        "newest": max(memory.created_at for memory in memories),
        "bytes": sum(map(size, memories)),
        "tokens": total(injected, "tokens"),
        "cost": pytest.approx(total(injected, "cost")),
    }


@given(seeds)
def test_tags_and_projects(seed: int) -> None:
    with lived(seed) as (store, memories, events):
        here = active(memories)
        frame = plain(analytics.tags(store))
        keys = Counter(tag.casefold() for memory in here for tag in memory.tags)
        assert {row["tag"].casefold(): row["memories"] for row in frame} == keys
        assert frame == sorted(frame, key=lambda row: (-row["memories"], row["tag"]))
        for row in frame:
            mine = [m for m in here if row["tag"].casefold() in {tag.casefold() for tag in m.tags}]
            assert row["tag"] in {tag for m in mine for tag in m.tags}
            assert row["projects"] == len({memory.project for memory in mine if memory.project})
            expected = figures(mine, events)
            assert {name: row[name] for name in expected if name in row} == {
                name: value for name, value in expected.items() if name in row
            }
        frame = plain(analytics.projects(store))
        assert {row["project"]: row["memories"] for row in frame} == Counter(memory.project for memory in here)
        for row in frame:
            mine = [memory for memory in here if memory.project == row["project"]]
            assert row == {
                "project": row["project"],
                "share": pytest.approx(len(mine) / len(here)),
                **figures(mine, events),
            }


@given(seeds)
def test_growth(seed: int) -> None:
    with lived(seed) as (store, memories, _):
        added = Counter((day(memory.created_at), str(memory.type)) for memory in memories)
        removed = Counter((day(m.deleted_at), str(m.type)) for m in memories if m.deleted_at)
        frame = plain(analytics.growth(store))
        assert [(row["day"], row["type"]) for row in frame] == sorted(added.keys() | removed.keys())
        for row in frame:
            key = (row["day"], row["type"])
            there = sum(n for (at, kind), n in added.items() if kind == row["type"] and at <= row["day"])
            gone = sum(n for (at, kind), n in removed.items() if kind == row["type"] and at <= row["day"])
            assert (row["added"], row["removed"], row["total"]) == (added[key], removed[key], there - gone)


@given(seeds)
def test_searches(seed: int) -> None:
    with lived(seed) as (store, _, events):
        assert plain(analytics.searches(store)) == [
            {"at": e.at, **e.data, "hits": e.data["hits"], "nothing_found": e.data["hits"] == 0}
            for e in of(events, "searched")
        ]


def outcome(memory: Memory, events: list[Event]) -> str:
    kinds = ("stored", "edited", "deleted", "restored")
    changes = [e for e in events if e.memory_id == memory.id and e.kind in kinds]
    if memory.deleted_at:
        if changes and changes[-1].data.get("action") == "undo":
            return "undone"
        return "rejected" if memory.held else "deleted"
    words = {"active": "in use", "held": "waiting", "superseded": "replaced"}
    return words.get(memory.state, str(memory.state))


@given(seeds)
def test_captures(seed: int) -> None:
    with lived(seed) as (store, memories, events):
        captured = [m for m in memories if m.provenance.author == "capture" and m.source != EXCHANGE]
        assert plain(analytics.captures(store)) == [
            {
                **{name: getattr(m, name) for name in ("id", "title", "project", "conversation_id")},
                **{name: getattr(m.provenance, name) for name in ("rule", "confidence", "notebook", "model")},
                "type": str(m.type),
                "at": m.created_at,
                "outcome": outcome(m, events),
                "accepted": m.provenance.accepted,
                "undone": outcome(m, events) == "undone",
                "wrong": outcome(m, events) in ("rejected", "undone", "deleted"),
            }
            for m in captured
        ]


@given(seeds)
def test_costs(seed: int) -> None:
    with lived(seed) as (store, _, events):
        answers = of(events, "answered")
        keys = sorted({(day(e.at), e.data["model"] or "unknown") for e in answers})
        frame = plain(analytics.costs(store))
        assert [(row["day"], row["model"]) for row in frame] == keys
        for row in frame:
            mine = [e for e in answers if (day(e.at), e.data["model"] or "unknown") == (row["day"], row["model"])]
            assert row == {
                "day": row["day"],
                "model": row["model"],
                "replies": len(mine),
                "prompt_tokens": total(mine, "prompt"),
                "completion_tokens": total(mine, "completion"),
                "memory_tokens": total(mine, "memory"),
                "cost": pytest.approx(total(mine, "cost")),
                "unpriced": sum(e.data["cost"] is None for e in mine),
                "seconds": pytest.approx(median(e.data["ms"] / 1000 for e in mine)),
            }


@given(seeds)
def test_duplicates(seed: int) -> None:
    with lived(seed) as (store, memories, _):
        rng = random.Random(seed)
        for memory in rng.sample(memories, min(3, len(memories))):
            store.add(memory.content.swapcase(), project=memory.project)
        frame = plain(analytics.duplicates(store))
        groups = find_duplicates(store.search("", limit=1000, project="*").memories)
        expected = [(number, memory, group) for number, group in enumerate(groups, 1) for memory in group.memories]
        assert [(row["group"], row["id"]) for row in frame] == [(n, memory.id) for n, memory, _ in expected]
        for row, (_, memory, group) in zip(frame, expected, strict=True):
            assert row["keep"] == (memory.id == group.keeper.id)
            assert (row["likeness"], row["similarity"]) == (str(group.likeness), group.similarity)
            assert (row["content"], row["project"]) == (memory.content, memory.project)


# -- types and edges --------------------------------------------------------------------------

STORAGE = "pyarrow" if find_spec("pyarrow") else "python"
DTYPES: dict[str, Callable[[Any], bool]] = {
    "text": lambda dtype: isinstance(dtype, pd.StringDtype) and dtype.storage == STORAGE,
    "category": lambda dtype: isinstance(dtype, pd.CategoricalDtype),
    "time": lambda dtype: str(dtype) == "datetime64[us, UTC]",
    "count": lambda dtype: dtype == "int64",
    "number": lambda dtype: dtype == "float64",
    "flag": lambda dtype: dtype == "bool",
    "list": lambda dtype: dtype == "object",
}


@pytest.mark.parametrize("name", analytics.FRAMES)
@pytest.mark.parametrize("filled", ["empty", "one", "many"])
def test_columns_are_what_they_are_declared_to_be(store: MemoryStore, name: str, filled: str) -> None:
    if filled == "one":
        store.add("The label is is_churned.", tags=["churn"])
    elif filled == "many":
        live(store, 7, memories=40, events=200)
    frame = analytics.FRAMES[name](store)
    columns = analytics.COLUMNS[name]
    assert list(frame.columns) == [column.name for column in columns]
    for column in columns:
        assert DTYPES[column.kind](frame[column.name].dtype), column
    assert frame.index.equals(pd.RangeIndex(len(frame)))
    again = analytics.FRAMES[name](store)
    pd.testing.assert_frame_equal(frame, again)


def test_one_memory(store: MemoryStore) -> None:
    memory = store.add("The label is is_churned.", tags=["churn"], project="telco")
    (row,) = plain(store.df.memories())
    assert (row["id"], row["tags"], row["project"], row["state"]) == (memory.id, ("churn",), "telco", "active")
    (row,) = plain(store.df.usage())
    assert (row["injected"], row["use_rate"], row["usefulness"]) == (0, None, 0.5)
    assert [(row["tag"], row["memories"]) for row in plain(store.df.tags())] == [("churn", 1)]
    assert [(row["project"], row["share"]) for row in plain(store.df.projects())] == [("telco", 1.0)]


def test_without_pyarrow_texts_are_pythons(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    from littlemem_ipy.analytics import building

    monkeypatch.setattr(building, "TEXT", pd.StringDtype("python"))
    store.add("The label is is_churned.", project="telco")
    frame = store.df.memories()
    assert frame["content"].dtype == pd.StringDtype("python")
    assert list(frame["project"]) == ["telco"]


def test_years_at_both_ends_of_the_calendar(store: MemoryStore) -> None:
    store.add_many([{"content": "old", "created_at": datetime(1, 1, 2, tzinfo=UTC)}])
    store.add_many([{"content": "far", "created_at": datetime(9999, 12, 30, tzinfo=UTC)}])
    assert [moment.year for moment in store.df.memories()["created_at"]] == [1, 9999]
    assert len(store.df.growth()) == 2


def test_the_door_of_the_store(store: MemoryStore) -> None:
    assert dir(store.df) == sorted(analytics.FRAMES)
    assert "usage" in repr(store.df)
    assert "<table" in store.df._repr_html_()
    assert not hasattr(store.df, "nothing")
    with pytest.raises(AttributeError, match="no frame 'nothing'; one of memories"):
        store.df.nothing()


def test_every_frame_tells_its_columns() -> None:
    assert list(analytics.COLUMNS) == list(analytics.FRAMES)
    for name, columns in analytics.COLUMNS.items():
        assert len({column.name for column in columns}) == len(columns)
        assert all(column.meaning for column in columns)
        assert len(analytics.explained(name).rows) == len(columns)
    with pytest.raises(InvalidInput, match="there is no frame 'x'; one of memories"):
        analytics.explained("x")


def test_bad_filters_are_refused(store: MemoryStore) -> None:
    with pytest.raises(InvalidInput, match="'nonsense' is not"):
        store.df.memories(type="nonsense")
    with pytest.raises(InvalidInput):
        store.df.events(since="the day after never")


def test_a_chat_leaves_what_the_frames_need(store: MemoryStore) -> None:
    from littlemem_ipy.chat import ChatSession

    store.add("The churn label is is_churned: 1 means the customer left.", project=None)
    chat = ChatSession(store, model="demo")
    reply = chat.send("What does is_churned mean?")
    (row,) = plain(store.df.usage(sources_none="exchange"))
    assert reply.used
    assert (row["injected"], row["used"], row["tokens"] > 0) == (1, 1, True)
    (talk,) = plain(store.df.conversations())
    assert (talk["conversation_id"], talk["replies"], talk["exchanges"], talk["used"]) == (chat.id, 1, 1, 1)
    (cost,) = plain(store.df.costs())
    assert (cost["model"], cost["replies"], cost["memory_tokens"]) == (reply.model, 1, reply.recall.tokens)
    assert [row["by"] for row in plain(store.df.searches())] == ["chat"]
    assert EventKind.ANSWERED in set(store.df.events()["kind"])


@settings(max_examples=5)
@given(seeds)
def test_figures_of_the_store_agree(seed: int) -> None:
    with lived(seed) as (store, memories, _):
        stats, frame = store.stats(), store.df.memories()
        assert stats.total == len(frame)
        assert dict(stats.by_type) == {str(k): n for k, n in Counter(str(m.type) for m in active(memories)).items()}
        assert stats.bytes == frame["bytes"].sum()
