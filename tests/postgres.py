"""A PostgreSQL server of the tests' own: made in a temporary directory, removed at the end."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pytest

__all__ = ["Server", "fresh_address", "server"]

OWNER = "littlemem_owner"
_numbers = itertools.count(1)


class Server:
    """A cluster that only this machine can reach.

    Parameters
    ----------
    durable
        Whether commits wait for the disk, as they do outside of tests.
    empty
        Whether it has neither the tests' database nor its owner.
    settings
        Further settings of the server.
    """

    def __init__(
        self, *, durable: bool = False, empty: bool = False, settings: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="littlemem-pg-"))
        self._durable = durable
        self._settings = settings
        self.user: dict[str, str] = {}
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # The server refuses to run as root.
            self.user = {"user": "postgres", "group": "postgres"}
            shutil.chown(self.directory, "postgres", "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "-D", "data", "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        self.start()
        if not empty:
            with self.connect("postgres", "postgres") as raw:
                raw.execute(f"CREATE ROLE {OWNER} LOGIN")
                raw.execute(f"CREATE DATABASE memory OWNER {OWNER}")
        atexit.register(self.remove)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(binaries() / program), *arguments]
        done = subprocess.run(
            command, cwd=self.directory, capture_output=True, text=True, timeout=120, check=False, **self.user
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "" if os.name == "nt" else self.directory,
            "max_connections": 120,
            "fsync": "on" if self._durable else "off",
            **self._settings,
        }
        given = " ".join(f"-c {name}={value}" for name, value in options.items())
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", given, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: ``fast`` ends connections, ``immediate`` is as good as a crash."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", mode, "stop")

    def remove(self) -> None:
        """Stop the server and remove its files."""
        pid = self.directory / "data" / "postmaster.pid"
        if pid.exists():
            os.kill(int(pid.read_text().splitlines()[0]), signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def url(self, user: str, space: str | None = None) -> str:
        """Return the address of the tests' database for a user."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/memory{f'?space={space}' if space else ''}"

    def connect(self, user: str = OWNER, database: str = "memory"):
        """Return a raw connection."""
        import psycopg

        return psycopg.connect(f"postgresql://{user}@127.0.0.1:{self.port}/{database}", autocommit=True)

    def add_user(self) -> str:
        """Make an ordinary user and return the name."""
        name = f"user{next(_numbers)}"
        with self.connect("postgres") as raw:
            raw.execute(f"CREATE ROLE {name} LOGIN")
        return name


@cache
def binaries() -> Path:
    """Return where the server's programs are; without them the tests fail in CI and are left out elsewhere."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not places:
        reason = "no PostgreSQL server is installed on this machine (Debian: apt-get install postgresql)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return places[-1]


@cache
def server() -> Server:
    """Return the server that most tests share, with the tables made by their owner."""
    from littlemem_ipy.backends.postgres.migrating import prepare

    shared = Server()
    prepare(shared.url(OWNER))
    return shared


def fresh_address() -> str:
    """Return the address of an empty store: the private space of a new user."""
    shared = server()
    return shared.url(shared.add_user())
