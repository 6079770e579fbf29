"""A server with a team in it."""

from __future__ import annotations

import pytest

from tests.postgres import Server, server


@pytest.fixture(scope="session")
def postgres() -> Server:
    """Give the server that the tests share."""
    return server()


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
