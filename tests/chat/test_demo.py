from __future__ import annotations

import pytest

from littlemem_ipy.chat import complete
from littlemem_ipy.chat.demo import DISCLAIMER, answer

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
