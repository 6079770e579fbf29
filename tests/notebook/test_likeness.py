"""Which errors are of the same kind: by running them, as plain Python."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.notebook.change import Attempt, change_between, fix_of, mends
from littlemem_ipy.notebook.likeness import ALIKE, likeness
from littlemem_ipy.notebook.symptom import Symptom, symptom_of, told_symptom

SCENARIOS = [
    json.loads(line) for line in (Path(__file__).parent / "errorfix.jsonl").read_text(encoding="utf-8").splitlines()
]


@cache
def symptom(*cells: str) -> Symptom:
    """Run cells in a namespace of their own, and describe the error of the last one."""
    import linecache

    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells):
        file = f"<cell {number} {hash(cell)}>"
        linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
        try:
            exec(compile(cell, file, "exec"), names)
        except Exception as error:
            if number == len(cells) - 1:
                return symptom_of(error, names)
            raise
    raise AssertionError(f"it ran: {cells[-1]}")


def of(case: Mapping[str, Any]) -> Symptom:
    return symptom(case["setup"], case["failing"])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s["id"])
def test_the_same_kind_is_recognised_in_other_code_and_near_misses_are_not(scenario: Mapping[str, Any]) -> None:
    learned = of(scenario)
    assert likeness(learned, of(scenario["other_notebook"])) >= ALIKE
    assert likeness(learned, symptom(scenario["unrelated"]["failing"])) < ALIKE
    for miss in scenario["near_misses"]:
        assert likeness(learned, of(miss)) < ALIKE, miss


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s["id"])
def test_the_fix_is_seen_in_the_next_cell_and_in_the_same_one(scenario: Mapping[str, Any]) -> None:
    failed = Attempt(scenario["failing"], 1)
    for same_cell in (True, False):
        assert mends(failed, scenario["fixed"], same_cell=same_cell)
    change = change_between(scenario["failing"], scenario["fixed"])
    assert all(phrase in change for phrase in scenario["key_phrases"])
    assert "assert" not in change


LOOKING = [
    ("df['ward']", "df.head()"),
    ("df['ward']", "df['other']"),
    ("full = beds[beds['ward'] == 'A']", "beds.columns.tolist()"),
    ("df.groupby('region')['sales'].sum()", "df.groupby('store')['sales'].mean()"),
    ("x = json.loads(t)", "y = json.loads(u)"),
    ("x = json.loads(t)", "print(t)"),
    ("model.fit(X, y)", "X.shape"),
    ("import cv2", "import numpy as np"),
    ("total / count", "%timeit total / count"),
    ("total / count", "total / count  # again"),
]


@pytest.mark.parametrize(("failed", "ran"), LOOKING)
def test_looking_around_is_no_fix(failed: str, ran: str) -> None:
    assert not mends(Attempt(failed, 1), ran, same_cell=False)


def test_values_do_not_tell_kinds_apart() -> None:
    one = symptom("open('/nowhere/2026-01-05/a.csv')")
    two = symptom("open('/elsewhere/b-77.csv')")
    assert one.words == two.words
    assert likeness(one, two) >= ALIKE
    assert "2026" not in " ".join(one.words)


def test_secrets_stay_out_of_a_symptom() -> None:
    found = symptom("raise ValueError('no login with password=Winter2026!x')")
    assert "Winter2026" not in found.model_dump_json()


def every() -> Iterator[Symptom]:
    for scenario in SCENARIOS:
        yield of(scenario)
        yield of(scenario["other_notebook"])


def test_likeness_is_symmetric_and_bounded_and_survives_storage() -> None:
    symptoms = list(every())
    for one in symptoms:
        assert Symptom.of(json.loads(one.model_dump_json(exclude_defaults=True))) == one
        assert likeness(one, one) >= ALIKE or one.name == "NameError"
        for two in symptoms:
            assert likeness(one, two) == likeness(two, one)
            assert 0 <= likeness(one, two) <= 1


def test_a_saved_traceback_says_enough() -> None:
    cell = "import pandas as pd\nlonger = s.append(t)"
    told = told_symptom("AttributeError", "'Series' object has no attribute 'append'", cell, 2)
    seen = symptom("import pandas as pd\ns = t = pd.Series([1])", cell)
    assert likeness(told, seen) >= ALIKE
    bare = told_symptom("KeyError", "'ward'", "full = beds[beds['ward'] == 'A']", 1)
    assert (bare.words, bare.names, bare.key_type) == ((), ("ward",), "str")


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=80))
def test_any_text_is_described(message: str, source: str, other: str) -> None:
    one = told_symptom("ValueError", message, source, 1)
    assert likeness(one, told_symptom("ValueError", other, source, 1)) <= 1
    mends(Attempt(source, 1), other, same_cell=False)
    change_between(source, other)


def test_what_ran_before_the_failing_statement_need_not_be_repeated() -> None:
    cell = "prices = ['1,5']\ntotal = sum(map(float, prices))"
    mended = "total = sum(float(p.replace(',', '.')) for p in prices)\ntotal"
    change = fix_of(Attempt(cell, 2), mended, same_cell=False)
    assert change.splitlines() == [
        "-total = sum(map(float, prices))",
        "+total = sum(float(p.replace(',', '.')) for p in prices)",
    ]
