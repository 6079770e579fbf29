"""A working day at once: four notebooks, an MCP server and a cleanup on one store, counted to the last one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters

from littlemem_ipy.models import EventKind, State
from littlemem_ipy.store import open_store
from tests.conftest import FULL, SOURCE
from tests.kernels import Kernel

pytestmark = pytest.mark.slow

KERNELS = 4
EACH = 400 if FULL else 15  # memories that each kernel and the server add, and changes of one memory by each
KEPT = 40  # memories that the cleanup leaves in use

# Additions as a user types them, and changes of one memory by everybody, each with the revision that was read.
CELL = """
from littlemem_ipy import open_store
from littlemem_ipy.errors import RevisionConflict
tally = open_store()
for n in range({each}):
    get_ipython().run_line_magic("mem", f"add kernel {name} note {{n}} about the topic {{n % 7}}")
    while True:
        seen = tally.get({memory!r})
        try:
            tally.update(seen.id, content=str(int(seen.content) + 1), expected_revision=seen.revision)
            break
        except RevisionConflict:
            pass
    assert tally.search("note topic", limit=5).total > 0
print("kernel {name} is done")
"""


@pytest.fixture
def kernels(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Kernel]]:
    """Give kernels that have the extension loaded and the store open."""
    monkeypatch.setenv("LITTLEMEM_STORE", str(path))
    running = [Kernel(patience=600) for _ in range(KERNELS)]
    for kernel in running:
        assert kernel.run("%load_ext littlemem_ipy\n%config LittleMem.project = 'day'") == ("ok", "")
    yield running
    for kernel in running:
        kernel.end()


def by_server(path: Path, tally: str) -> list[str]:
    """Add memories and change the one that everybody changes, through the server's tools; return the ids."""
    program = ["-m", "littlemem_ipy.mcp_server", "--store", str(path), "--project", "day"]
    parameters = StdioServerParameters(command=sys.executable, args=program, env={"PYTHONPATH": str(SOURCE)})
    made: list[str] = []

    async def run() -> None:
        async with Client(parameters) as client:
            for n in range(EACH):
                text = f"server note {n} about the topic {n % 7}"
                stored = await client.call_tool("memory-store", {"content": text, "type": "general"})
                assert stored.structured_content["status"] == "created"
                made.append(stored.structured_content["id"])
                changed = await client.call_tool("memory-update", {"id": tally, "tags": [f"seen {n}"]})
                assert not changed.is_error, changed

    anyio.run(run)
    return made


def test_nothing_is_lost_or_doubled(path, kernels, start, sound, tmp_path):
    end = tmp_path / "end"
    with open_store(path, project=None) as store:
        tally = store.add("0", pinned=True, project="day")
        cleaner = start("clean", path, end, KEPT)
        assert cleaner.stdout.readline() == "ready\n"
        cells = [
            kernel.start(CELL.format(name=name, each=EACH, memory=tally.id)) for name, kernel in enumerate(kernels)
        ]
        with ThreadPoolExecutor(1) as pool:
            server = pool.submit(by_server, path, tally.id)
            for name, (kernel, cell) in enumerate(zip(kernels, cells, strict=True)):
                status, shown = kernel.finish(cell)
                assert status == "ok", shown
                assert f"kernel {name} is done" in shown
            made = server.result()
        end.touch()
        out, err = cleaner.communicate(timeout=600)
        assert (cleaner.returncode, err) == (0, "")
        archived = [int(count) for count in out.split()]

        everything = store.search("", states=list(State), project="*", limit=100_000).memories
        notes = [memory for memory in everything if memory.id != tally.id]
        wanted = [f"kernel {name} note {n} about the topic {n % 7}" for name in range(KERNELS) for n in range(EACH)]
        wanted += [f"server note {n} about the topic {n % 7}" for n in range(EACH)]
        assert sorted(memory.content for memory in notes) == sorted(wanted), "each once"
        assert {memory.id for memory in notes if memory.content.startswith("server")} == set(made)

        final = store.get(tally.id)
        assert (final.content, final.tags) == (str(KERNELS * EACH), (f"seen {EACH - 1}",))
        assert final.revision == 1 + (KERNELS + 1) * EACH
        assert len(store.history(tally.id)) == final.revision

        gone = [memory for memory in notes if memory.state is State.ARCHIVED]
        assert len(gone) == sum(archived) > 0, "what the cleanups say is what is archived"
        assert {memory.state for memory in everything} == {State.ACTIVE, State.ARCHIVED}
        assert len(store.backend.events([EventKind.STORED])) == len(everything)
        cleaned = [event.data["changed"] for event in store.backend.events([EventKind.CLEANED])]
        assert sorted(cleaned) == sorted(archived), "each cleanup is in the log with what it did"
    sound(path)
    print(
        f"{len(notes)} added, {final.revision - 1} changes of one, {len(gone)} archived, {len(archived)} cleanups"
    )
