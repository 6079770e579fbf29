"""Cleanup: a plan that only looks, one transaction that archives, and one undo that takes it back."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.cleanup import CleanupPlan, CleanupReport, RetentionPolicy, plan
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import EventKind, Memory, MemoryType, State, build
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore
from tests.oracle import some_memory

AT = datetime(2026, 6, 1, tzinfo=UTC)
NOTHING = {"by_age": False, "duplicates": False}


def memory(content: str, days: float = 0, **fields: Any) -> Memory:
    """Return a memory that was added so many days ago."""
    return build(Memory, {"content": content, "created_at": AT - timedelta(days=days), **fields})


def planned(memories: list[Memory], **policy: Any) -> dict[str, tuple[str, str]]:
    """Return rule and action by content."""
    made = plan(memories, RetentionPolicy(**policy), AT)
    return {step.memory.content: (step.rule, step.action) for step in made.steps}


def in_use(store: MemoryStore) -> list[str]:
    return sorted(hit.memory.content for hit in store.search("", limit=1000))


# -- the policy -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("max_age", 365, 365.0),
        ("max_age", "365d", 365.0),
        ("max_age", "90", 90.0),
        ("max_age", "1y", 365.0),
        ("max_age", timedelta(hours=36), 1.5),
        ("max_bytes", "50MB", 50_000_000),
        ("max_bytes", "1.5 kB", 1500),
        ("max_bytes", 7, 7),
        ("grace", None, 0.0),
        ("by_type", {"solution": "7d", "general": None}, {"solution": 7.0, "general": None}),
    ],
)
def test_values_as_people_write_them(field, value, expected):
    found = getattr(RetentionPolicy(**{field: value}), field)
    assert found == pytest.approx(expected) if isinstance(expected, float) else found == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_age", -1),
        ("max_age", "soon"),
        ("max_age", True),
        ("max_age", float("inf")),
        ("max_bytes", "much"),
        ("max_bytes", -5),
        ("max_count", -1),
        ("max_count", 2.5),
        ("min_uses", "x"),
        ("junk_after", -2),
        ("by_type", {"banana": 3}),
        ("grace", "ever"),
    ],
)
def test_bad_values_are_refused_in_one_line(field, value):
    with pytest.raises(InvalidInput) as refused:
        RetentionPolicy(**{field: value})
    assert "\n" not in str(refused.value)
    assert field in str(refused.value) or "banana" in str(refused.value)


# -- the rules (rows 112-118 of what the seed promises) ----------------------------------------


def test_age_counts_from_the_last_use_and_the_types_say_how_long():
    """Row 113: used yesterday is not old, and pinned memories stay."""
    memories = [
        memory("old note", 400),
        memory("used lately", 400, last_accessed_at=AT - timedelta(days=1)),
        memory("changed lately", 400, updated_at=AT - timedelta(days=1)),
        memory("pinned", 4000, pinned=True),
        memory("old talk", 200, type="conversation_context"),
        memory("young talk", 100, type="conversation_context"),
        memory("old code", 4000, type="code_snippet"),
        memory("old preference", 4000, type="user_preference"),
    ]
    assert planned(memories) == {"old note": ("age", "archive"), "old talk": ("age", "archive")}
    assert set(planned(memories, max_age=3000)) == {"old code"}, "a person's preferences stay"
    assert set(planned(memories, by_type={"user_preference": 3000, "general": None})) == {
        "old talk",
        "old preference",
    }
    assert planned(memories, by_age=False) == {}


def test_the_least_used_go_when_there_are_too_many():
    """Row 112: the number is that of the moment, and it falls."""
    memories = [memory(f"note {n}", days=n, access_count=n % 4) for n in range(20)]
    memories[0] = memories[0].changed(pinned=True)
    made = plan(memories, RetentionPolicy(**NOTHING, max_count=5), AT)
    gone = [step.memory for step in made.steps]
    assert len(gone) == 15
    assert (made.before.count, made.after.count) == (20, 5)
    kept = {m.content for m in memories} - {m.content for m in gone}
    assert kept == {"note 0", "note 3", "note 7", "note 11", "note 15"}, "pinned, and what was used most"
    assert plan(memories, RetentionPolicy(**NOTHING, max_count=20), AT).steps == ()


def test_the_size_is_kept():
    """Row 114: the seed never read its limit."""
    memories = [memory(f"{n:02} " + "x" * 97, title="t", days=n) for n in range(10)]
    made = plan(memories, RetentionPolicy(**NOTHING, max_bytes=505), AT)
    assert [step.memory.content[:2] for step in made.steps] == ["09", "08", "07", "06", "05"]
    assert (made.before.bytes, made.after.bytes) == (1010, 505)
    assert {step.rule for step in made.steps} == {"size"}


def test_unused_ones_go_after_their_time_of_grace():
    """Rows 116 and 117."""
    memories = [memory("never", 40), memory("once", 40, access_count=1), memory("new", 10)]
    assert set(planned(memories, **NOTHING, min_uses=1)) == {"never"}
    assert set(planned(memories, **NOTHING, min_uses=2)) == {"never", "once"}
    assert set(planned(memories, **NOTHING, min_uses=1, grace="5d")) == {"never", "new"}


def test_junk_is_what_costs_tokens_and_never_helps(store):
    for text in ("junk", "used", "praised", "rare"):
        store.add(text)
    by_content = {hit.memory.content: hit.memory.id for hit in store.search()}
    for _ in range(5):
        store.note(EventKind.INJECTED, [by_content[text] for text in ("junk", "used", "praised")])
    store.note(EventKind.INJECTED, [by_content["rare"]])
    store.note(EventKind.USED, [by_content["used"]])
    store.note(EventKind.RATED, [by_content["praised"]], value=1)
    store.note(EventKind.RATED, [by_content["junk"]], value=-1)
    made = store.cleanup(RetentionPolicy(**NOTHING, junk_after=5, grace=0))
    assert [(step.memory.content, step.rule) for step in made.steps] == [("junk", "junk")]
    assert "went into 5 prompts and helped in none" in repr(made)


def test_the_superseded_are_deleted_after_their_time():
    old = memory("old way", 90, superseded_by="mem_1_abcdefghi")
    fresh = memory("other way", 90, superseded_by="mem_1_abcdefghi", updated_at=AT - timedelta(days=2))
    assert planned([old, fresh], **NOTHING, superseded=True) == {"old way": ("superseded", "delete")}
    assert planned([old, fresh], **NOTHING) == {}


def test_contents_that_agree_are_merged_and_nothing_of_them_is_lost(store):
    """Rows 118 and 119: eight snippets of one title stay eight; tags and origins come together."""
    for n in range(8):
        store.add(f"def helper_{n}(x):\n    return x + {n}", title="Helper", type="code_snippet")
    one = store.add("Prefer polars for joins.", tags=["polars"], importance=0.3)
    two = store.add("Please prefer polars for joins!", tags=["Polars", "joins"], importance=0.9, source="chat")
    store.get(one.id)
    made = store.cleanup(RetentionPolicy())
    assert {step.action for step in made.steps} == {"merge", "supersede"}
    assert "Prefer polars for joins." in made.table.rows[0][3], "the text that stays is shown"
    report = store.cleanup(made, dry_run=False)
    (merged,), (superseded,) = report.merged, report.superseded
    assert (merged.id, superseded.id, superseded.superseded_by) == (one.id, two.id, one.id)
    assert merged.content == one.content
    assert [*merged.tags] == ["polars", "joins"]
    assert merged.importance == 0.9
    assert [origin["id"] for origin in merged.provenance.merged] == [two.id]
    assert merged.provenance.merged[0]["author"] == "capture"
    assert store.get(two.id).state is State.SUPERSEDED
    assert store.get(two.id).content == two.content
    assert store.count() == 9
    assert len(store.cleanup().steps) == 0, "a second time there is nothing to do"
    store.undo()
    assert store.count() == 10
    assert store.backend.get([one.id])[one.id].tags == ("polars",)


# -- plan, apply, undo ------------------------------------------------------------------------


@pytest.fixture
def old_store(make_store: Callable[..., MemoryStore]) -> MemoryStore:
    """Give a store with old and young memories."""
    store = make_store()
    ago = now() - timedelta(days=500)
    store.add_many({"content": f"old {n}", "created_at": ago} for n in range(6))
    store.add_many({"content": f"young {n}"} for n in range(4))
    return store


def test_a_dry_run_changes_nothing(old_store):
    version = old_store.backend.version()
    made = old_store.cleanup()
    assert isinstance(made, CleanupPlan)
    assert len(made) == 6
    assert old_store.backend.version() == version
    assert old_store.count() == 10
    assert "Nothing has been changed" in repr(made)
    assert list(made.df["action"]) == ["archive"] * 6
    assert "<script" not in made._repr_html_()


def test_it_archives_and_one_undo_takes_it_back(old_store):
    """Rows 115 and 120: a state, not a title; exact figures; idempotent."""
    titles = {hit.memory.title for hit in old_store.search()}
    before = {hit.memory.id: hit.memory for hit in old_store.search("", limit=100)}
    report = old_store.cleanup(dry_run=False)
    assert isinstance(report, CleanupReport)
    assert (len(report.archived), report.left_alone) == (6, ())
    assert (report.before.count, report.after.count) == (10, 4)
    assert report.after.bytes == old_store.stats().bytes
    assert in_use(old_store) == [f"young {n}" for n in range(4)]
    assert {old_store.get(memory.id).title for memory in report.archived} <= titles
    assert {memory.state for memory in report.archived} == {State.ARCHIVED}
    for memory in report.archived:
        assert old_store.backend.get([memory.id])[memory.id].archived_at == memory.archived_at
    assert "6 archived" in report.line
    assert old_store.cleanup(dry_run=False).steps == ()
    assert len(old_store.undo()) == 6
    after = {hit.memory.id: hit.memory for hit in old_store.search("", limit=100)}
    told = ("content", "title", "tags", "type", "archived_at", "provenance", "created_at")
    assert {i: [getattr(m, n) for n in told] for i, m in after.items()} == {
        i: [getattr(m, n) for n in told] for i, m in before.items()
    }


def test_what_has_changed_since_the_plan_is_left_alone_and_told(old_store):
    made = old_store.cleanup()
    edited, used, removed, deleted = (step.memory for step in made.steps[:4])
    old_store.update(edited.id, content="edited meanwhile")
    old_store.get(used.id)
    old_store.delete(removed.id, hard=True)
    old_store.delete(deleted.id)
    report = old_store.cleanup(made, dry_run=False)
    assert {one.step.memory.id: one.reason for one in report.left_alone} == {
        edited.id: "it was changed",
        used.id: "it was used",
        removed.id: "it was removed",
        deleted.id: "it was changed",
    }
    assert len(report.archived) == 2
    assert old_store.get(edited.id).state is State.ACTIVE
    assert old_store.get(edited.id).content == "edited meanwhile"
    assert "4 left alone" in report.line


def test_a_group_is_merged_whole_or_not_at_all(store):
    kept, other = store.add("One and the same."), store.add("one and the same!")
    made = store.cleanup()
    store.update(made.steps[0].memory.id, tags=["new"])
    report = store.cleanup(made, dry_run=False)
    assert report.steps == ()
    assert len(report.left_alone) == 2
    assert {store.get(m.id).state for m in (kept, other)} == {State.ACTIVE}


def test_deleting_is_restorable_as_well(old_store):
    report = old_store.cleanup(RetentionPolicy(delete=True), dry_run=False)
    assert {memory.state for memory in report.deleted} == {State.DELETED}
    old_store.restore(report.deleted[0].id)
    assert old_store.count() == 5


def test_it_keeps_to_the_scope(make_store):
    store = make_store(project="alpha")
    ago = now() - timedelta(days=500)
    store.add_many({"content": f"old {p}", "created_at": ago, "project": p} for p in ("alpha", "beta", None))
    assert {step.memory.project for step in store.cleanup().steps} == {"alpha", None}
    assert {step.memory.project for step in store.cleanup(project="beta").steps} == {"beta"}
    assert len(store.cleanup(project="*")) == 3


def test_something_else_is_no_policy(store):
    with pytest.raises(InvalidInput, match="RetentionPolicy"):
        store.cleanup("365d")


@given(st.integers(0, 2**32))
def test_any_plan_keeps_its_promises(seed):
    rng = random.Random(seed)
    memories = [some_memory(rng) for _ in range(rng.randrange(40))]
    memories += [m.changed(id=build(Memory, {"content": "x"}).id, tags=["t"]) for m in memories[::5]]
    policy = RetentionPolicy(
        max_age=rng.choice((None, 0, 300)),
        superseded=rng.random() < 0.5,
        min_uses=rng.choice((0, 2)),
        max_count=rng.choice((None, 0, 5)),
        max_bytes=rng.choice((None, 0, 500)),
        delete=rng.random() < 0.3,
    )
    at = now()
    made = plan(memories, policy, at)
    assert made == plan(rng.sample(memories, len(memories)), policy, at), "whatever the order"
    ids = [step.memory.id for step in made.steps]
    assert len(ids) == len(set(ids)), "each memory in one row at most"
    active = {m.id: m for m in memories if m.state is State.ACTIVE}
    for step in made.steps:
        assert step.memory.state in (State.ACTIVE, State.SUPERSEDED)
        assert step.action == "merge" or not step.memory.pinned
        assert step.after.content == step.memory.content
        assert step.after.deleted_at is None or policy.delete or step.rule == "superseded"
    left = {**active, **{step.after.id: step.after for step in made.steps}}
    still = [m for m in left.values() if m.id in active and m.state is State.ACTIVE]
    assert len(still) == made.after.count
    standing = {m.id for m in still}
    assert all(s.after.superseded_by in standing for s in made.steps if s.action == "supersede")
    removable = [m for m in still if not m.pinned and m.id not in ids]
    assert policy.max_count is None or len(still) <= policy.max_count or not removable


# -- by itself, and with %mem -----------------------------------------------------------------


def test_by_itself_only_once_in_a_while_and_only_archiving(old_store):
    """Row 122."""
    old_store.add("the same text"), old_store.add("The same text!")
    report = old_store.cleanup_due()
    assert report is not None
    assert len(report.archived) == len(report.steps) == 6, "nothing is merged unasked"
    old_store.undo()
    old_store.add_many([{"content": "older still", "created_at": now() - timedelta(days=900)}])
    assert old_store.cleanup_due() is None
    assert old_store.cleanup_due(every=timedelta(0)) is not None


@pytest.mark.parametrize("kind", list(MemoryType))
def test_every_type_says_how_long_it_is_kept(kind):
    days = RetentionPolicy().days_of(kind)
    assert days is None or days > 30
