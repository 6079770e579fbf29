"""The README's page for whoever looks after a hub, step by step as it stands there, on a server of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from littlemem_ipy.errors import StoreError, StoreReadOnly
from littlemem_ipy.store import MemoryStore, open_store
from tests.postgres import Server, binaries

README = Path(__file__).parents[2] / "README.md"


def steps() -> list[tuple[str, str]]:
    """Return the blocks of the section: their language and what they say."""
    text = README.read_text(encoding="utf-8")
    section = text[text.index("## One memory for a hub") : text.index("## Settings")]
    return re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL)


@pytest.fixture(scope="module")
def hub() -> Iterator[Server]:
    """Give a server that was set up by the first three steps."""
    made = Server(empty=True)
    (sql, roles), (bash, tables), (_, spaces), (python, _) = steps()
    assert (sql, bash, python) == ("sql", "bash", "python")
    psql(made, "postgres", "postgres", roles)
    command = at(made, tables).replace("python -c", f"{sys.executable} -c")
    subprocess.run(["bash", "-euc", command], check=True, cwd=README.parent)
    psql(made, "littlemem", "memory", spaces)
    yield made
    made.stop()
    made.remove()


def at(server: Server, text: str) -> str:
    """Return a text with the server of the test in place of the example."""
    return text.replace("db.example.org", f"127.0.0.1:{server.port}")


def psql(server: Server, user: str, database: str, text: str) -> None:
    options = ["-h", "127.0.0.1", "-p", str(server.port), "-U", user, "-d", database, "-v", "ON_ERROR_STOP=1"]
    done = subprocess.run(
        [binaries() / "psql", "-X", *options], input=text, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def opened(server: Server, name: str, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """Return the store that a kernel of this user opens: the hook of the fourth step sets the environment."""
    spawner = SimpleNamespace(user=SimpleNamespace(name=name), environment={})
    config = SimpleNamespace(Spawner=SimpleNamespace(pre_spawn_hook=None))
    exec(at(server, steps()[3][1]), {"c": config})
    config.Spawner.pre_spawn_hook(spawner)
    monkeypatch.setenv("LITTLEMEM_STORE", spawner.environment["LITTLEMEM_STORE"])
    return open_store(project=None)


def test_a_team_as_the_page_makes_it(hub, monkeypatch):
    ann, bob, carl = (opened(hub, name, monkeypatch) for name in ("ann", "bob", "carl"))
    ann.add("the staging database is refreshed at night", type="project_knowledge")
    ann.add("I like my plots in grey", type="user_preference")
    for other in (bob, carl):
        (hit,) = other.search("staging plots")
        assert hit.memory.provenance.user == "ann"
    with pytest.raises(StoreReadOnly):
        carl.add("a remark", type="project_knowledge")
    findings = {finding.what: finding for finding in ann.backend.check()}
    assert all(finding.ok for finding in findings.values())
    assert "as ann" in findings["server"].detail
    assert findings["row-level security"].detail == "on"
    for store in (ann, bob, carl):
        store.close()


def test_who_is_not_let_in_sees_no_space(hub):
    for name in ("bob", "carl"):
        with (
            open_store(f"{hub.url(name)}?space=churn") as store,
            pytest.raises(StoreError, match="no space 'churn'"),
        ):
            store.count()
    psql(hub, "postgres", "postgres", "CREATE ROLE guest LOGIN;")
    with open_store(hub.url("guest")) as store, pytest.raises(StoreError, match="permission denied for database"):
        store.count()


def test_somebody_leaves_as_the_page_says(hub, monkeypatch):
    psql(hub, "postgres", "postgres", "CREATE ROLE dora LOGIN IN ROLE hub_users;")
    psql(hub, "littlemem", "memory", "SELECT littlemem.let_in('dora', 'team-x');")
    dora = opened(hub, "dora", monkeypatch)
    shared, own = dora.add("written by dora", type="project_knowledge"), dora.add("x", type="user_preference")
    dora.close()
    (advice,) = re.findall(r"\*Somebody leaves\*: (.*?)\. Never", README.read_text(encoding="utf-8"), re.DOTALL)
    drop_role, *before = (" ".join(part.split()).replace("bob", "dora") for part in re.findall("`(.*?)`", advice))
    for statement in (*before, drop_role):
        psql(hub, "postgres", "memory", f"{statement};")
    with hub.connect("postgres") as raw:
        left = raw.execute(
            "SELECT id FROM littlemem.memories WHERE id = ANY (%s)", ([shared.id, own.id],)
        ).fetchall()
    assert left == [(shared.id,)], "what was shared stays, what was private goes"
