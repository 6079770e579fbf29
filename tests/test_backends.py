"""One suite for every backend: rows in, rows out, in transactions, and no policy."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from littlemem_ipy.backends import Backend, Change, MemoryRow, Moved, UsageRow, open_backend
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Event, EventKind, Memory, Provenance, SearchQuery, State, build
from littlemem_ipy.models.checks import new_id
from littlemem_ipy.models.times import now
from tests import strategies as some
from tests.conftest import FULL
from tests.oracle import START, listed, passes, some_memory, some_query
from tests.postgres import fresh_address

# The address of a store in a directory, by the name of its backend. A new backend joins here.
ADDRESSES: dict[str, Callable[[Path], str]] = {
    "sqlite": lambda directory: f"sqlite:///{directory / 'conformance' / 'memory.db'}",
    "json": lambda directory: f"json:///{directory / 'conformance'}",
}
if find_spec("psycopg"):  # an extra, which the wheel is tested without
    ADDRESSES["postgres"] = lambda directory: fresh_address()

ALL = tuple(State)
EVERYTHING = SearchQuery(states=ALL, limit=100_000)


@pytest.fixture(params=sorted(ADDRESSES), scope="module")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return ADDRESSES[request.param](tmp_path_factory.mktemp("filled"))


@pytest.fixture(params=sorted(ADDRESSES))
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    opened = open_backend(ADDRESSES[request.param](tmp_path))
    yield opened
    opened.close()


class Records(list[Memory]):
    """Memories that don't fill the screen when a test fails."""

    def __repr__(self) -> str:
        return f"<{len(self)} memories>"


def memory(content: str = "text", **fields: object) -> Memory:
    return build(Memory, {"content": content, **fields})


def put(backend: Backend, *memories: Memory, action: str = "add") -> None:
    backend.put([Change(each, action) for each in memories])


def contents(backend: Backend, query: SearchQuery = EVERYTHING) -> list[str]:
    return [each.content for each in backend.select(query)[0]]


# -- addresses --------------------------------------------------------------------------------


def test_its_address_opens_it_again(backend):
    put(backend, memory("here"))
    backend.close()
    again = open_backend(backend.url)
    assert again.url == backend.url
    assert contents(again) == ["here"]
    again.close()


@pytest.mark.parametrize(
    "name", ["a b.db", "100%25.db", "ä?#&=.db", "sub/dir/x.db", "'quote\".db", "mem.sqlite3", "x"]
)
def test_any_name_of_a_file_will_do(name, tmp_path):
    first = open_backend(tmp_path / "files" / name)
    put(first, memory("here"))
    first.close()
    assert (tmp_path / "files" / name).is_file()
    second = open_backend(first.url)
    assert contents(second) == ["here"]
    second.close()


