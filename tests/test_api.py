"""The public surface: what is promised is there, and importing it is light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import littlemem_ipy

PROMISED = ["ChatSession", "LittleMemError", "Memory", "MemoryStore", "MemoryType", "SearchQuery", "open_store"]


def test_the_public_names_are_sorted_and_real() -> None:
    assert sorted(littlemem_ipy.__all__) == littlemem_ipy.__all__
    for name in littlemem_ipy.__all__:
        assert getattr(littlemem_ipy, name).__name__ == name
    assert set(PROMISED) <= set(littlemem_ipy.__all__)
    assert set(littlemem_ipy.__all__) <= set(dir(littlemem_ipy))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        littlemem_ipy.nonsense  # noqa: B018


def test_the_package_is_typed() -> None:
    assert (Path(littlemem_ipy.__file__).parent / "py.typed").exists()


def test_the_import_alone_is_light() -> None:
    code = (
        "import sys, littlemem_ipy;"
        "print(sorted(m for m in ('IPython','litellm','pandas','pydantic','mcp','ipywidgets') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_store_opens_lazily_and_closes(tmp_path: Path) -> None:
    path = tmp_path / "of its own" / "memory.db"
    with littlemem_ipy.open_store(path, project=None) as store:
        assert not path.exists()
        store.add("something")
    assert path.exists()
    assert list(path.parent.iterdir()) == [path]
