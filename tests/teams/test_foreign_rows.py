"""Whatever path a user takes, no row of a space that they have no right to comes out."""

from __future__ import annotations

import json
import random
import re

import pytest

from littlemem_ipy import analytics, tools
from littlemem_ipy.chat import ChatSession
from littlemem_ipy.errors import LittleMemError
from littlemem_ipy.models import SearchQuery, State
from littlemem_ipy.store import open_store
from tests.conftest import FULL
from tests.postgres import OWNER

USERS, EACH, READS = (50, 2000, 10_000) if FULL else (8, 40, 400)
TEAMS = USERS // 4
_MARK = re.compile(r"mark[0-9]+(?:u|t)x")
ALL = tuple(State)


@pytest.fixture(scope="module")
def crowd(postgres):
    """Give users, their open stores, and for each the marks of the texts that they may see."""
    rng = random.Random(41)
    names = [postgres.add_user() for _ in range(USERS)]
    teams = {f"crowd-{names[0]}-{number}": rng.sample(names, 4) for number in range(TEAMS)}
    with postgres.connect() as raw:
        for team, people in teams.items():
            raw.execute("SELECT littlemem.create_space(%s, 'team', %s)", (team, people))
    stores, allowed = [], []
    for number, name in enumerate(names):
        with open_store(postgres.url(name), project=None) as own:
            fill(own, f"mark{number}ux", rng)
        mine = [team for team, people in teams.items() if name in people]
        team = rng.choice([None, *mine]) if mine else None
        stores.append(open_store(postgres.url(name, team), project=None))
        marks = {f"mark{number}ux"}
        if team:
            marks.add(f"mark{list(teams).index(team)}tx")
            fill(stores[-1], f"mark{list(teams).index(team)}tx", rng, few=True)
        allowed.append(marks)
    yield list(zip(stores, allowed, strict=True))
    for store in stores:
        store.close()


def fill(store, mark, rng, *, few=False):
    words = "polars pandas join churn label parquet quarter timeout retry schema index".split()
    store.add_many(
        {
            "content": f"{mark} {' '.join(rng.choices(words, k=12))} {n} {rng.randrange(10**6)}",
            "type": rng.choice(["general", "solution", "code_snippet", "project_knowledge"]),
            "tags": [mark, rng.choice(words)],
            "project": rng.choice([None, f"project-{mark}"]),
            "conversation_id": rng.choice([None, f"talk-{mark}"]),
            "pinned": rng.random() < 0.05,
        }
        for n in range(EACH // 10 if few else EACH)
    )


def paths(store, ids, allowed, rng):
    """Return the ways in which something can be read, each a function that gives all that it said.

    Words and ids are those of somebody else as often as the user's own.
    """
    own = rng.choice(sorted(allowed))
    word = rng.choice(["polars", "churn", "mark", "mark1", "timeout", "zzz", f"mark{rng.randrange(USERS)}ux", own])
    memory_id = rng.choice(ids[rng.choice([own, rng.choice(sorted(ids))])])
    query = SearchQuery(text=word, states=ALL, limit=rng.choice((5, 200)))
    return {
        "search": lambda: [h.memory.content + h.snippet for h in store.search(word, project="*", states=ALL)],
        "list": lambda: [m.content for m in store.search(project="*", limit=rng.choice((5, 300))).memories],
        "scoped": lambda: [m.content for m in store.search(project=f"project-{word}", limit=50).memories],
        "tagged": lambda: [m.content for m in store.search(tags=word, project="*", limit=50).memories],
        "get": lambda: store.get(memory_id).content,
        "history": lambda: [r.memory.content for r in store.history(memory_id)],
        "update": lambda: store.update(memory_id, pinned=True).content,
        "close ids": lambda: store.get(memory_id[:-1] + "0").content,
        "tool": lambda: json.dumps(tools.call_tool(store, "memory-search", {"query": word})),
        "tool by id": lambda: json.dumps(tools.call_tool(store, "memory-retrieve", {"id": memory_id})),
        "chat": lambda: ChatSession(store, model="demo").recall(f"what about {word} and polars").text,
        "table": lambda: list(analytics.memories(store).content),
        "events": lambda: json.dumps([dict(e.data) for e in store.events(limit=50)], default=str),
        "names": lambda: store.backend.names("tags") + store.backend.names("projects"),
        "words": lambda: store.backend.index.vocabulary("mark", 1000),
        "postings": lambda: [
            m.content
            for m in store.backend.index.memories(store.backend.index.postings([[word]], query, 99)).values()
        ],
        "stats": lambda: repr(store.stats()),
        "undo": lambda: [b.changes for b in store.backend.batches(3, query)],
        "embedding": lambda: [m.content for m in store.backend.vectors.missing("m", 50)],
    }


@pytest.mark.slow
def test_no_foreign_row_by_any_path(crowd, postgres):
    rng, seen = random.Random(43), {}
    with postgres.connect(OWNER) as raw:
        found = raw.execute("SELECT id, content FROM littlemem.memories WHERE content LIKE 'mark%'").fetchall()
    ids = {}
    for memory_id, content in found:
        ids.setdefault(content.partition(" ")[0], []).append(memory_id)
    assert len(found) >= USERS * EACH
    assert len(ids) > USERS
    for number in range(READS):
        store, allowed = rng.choice(crowd)
        ways = paths(store, ids, allowed, rng)
        name = list(ways)[number % len(ways)]
        try:
            said = repr(ways[name]())
        except LittleMemError as error:
            said = str(error)
        asked = {f"mark{n}ux" for n in range(USERS)} if name in ("events", "close ids") else set()
        foreign = set(_MARK.findall(said)) - allowed - asked
        assert foreign == set(), f"{name}: {foreign}"
        seen[name] = seen.get(name, 0) + bool(set(_MARK.findall(said)) & allowed)
    nothing = {name for name, count in seen.items() if not count} - {"events", "close ids"}
    assert nothing <= {"undo"}, "each path shows own rows"
    print(f"{USERS} users x {EACH} memories, {READS} reads by {len(seen)} paths, 0 foreign rows")


def test_past_the_store_no_foreign_row_either(crowd, postgres):
    """The second wall: raw SQL of each user, without any condition on the space."""
    for store, allowed in crowd:
        user = store.backend.connection.address.options["user"]
        with postgres.connect(user) as raw:
            mine = raw.execute(
                "SELECT array_agg(DISTINCT s.name) FROM littlemem.memories m JOIN littlemem.spaces s USING (space)"
            ).fetchone()[0]
            marks = {
                mark
                for (text,) in raw.execute(
                    "SELECT content || coalesce(project, '') || tags || words::text FROM littlemem.memories"
                    " UNION ALL SELECT word FROM littlemem.vocabulary UNION ALL SELECT data FROM littlemem.events"
                    " WHERE data IS NOT NULL AND kind NOT IN ('searched', 'recalled')"
                )
                for mark in _MARK.findall(text)
            }
        assert f"~{user}" in mine
        assert {mark for mark in marks if mark.endswith("ux")} == {m for m in allowed if m.endswith("ux")}
        assert {m for m in allowed if m.endswith("tx")} <= marks
        teams = [name for name in mine if not name.startswith("~")]
        assert len({mark for mark in marks if mark.endswith("tx")}) <= len(teams)
