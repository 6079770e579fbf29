"""Words: what is accepted, what is refused and how, and how records look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from littlemem_ipy.errors import InvalidInput, LittleMemError
from littlemem_ipy.models import (
    TYPES,
    Author,
    Memory,
    MemoryStats,
    MemoryType,
    Provenance,
    Revision,
    SearchHit,
    SearchQuery,
    SearchResults,
    State,
    Table,
    build,
    checks,
    type_info,
)
from littlemem_ipy.models.tables import visible
from littlemem_ipy.models.times import as_utc, now, span_of
from tests import strategies as some

CHECKS = (
    checks.check_content,
    checks.check_conversation,
    checks.check_held,
    checks.check_id,
    checks.check_project,
    checks.check_source,
    checks.check_tags,
    checks.check_title,
    checks.check_type,
)
odd_values = st.one_of(
    some.any_text,
    st.none(),
    st.integers(),
    st.floats(),
    st.binary(max_size=5),
    st.lists(some.any_text, max_size=3),
    st.dictionaries(st.integers(), st.none(), max_size=2),
    st.booleans(),
)


def outcome(call: Callable[[Any], Any], value: object) -> tuple[Any, str | None]:
    """Return what the call returned, or the message of its refusal."""
    try:
        return call(value), None
    except InvalidInput as refused:
        return None, str(refused)


# -- every entrance ---------------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@given(value=odd_values)
def test_a_check_accepts_or_says_why_on_one_line(check, value):
    accepted, message = outcome(check, value)
    if message is None:
        assert check(accepted) == accepted, "what was accepted is accepted again, as it is"
    else:
        assert "\n" not in message
        assert len(message) < 500
        message.encode()  # can be printed anywhere


@given(value=st.one_of(some.any_text, st.binary(max_size=9), st.integers()))
def test_shown_is_short_printable_and_on_one_line(value):
    text = checks.shown(value)
    assert len(text) <= 60
    assert "\n" not in text
    text.encode()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "empty"),
        ("  \n\t ", "empty"),
        ("a\x00b", "NUL"),
        ("a\ud800", "surrogate"),
        (None, "must be text"),
        (b"bytes", "must be text"),
        (["list"], "must be text"),
        ("x" * (256 * 1024 + 1), "262,144"),
        ("ä" * (128 * 1024 + 1), "256 KiB"),
    ],
)
def test_content_is_refused(value, why):
    with pytest.raises(InvalidInput, match=why):
        checks.check_content(value)


def test_content_is_nfc_and_keeps_its_inner_form():
    assert checks.check_content("e\u0301") == "é"
    assert checks.check_content("\n\n  def f():\n      pass\n\n") == "  def f():\n      pass"
    assert len(checks.check_content("x" * 256 * 1024)) == 256 * 1024


@given(some.contents)
@example("...")
@example("。")
@example("###\n***")
@example("- \u3000")
@example("!" * 300)
def test_every_content_has_a_title(content):
    memory = build(Memory, {"content": content})
    assert memory.title.strip() == memory.title != ""
    assert "\n" not in memory.title
    assert len(memory.title) <= 61
    assert unicodedata.is_normalized("NFC", memory.content)


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("# Joins\nWe use polars for joins.", "Joins"),
        ("We use polars. It is fast.", "We use polars"),
        ("> quoted\ntext", "quoted"),
        ("使用polars。很快。 好", "使用polars。很快"),
        ("word " * 40, "word word word word word word word word word word word…"),
    ],
)
def test_titles(content, title):
    assert checks.title_of(content) == title


@pytest.mark.parametrize(
    "value", ["../../settings", "mem_1_abc", "MEM_1_abcdefghi", "mem_1_abcdefghi\n", "mem_٣_abcdefghi", 7, None]
)
def test_ids_are_keys(value):
    with pytest.raises(InvalidInput, match="not the id"):
        checks.check_id(value)


def test_new_ids_have_the_shape_and_differ():
    made = {checks.new_id() for _ in range(2000)}
    assert len(made) == 2000
    assert all(re.fullmatch(r"mem_\d{13}_[a-z0-9]{9}", one) for one in made)


@pytest.mark.parametrize(
    ("given_tags", "kept"),
    [
        (None, ()),
        ("", ()),
        ("a, b,,a", ("a", "b")),
        (["Python", "PYTHON", " python "], ("Python",)),
        (["straße", "STRASSE"], ("straße",)),
        (["a  b\tc"], ("a b c",)),
        ({"x": 1}, ("x",)),
        (["a,b", "c"], ("a", "b", "c")),
    ],
)
def test_tags(given_tags, kept):
    assert checks.check_tags(given_tags) == kept


@pytest.mark.parametrize(
    "bad", [5, ["x" * 65], ["a\x00"], ["\x1b[0m"], [1], [f"t{i}" for i in range(33)], "x," * 9 + "\ud800"]
)
def test_bad_tags(bad):
    with pytest.raises(InvalidInput, match=r"tag|number"):
        checks.check_tags(bad)


@pytest.mark.parametrize("none", [None, "", " "])
def test_an_empty_project_is_no_project(none):
    assert checks.check_project(none) is None


@pytest.mark.parametrize("bad", ["*", "auto", "a\nb", "x" * 201, 3, "\x00"])
def test_bad_projects(bad):
    with pytest.raises(InvalidInput, match="project"):
        checks.check_project(bad)


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan"), float("inf"), "0.5", None, True])
def test_bad_fractions(bad):
    with pytest.raises(InvalidInput, match="from 0 to 1"):
        checks.check_fraction(bad, "importance")


def test_an_unknown_type_lists_the_six():
    with pytest.raises(InvalidInput) as refused:
        checks.check_type("banana")
    assert all(str(kind) in str(refused.value) for kind in MemoryType)
    assert checks.check_type(" Solution ") is MemoryType.SOLUTION


# -- types ------------------------------------------------------------------------------------


def test_the_six_types_are_described_in_one_place():
    assert [str(kind) for kind in MemoryType] == [
        "user_preference",
        "conversation_context",
        "project_knowledge",
        "code_snippet",
        "solution",
        "general",
    ]
    assert set(TYPES) == set(MemoryType)
    assert len({info.icon for info in TYPES.values()}) == 6
    assert [kind for kind, info in TYPES.items() if info.personal] == [MemoryType.USER_PREFERENCE]
    assert all(info.label and info.description.endswith(".") for info in TYPES.values())


def test_a_type_of_a_newer_version_is_shown_by_its_name():
    assert type_info("solution") is TYPES[MemoryType.SOLUTION]
    assert type_info("hypothesis").label == "hypothesis"
    memory = build(Memory, {"content": "x"}).model_copy(update={"type": "hypothesis"})
    assert repr(memory) == "Memory(hypothesis: 'x')"
    assert "hypothesis" in memory._repr_html_()
    results = SearchResults((SearchHit(memory, 1.0),), 1, 0.1, SearchQuery())
    assert "hypothesis" in repr(results)


# -- memories ---------------------------------------------------------------------------------


@given(some.contents, some.tags, some.projects, some.types, some.moments)
def test_a_memory_survives_json(content, tags, project, kind, created):
    memory = build(
        Memory, {"content": content, "tags": tags, "project": project, "type": kind, "created_at": created}
    )
    assert Memory.model_validate_json(memory.model_dump_json()) == memory
    assert memory.changed() == memory
    assert memory.updated_at == created


def test_a_memory_does_not_change():
    memory = build(Memory, {"content": "x"})
    with pytest.raises(ValueError, match="frozen"):
        memory.content = "y"
    assert memory.changed(content="y").content == "y"
    assert memory.content == "x"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, "content"),
        ({"content": "x", "colour": "red"}, "colour"),
        ({"content": "x", "id": "7"}, "not the id"),
        ({"content": "x", "created_at": "yesterday-ish"}, "not a time"),
        ({"content": "x", "created_at": "2026-01-01T00:00"}, "no time zone"),
        ({"content": "x", "revision": 2**70}, "revision"),
        ({"content": "x", "access_count": -1}, "access_count"),
        ({"content": "x", "access_count": 2**70}, "access_count"),
        ({"content": "x", "held": "\ud800"}, "held"),
        ({"content": "x", "pinned": "perhaps"}, "pinned"),
        ({"content": "x", "provenance": {"author": "alien"}}, "author"),
        ({"content": "x", "provenance": {"confidence": 7}}, "confidence"),
        ({"content": "x", "provenance": {"extra": {1, 2}}}, "json"),
        ({"content": "x", 5: 6}, "5"),
        ({"content": "x", "superseded_by": "../x"}, "not the id"),
    ],
)
def test_bad_data_is_refused_on_one_line(data, why):
    with pytest.raises(InvalidInput, match=why) as refused:
        build(Memory, data)
    assert "\n" not in str(refused.value)
    assert "Value error" not in str(refused.value)


def test_states_have_an_order():
    past, future = now() - timedelta(days=1), now() + timedelta(days=1)
    marks = {
        "deleted_at": past,
        "held": "why",
        "superseded_by": "mem_1_abcdefghi",
        "archived_at": past,
        "expires_at": past,
    }
    order = [State.DELETED, State.HELD, State.SUPERSEDED, State.ARCHIVED, State.EXPIRED]
    for name, state in zip(list(marks), order, strict=True):
        assert build(Memory, {"content": "x", **marks}).state is state
        del marks[name]
    assert build(Memory, {"content": "x", "expires_at": future}).state is State.ACTIVE


def test_authors_follow_the_source():
    sources = {
        "user": "user",
        "Chat": "capture",
        "tool": "model",
        "mcp": "model",
        "run": "run",
        "import": "import",
        "my label": "user",
    }
    assert {source: str(Author.of_source(source)) for source in sources} == sources
    assert [author for author in Author if author.trusted] == [Author.USER, Author.CAPTURE, Author.MODEL]
    assert build(Memory, {"content": "x", "source": "web"}).trusted is False
    accepted = Provenance(author=Author.RUN, accepted=True)
    assert build(Memory, {"content": "x", "provenance": accepted}).trusted is True


@given(
    st.dictionaries(
        some.any_text,
        st.recursive(some.any_text, lambda inner: st.lists(inner, max_size=3), max_leaves=4),
        max_size=3,
    )
)
def test_provenance_takes_names_with_any_bytes(extra):
    extra = {key: value for key, value in extra.items() if key not in Provenance.model_fields}
    provenance = Provenance(notebook="caf\udce9.ipynb", **{f"x{key}": value for key, value in extra.items()})
    assert provenance.notebook == "caf?.ipynb"
    provenance.model_dump_json().encode()
    assert Provenance(**provenance.compact()) == provenance


# -- times ------------------------------------------------------------------------------------

TODAY = datetime(2026, 11, 23, 15, 30, tzinfo=UTC).astimezone()


def local(*parts: int) -> datetime:
    return datetime(*parts).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", (2026, 1, 1), (2027, 1, 1)),
        ("2026-02", (2026, 2, 1), (2026, 3, 1)),
        ("2026-12", (2026, 12, 1), (2027, 1, 1)),
        ("2026-05-31", (2026, 5, 31), (2026, 6, 1)),
        ("today", (2026, 11, 23), (2026, 11, 24)),
        ("Yesterday", (2026, 11, 22), (2026, 11, 23)),
        ("this week", (2026, 11, 23), (2026, 11, 30)),
        ("last week", (2026, 11, 16), (2026, 11, 23)),
        ("last  month", (2026, 10, 1), (2026, 11, 1)),
        ("this month", (2026, 11, 1), (2026, 12, 1)),
        ("last year", (2025, 1, 1), (2026, 1, 1)),
        ("this year", (2026, 1, 1), (2027, 1, 1)),
        ("monday", (2026, 11, 16), (2026, 11, 17)),
        ("last sunday", (2026, 11, 22), (2026, 11, 23)),
        ("may", (2026, 5, 1), (2026, 6, 1)),
        ("in may 2024", (2024, 5, 1), (2024, 6, 1)),
        ("december", (2025, 12, 1), (2026, 1, 1)),
        ("2 days ago", (2026, 11, 21), (2026, 11, 22)),
    ],
)
def test_words_for_stretches_of_time(text, start, end):
    span = span_of(text, today=TODAY)
    assert (span.start, span.end) == (local(*start), local(*end))


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("7d", timedelta(days=7)),
        ("12h", timedelta(hours=12)),
        ("3 weeks", timedelta(weeks=3)),
        ("last 7 days", timedelta(days=7)),
        ("1y", timedelta(days=365)),
        ("2 months ago", timedelta(days=60)),
        ("now", timedelta(0)),
    ],
)
def test_words_for_moments(text, back):
    span = span_of(text, today=TODAY)
    assert span.start == span.end == (TODAY - back).astimezone(UTC)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "someday",
        "2026-13",
        "2026-02-30",
        "99999999d",
        "99999y",
        "9999",
        "0000",
        "2026-05-31T99:00",
        "last blursday",
        "７",
        5,
        None,
        datetime.max,
        datetime.min,
        date.max,
        date.min.replace(year=1),
        "\ud800",
        "x" * 10_000,
    ],
    ids=lambda bad: repr(bad)[:20],
)
def test_what_is_no_date_is_refused_on_one_line(bad):
    span, message = outcome(lambda value: span_of(value, today=TODAY), bad)
    if message is None:
        assert isinstance(bad, datetime | date), "only the ends of the calendar depend on the local clock"
        assert span.start <= span.end
    else:
        assert "is not a date" in message
        assert len(message) < 300


@given(some.any_text)
def test_any_text_is_a_date_or_refused(text):
    try:
        span = span_of(text)
    except InvalidInput:
        return
    assert span.start <= span.end
    assert span.start.utcoffset() == timedelta(0)


def test_times_have_an_offset():
    assert as_utc("2026-05-31T14:00:00+02:00") == datetime(2026, 5, 31, 12, tzinfo=UTC)
    assert as_utc(" 2026-05-31T12:00:00Z ").tzinfo is UTC
    for bad in (
        datetime(2026, 1, 1),
        "2026-05-31T14:00",
        "noon",
        5,
        None,
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=5))),
    ):
        with pytest.raises(InvalidInput):
            as_utc(bad)


# -- queries ----------------------------------------------------------------------------------


@given(some.any_text)
def test_any_text_is_a_legal_query(text):
    query = build(SearchQuery, {"text": text})
    query.text.encode()
    assert "\x00" not in query.text


def test_queries_are_checked():
    query = build(
        SearchQuery, {"types": "solution", "tags": "A, b", "states": [State.DELETED] * 9, "until": "2026-05"}
    )
    assert query.types == (MemoryType.SOLUTION,)
    assert query.tags == ("a", "b")
    assert query.states == (State.DELETED,)
    assert query.until == local(2026, 6, 1)
    for bad in (
        {"types": "banana"},
        {"limit": -1},
        {"limit": 10**9},
        {"offset": -1},
        {"offset": 2**70},
        {"tags": 5},
        {"since": "someday"},
        {"conversation_id": ""},
        {"states": "gone"},
        {"text": 5},
        {"colour": "red"},
    ):
        with pytest.raises(InvalidInput):
            build(SearchQuery, bad)


# -- what is shown ----------------------------------------------------------------------------


def results(*memories: Memory, text: str = "x", total: int | None = None) -> SearchResults:
    hits = tuple(SearchHit(memory, 0.5) for memory in memories)
    return SearchResults(hits, len(hits) if total is None else total, 1.5, SearchQuery(text=text))


def test_results_are_a_sequence_with_a_text_form():
    first, second = (build(Memory, {"content": f"memory {n}", "tags": ["t"]}) for n in (1, 2))
    found = results(first, second, total=7)
    assert len(found) == 2
    assert [hit.memory for hit in found] == [first, second] == list(found.memories)
    assert found[0].memory is first
    assert found[:1] == (found[0],)
    assert repr(found) == (
        "#  score  type     title     project  tags\n"
        "1  0.50   general  memory 1  –        #t\n"
        "2  0.50   general  memory 2  –        #t\n"
        "1–2 of 7"
    )
    assert repr(results(text="x")) == "Nothing found."
    assert repr(results(text="")) == "No memories here yet."


def test_results_are_a_data_frame():
    frame = results(build(Memory, {"content": "one", "tags": ["a", "b"]})).df
    assert frame.loc[0, "content"] == "one"
    assert frame.loc[0, "tags"] == ("a", "b")
    assert list(results().df.columns) == list(frame.columns)


@given(some.contents, some.tags)
@example("<script>alert(1)</script>", ["<b>"])
@example("\u202eevil", ["x"])
def test_html_is_escaped_and_hides_nothing(content, tags):
    memory = build(Memory, {"content": content, "title": content, "tags": tags})
    for html in (memory._repr_html_(), results(memory)._repr_html_()):
        assert re.sub(r"</?(div|pre|table|thead|tbody|tr|th|td)\b[^<>]*>", "", html).count("<") == 0
        assert not set(html) & set("\u202e\u202d\u200b\x1b\x00")


@given(st.lists(st.lists(some.any_text, min_size=2, max_size=2), max_size=4))
def test_tables_are_lines_of_text(rows):
    table = Table(["a", "b"], rows, caption="below")
    assert len(table.text().split("\n")) == (len(rows) + 2 if rows else 1)
    table.html()


def test_visible_shows_what_hides():
    assert visible("a\u202eb\x1b\n\t\ufeff") == "a\\u202eb\\u001b\n\t\\ufeff"


def test_stats_have_a_text_form():
    stats = MemoryStats(
        2, {"general": 2}, {None: 1, "lab": 1}, {"active": 2, "deleted": 1}, 10, 4096, None, None, ()
    )
    assert [line.split()[0] for line in repr(stats).splitlines()] == [
        "what",
        "in",
        "general",
        "project",
        "project",
        "deleted",
        "text",
    ]
    assert "10 bytes" in repr(stats)
    assert "project lab" in stats._repr_html_()


def test_revisions_have_a_text_form():
    memory = build(Memory, {"content": "x"})
    assert repr(Revision(3, "edit", now(), memory)) == "Revision(3, edit: 'x')"


def test_errors_are_the_builtins_that_one_expects():
    from littlemem_ipy import errors

    assert issubclass(errors.InvalidInput, ValueError)
    assert issubclass(errors.MemoryNotFound, LookupError)
    assert issubclass(errors.MissingExtra, ImportError)
    raised = [getattr(errors, name) for name in errors.__all__ if not name.endswith("Warning")]
    assert all(issubclass(error, LittleMemError) for error in raised)
    drawn = errors.__doc__ or ""
    assert all(error.__name__ in drawn for error in raised)
    assert 'pip install "littlemem-ipy[semantic]"' in str(errors.MissingExtra("Vectors", "semantic"))
