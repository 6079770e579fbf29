"""A shell with the extension in it, without a kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from littlemem_ipy.store import open_store
from tests.wire.fixtures import _no_providers, _wire_server, wire  # noqa: F401

Run = Callable[..., Any]


@pytest.fixture(scope="session")
def _the_shell() -> InteractiveShell:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    return shell


@pytest.fixture
def shell(_the_shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("LITTLEMEM_CAPTURE_RUNS", "1")
    monkeypatch.setenv("LITTLEMEM_PROJECT", "churn")
    _the_shell.reset(new_session=True)
    _the_shell.run_line_magic("load_ext", "littlemem_ipy")
    yield _the_shell
    _the_shell.run_line_magic("unload_ext", "littlemem_ipy")
    _the_shell.config.pop("LittleMem", None)


@pytest.fixture
def run(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a cell, perhaps under an id of its own; give what it printed."""

    def execute(source: str, cell_id: str | None = None) -> str:
        capsys.readouterr()
        shell.run_cell(source, store_history=True, cell_id=cell_id)
        said = capsys.readouterr()
        return said.out + said.err

    return execute


@pytest.fixture
def learned(shell: InteractiveShell) -> Callable[..., list[Any]]:
    """Give the memories of what ran, by type."""

    def found(kind: str, **filters: Any) -> list[Any]:
        with open_store(project="churn") as store:
            return list(store.search("", type=kind, sources=("run",), limit=50, **filters).memories)

    return found
