"""PgBouncer between kernels and server, in the mode in which a session lasts as long as a transaction."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from littlemem_ipy.store import open_store
from tests.postgres import Server

KERNELS, ROUNDS = 12, 8


@pytest.fixture
def pooler(postgres: Server, people: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Give the port of a pooler with two sessions for each user."""
    program = shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if program is None:
        reason = "PgBouncer is not installed on this machine (Debian: apt-get install pgbouncer)"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    place = postgres.directory / f"pooler-{port}"
    place.mkdir()
    (place / "users").write_text("".join(f'"{name}" ""\n' for name in people))
    (place / "ini").write_text(
        f"[databases]\nmemory = host=127.0.0.1 port={postgres.port} dbname=memory\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
        f"auth_file = {place / 'users'}\npool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 200\n"
    )
    with (place / "log").open("wb") as log:
        running = subprocess.Popen([program, place / "ini"], stdout=log, stderr=log, **postgres.user)
    try:
        _wait(port, people[0], place / "log")
        yield port
    finally:
        running.terminate()
        running.wait(15)


def _wait(port: int, name: str, log: Path) -> None:
    for _ in range(200):
        try:
            psycopg.connect(f"postgresql://{name}@127.0.0.1:{port}/memory").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(log.read_text())


def test_many_kernels_share_few_sessions_and_nobody_sees_what_is_not_theirs(pooler, postgres, people, team):
    def work(number: int) -> list[str]:
        name = people[number % 2]
        address = f"postgresql://{name}@127.0.0.1:{pooler}/memory?space={team}"
        with open_store(address, project=None) as store:
            for count in range(ROUNDS):
                text = f"kernel {number} round {count}"
                one = store.add(text)
                assert store.search(text).total >= 1
                assert store.update(one.id, title=f"{text}, changed").revision == 2
                assert store.get(one.id).provenance.user == name
                secret = store.add(f"secret of {name}, {text}", type="user_preference")
                assert store.history(secret.id)[0].memory.provenance.user is None
            seen = [memory.content for memory in store.search("secret", limit=1000).memories]
            assert all(finding.ok for finding in store.backend.check())
        return [text for text in seen if name not in text]

    with ThreadPoolExecutor(KERNELS) as pool:
        assert [foreign for foreign in pool.map(work, range(KERNELS)) if foreign] == []
    with postgres.connect("postgres") as raw:
        most = raw.execute(
            "SELECT max(n) FROM (SELECT count(*) AS n FROM pg_stat_activity WHERE usename = ANY (%s)"
            " GROUP BY usename) AS sessions",
            (people,),
        ).fetchone()[0]
    assert most <= 2
    with open_store(postgres.url(people[0], team), project=None) as direct:
        assert direct.backend.connection._open().prepare_threshold is not None
        assert (
            len([m for m in direct.search("kernel", limit=1000).memories if m.provenance.user]) == KERNELS * ROUNDS
        )
