"""Binder reads only these files: they must install the package and pin its Python."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_binder_installs_the_package_with_known_extras() -> None:
    (line,) = (ROOT / "binder" / "requirements.txt").read_text().split()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    assert line.startswith(".[")
    assert set(line[2:-1].split(",")) <= set(extras)


def test_binder_pins_a_python_that_the_package_supports() -> None:
    version = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert tuple(map(int, version.split("."))) >= (3, 11)


def test_no_second_configuration_that_binder_would_trip_over() -> None:
    for name in (".binder", "environment.yml", "Dockerfile", "binder/environment.yml", "binder/Dockerfile"):
        assert not (ROOT / name).exists()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_each_notebook_names_a_kernel_and_carries_no_error(path: Path) -> None:
    book = json.loads(path.read_text(encoding="utf-8"))
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert any(cell["outputs"] for cell in cells)
    for cell in cells:
        failed = any(output["output_type"] == "error" for output in cell["outputs"])
        assert failed == ("raises-exception" in cell["metadata"].get("tags", []))
