"""A server with a team in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from littlemem_ipy.backends.postgres.migrating import prepare
from littlemem_ipy.store import MemoryStore, open_store
from tests.postgres import OWNER, Server, server
from tests.reliability.conftest import start  # noqa: F401  a fixture


@pytest.fixture(scope="session")
def postgres() -> Server:
    """Give the server that the tests share."""
    return server()


@pytest.fixture(scope="session")
def durable() -> Server:
    """Give a server that waits for its disk, which tests stop and start."""
    made = Server(durable=True)
    prepare(made.url(OWNER))
    return made


@pytest.fixture
def path(durable: Server) -> str:
    """Give the address of an empty store, in place of the path that the tests of the default backend get."""
    return durable.url(durable.add_user())


@pytest.fixture
def settled(durable: Server, path: str) -> Callable[[], None]:
    """Give a function that waits until the server has noticed that the clients of this store are gone.

    The last statement of a killed client goes on at the server, and may be done only after the next look.
    """
    user = path.partition("//")[2].partition("@")[0]

    def wait() -> None:
        deadline = time.monotonic() + 30
        with durable.connect("postgres", "postgres") as raw:
            while raw.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (user,)).fetchone()[0]:
                assert time.monotonic() < deadline, f"connections of {user} are still there"
                time.sleep(0.01)

    return wait


@pytest.fixture
def sound() -> Callable[[str], None]:
    """Give a function that asserts that the tables of a store agree with each other."""
    return assert_sound


def assert_sound(url: str) -> None:
    with open_store(url, project=None) as store:
        assert [finding for finding in store.backend.check() if not finding.ok] == []
        missing = store.backend.connection.rows(
            "SELECT id FROM littlemem.memories m WHERE NOT EXISTS (SELECT FROM littlemem.revisions r"
            " WHERE r.space = m.space AND r.key = m.key AND r.number = m.revision)"
        )
        assert missing == [], "every state of a memory has its revision"
        unknown = store.backend.connection.rows(
            "SELECT DISTINCT lexeme FROM littlemem.memories m, unnest(words) WHERE lexeme NOT LIKE '%% =%%' EXCEPT"
            " SELECT space || ' ' || word FROM littlemem.vocabulary"
        )
        assert unknown == [], "every word is in the vocabulary"


@pytest.fixture
def people(postgres: Server) -> list[str]:
    """Give the names of three users: two are in the team of `team`, the third is not."""
    return [postgres.add_user() for _ in range(3)]


@pytest.fixture
def team(postgres: Server, people: list[str]) -> str:
    """Give the name of a space that the first two may read and write."""
    name = f"team-{people[0]}"
    with postgres.connect() as raw:
        raw.execute("SELECT littlemem.create_space(%s, 'team', %s)", (name, people[:2]))
    return name


@pytest.fixture
def store(postgres: Server) -> Iterator[Callable[..., MemoryStore]]:
    """Give a function that opens a store for a user, in a space."""
    opened = []

    def make(user: str, space: str | None = None, project: str | None = None) -> MemoryStore:
        opened.append(open_store(postgres.url(user, space), project=project))
        return opened[-1]

    yield make
    for each in opened:
        each.close()
