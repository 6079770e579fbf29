from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from littlemem_ipy.chat.calls import CallAccumulator, ToolCall, read_arguments


def piece(index: int | None = 0, call_id: str | None = None, name: str | None = None, arguments: Any = "") -> Any:
    return SimpleNamespace(index=index, id=call_id, function=SimpleNamespace(name=name, arguments=arguments))


def collected(*pieces: Any) -> list[tuple[str, dict[str, Any]]]:
    accumulator = CallAccumulator()
    for one in pieces:
        accumulator.add([one])
    return [(call.name, call.arguments) for call in accumulator.calls()]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        pytest.param([piece(0, "a", "f", '{"x"'), piece(0, None, None, ": 1}")], [("f", {"x": 1})], id="one"),
        pytest.param(
            [piece(0, "a", "f", '{"x": 1}'), piece(0, "b", "f", '{"x": 2}')],
            [("f", {"x": 1}), ("f", {"x": 2})],
            id="two under one index",
        ),
        pytest.param(
            [piece(0, None, "f", '{"x": 1}'), piece(0, None, "f", '{"x": 2}')],
            [("f", {"x": 1}), ("f", {"x": 2})],
            id="two under one index without ids",
        ),
        pytest.param(
            [piece(0, "a", "f", '{"x": 1}'), piece(0, "a", "f", '{"x": 2}')],
            [("f", {"x": 1}), ("f", {"x": 2})],
            id="two under one index and one id",
        ),
        pytest.param(
            [piece(0, "a", "f"), piece(1, "b", "g"), piece(0, None, None, "{}"), piece(1, None, None, '{"y": 2}')],
            [("f", {}), ("g", {"y": 2})],
            id="interleaved",
        ),
        pytest.param(
            [piece(0, None, "f"), piece(1, None, "f"), piece(0, None, None, '{"x": 1}')],
            [("f", {"x": 1}), ("f", {})],
            id="interleaved without ids",
        ),
        pytest.param(
            [piece(None, "a", "f"), piece(None, None, None, '{"x":'), piece(None, None, None, "1}")],
            [("f", {"x": 1})],
            id="no index",
        ),
        pytest.param(
            [piece(0, "a", "f", '{"x"'), piece(0, "a", "f", ": 1}")], [("f", {"x": 1})], id="name in each piece"
        ),
        pytest.param([piece(0, "a", "f"), piece(5, None, None, '{"x": 1}')], [("f", {"x": 1})], id="index jumps"),
        pytest.param([piece(0, "a", "f", {"x": 1})], [("f", {"x": 1})], id="arguments are an object"),
        pytest.param([piece(0, "a", "f", '{"x": 1}{"x": 1}')], [("f", {"x": 1})], id="arguments twice"),
        pytest.param([piece(0, None, None, "noise")], [], id="no name at all"),
        pytest.param([SimpleNamespace(index=0, id="a", function=None)], [], id="no function"),
    ],
)
def test_pieces_make_calls(pieces: list[Any], expected: list[Any]) -> None:
    assert collected(*pieces) == expected


def test_ids_are_kept_verbatim_or_made() -> None:
    accumulator = CallAccumulator()
    accumulator.add([piece(0, "call_1__thought__c2Ny=", "f", "{}"), piece(1, None, "g", "{}")])
    first, second = accumulator.calls()
    assert first.id == "call_1__thought__c2Ny="
    assert second.id.startswith("call_")
    accumulator.add(None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": ', "not valid JSON"),
        ("[1]", "must be a JSON object, not list"),
        ('"a"', "must be a JSON object, not str"),
        ('{"a": 1}{"a": 2}', "two different"),
        ("{}{", "not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_bad_arguments_say_why(text: str, words: str) -> None:
    arguments, error = read_arguments(text)
    assert arguments == {}
    assert error is not None
    assert words in error


@pytest.mark.parametrize("text", ["", "  ", "null", "{}"])
def test_nothing_means_no_arguments(text: str) -> None:
    assert read_arguments(text) == ({}, None)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    arguments, error = read_arguments(text)
    assert isinstance(arguments, dict)
    assert error is None or "\n" not in error


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()), st.integers(1, 7), st.integers(0, 3))
def test_any_cut_gives_the_same_call(value: dict[str, Any], size: int, index: int) -> None:
    text = json.dumps(value)
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    assert collected(piece(index, "a", "f"), *(piece(index, None, None, part) for part in parts)) == [("f", value)]


def test_a_repaired_call_goes_back_as_valid_json() -> None:
    message = ToolCall("a", "f", {}, "the arguments are not valid JSON").message()
    assert message == {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
