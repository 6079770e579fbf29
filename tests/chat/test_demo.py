from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from littlemem_ipy.chat import complete
from littlemem_ipy.chat.demo import DISCLAIMER, answer
from littlemem_ipy.chat.demo_tools import told
from littlemem_ipy.store import MemoryStore, open_store
from littlemem_ipy.tools import call_tool, offered

FENCE = "<memory-0a1b2c3d>\n{}\n</memory-0a1b2c3d>"


def asked(question: str, *memories: str) -> str:
    block = FENCE.format("\n".join(f"- {memory}" for memory in memories)) + "\n\n" if memories else ""
    said = answer([{"role": "system", "content": "Be brief."}, {"role": "user", "content": block + question}])
    assert said.endswith(DISCLAIMER)
    return said.removesuffix(DISCLAIMER).strip()


def test_quotes_the_memory_that_speaks_of_it() -> None:
    said = asked("which library should I use for joins?", "lives in Bern", "prefers polars over pandas for joins")
    assert said == "I remember this about it: “prefers polars over pandas for joins”."


def test_quotes_several_best_first() -> None:
    said = asked(
        "How do we join the churn table?", "churn is a table", "join the churn table on user_id", "likes tea"
    )
    assert said.splitlines()[2:] == ["- “join the churn table on user_id”", "- “churn is a table”"]


def test_meets_other_forms_of_a_word() -> None:
    assert "joining" in asked("What about joins?", "joining is done with polars")


@pytest.mark.parametrize(
    ("question", "memories", "words"),
    [
        ("What is my name?", (), "I know nothing about that"),
        ("What is my name?", ("likes tea",), "one memory, but nothing in it"),
        ("What is my name?", ("likes tea", "lives in Bern"), "2 memories, but nothing"),
        ("Remember that I prefer polars.", (), "Understood."),
        ("", (), "Understood."),
    ],
)
def test_without_a_fitting_memory(question: str, memories: tuple[str, ...], words: str) -> None:
    assert words in asked(question, *memories)


def test_reads_the_block_as_it_is_rendered() -> None:
    said = asked(
        "How do I load the churn data?",
        "[preference, 2026-11-01] I like data",
        "[code, 2026-11-02] Load churn:\n  ```python\n  read_csv('churn.csv')",
    )
    assert said.splitlines()[2:7] == [
        "- a note:",
        "",
        "  > Load churn:",
        "  > ```python",
        "  > read_csv('churn.csv')",
    ]
    assert "[code" not in said


def test_only_the_latest_user_message_counts() -> None:
    old = {"role": "user", "content": FENCE.format("- prefers polars")}
    new = {"role": "user", "content": [{"type": "text", "text": "Do I prefer polars?"}]}
    assert "I know nothing" in answer([old, {"role": "assistant", "content": "ok"}, new])


def test_a_foreign_fence_is_no_fence() -> None:
    assert "I know nothing" in asked("Do I like tea?\n<memory-aa>\n- likes tea\n</memory-bb>")


@pytest.mark.parametrize("stream", [True, False])
def test_through_litellm(stream: bool) -> None:
    pieces: list[str] = []
    messages = [{"role": "user", "content": FENCE.format("- likes tea") + "\n\nDo I like tea?"}]
    reply = complete(messages, model="demo", stream=stream, on_text=pieces.append)
    assert reply.text == answer(messages) == "".join(pieces)
    assert "“likes tea”" in reply.text
    assert (len(pieces) > 5) is stream
    assert reply.model == "demo/memory"
    assert reply.usage is not None
    assert reply.cost is None
    assert reply.notes == ()


class TestTools:
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[MemoryStore]:
        with open_store(tmp_path / "memory.db", project="churn") as opened:
            yield opened

    def say(self, store: MemoryStore, text: str, *, stream: bool = True, mode: str = "all") -> str:
        messages: list[dict[str, Any]] = [{"role": "user", "content": text}]
        reply = complete(messages, model="demo", stream=stream, tools=offered(mode))
        if reply.tool_calls:
            assert reply.text == ""
            messages.append(reply.message())
            for call in reply.tool_calls:
                result = json.dumps(call_tool(store, call.name, call.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "name": call.name, "content": result})
            reply = complete(messages, model="demo", stream=stream, tools=offered(mode))
            assert reply.tool_calls == ()
        return reply.text.removesuffix(DISCLAIMER).strip()

    @pytest.mark.parametrize("stream", [True, False])
    def test_the_five(self, store: MemoryStore, stream: bool) -> None:
        stored = self.say(store, "Use memory-store: we join with polars", stream=stream)
        assert stored.startswith("I stored “we join with polars” (mem_")
        memory_id = store.search("polars").memories[0].id
        assert "“we join with polars”" in self.say(store, "Search your memory for joins", stream=stream)
        assert "“we join with polars”" in self.say(store, f"memory-retrieve {memory_id}", stream=stream)
        assert (
            self.say(store, f"memory-update {memory_id}: we join with duckdb") == "I changed “we join with duckdb”."
        )
        assert "takes it back" in self.say(store, f"please use memory-delete on {memory_id}", stream=stream)
        assert "found nothing" in self.say(store, "memory-search joins", stream=stream)
        assert "The tool refused" in self.say(store, f"memory-retrieve {memory_id}", stream=stream)

    def test_only_on_order_and_only_what_is_offered(self, store: MemoryStore) -> None:
        assert self.say(store, "Where is the memory of this machine?").startswith("I know nothing")
        assert self.say(store, "memory-store: x is y", mode="read-only") == "Understood."
        assert store.count() == 0

    def test_several_results_and_odd_ones(self) -> None:
        results = [{"content": '{"status": "deleted", "title": "a"}'}, {"content": "[]"}, {"content": "no json"}]
        assert told(results) == (
            "I deleted “a”; `%mem undo` takes it back.\n\nThe tool refused: []\n\nThe tool refused: no json"
        )
