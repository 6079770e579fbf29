"""^C and faults in a real kernel and in a real terminal, with nothing half-written remembered."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from littlemem_ipy.store import open_store
from tests.kernels import Kernel
from tests.wire import Call, Reply, WireServer
from tests.wire.fixtures import MODELS

pytestmark = pytest.mark.slow

KEY = "sk-verysecretkey123"
LOAD = "%load_ext littlemem_ipy"
TEXT = "You told me that you prefer tea, and I shall keep that in mind."


@pytest.fixture(autouse=True)
def _providers(monkeypatch: pytest.MonkeyPatch, wire: WireServer) -> None:
    for provider in ("OPENAI", "ANTHROPIC", "GEMINI"):
        monkeypatch.setenv(f"{provider}_API_KEY", KEY)
        monkeypatch.setenv(f"{provider}_API_BASE", wire.base(provider.lower()))
    monkeypatch.setenv("OLLAMA_API_BASE", wire.url)


@pytest.fixture
def store_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LITTLEMEM_STORE", str(tmp_path / "memory.db"))
    return tmp_path / "memory.db"


@pytest.fixture
def kernel(store_path: Path) -> Iterator[Kernel]:
    running = Kernel()
    yield running
    running.end()


def arrived(wire: WireServer, count: int) -> bool:
    return wire.wait_until(lambda: len(wire.records) == count, 60)


def stored(path: Path) -> int:
    with open_store(path, project=None) as store:
        return store.search("", project="*", limit=0).total


def test_interrupts_in_a_kernel(kernel: Kernel, wire: WireServer, store_path: Path) -> None:
    assert kernel.run(LOAD) == ("ok", "")
    for name, model in MODELS.items():
        wire.reset()
        wire.script(Reply(TEXT, fault="stall-within", pause=30))
        cell = kernel.start(f"%%chat -m {model}\nRemember that I prefer tea")
        kernel.wait_for(cell, TEXT[:10])
        kernel.manager.interrupt_kernel()
        status, shown = kernel.finish(cell)
        assert status == "error"
        assert "Interrupted" in shown
        assert TEXT[:10] in shown
        assert "Traceback" not in shown
        assert wire.wait_until(lambda: wire.records[0].client_left), name
        assert stored(store_path) == 0

        wire.script("Hello again.")
        status, shown = kernel.run(f"%%chat -m {model} --no-capture\nAre you there?")
        assert status == "ok"
        assert "Hello again." in shown
        assert [record.refused for record in wire.records] == [None, None]
        assert "cut off" in str(wire.bodies[-1])
        kernel.run("%chat --new")


def test_interrupt_before_the_first_byte_and_in_a_tool_round(
    kernel: Kernel, wire: WireServer, store_path: Path
) -> None:
    kernel.run(LOAD)
    for script in (
        [Reply("late", fault="stall", pause=30)],
        [Reply(calls=(Call("memory-search", {"text": "tea"}),)), Reply("late", fault="stall", pause=30)],
    ):
        wire.reset()
        wire.script(*script)
        cell = kernel.start(f"%%chat -m {MODELS['anthropic']} --new --no-capture\nRemember that I prefer tea")
        assert arrived(wire, len(script))
        time.sleep(0.2)
        kernel.manager.interrupt_kernel()
        status, shown = kernel.finish(cell)
        assert (status, "Traceback" in shown) == ("error", False)
        status, shown = kernel.run(f"%%chat -m {MODELS['anthropic']} --no-capture\nAre you there?")
        assert (status, "ok" in shown) == ("ok", True)
        assert [record.refused for record in wire.records] == [None] * len(wire.records)
    assert stored(store_path) == 0


def test_faults_in_a_kernel_are_one_line(kernel: Kernel, wire: WireServer, store_path: Path) -> None:
    kernel.run(LOAD)
    for model in MODELS.values():
        for fault in (Reply(status=401, message=f"bad key {KEY}"), Reply(fault="html"), Reply(status=400)):
            wire.reset()
            wire.script(fault)
            status, shown = kernel.run(f"%%chat -m {model}\nRemember that I prefer tea")
            assert status == "error"
            assert len(shown.strip().splitlines()) == 1
            assert "litellm" not in shown.lower()
            assert KEY not in shown
            assert "secretkey" not in shown
    assert stored(store_path) == 0


def test_a_wait_for_the_provider_is_told(kernel: Kernel, wire: WireServer) -> None:
    kernel.run(LOAD)
    wire.script(Reply(status=429, retry_after="1"), "Now.")
    status, shown = kernel.run(f"%%chat -m {MODELS['openai']} --no-capture\nAre you there?")
    assert status == "ok"
    assert shown.index("failed (429); asking again in 1 s") < shown.index("Now.")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_interrupt_in_a_terminal(wire: WireServer, store_path: Path) -> None:
    import pty

    main, side = pty.openpty()
    shell = subprocess.Popen(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"],
        stdin=side,
        stdout=side,
        stderr=side,
        start_new_session=True,
        preexec_fn=lambda: _take_terminal(side),  # so that ^C reaches it as from a keyboard
    )
    os.close(side)
    terminal = _Terminal(main)
    try:
        terminal.wait(lambda shown: "In [1]:" in shown)
        terminal.type(f"{LOAD}\n")
        terminal.wait(lambda shown: "In [2]:" in shown)
        wire.script(Reply(TEXT, fault="stall-within", pause=30), "Hello again.")
        terminal.type(f"%chat -m {MODELS['openai']} Remember that I prefer tea\n")
        terminal.wait(lambda shown: TEXT[:10] in shown.rpartition("In [2]:")[2])
        terminal.type("\x03")
        terminal.wait(lambda shown: "In [3]:" in shown)
        assert "Interrupted" in terminal.shown
        assert "Traceback" not in terminal.shown
        assert wire.wait_until(lambda: wire.records[0].client_left)
        assert stored(store_path) == 0
        terminal.type(f"%chat -m {MODELS['openai']} --no-capture Are you there?\n")
        terminal.wait(lambda shown: "In [4]:" in shown)
        assert "Hello again." in terminal.shown
        terminal.type("exit\n")
        assert shell.wait(20) == 0
    finally:
        shell.kill()
        shell.wait()
        os.close(main)


def _take_terminal(side: int) -> None:
    import fcntl
    import termios

    fcntl.ioctl(side, termios.TIOCSCTTY, 0)


class _Terminal:
    def __init__(self, main: int) -> None:
        self.main = main
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self.main, text.encode())

    def wait(self, check: Callable[[str], bool], seconds: float = 90.0) -> None:
        end = time.monotonic() + seconds
        while not check(self.shown):
            assert time.monotonic() < end, self.shown
            if select.select([self.main], [], [], 0.1)[0]:
                text = os.read(self.main, 4096).decode(errors="replace")
                self.shown += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", text)
