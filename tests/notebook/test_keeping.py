"""Functions of a notebook, kept on request with what they need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from littlemem_ipy.models import State

Run = Callable[..., str]
Learned = Callable[..., list[Any]]


def test_a_function_is_kept_with_its_imports_and_where_it_is_used(run: Run, learned: Learned) -> None:
    run("import math, os as system\nfrom collections import Counter")
    run("def spread(values):\n    counts = Counter(values)\n    return math.sqrt(len(counts))")
    run("spread([1, 2])")
    run("1 + 1")
    run("total = spread([3])")
    assert "later cells that use it: 2" in run("%mem keep spread --tag stats")
    (memory,) = learned("code_snippet")
    assert memory.content == (
        "import math\nfrom collections import Counter\n\n\n"
        "def spread(values):\n    counts = Counter(values)\n    return math.sqrt(len(counts))"
    )
    assert memory.title == "Code: spread"
    assert "stats" in memory.tags
    assert (memory.provenance.author, memory.provenance.rule) == ("user", "run.kept")
    assert memory.provenance.execution_count == 2
    assert memory.provenance.used_in == [3, 5]
    assert memory.project == "churn"


def test_a_newer_version_supersedes_the_older_one(run: Run, learned: Learned) -> None:
    run("@staticmethod\ndef half(x):\n    return x / 2")
    assert "no later cell has used it" in run("%mem keep half")
    run("def half(x):\n    return x / 2 if x else 0")
    run("%mem keep half --title 'Half of it'")
    (memory,) = learned("code_snippet")
    assert memory.title == "Half of it"
    (old,) = learned("code_snippet", states=[State.SUPERSEDED])
    assert old.content.startswith("@staticmethod")


def test_what_no_cell_defines_is_told_in_one_line(run: Run, learned: Learned) -> None:
    run("x = 5")
    for name in ("x", "missing", "print"):
        assert "no cell that ran here defines" in run(f"%mem keep {name}")
    run("def broken():\n    return 1\nraise ValueError('x')")
    run("del broken")
    assert "no cell" in run("%mem keep broken")
    assert learned("code_snippet") == []
