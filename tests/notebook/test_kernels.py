"""The same in real kernels: a fix that ran in one notebook is offered in another one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.errorfix import LOAD, offers, outcome, run
from tests.conftest import FULL

pytestmark = pytest.mark.slow

SCENARIOS = {
    scenario["id"]: scenario
    for scenario in map(json.loads, (Path(__file__).parent / "errorfix.jsonl").read_text("utf-8").splitlines())
}
SHORT = ("own03", "own13")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITTLEMEM_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("name", SCENARIOS if FULL else SHORT)
def test_offered_for_its_kind_only(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name] if FULL else SCENARIOS[name] | {"near_misses": []}
    found = outcome(scenario, tmp_path / "books")
    assert found["kept"]
    assert found["offered"], found["text"]
    assert not found["unrelated"]
    assert found["misses"] == []


def test_tracebacks_are_ipythons_own(tmp_path: Path) -> None:
    cells = ["float('1,5')", "float('1,5'.replace(',', '.'))", "x = 1\nfloat('2,5')", "def f(:"]
    learning = run(tmp_path / "a", LOAD, *cells)
    plain = run(tmp_path / "b", "pass", *cells)
    assert offers(learning[3])
    for mine, theirs in zip(learning[1:], plain[1:], strict=True):
        assert _errors(mine) == _errors(theirs)


def _errors(cell: Any) -> list[tuple[str, str, str]]:
    """Return errors and what went to stderr; only the numbers in the names of temporary files differ."""
    told = [(o.ename, o.evalue, "\n".join(o.traceback)) for o in cell.outputs if o.output_type == "error"]
    told += [("stderr", "", o.text) for o in cell.outputs if o.get("name") == "stderr"]
    return [(name, value, re.sub(r"ipykernel_\d+", "", text)) for name, value, text in told]
