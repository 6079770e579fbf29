"""Error → fix in real kernels: is the fix offered for the same kind of error in other code, and nowhere else.

``python tests/benchmarks/errorfix.py PATH`` runs the scenarios of a JSON Lines file, each with ``setup``,
``failing``, ``fixed``, ``other_notebook`` (``setup``, ``failing``), ``unrelated`` (``failing``),
``key_phrases`` and perhaps ``near_misses``: one notebook fails and is fixed, a second one meets the same kind
of error in other code, a third one an unrelated error. All notebooks of a scenario share one store; each has a
kernel and a project of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

LOAD = "%load_ext littlemem_ipy\n%config LittleMem.capture_runs = True"
OFFER = "this kind of error was fixed before"
KEPT = "was fixed; "


def run(folder: Path, *cells: str) -> list[Any]:
    """Run cells in a kernel of their own in a project of its own; return them with their outputs."""
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(book, timeout=120, kernel_name="python3", resources=place, allow_errors=True).execute()
    return list(book.cells)


def offers(cell: Any) -> str:
    """Return what is offered under a cell; empty if nothing is."""
    texts = [str(output.get("data", {}).get("text/plain", "")) for output in cell.outputs]
    return "\n".join(text for text in texts if OFFER in text)


def outcome(scenario: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Run the three notebooks of a scenario, and return what was offered where."""
    other, unrelated = scenario["other_notebook"], scenario["unrelated"]
    first = run(folder / "first", LOAD, scenario["setup"], scenario["failing"], scenario["fixed"])
    second = run(folder / "second", LOAD, other["setup"] or "pass", other["failing"])
    third = run(folder / "third", LOAD, unrelated.get("setup") or "pass", unrelated["failing"])
    misses = [
        offers(run(folder / f"miss{n}", LOAD, miss["setup"] or "pass", miss["failing"])[-1])
        for n, miss in enumerate(scenario.get("near_misses", ()))
    ]
    offered = offers(second[-1])
    return {
        "kept": any(KEPT in str(output) for output in first[-1].outputs),
        "offered": bool(offered) and all(phrase in offered for phrase in scenario["key_phrases"]),
        "unrelated": bool(offers(third[-1])),
        "misses": [number for number, offer in enumerate(misses) if offer],
        "text": offered,
    }


def outcomes(scenarios: Sequence[Mapping[str, Any]], folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the outcome of each scenario, each with a store of its own below `folder`."""
    for scenario in scenarios:
        place = folder / scenario["id"]
        os.environ["LITTLEMEM_HOME"] = str(place / "home")
        yield scenario["id"], outcome(scenario, place)


def main() -> None:
    """Run a file of scenarios and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--first", type=int, metavar="N", help="only the first N scenarios")
    args = parser.parse_args()
    lines = args.path.read_text(encoding="utf-8").splitlines()[: args.first]
    scenarios = [json.loads(line) for line in lines if line.strip()]
    kept = offered = unrelated = misses = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, result in outcomes(scenarios, Path(folder)):
            kept += result["kept"]
            offered += result["offered"]
            unrelated += result["unrelated"]
            misses += len(result["misses"])
            if not (result["kept"] and result["offered"]) or result["unrelated"] or result["misses"]:
                print(name, result, flush=True)
    near = sum(len(scenario.get("near_misses", ())) for scenario in scenarios)
    print(f"{len(scenarios)} scenarios: kept {kept}, offered {offered}, under unrelated errors {unrelated}")
    print(f"{near} near misses: offered {misses}")


if __name__ == "__main__":
    main()
