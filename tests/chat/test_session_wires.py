"""A conversation on each wire: the five tools, every fault, and the next message after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from littlemem_ipy.chat import ChatReply, ChatSession
from littlemem_ipy.errors import ChatError
from littlemem_ipy.models import Author, State
from littlemem_ipy.store import MemoryStore, open_store
from tests.wire import Call, Reply, WireServer
from tests.wire.fixtures import MODELS

JOINS = "we join with polars"
KEY = "sk-verysecretkey123"
each_wire = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in ("OPENAI", "ANTHROPIC", "GEMINI"):
        monkeypatch.setenv(f"{provider}_API_KEY", KEY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    with open_store(tmp_path / "memory.db", project="churn") as opened:
        yield opened


def session(wire: WireServer, store: MemoryStore, name: str, **more: Any) -> ChatSession:
    return ChatSession(store, MODELS[name], api_base=wire.base(name), timeout=5.0, **more)


def accepted(wire: WireServer) -> bool:
    """Whether no request was one that the service refuses."""
    return [record.refused for record in wire.records] == [None] * len(wire.records)


def statuses(reply: ChatReply) -> list[tuple[str, str]]:
    return [(use.name, use.status) for use in reply.tools]


@each_wire
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_the_five_tools_and_a_second_notebook(
    wire: WireServer, store: MemoryStore, name: str, stream: bool
) -> None:
    first = session(wire, store, name, stream=stream)
    wire.script(Reply(calls=(Call("memory-store", {"content": JOINS, "type": "project_knowledge"}),)), "Stored.")
    reply = first.send("Keep in mind how we join.")
    assert (reply.text, statuses(reply)) == ("Stored.", [("memory-store", "created")])
    memory = next(memory for memory in store.search("polars").memories if memory.content == JOINS)
    assert (memory.provenance.author, memory.provenance.model) == (Author.MODEL, MODELS[name])

    second = session(wire, store, name, stream=stream)
    wire.script(
        Reply("Let me look.", calls=(Call("memory-search", {"text": "polars"}),)),
        Reply(calls=(Call("memory-retrieve", {"id": memory.id}),)),
        Reply(calls=(Call("memory-update", {"id": memory.id, "content": "we join with duckdb"}),)),
        "Changed.",
    )
    reply = second.send("And what is the weather?")
    assert statuses(reply) == [("memory-search", "ok"), ("memory-retrieve", "ok"), ("memory-update", "updated")]
    assert JOINS in json.dumps(wire.bodies[-1])
    assert store.get(memory.id).content == "we join with duckdb"

    wire.script(Reply(calls=(Call("memory-delete", {"id": memory.id}),)), "Gone.")
    assert statuses(second.send("Forget it.")) == [("memory-delete", "deleted")]
    assert store.get(memory.id).state is State.DELETED
    assert accepted(wire)


@each_wire
def test_two_calls_under_one_index(wire: WireServer, store: MemoryStore, name: str) -> None:
    calls = tuple(Call("memory-store", {"content": f"fact {at}"}, index=0) for at in range(2))
    wire.script(Reply(calls=calls), "Both.")
    chat = session(wire, store, name)
    assert statuses(chat.send("Two things.")) == [("memory-store", "created")] * 2
    chat.send("Next.")
    assert accepted(wire)


@each_wire
def test_bad_calls_are_answered_and_the_next_cell_works(wire: WireServer, store: MemoryStore, name: str) -> None:
    bad = [Call("memory-fly", {"a": 1}), Call("memory-store", {"key": "x"}), Call("memory-store", "")]
    if name in {"openai", "anthropic"}:
        bad.append(Call("memory-store", '{"content": "half'))
    wire.script(Reply(calls=tuple(bad)), "I see.")
    chat = session(wire, store, name)
    reply = chat.send("Do it wrong.")
    assert [status for _, status in statuses(reply)] == ["error"] * len(bad)
    assert reply.text == "I see."
    assert chat.send("Next.").text == "ok"
    assert accepted(wire)


@each_wire
def test_an_endless_loop_ends(wire: WireServer, store: MemoryStore, name: str) -> None:
    wire.answer = lambda record: Reply(calls=(Call("memory-search", {"text": "x"}),))
    chat = session(wire, store, name)
    reply = chat.send("Never stop.")
    assert len(wire.records) <= 8
    assert any("kept calling tools" in note for note in reply.notes)
    wire.answer = lambda record: Reply("Fine.")
    assert chat.send("Next.").text == "Fine."
    assert accepted(wire)


@each_wire
def test_nothing_said_after_a_tool(wire: WireServer, store: MemoryStore, name: str) -> None:
    wire.script(Reply(calls=(Call("memory-store", {"content": JOINS}),)), Reply(""))
    chat = session(wire, store, name)
    assert statuses(chat.send("Store it.")) == [("memory-store", "created")]
    assert chat.send("Next.").text == "ok"
    assert accepted(wire)


@each_wire
@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=401, message=f"Incorrect API key provided: {KEY}"),
        Reply(status=404, message="no such model"),
        Reply(status=400, message="bad"),
        Reply(status=429, retry_after="3600"),
        Reply(fault="html"),
        Reply(fault="empty"),
        Reply(fault="null"),
    ],
    ids=lambda reply: str(reply.fault or reply.status),
)
def test_after_a_fault_the_next_message_works(
    wire: WireServer, store: MemoryStore, name: str, fault: Reply, capfd: pytest.CaptureFixture[str]
) -> None:
    wire.script(fault)
    chat = session(wire, store, name)
    with pytest.raises(ChatError) as caught:
        chat.send("Remember that I prefer tea.")
    assert KEY not in str(caught.value)
    assert chat.history == []
    assert store.count() == 0
    assert chat.send("Next.").text == "ok"
    assert accepted(wire)
    assert capfd.readouterr() == ("", "")


@each_wire
@pytest.mark.parametrize("fault", ["cut", "malformed", "error-within"])
def test_a_cut_reply_is_marked_and_not_remembered(
    wire: WireServer, store: MemoryStore, name: str, fault: Any
) -> None:
    wire.script(Reply("You told me that you prefer tea.", fault=fault))
    chat = session(wire, store, name)
    reply = chat.send("Remember that I prefer tea.")
    assert reply.cut
    assert reply.captured == ()
    assert store.count() == 0
    assert "cut off" in chat.history[-1]["content"]
    assert chat.send("Next.").text == "ok"
    assert accepted(wire)


@each_wire
def test_a_server_without_tools_still_gets_the_memories(wire: WireServer, store: MemoryStore, name: str) -> None:
    store.add("prefers polars over pandas for joins", type="user_preference")
    wire.refuses = ("tools",)
    chat = session(wire, store, name)
    reply = chat.send("Which library for joins?")
    assert len(reply.used) == 1
    assert any("no tools" in note for note in reply.notes)
    assert "prefers polars" in json.dumps(wire.bodies[-1])
    chat.send("Next.")
    assert [record.refused is None for record in wire.records] == [False, True, True]
