"""Calls as a confused or hostile model makes them: a typed result each time, and nothing outside the scope touched.

``LITTLEMEM_FULL=1`` makes ten thousand calls of each tool.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from littlemem_ipy.models import MemoryType
from littlemem_ipy.store import MemoryStore, open_store
from littlemem_ipy.tools import TOOLS, call_tool

CALLS = 10_000 if os.environ.get("LITTLEMEM_FULL") == "1" else 120
SCHEMAS = {tool["function"]["name"]: tool["function"]["parameters"]["properties"] for tool in TOOLS}
STATUSES = {"created", "duplicate", "waiting", "updated", "unchanged", "deleted", "ok", "error"}
ERRORS = {"invalid", "not_found", "unknown_tool", "not_allowed", "conflict", "store"}

texts = st.text(st.characters(), max_size=60) | st.text(st.characters(categories=["Cs", "Cc", "Lo"]), max_size=8)
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
odd_ids = st.sampled_from(["../../settings", "mem_1_aaaaaaaaa", "mem_9999999999999999_zzzzzzzzz", "", "*"])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryStore]:
    path: Path = tmp_path_factory.mktemp("fuzz") / "memory.db"
    with open_store(path, project="mine") as opened:
        opened.add_many({"content": f"their note {number}", "project": "theirs"} for number in range(20))
        opened.add_many({"content": f"my note {number}"} for number in range(20))
        yield opened


def likely(name: str, ids: list[str]) -> st.SearchStrategy[Any]:
    """Values that a model would give to an argument."""
    known: dict[str, st.SearchStrategy[Any]] = {
        "id": st.sampled_from(ids) | odd_ids,
        "ids": st.lists(st.sampled_from(ids) | odd_ids, max_size=4),
        "type": st.sampled_from([*map(str, MemoryType), "banana"]),
        "tags": st.lists(texts, max_size=4) | texts,
        "projectId": st.sampled_from(["mine", "theirs", "*", "auto", ""]) | texts,
        "limit": st.integers(-2, 2**70),
        "offset": st.integers(-2, 2**70),
        "since": st.sampled_from(["yesterday", "2026-05-31", "9999-99-99", "7d", "last week"]) | texts,
    }
    return known.get("since" if name == "until" else name, texts)


def calls(name: str, ids: list[str]) -> st.SearchStrategy[Any]:
    values = {argument: likely(argument, ids) | junk for argument in SCHEMAS[name]}
    good = {argument: likely(argument, ids) for argument in SCHEMAS[name]}
    return st.one_of(
        st.fixed_dictionaries({}, optional=good),
        st.fixed_dictionaries({}, optional=values),
        st.fixed_dictionaries({"content": texts, "id": st.sampled_from(ids)}),
        st.dictionaries(
            st.sampled_from([*values, "key", "project", "source", "__class__"]) | texts, junk, max_size=4
        ),
        junk,
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_any_call_gives_a_typed_result(store: MemoryStore, name: str) -> None:
    theirs = sorted(store.search("", project="theirs", limit=100).memories, key=lambda memory: memory.id)
    mine = [memory.id for memory in store.search("", limit=10).memories]
    ids = [*mine, *(memory.id for memory in theirs[:5])]
    secret = {memory.content for memory in theirs}

    @settings(max_examples=CALLS, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(calls(name, ids))
    def check(arguments: Any) -> None:
        result = call_tool(store, name, arguments)
        text = json.dumps(result)
        text.encode()
        assert result["status"] in STATUSES
        if result["status"] == "error":
            assert result["error"] in ERRORS - {"store"}
            assert "\n" not in result["message"]
            assert len(result["message"]) < 700
        assert len(text) < 80_000
        assert not any(content in text for content in secret)

    check()
    after = sorted(store.search("", project="theirs", limit=100).memories, key=lambda memory: memory.id)
    assert after == theirs
