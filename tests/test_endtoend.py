"""The main job in real kernels: say it once, restart, open another notebook, and it is known."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.wire.replies import Reply
from tests.wire.server import WireServer

ROOT = Path(__file__).resolve().parent.parent

Run = Callable[..., list[str]]


@pytest.fixture
def wire() -> Iterator[WireServer]:
    with WireServer(answer=lambda record: Reply(text="Use polars.")) as server:
        yield server


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wire: WireServer) -> Run:
    """Execute cells in a fresh kernel inside a project's directory; give the text of each cell's output."""
    for name in [name for name in os.environ if name.startswith("LITTLEMEM_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LITTLEMEM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-nothing-secret")
    monkeypatch.setenv("OPENAI_API_BASE", wire.base("openai"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    # The kernel runs elsewhere; from a checkout that is not installed it must find the package too.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])))

    def execute(project: str, *cells: str) -> list[str]:
        folder = tmp_path / project
        if not folder.exists():
            folder.mkdir()
            subprocess.run(["git", "init", "-q", str(folder)], check=True)
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        NotebookClient(
            book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
        ).execute()
        return [_text(cell) for cell in book.cells]

    return execute


def _text(cell: nbformat.NotebookNode) -> str:
    parts = []
    for output in cell.outputs:
        parts.append(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(parts)


LOAD = "%load_ext littlemem_ipy\n%config LittleMem.model = 'openai/gpt-4o-mini'"
SAY = "%%chat\nRemember that I prefer polars over pandas for joins"
ASK = "%%chat\nWhich library should I use for a join of two tables?"


def test_said_once_known_after_a_restart_in_another_notebook(run: Run, wire: WireServer) -> None:
    said = run("churn", LOAD, SAY)
    assert "1 captured" in said[1]

    asked = run("churn", LOAD, ASK, "%mem why")

    system, *_, user = wire.bodies[-1]["messages"]
    fence, _, rest = user["content"].partition("\n")
    block, closing, question = rest.partition(f"</{fence[1:]}")
    assert fence.startswith("<memory-")
    assert closing
    assert "prefer polars over pandas for joins" in block
    assert question.strip() == ASK.partition("\n")[2]
    assert system["role"] == "system"
    assert "polars" not in system["content"]
    assert "1 memory used" in asked[1]
    assert "polars" in asked[2]
    assert "✓" in asked[2]
    assert "profile" in asked[2]


def test_a_preference_goes_with_the_person_and_a_fact_stays_with_its_project(run: Run, wire: WireServer) -> None:
    ask = "%%chat\nWhat does the churn label is_churned mean?"
    run("churn", LOAD, SAY, "%mem add --type project_knowledge The churn label is_churned: 1 means left", ask)
    here = wire.bodies[-1]["messages"][-1]["content"]
    run("forecast", LOAD, ask)
    elsewhere = wire.bodies[-1]["messages"][-1]["content"]

    assert "1 means left" in here
    assert "polars" in here
    assert "polars" in elsewhere
    assert "1 means left" not in elsewhere


def test_the_request_streams_only_where_somebody_watches(run: Run, wire: WireServer) -> None:
    run("churn", LOAD, SAY)
    assert not wire.bodies[-1].get("stream")


def test_a_wrong_model_and_a_dead_server_give_one_line_and_the_next_cell_works(run: Run) -> None:
    source = (
        "from IPython.utils.capture import capture_output\n"
        "def attempt(line):\n"
        "    with capture_output() as seen:\n"
        "        get_ipython().run_cell(line)\n"
        "    return (seen.stdout + seen.stderr).strip()\n"
        "print(attempt('%%chat -m openai/gpt-4o-mini --api-base http://127.0.0.1:9/v1\\nhello'))"
    )
    outputs = run("churn", LOAD, source, "print(attempt('%%chat -m nonsense\\nhello'))", "%mem list")
    for text in outputs[1:3]:
        assert text.strip().count("\n") == 0, text
        assert "Traceback" not in text
        assert "sk-test" not in text
    assert "No memories here yet." in outputs[3]


def test_a_chat_works_although_the_store_is_damaged(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    damaged = b"this is no database " * 400
    (home / "memory.db").write_bytes(damaged)

    outputs = run("churn", LOAD, ASK)

    assert "Use polars." in outputs[1]
    assert "recalling memories failed" in outputs[1]
    assert (home / "memory.db").read_bytes() == damaged


def test_the_demo_needs_no_key(run: Run, monkeypatch: pytest.MonkeyPatch, wire: WireServer) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    before = len(wire.records)
    run("churn", "%load_ext littlemem_ipy", SAY.replace("%%chat", "%%chat -m demo"))
    outputs = run("churn", "%load_ext littlemem_ipy", ASK.replace("%%chat", "%%chat -m demo"))
    assert "I prefer polars over pandas for joins" in outputs[1]
    assert "demo" in outputs[1]
    assert len(wire.records) == before


def test_loading_is_silent_and_repeatable(run: Run) -> None:
    outputs = run("churn", "%load_ext littlemem_ipy", "%reload_ext littlemem_ipy", "%unload_ext littlemem_ipy")
    assert outputs == ["", "", ""]


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance();"
        "s.run_line_magic('load_ext', 'littlemem_ipy');"
        "print([m for m in ('litellm','pandas','mcp','ipywidgets','anywidget','numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
