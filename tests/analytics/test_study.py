"""Sentences, figures on one screen, evaluation and assertions; and the verbs that give them."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from littlemem_ipy import analytics
from littlemem_ipy.errors import ExpectationFailed, InvalidInput
from littlemem_ipy.models import Event, EventKind, MemoryType, Provenance
from littlemem_ipy.models.times import now
from littlemem_ipy.store import MemoryStore


def happened(store: MemoryStore, kind: str, memory_id: str | None, count: int = 1, **data: object) -> None:
    store.backend.log([Event(kind, now() - timedelta(days=1), memory_id, data)] * count)


def sentences(store: MemoryStore) -> list[str]:
    return [insight.text for insight in analytics.insights(store)]


# -- insights ---------------------------------------------------------------------------------


def test_nothing_stands_out_in_an_empty_store(store: MemoryStore) -> None:
    found = analytics.insights(store)
    assert (len(found), repr(found)) == (0, "Nothing stands out.")
    assert "Nothing stands out." in found._repr_html_()


def test_memories_that_cost_and_never_help(store: MemoryStore) -> None:
    for n in range(3):
        memory = store.add(f"Note {n} about nothing much", project="x")
        happened(store, EventKind.INJECTED, memory.id, 5, tokens=10, cost=0.01)
    helpful = store.add("The label is is_churned", project="x")
    happened(store, EventKind.INJECTED, helpful.id, 4, tokens=10)
    happened(store, EventKind.USED, helpful.id, 4)
    insight = next(each for each in analytics.insights(store) if "never used" in each.text)
    assert (
        insight.text == "3 memories of project x took 150 tokens ($0.15) in the last 30 days and were never used."
    )
    assert insight.command == "%mem df usage -p x --during 30d"
    assert (insight.figures["memories"], insight.figures["tokens"]) == (3, 150)
    assert helpful.id not in insight.ids
    assert len(insight.ids) == 3
    assert sentences(store)[-1].startswith(
        "In the last 30 days memories went into prompts 19 times, and 4 times (21%)"
    )


def test_contradictions(store: MemoryStore) -> None:
    one = store.add("Wind speed is in knots.", type="project_knowledge")
    two = store.add("Wind speed is in metres per second now.", type="project_knowledge")
    store.add("The capital of Chile is Santiago.")
    (insight,) = [each for each in analytics.insights(store) if "contradict" in each.text]
    assert set(insight.ids) == {one.id, two.id}
    assert insight.text.startswith("These 2 seem to contradict each other: ")


def test_says_which_memories_were_not_looked_at(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["littlemem_ipy.analytics.insights"], "_NEWEST", 2)
    old = [store.add(text) for text in ("Wind speed is in knots.", "Wind speed is in metres per second now.")]
    assert "looked for" not in repr(analytics.insights(store))
    store.add("The capital of Chile is Santiago.")
    store.add("The capital of Peru is Lima.")
    found = analytics.insights(store)
    assert not any(set(each.ids) & {memory.id for memory in old} for each in found)
    assert repr(found).endswith("Contradictions were looked for among the newest 2 of 4 memories.")
    assert "newest 2 of 4" in found._repr_html_()


def test_a_fix_that_was_needed_often_and_searches_in_vain(store: MemoryStore) -> None:
    fix = store.add(
        "KeyError: 'date' was solved by parse_dates=['date']", type="solution", title="KeyError: 'date'"
    )
    happened(store, EventKind.USED, fix.id, 6)
    happened(store, EventKind.SEARCHED, None, 3, query="Parquet  engine", hits=0)
    happened(store, EventKind.SEARCHED, None, 2, query="once", hits=0)
    found = sentences(store)
    assert "The fix \"KeyError: 'date'\" was needed 6 times." in found
    assert "3 searches for 'parquet engine' found nothing in the last 30 days." in found
    assert not any("once" in text for text in found)


def test_the_inbox_repeats_ratings_and_rules(store: MemoryStore) -> None:
    store.add("proposed", held="proposed")
    store.add("The same words.", project="a")
    store.add("the same  words", project="a")
    bad = store.add("misleading")
    happened(store, EventKind.RATED, bad.id, 2, value=-1)
    for n in range(6):
        origin = Provenance(author="capture", rule="en.wish", confidence=0.8)
        captured = store.add(f"capture number {n} of {'abcdef'[n]}", provenance=origin)
        if n < 4:
            store.delete(captured.id)
    found = sentences(store)
    assert "1 memory waits in the inbox and is not used until accepted." in found
    assert "1 memory says the same as another one." in found
    assert "'misleading' went into 2 replies that you called bad." in found
    assert "The capture rule en.wish was wrong 4 of 6 times." in found


# -- one screen -------------------------------------------------------------------------------


def test_the_overview_has_every_figure(store: MemoryStore) -> None:
    memory = store.add("The label is is_churned", project="x")
    happened(store, EventKind.INJECTED, memory.id, 4, tokens=10)
    happened(store, EventKind.USED, memory.id, 1)
    happened(store, EventKind.SEARCHED, None, 1, hits=0)
    happened(store, EventKind.SEARCHED, None, 3, hits=2)
    happened(store, EventKind.ANSWERED, None, 2, cost=0.25)
    found = analytics.overview(store)
    assert found.total == store.stats().total == 1
    text = repr(found)
    for part in (
        "project x",
        "oldest, newest",
        "4× The label is is_churned",
        "4, 75% found something",
        "2, $0.50",
    ):
        assert part in text
    assert "4 times, used in 25%; 40 tokens" in text
    assert len(text.splitlines()) <= 24, "one screen"


def test_the_overview_of_an_empty_store(store: MemoryStore) -> None:
    assert "in use" in repr(analytics.overview(store))


# -- evaluation -------------------------------------------------------------------------------


def known(store: MemoryStore) -> None:
    store.add("We write parquet with the pyarrow engine.")
    store.add("The churn label is is_churned.")
    store.add("Plots use the viridis palette.")


def test_questions_are_asked_and_counted(store: MemoryStore) -> None:
    known(store)
    before = len(store.events())
    pairs = [
        ("Which parquet engine do we use?", "PyArrow"),
        ("What is the churn label?", "is_churned"),
        ("x", "zzz"),
    ]
    found = analytics.evaluate(store, pairs)
    assert [each.rank for each in found] == [1, 1, None]
    assert (found.hit(1), found.hit(10)) == (2 / 3, 2 / 3)
    assert found.injected == 2 / 3
    assert found.tokens == sum(each.tokens for each in found) / 3 > 0
    assert found.df["rank"].dtype == "Int64"
    assert found.df["rank"].isna().sum() == 1
    assert "3 questions: hit@1 67%, hit@3 67%" in repr(found)
    assert len(store.events()) == before, "an evaluation leaves no trace"


def test_a_smaller_budget_injects_less(store: MemoryStore) -> None:
    known(store)
    pairs = [("Which parquet engine do we use?", "pyarrow")]
    assert analytics.evaluate(store, pairs, budget=10)[0].tokens < analytics.evaluate(store, pairs)[0].tokens


def test_files_of_questions(tmp_path: Path) -> None:
    file = tmp_path / "questions.csv"
    file.write_text("\ufeffquestion,contains,note\nWhich engine?,pyarrow,x\n", encoding="utf-8")
    assert analytics.read_pairs(file) == [("Which engine?", "pyarrow")]
    file.write_text("question,memory\nWhich engine?,mem_1_abcdefghi\n", encoding="utf-8")
    assert analytics.read_pairs(file) == [("Which engine?", "mem_1_abcdefghi")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("question,contains\na,b\n,c\n", "line 3 needs a question"),
        ("frage,antwort\na,b\n", "line 2 needs a question"),
        ("question,contains\na,\n", "line 2 needs a question"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "questions.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=message):
        analytics.read_pairs(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"can't read .*No such file"):
        analytics.read_pairs(tmp_path / "none.csv")
    with pytest.raises(InvalidInput, match="there is no question"):
        analytics.evaluate(None, [])  # type: ignore[arg-type]


# -- assertions -------------------------------------------------------------------------------


def test_expectations(store: MemoryStore) -> None:
    known(store)
    found = store.expect("Which parquet engine do we use?", contains="PYARROW")
    assert found is not None
    assert "pyarrow" in found.content
    assert store.expect("Which palette?", lacks="jet") is None
    with pytest.raises(
        ExpectationFailed, match=r"should find 'fastparquet', but the first of \d is 'We write"
    ) as failed:
        store.expect("Which parquet engine do we use?", contains="fastparquet")
    assert "\n" not in str(failed.value)
    with pytest.raises(AssertionError, match="must not find 'viridis', but it does"):
        store.expect("Which palette do plots use?", lacks="viridis")
    with pytest.raises(AssertionError, match="but nothing was found"):
        store.expect("zebra", contains="stripes")
    with pytest.raises(InvalidInput, match="nothing to check"):
        store.expect("Which palette?")
    assert store.events(EventKind.SEARCHED) == [], "a check leaves no trace"


# -- verbs ------------------------------------------------------------------------------------


@pytest.fixture
def mem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Give ``%mem`` in a shell of its own."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    monkeypatch.setenv("LITTLEMEM_STORE", str(tmp_path / "memory.db"))
    shell = InteractiveShell(config=config)
    shell.run_line_magic("load_ext", "littlemem_ipy")
    yield lambda line: shell.run_line_magic("mem", line)
    shell.run_line_magic("unload_ext", "littlemem_ipy")


def test_frames_by_the_magic(mem) -> None:
    mem("add --type solution --tag x 'reset the index'")
    mem("add 'a note'")
    assert isinstance(mem("df memories"), pd.DataFrame)
    assert len(mem("df memories")) == 2
    assert list(mem("df memories -t solution --tag x")["content"]) == ["reset the index"]
    assert "usage" in repr(mem("df"))
    assert "usefulness" in repr(mem("df usage --columns"))
    assert len(mem("df events --kind stored")) == 2
    assert len(mem("df usage --during 30d --all")) == 2
    assert len(mem("df captures --rule en.x")) == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("df nonsense", "there is no frame 'nonsense'; one of memories"),
        ("df costs --tag x", "the frame costs takes no --tag; it can be narrowed by --since, --until"),
        ("df memories --since never", "never"),
        ("dashboard nonsense", "there is no chart 'nonsense'; one of growth"),
        ("eval none.csv", "can't read 'none.csv'"),
        ("expect what", "nothing to check"),
        ("expect which engine --contains pyarrow", "should find 'pyarrow', but nothing was found"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(mem, line: str, message: str) -> None:
    from IPython.core.error import UsageError

    with pytest.raises(UsageError) as error:
        mem(line)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_the_other_verbs(mem, tmp_path: Path) -> None:
    mem("add 'We write parquet with pyarrow.'")
    assert "in use" in repr(mem("stats"))
    assert repr(mem("insights")) == "Nothing stands out."
    assert "1 in use" in mem("dashboard types").answer
    assert len(mem("dashboard")) == 10
    file = tmp_path / "my questions.csv"
    file.write_text("question,contains\nWhich parquet engine?,pyarrow\n", encoding="utf-8")
    assert mem(f'eval "{file}"').hit(1) == 1
    assert mem(f'eval "{file}" --budget 0').injected == 0
    assert "We write parquet" in repr(mem("expect which parquet engine --contains pyarrow"))
    assert "As expected" in repr(mem("expect which parquet engine --lacks fastparquet"))


def test_types_have_labels_in_every_chart() -> None:
    assert len(MemoryType) <= 7, "the charts have seven colours"