def test_a_relative_name_means_the_place_where_it_was_opened(tmp_path, monkeypatch):
    backend = open_backend("memory.db")
    put(backend, memory("one"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    put(backend, memory("two"))
    assert sorted(contents(backend)) == ["one", "two"]
    assert list((tmp_path / "elsewhere").iterdir()) == []
    backend.close()


@pytest.mark.parametrize(
    "bad",
    [
        "",
        " ",
        "a\x00b",
        5,
        None,
        b"bytes.db",
        "\ud800.db",
        "~nobody-has-this-name/x.db",
        "mysql://host/db",
        "sqlite://",
        "http://x/y",
        "sqlite:////",
    ],
)
def test_a_bad_address_is_refused_and_nothing_is_made(bad, tmp_path):
    with pytest.raises(InvalidInput) as refused:
        open_backend(bad)
    assert "\n" not in str(refused.value)
    assert list((tmp_path / "here").iterdir()) == []


def test_opening_makes_no_file(tmp_path):
    backend = open_backend(tmp_path / "later" / "memory.db")
    assert not (tmp_path / "later").exists()
    backend.close()
    assert not (tmp_path / "later").exists()


# -- rows -------------------------------------------------------------------------------------


def test_every_field_comes_back(backend):
    full = memory(
        "line one\n\tline \u202e two 🙂",
        title="A title",
        type="solution",
        tags=["One", "two words", "zwei"],
        project="Projekt ä",
        conversation_id="chat",
        source="my label",
        importance=0.25,
        pinned=True,
        access_count=3,
        provenance=Provenance(
            author="model", notebook="n.ipynb", cell_id="c1", execution_count=7, confidence=0.5, extra={"a": [1]}
        ),
        created_at="2020-02-29T23:59:59.999999+05:30",
        updated_at="2021-01-01T00:00:00Z",
        last_accessed_at="2022-01-01T00:00:00Z",
        expires_at="9999-12-31T23:59:59.999999Z",
        archived_at="0001-01-01T00:00:00Z",
        deleted_at="1969-12-31T23:59:59.999999Z",
        superseded_by=new_id(),
        held="why",
        revision=4,
    )
    put(backend, full)
    found = backend.get([full.id])[full.id]
    assert found == full
    assert found.provenance.extra == {"a": [1]}
    assert found.created_at.tzinfo is UTC


@given(data=st.data())
def test_any_memory_comes_back(backend, data):
    one = memory(
        data.draw(some.contents),
        tags=data.draw(some.tags),
        type=data.draw(some.types),
        project=data.draw(some.projects),
        created_at=data.draw(some.moments),
        expires_at=data.draw(st.none() | some.moments),
    )
    put(backend, one)
    assert backend.get([one.id]) == {one.id: one}
    assert one in backend.same(one.content_hash, one.project)


def test_get_leaves_out_what_is_not_there(backend):
    many = [memory(f"text {n}") for n in range(1200)]
    put(backend, *many)
    assert backend.get([]) == {}
    asked = [new_id(), *(each.id for each in many), new_id()]
    assert backend.get(asked) == {each.id: each for each in many}


def test_same_text_is_found_in_its_project_only(backend):
    here, there, gone = (memory("same", project=project) for project in ("a", "b", "a"))
    put(backend, here, there, gone)
    put(backend, gone.changed(deleted_at=now(), revision=2), action="delete")
    assert [each.id for each in backend.same(here.content_hash, "a")] == [here.id]
    assert [each.id for each in backend.same(here.content_hash, "b")] == [there.id]
    assert backend.same(here.content_hash, None) == []
    assert backend.same(memory("other").content_hash, "a") == []


def test_near_and_names(backend):
    put(backend, *(memory(f"n{n}", tags=["often", f"t{n}"], project="p" if n else "q") for n in range(3)))
    newest = backend.near("mem_", 10)
    assert len(newest) == 3
    assert backend.near(newest[0][:-1], 10) == [newest[0]]
    assert backend.near("mem_", 1) == newest[:1]
    assert backend.near("x'\"%", 5) == []
    assert backend.names("projects") == ["p", "q"]
    assert backend.names("tags")[0] == "often"
    assert sorted(backend.names("tags")[1:]) == ["t0", "t1", "t2"]


# -- transactions -----------------------------------------------------------------------------


def test_a_transaction_that_fails_leaves_nothing(backend):
    def fails() -> None:
        with backend.write():
            put(backend, memory("lost"))
            backend.log([Event(EventKind.STORED, now())])
            with backend.write():
                put(backend, memory("lost as well"))
            raise RuntimeError("stop")

    put(backend, memory("before"))
    with pytest.raises(RuntimeError):
        fails()
    assert contents(backend) == ["before"]
    put(backend, memory("after"))
    assert sorted(contents(backend)) == ["after", "before"]
    assert backend.events([EventKind.STORED]) == [], "the log of a transaction goes with it"


def test_a_failure_inside_undoes_the_whole(backend):
    def fails() -> None:
        with backend.write():
            put(backend, memory("first"))
            with backend.write():
                raise RuntimeError("inner")

    with pytest.raises(RuntimeError):
        fails()
    assert contents(backend) == []


def test_a_transaction_sees_its_own_writes(backend):
    with backend.write():
        one = memory("mine")
        put(backend, one)
        assert backend.get([one.id])[one.id] == one
        assert contents(backend) == ["mine"]


def test_closing_is_no_end(backend):
    put(backend, memory("one"))
    backend.close()
    backend.close()
    put(backend, memory("two"))
    assert sorted(contents(backend)) == ["one", "two"]


# -- listing against the oracle ---------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(address: str) -> Iterator[tuple[Backend, list[Memory]]]:
    rng = random.Random(20261123)
    memories = Records(some_memory(rng) for _ in range(400))
    backend = open_backend(address)
    put(backend, *memories)
    # Half of them change once more, so that an index which forgets would show.
    for place in range(0, 400, 2):
        changed = some_memory(rng)
        memories[place] = changed.changed(
            id=memories[place].id, revision=2, access_count=memories[place].access_count
        )
    put(backend, *memories[::2], action="edit")
    yield backend, memories
    backend.close()


@given(seed=st.integers(0, 2**32))
def test_listing_agrees_with_the_oracle(filled, seed):
    backend, memories = filled
    rng = random.Random(seed)
    for _ in range(10):
        query = some_query(rng)
        found, total = backend.select(query)
        assert ([each.id for each in found], total) == listed(memories, query)
        assert all(passes(each, query) for each in found)


@given(seed=st.integers(0, 2**32), text=some.any_text)
def test_searching_agrees_with_the_oracle(filled, seed, text):
    """Every hit satisfies every filter, and a rare word finds all that hold it."""
    from littlemem_ipy import search

    backend, memories = filled
    by_id = {each.id: each for each in memories}
    rng = random.Random(seed)
    for words in (
        text,
        rng.choice(("polars", "churn", "parquet", "東京", "straße", "KeyError", "zpnone", "timeout")),
    ):
        query = some_query(rng, text=words).model_copy(update={"limit": 1000, "offset": 0})
        hits, total = search.find(backend, query)
        assert len({hit.memory.id for hit in hits}) == len(hits) <= max(total, 0)
        assert all(passes(hit.memory, query) and by_id[hit.memory.id] == hit.memory for hit in hits)
        assert all(0 <= hit.score <= 1 for hit in hits)
    if query.text.strip():
        holding = {each.id for each in memories if passes(each, query) and query.text in each.content.split()}
        assert sorted(holding - {hit.memory.id for hit in hits}) == [], query


@given(seed=st.integers(0, 2**32))
def test_the_states_of_the_rows_are_those_of_the_records(filled, seed):
    backend, memories = filled
    wanted = random.Random(seed).choice(ALL)
    found, total = backend.select(SearchQuery(states=(wanted,), limit=1000))
    assert {each.id for each in found} == {each.id for each in memories if each.state is wanted}
    assert total == backend.stats().by_state.get(wanted, 0)


def test_paging_neither_repeats_nor_skips(filled):
    backend, memories = filled
    pages = [backend.select(SearchQuery(states=ALL, limit=7, offset=start))[0] for start in range(0, 420, 7)]
    seen = [each.id for page in pages for each in page]
    assert seen == listed(memories, EVERYTHING)[0]
    assert len(set(seen)) == len(memories)


def test_figures_agree_with_the_oracle(filled):
    backend, memories = filled
    stats, active = backend.stats(), [each for each in memories if each.state is State.ACTIVE]
    assert stats.total == len(active) == sum(stats.by_type.values()) == sum(stats.by_project.values())
    assert stats.by_type == {
        kind: n for kind in some.MemoryType if (n := sum(each.type is kind for each in active))
    }
    assert stats.by_project == {
        p: sum(each.project == p for each in active) for p in {each.project for each in active}
    }
    assert stats.bytes == sum(len((each.title + each.content).encode()) for each in active)
    assert (stats.oldest, stats.newest) == (min(e.created_at for e in active), max(e.created_at for e in active))
    assert sum(stats.by_state.values()) == len(memories)


def test_an_empty_store_has_figures(backend):
    stats = backend.stats()
    assert (stats.total, stats.bytes, stats.oldest, stats.by_type, stats.most_used) == (0, 0, None, {}, ())
    assert stats.file_bytes >= 0
    assert all(finding.ok for finding in backend.check())


@given(text=some.any_text)
@example("\x00")
@example("0=¼")
@example("x\U0001e900y=z")
def test_words_of_any_text_are_searched_or_found_nowhere(filled, text):
    from littlemem_ipy import search

    backend, _ = filled
    hits, total = search.find(backend, build(SearchQuery, {"text": text, "states": ALL}))
    assert len(hits) <= 10
    assert total >= len(hits)


# -- history ----------------------------------------------------------------------------------


@given(seed=st.integers(0, 2**32))
def test_history_gives_back_every_earlier_state(backend, seed):
    rng = random.Random(seed)
    versions = [some_memory(rng)]
    put(backend, versions[0])
    for number in range(2, rng.randint(2, 6)):
        fresh = some_memory(rng)
        names = rng.sample(
            ["content", "title", "tags", "type", "project", "held", "pinned", "expires_at", "deleted_at"], 3
        )
        changes = {name: getattr(fresh, name) for name in names}
        versions.append(versions[-1].changed(**changes, revision=number, updated_at=now()))
        put(backend, versions[-1], action="edit")
    history = backend.revisions(versions[0].id)
    assert [each.memory for each in history] == versions
    assert [each.number for each in history] == [each.revision for each in versions]
    assert [each.action for each in history] == ["add", *["edit"] * (len(versions) - 1)]
    for since in range(1, len(versions) + 1):
        assert backend.revisions(versions[0].id, since) == history[since - 1 :]
    assert backend.revisions(versions[0].id, len(versions) + 1) == []


def test_batches_are_transactions_newest_first(backend):
    one, two, three = (memory(f"text {n}", project=p) for n, p in enumerate(("a", "a", None)))
    with backend.write():
        put(backend, one)
        put(backend, two)
    put(backend, three)
    put(backend, one.changed(content="new", revision=2), action="edit")
    found = backend.batches(9, SearchQuery(states=tuple(State)))
    assert [[(name, action, before) for name, action, before in each.changes] for each in found] == [
        [(one.id, "edit", one)],
        [(three.id, "add", None)],
        [(one.id, "add", None), (two.id, "add", None)],
    ]
    assert [each.key for each in backend.batches(1, SearchQuery(states=tuple(State)))] == [found[0].key]
    assert [each.key for each in backend.batches(9, SearchQuery(states=tuple(State), projects=("a",)))] == [
        found[0].key,
        found[2].key,
    ]
    assert [each.key for each in backend.batches(9, SearchQuery(states=tuple(State), projects=(None,)))] == [
        found[1].key
    ]
    backend.mark_undone(found[0].key)
    assert [each.key for each in backend.batches(9, SearchQuery(states=tuple(State)))] == [
        each.key for each in found[1:]
    ]


def test_a_batch_tells_what_was_before_it_whatever_came_later(backend):
    states = [memory("first", tags=("a",))]
    put(backend, states[0])
    for number in range(2, 6):
        states.append(states[-1].changed(content=f"text {number}", revision=number, updated_at=now()))
        put(backend, states[-1], action="edit")
    with backend.write():
        for number in (6, 7):
            states.append(states[-1].changed(tags=(f"t{number}",), revision=number, updated_at=now()))
            put(backend, states[-1], action="retag")
    found = backend.batches(9, SearchQuery(states=tuple(State)))
    told = [[before for _, _, before in each.changes] for each in found]
    assert told == [states[4:6], [states[3]], [states[2]], [states[1]], [states[0]], [None]]


def test_unknown_memories_have_no_history(backend):
    assert backend.revisions(new_id()) == []
    assert backend.batches(5, SearchQuery(states=tuple(State))) == []


# -- events -----------------------------------------------------------------------------------


def test_events_are_kept_in_order_and_counted(backend):
    one = memory("read me", access_count=2)
    put(backend, one)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    kinds = [EventKind.RETRIEVED, EventKind.INJECTED, EventKind.USED, EventKind.SEARCHED]
    backend.log([Event(kind, start + timedelta(days=n), one.id, {"n": n}) for n, kind in enumerate(kinds)])
    found = backend.events()
    assert [(str(each.kind), each.data["n"]) for each in found] == [
        ("searched", 3),
        ("used", 2),
        ("injected", 1),
        ("retrieved", 0),
    ]
    assert all(each.memory_id == one.id for each in found)
    assert [each.at for each in backend.events([EventKind.USED])] == [start + timedelta(days=2)]
    assert len(backend.events(limit=2)) == 2
    read = backend.get([one.id])[one.id]
    assert (read.access_count, read.last_accessed_at) == (4, start + timedelta(days=1))
    assert backend.stats().most_used == ((one.id, 4),)


def test_events_of_unknown_memories_are_kept(backend):
    backend.log([Event("retrieved", now(), new_id())])
    assert [each.memory_id for each in backend.events()] == [None]


def test_uses_and_ratings_are_counted_for_the_ranking(backend):
    one, two = memory("first text"), memory("second text")
    put(backend, one, two)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    kinds = [EventKind.INJECTED, EventKind.INJECTED, EventKind.USED, EventKind.STORED]
    backend.log([Event(kind, at, one.id, {}) for kind in kinds])
    backend.log([Event(EventKind.RATED, at, one.id, {"value": value}) for value in (1, -1, -1)])
    query = SearchQuery(text="text")
    counted = {
        passage.title: (passage.injected, passage.used, passage.rated)
        for passage in backend.index.passages(backend.index.postings([["text"]], query, 10), query)
    }
    assert counted == {"first text": (2, 1, -1), "second text": (0, 0, 0)}


def test_rows_are_what_the_memories_are(filled):
    backend, memories = filled
    everything = {row.id: row for row in backend.rows(EVERYTHING)}
    assert len(everything) == len(memories)
    for each in memories:
        assert everything[each.id] == row_of(each)


@given(st.integers(0, 2**32))
def test_rows_pass_the_filters(filled, seed):
    backend, memories = filled
    query = some_query(random.Random(seed))
    assert {row.id for row in backend.rows(query)} == {each.id for each in memories if passes(each, query)}


def micros(moment: datetime | None) -> int | None:
    return moment and (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def row_of(each: Memory) -> MemoryRow:
    """Return the plain values of a memory."""

    values = {
        name: micros(value) if name.endswith("_at") else value for name, value in each if name in MemoryRow._fields
    }
    provenance = each.provenance.compact()
    return MemoryRow(
        **values
        | {
            "type": str(each.type),
            "tags": json.dumps(each.tags, ensure_ascii=False),
            "provenance": json.dumps(provenance, ensure_ascii=False) if provenance else None,
            "pinned": int(each.pinned),
        }
    )


def test_event_rows_are_the_events(backend):
    one = memory("read me")
    put(backend, one)
    at = datetime(2026, 1, 1, 0, 0, 0, 7, tzinfo=UTC)
    backend.log([Event("searched", at, None, {"query": "größe", "n": 1}), Event("retrieved", at, one.id)])
    backend.log([Event("used", at, new_id())])
    found = backend.event_rows()
    assert [(row.kind, row.memory_id) for row in found] == [
        ("searched", None),
        ("retrieved", one.id),
        ("used", None),
    ]
    assert {row.at for row in found} == {1_767_225_600_000_007}
    assert [json.loads(row.data or "{}") for row in found] == [{"query": "größe", "n": 1}, {}, {}]
    assert backend.event_rows([EventKind.RETRIEVED, "nothing"]) == found[1:2]


def test_usage_rows_add_up_the_log(backend):
    one, gone = memory("one"), memory("gone")
    put(backend, one, memory("never"), gone)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    backend.log(
        [
            Event(EventKind.RETRIEVED, at, one.id),
            Event(EventKind.INJECTED, at, one.id, {"tokens": 40, "cost": 0.25}),
            Event(EventKind.INJECTED, at + timedelta(days=2), one.id, {"tokens": 7, "cost": None}),
            Event(EventKind.INJECTED, at + timedelta(days=1), one.id, {"tokens": None}),
            Event(EventKind.USED, at, one.id, {"tokens": 9, "cost": 1}),
            Event(EventKind.RATED, at, one.id, {"value": 1}),
            Event(EventKind.RATED, at, one.id, {"value": -1}),
            Event(EventKind.RATED, at, one.id, {"value": -1}),
            Event(EventKind.RATED, at, one.id),
            Event(EventKind.INJECTED, at, gone.id, {"tokens": 100, "cost": 0.5}),
            Event(EventKind.SEARCHED, at, None, {"hits": 3}),
        ]
    )
    last = micros(at + timedelta(days=2))
    row = UsageRow(one.id, 1, 3, 1, 1, 2, 47, 0.25, last, micros(at))
    assert sorted(backend.usage_rows()) == sorted(
        [row, UsageRow(gone.id, injected=1, tokens=100, cost=0.5, last_injected_at=micros(at))]
    )
    assert backend.usage_rows(last) == [UsageRow(one.id, injected=1, tokens=7, last_injected_at=last)]
    assert backend.usage_rows(last + 1) == []
    backend.purge([gone.id])
    assert {each.memory_id: each.tokens for each in backend.usage_rows()} == {one.id: 47, None: 100}


def test_usage_rows_count_what_is_no_number_as_nothing(backend):
    one = memory("one")
    put(backend, one)
    odd: list[object] = ["many", [1], {"a": 1}, True, "7"]
    backend.log([Event(EventKind.INJECTED, now(), one.id, {"tokens": each, "cost": each}) for each in odd])
    backend.log([Event(EventKind.RATED, now(), one.id, {"value": each}) for each in odd])
    (row,) = backend.usage_rows()
    assert (row.injected, row.good, row.bad, row.tokens, row.cost) == (5, 0, 0, 0, 0)


# -- moving -----------------------------------------------------------------------------------


def lived(backend: Backend) -> Memory:
    """Put a memory that was changed twice and read three times, and return it."""
    first = memory("one", tags=["a"])
    put(backend, first)
    put(backend, first.changed(content="two", title="Two", revision=2, updated_at=now()), action="edit")
    put(backend, first.changed(content="two", archived_at=now(), revision=3, updated_at=now()), action="archive")
    backend.log([Event(EventKind.RETRIEVED, now(), first.id, {"n": n}) for n in range(3)])
    return backend.get([first.id])[first.id]


def moved_out(backend: Backend, one: Memory) -> tuple[Moved, list[Event]]:
    return Moved(one, tuple(backend.revisions(one.id))), backend.events()[::-1]


def test_a_memory_moves_with_history_counts_and_events(backend, tmp_path):
    old = open_backend(tmp_path / "old.db")
    one = lived(old)
    moved, events = moved_out(old, one)
    for _ in range(2):  # and again changes nothing
        backend.adopt([moved], [] if backend.events() else events)
        assert backend.get([one.id]) == {one.id: one}
        assert backend.get([one.id])[one.id].access_count == 3
        assert backend.revisions(one.id) == old.revisions(one.id)
        assert backend.events() == old.events()
    backend.log([Event(EventKind.RETRIEVED, now(), one.id)])
    assert backend.get([one.id])[one.id].access_count == 4
    old.close()


def test_what_has_moved_is_one_batch(backend, tmp_path):
    old = open_backend(tmp_path / "old.db")
    one = lived(old)
    with backend.write():
        backend.adopt([moved_out(old, one)[0]])
        backend.adopt([Moved(memory("without a history", revision=7))])
    (batch,) = backend.batches(5, EVERYTHING)
    first = {memory_id: before for memory_id, _, before in reversed(batch.changes)}
    assert len(batch.changes) == 4
    assert set(first.values()) == {None}, "the oldest change of each is that it was added"
    old.close()


def test_a_memory_that_moves_over_another_goes_on_with_its_history(backend):
    one = lived(backend)
    other = one.changed(content="theirs", revision=4, access_count=9, last_accessed_at=START, updated_at=START)
    backend.adopt([Moved(other)])
    assert backend.get([one.id]) == {one.id: other}
    assert [(r.number, r.action, r.memory.content) for r in backend.revisions(one.id)] == [
        (1, "add", "one"),
        (2, "edit", "two"),
        (3, "archive", "two"),
        (4, "import", "theirs"),
    ]
    backend.adopt([Moved(other.changed(revision=5, access_count=0, last_accessed_at=None))])
    assert backend.get([one.id])[one.id].access_count == 0


def test_a_move_that_fails_leaves_nothing(backend):
    def fails() -> None:
        with backend.write():
            backend.adopt([Moved(memory("lost"))], [Event("stored", now())])
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        fails()
    assert contents(backend) == []
    assert backend.events() == []


# -- purging ----------------------------------------------------------------------------------


def test_a_purged_memory_is_nowhere(backend):
    stays, goes = memory("stays here"), memory("goes away", tags=["t"])
    put(backend, stays, goes)
    put(backend, goes.changed(content="goes far away", revision=2), action="edit")
    backend.log([Event("retrieved", now(), goes.id)])
    backend.purge([goes.id, new_id()])
    assert contents(backend) == ["stays here"]
    assert backend.get([goes.id]) == {}
    assert backend.revisions(goes.id) == []
    assert [
        name for each in backend.batches(9, SearchQuery(states=tuple(State))) for name, _, _ in each.changes
    ] == [stays.id]
    assert backend.names("tags") == []
    assert all(finding.ok for finding in backend.check())
    put(backend, goes)
    assert len(contents(backend)) == 2


# -- SQLite alone -----------------------------------------------------------------------------


def full_text_index(raw: sqlite3.Connection) -> str:
    (name,) = raw.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%VIRTUAL TABLE%fts5%'").fetchone()
    return str(name)


def test_the_index_holds_what_the_rows_hold(filled):
    backend, _ = filled
    if not backend.url.startswith(("sqlite", "json")):
        pytest.skip("looks into the SQLite file")
    raw = sqlite3.connect(backend.path)
    name = full_text_index(raw)
    # Raises where the index and the rows differ; https://sqlite.org/fts5.html, section 6.4.
    raw.execute(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)")
    raw.rollback()
    assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
    raw.close()


def test_the_index_notices_when_it_is_wrong(tmp_path):
    """The check above can fail: a row changed behind the triggers' back is noticed."""
    backend = open_backend(tmp_path / "memory.db")
    put(backend, memory("alpha"))
    backend.close()
    raw = sqlite3.connect(tmp_path / "memory.db")
    triggers = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    assert len(triggers) >= 3
    for trigger in triggers:
        raw.execute(f"DROP TRIGGER {trigger}")
    raw.execute("UPDATE memories SET content = 'beta'")
    name = full_text_index(raw)
    with pytest.raises(sqlite3.DatabaseError):
        raw.execute(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)")
    raw.close()


def test_the_file_says_whose_it_is(tmp_path):
    from littlemem_ipy.backends.sqlite.schema import APPLICATION_ID, LATEST

    backend = open_backend(tmp_path / "memory.db")
    put(backend, memory())
    raw = backend.connection._raw
    assert raw.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert raw.execute("PRAGMA user_version").fetchone()[0] == LATEST
    assert raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert raw.execute("PRAGMA synchronous").fetchone()[0] == 2, "FULL: a commit waits for the disk"
    assert raw.execute("PRAGMA secure_delete").fetchone()[0] == 1
    backend.close()


@pytest.mark.parametrize(
    ("kind", "remote"),
    [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False), ("tmpfs", False), ("9p", True)],
)
def test_network_file_systems_are_told_from_the_mounts(kind, remote, tmp_path):
    from littlemem_ipy.backends.mounts import is_network

    mounts = tmp_path / "mounts"
    place = str(tmp_path).replace(" ", "\\040")
    mounts.write_text(
        f"/dev/root / ext4 rw 0 0\nserver:/x {place} {kind} rw 0 0\nserver:/y {place}-other nfs rw 0 0\n"
    )
    assert is_network(tmp_path, mounts) is remote
    assert is_network(tmp_path / "below", mounts) is remote


def test_on_a_network_file_system_there_is_a_rollback_journal_and_a_warning(tmp_path, monkeypatch):
    from littlemem_ipy.backends.sqlite import connection
    from littlemem_ipy.errors import LittleMemWarning

    local = open_backend(tmp_path / "memory.db")
    put(local, memory("kept"))
    local.close()
    monkeypatch.setattr(connection, "is_network", lambda path: True)
    remote = open_backend(tmp_path / "memory.db")
    with pytest.warns(LittleMemWarning, match="rollback journal"):
        put(remote, memory("more"))
    assert sorted(contents(remote)) == ["kept", "more"]
    assert remote.connection._raw.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    remote.close()


def test_the_oracle_knows_every_filter():
    drawn = {name for n in range(200) for name in some_query(random.Random(n)).model_fields_set}
    assert drawn == set(SearchQuery.model_fields) - {"counted"}  # filters nothing


def test_how_many_cases_that_were():
    """Ten thousand random cases belong to the long run."""
    from hypothesis import settings

    assert settings().max_examples >= (2000 if FULL else 60)


def test_a_total_that_does_not_matter_is_that_of_the_page(backend):
    for n in range(5):
        put(backend, memory(f"number {n}"))
    page = {"limit": 2, "offset": 1}
    assert backend.select(SearchQuery(**page))[1] == 5
    assert backend.select(SearchQuery(**page, counted=False))[1] in (3, 5)
    assert backend.select(SearchQuery(limit=2, offset=4))[1] == 5
    assert backend.select(SearchQuery(limit=2, offset=9))[1] == 5
