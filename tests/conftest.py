"""What every test runs in: an empty home, an empty working directory, and no network."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import littlemem_ipy
from littlemem_ipy.store import MemoryStore, open_store

SOURCE = Path(littlemem_ipy.__file__).resolve().parent.parent
FULL = os.environ.get("LITTLEMEM_FULL") == "1"
"""Whether the long forms of the reliability tests run."""

_LOCAL = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "")
_common: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": [hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
}
hypothesis.settings.register_profile("default", max_examples=60, **_common)
hypothesis.settings.register_profile("full", max_examples=2000, **_common)


def pytest_configure(config: pytest.Config) -> None:
    named = config.getoption("--hypothesis-profile", default=None)
    hypothesis.settings.load_profile(named or ("full" if FULL else "default"))


def pytest_report_header() -> str:
    import sqlite3

    return f"sqlite: {sqlite3.sqlite_version}; long forms: {'on' if FULL else 'off (LITTLEMEM_FULL=1)'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the browser's tests last: its event loop stays and would be in the way of others."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a home and a working directory of its own."""
    for name in [name for name in os.environ if name.startswith("LITTLEMEM_")]:
        monkeypatch.delenv(name)
    real = Path(os.path.expanduser("~"))
    home, here = tmp_path / "home", tmp_path / "here"
    for directory in (home, here):
        directory.mkdir()
    monkeypatch.setenv("LITTLEMEM_HOME", str(tmp_path / "littlemem"))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for name in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / f".{name.lower()}"))
    monkeypatch.setenv("IPYTHONDIR", str(home / ".ipython"))
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        monkeypatch.setenv(f"JUPYTER_{name}", str(home / f".jupyter-{name.lower()}"))
    # Browsers are big and belong to the machine.
    browsers = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", str(real / ".cache" / "ms-playwright"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", browsers)
    # Processes that a test starts find the package that is tested here.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(SOURCE), os.environ.get("PYTHONPATH", "")]).rstrip(":"))
    monkeypatch.chdir(here)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections to other machines, and the look-up of their names."""

    def local(host: object) -> bool:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        return name is None or (isinstance(name, str) and (name in _LOCAL or name.startswith("127.")))

    def guard(name: str) -> None:
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any) -> Any:
            if isinstance(address, tuple) and not local(address[0]):
                raise OSError(f"tests have no network: {address!r}")
            return original(self, address)

        monkeypatch.setattr(socket.socket, name, guarded)

    guard("connect")
    guard("connect_ex")
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not local(host):
            raise socket.gaierror(socket.EAI_NONAME, f"tests have no network: {host!r}")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)


@pytest.fixture
def make_store(tmp_path: Path) -> Iterator[Callable[..., MemoryStore]]:
    """Give a function that opens a store: by a file name, with a project (none unless named)."""
    opened: list[MemoryStore] = []

    def make(name: str = "memory.db", *, project: str | None = None, timeout: float = 15.0) -> MemoryStore:
        opened.append(open_store(tmp_path / "store" / name, project=project, timeout=timeout))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(make_store: Callable[..., MemoryStore]) -> MemoryStore:
    """Give an empty store without a current project."""
    return make_store()
