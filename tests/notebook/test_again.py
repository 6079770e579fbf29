"""Where memories come from, and that a cell that is run again updates its own instead of adding."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from littlemem_ipy.chat import ChatSession
from littlemem_ipy.models import EXCHANGE, Provenance, State
from littlemem_ipy.notebook.origin import origin_of
from littlemem_ipy.notebook.place import hash_of
from littlemem_ipy.store import MemoryStore, open_store
from tests.wire import WireServer

LOAD = "%load_ext littlemem_ipy\n%config LittleMem.model = 'openai/gpt-4o-mini'"
CELLS = [
    LOAD,
    "%%chat\nRemember that I prefer polars over pandas for joins.",
    "%%chat\nThe churn label is the column is_churned: 1 means left.",
    "%mem add --type solution sales.csv has semicolons",
    "%%chat\nWhich library should I use?",
]


def everything(path: Path) -> list[tuple[str, ...]]:
    with open_store(path, project=None) as store:
        found = store.search("", project="*", states=list(State), limit=100).memories
        return sorted(
            (str(m.type), m.source, m.title, m.content.partition("[reply]")[0], str(m.state)) for m in found
        )


@pytest.mark.slow
def test_restart_and_run_all_twice_is_the_same_store(
    tmp_path: Path, wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-nothing-secret")
    monkeypatch.setenv("OPENAI_API_BASE", wire.base("openai"))
    monkeypatch.setenv("LITTLEMEM_STORE", str(tmp_path / "memory.db"))
    folder = tmp_path / "churn"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    seen = []
    for turn in range(2):
        wire.reset()
        # A real model words its replies differently each time.
        wire.script(*[f"Reply {turn} to message {number}." for number in range(3)])
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
        place = {"metadata": {"path": str(folder)}}
        NotebookClient(book, timeout=120, kernel_name="python3", resources=place).execute()
        seen.append(everything(tmp_path / "memory.db"))
    assert len(seen[0]) == 6
    assert seen[1] == seen[0]


def said(cell_id: str | None = None, source: str = "", notebook: str = "a.ipynb") -> Provenance:
    place = Provenance(notebook=notebook, cell_id=cell_id)
    return place.model_copy(update={"cell_hash": hash_of(source)}) if source else place


@pytest.fixture
def session(store: MemoryStore, wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> ChatSession:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-nothing-secret")
    return ChatSession(store, "openai/gpt-4o-mini", api_base=wire.base("openai"))


def kept(store: MemoryStore) -> list[str]:
    return [memory.content for memory in store.search("", sources=EXCHANGE, limit=20).memories]


def test_an_edited_cell_updates_what_it_said(session: ChatSession, store: MemoryStore, wire: WireServer) -> None:
    wire.script("OK.", "Fine.", "Well.")
    session.send("Remember that I prefer tabs in Python files.", origin=said("c1", "one"))
    session.send("Remember that I prefer spaces in Python files.", origin=said("c1", "two"))
    assert [m.content for m in store.search("", sources="chat").memories] == ["I prefer spaces in Python files"]
    assert len(kept(store)) == 1
    session.send("Remember that I prefer tabs in Makefiles.", origin=said("c2", "three"))
    assert len(kept(store)) == 2


def test_without_ids_the_text_is_the_cell_but_only_after_a_restart(
    session: ChatSession, store: MemoryStore, wire: WireServer
) -> None:
    wire.script("One.", "Two.", "Three.", "Four.")
    session.send("Go on.", origin=said(source="Go on."))
    session.send("Go on.", origin=said(source="Go on."))
    assert len(kept(store)) == 2
    session.clear()
    session.send("Go on.", origin=said(source="Go on."))
    assert len(kept(store)) == 2
    session.send("Go on.", origin=said(source="Go on.", notebook="b.ipynb"))
    assert len(kept(store)) == 3


def test_in_a_terminal_every_message_is_its_own(session: ChatSession, store: MemoryStore, wire: WireServer) -> None:
    wire.script("One.", "Two.")
    for _ in range(2):
        session.clear()
        session.send("Go on.", origin=Provenance(execution_count=1))
    assert len(kept(store)) == 2


# -- what has become of the cell ----------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a notebook with these cells into a project, whose directory is the working one."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / "books").mkdir()
    monkeypatch.chdir(root)

    def write(**cells: str) -> Path:
        path = root / "books" / "a.ipynb"
        made = [
            {"cell_type": "code", "id": name, "source": source, "outputs": []} for name, source in cells.items()
        ]
        path.write_text(json.dumps({"cells": made}), encoding="utf-8")
        return path

    return write


def status(origin: Provenance) -> str:
    found = origin_of(origin)
    assert found is not None
    return found.status


def test_the_source_cell_is_there_has_changed_or_is_gone(book: Callable[..., Path]) -> None:
    origin = said("c1", "%%chat\nI prefer tea")
    path = book(c1="%%chat\nI prefer tea", c2="1 + 1")
    found = origin_of(origin)
    assert found is not None
    assert (found.status, found.link) == ("the cell is unchanged", "books/a.ipynb#cell-id=c1")
    book(c1="%%chat\nI prefer coffee")
    assert status(origin) == "the cell has changed since"
    book(c9="%%chat\nI prefer tea")
    assert status(origin) == "the cell is unchanged"
    book(c2="1 + 1")
    assert "not there any more" in status(origin)
    path.write_text("{", encoding="utf-8")
    assert "can't be read" in status(origin)
    path.unlink()
    assert status(origin) == "the notebook was not found here"
    assert origin_of(Provenance(execution_count=3)) is None


def test_show_says_who_and_where(book: Callable[..., Path], run: Callable[..., str], shell: Any) -> None:
    book(c1="%%chat\nI prefer tea")
    with open_store(project="churn") as store:
        store.add("I prefer tea", source="chat", provenance=said("c1", "%%chat\nI prefer coffee"))
    run("%mem list")
    text = run("card = %mem show 1\ncard")
    assert "a.ipynb, cell c1" in text
    assert "the cell has changed since" in text
    assert 'href="books/a.ipynb#cell-id=c1"' in shell.user_ns["card"]._repr_html_()
