"""`complete` on the real formats of four services: streaming and not, tools, and each fault.

Nothing of litellm is patched: the scripted server is the only stand-in.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from littlemem_ipy.chat import Completion, complete
from littlemem_ipy.errors import ChatError
from tests.wire import Call, Reply, WireServer
from tests.wire.fixtures import MODELS

KEY = "sk-verysecretkey123"
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": "A tool.",
            "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
        },
    }
    for name in ("memory-store", "memory-search")
]
STORE, SEARCH = Call("memory-store", {"text": "a"}), Call("memory-search", {"text": "b"})

each_wire = pytest.mark.parametrize("name", MODELS)
each_way = pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])


def ask(wire: WireServer, name: str, stream: bool = True, **more: Any) -> Completion:
    given = {"messages": MESSAGES, "timeout": 5.0, "attempts": 1, "api_key": KEY, **more}
    return complete(model=MODELS[name], api_base=wire.base(name), stream=stream, **given)


def refusal(wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str], **more: Any) -> str:
    """Give the one line of the error, having checked that it is one, and that nothing else was said."""
    with pytest.raises(ChatError) as caught:
        ask(wire, name, stream, **more)
    line, said = str(caught.value), capfd.readouterr()
    assert "\n" not in line
    assert len(line) < 500
    assert "secretkey" not in line
    assert "litellm" not in line.lower()
    assert said.out == ""
    assert said.err == ""
    return line


@each_wire
@each_way
class TestGoodReplies:
    def test_plain(self, wire: WireServer, name: str, stream: bool) -> None:
        wire.script("Hello there, this is äöü 🎉 fine.")
        pieces: list[str] = []
        reply = ask(wire, name, stream, on_text=pieces.append)
        assert reply.text == "Hello there, this is äöü 🎉 fine." == "".join(pieces)
        assert (len(pieces) > 1) is stream
        assert reply.tool_calls == ()
        assert reply.usage is not None
        assert (reply.usage.prompt, reply.usage.completion, reply.usage.total) == (11, 7, 18)
        assert reply.finish == "stop"
        assert not reply.cut
        assert reply.notes == ()
        assert [record.refused for record in wire.records] == [None]

    def test_one_tool(self, wire: WireServer, name: str, stream: bool) -> None:
        wire.script(Reply(calls=(STORE,)))
        reply = ask(wire, name, stream, tools=TOOLS)
        assert [(call.name, call.arguments, call.error) for call in reply.tool_calls] == [
            ("memory-store", {"text": "a"}, None)
        ]
        assert reply.text == ""

    def test_two_tools_and_text(self, wire: WireServer, name: str, stream: bool) -> None:
        wire.script(Reply("One moment.", calls=(STORE, SEARCH)))
        reply = ask(wire, name, stream, tools=TOOLS)
        assert [(call.name, call.arguments) for call in reply.tool_calls] == [
            ("memory-store", {"text": "a"}),
            ("memory-search", {"text": "b"}),
        ]
        assert len({call.id for call in reply.tool_calls}) == 2
        assert reply.text == "One moment."

    def test_results_go_back_and_are_accepted(self, wire: WireServer, name: str, stream: bool) -> None:
        wire.script(Reply("Wait.", calls=(STORE, SEARCH)), "Done.")
        first = ask(wire, name, stream, tools=TOOLS)
        results = [
            {"role": "tool", "tool_call_id": call.id, "name": call.name, "content": '{"ok": true}'}
            for call in first.tool_calls
        ]
        reply = ask(wire, name, stream, messages=[*MESSAGES, first.message(), *results], tools=TOOLS)
        assert reply.text == "Done."
        assert [record.refused for record in wire.records] == [None, None]

    def test_finish_says_stop_beside_a_call(self, wire: WireServer, name: str, stream: bool) -> None:
        wire.script(Reply(calls=(STORE,), finish={"gemini": "STOP", "anthropic": "end_turn"}.get(name, "stop")))
        assert len(ask(wire, name, stream, tools=TOOLS).tool_calls) == 1

    def test_last_round_without_tools(self, wire: WireServer, name: str, stream: bool) -> None:
        wire.script("Fine.")
        assert ask(wire, name, stream, tools=TOOLS, tool_choice="none").text == "Fine."

    def test_no_tools_means_no_field(self, wire: WireServer, name: str, stream: bool) -> None:
        ask(wire, name, stream, tools=[], tool_choice="auto")
        assert not {"tools", "tool_choice", "toolConfig"} & set(wire.bodies[0])

    def test_nothing_to_add_after_a_tool(self, wire: WireServer, name: str, stream: bool) -> None:
        wire.script(Reply(calls=(STORE,)), Reply(""))
        call = ask(wire, name, stream, tools=TOOLS).tool_calls[0]
        result = {"role": "tool", "tool_call_id": call.id, "name": call.name, "content": "{}"}
        turn = {"role": "assistant", "content": "", "tool_calls": [call.message()]}
        assert ask(wire, name, stream, messages=[*MESSAGES, turn, result], tools=TOOLS).text == ""


@each_wire
class TestOddCalls:
    def test_without_ids(self, wire: WireServer, name: str) -> None:
        if name == "anthropic":
            pytest.skip("a content block without id can't exist in this format")
        wire.script(
            Reply(calls=(Call("memory-store", {"text": "a"}, None), Call("memory-search", {"text": "b"}, None)))
        )
        calls = ask(wire, name, tools=TOOLS).tool_calls
        assert [call.arguments for call in calls] == [{"text": "a"}, {"text": "b"}]
        assert all(call.id for call in calls)

    @pytest.mark.parametrize("index", [0, 7], ids=["zero", "strange"])
    def test_one_index_for_both(self, wire: WireServer, name: str, index: int) -> None:
        both = (Call("memory-store", {"text": "a"}, index=index), Call("memory-store", {"text": "b"}, index=index))
        wire.script(Reply(calls=both))
        calls = ask(wire, name, tools=TOOLS).tool_calls
        assert [call.arguments for call in calls] == [{"text": "a"}, {"text": "b"}]

    def test_arguments_are_no_json(self, wire: WireServer, name: str) -> None:
        if name in {"gemini", "ollama"}:
            pytest.skip("arguments are objects in this format")
        wire.script(Reply(calls=(Call("memory-store", '{"text": "a'),)))
        call = ask(wire, name, tools=TOOLS).tool_calls[0]
        assert call.arguments == {}
        assert call.error is not None
        assert "not valid JSON" in call.error

    def test_empty_arguments(self, wire: WireServer, name: str) -> None:
        wire.script(Reply(calls=(Call("memory-store", ""),)))
        call = ask(wire, name, tools=TOOLS).tool_calls[0]
        assert (call.arguments, call.error) == ({}, None)


@each_wire
@each_way
class TestRefusals:
    def test_key(self, wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str]) -> None:
        wire.script(Reply(status=401, message=f"Incorrect API key provided: {KEY}"))
        line = refusal(wire, name, stream, capfd, attempts=3)
        assert "refused the key (401)" in line
        assert "_API_KEY" in line
        assert len(wire.records) == 1

    def test_model(self, wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str]) -> None:
        wire.script(Reply(status=404, message="model 'x' not found"))
        assert "doesn't know the model" in refusal(wire, name, stream, capfd, attempts=3)
        assert len(wire.records) == 1

    def test_bad_request(
        self, wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str]
    ) -> None:
        wire.script(Reply(status=400, message="temperature is too hot"))
        assert "temperature is too hot" in refusal(wire, name, stream, capfd, attempts=3)

    def test_context(self, wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str]) -> None:
        wire.script(Reply(status=400, message="prompt is too long: maximum context length is 8192 tokens"))
        assert "too long for" in refusal(wire, name, stream, capfd, attempts=3)

    def test_web_page(self, wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str]) -> None:
        wire.script(Reply(fault="html"))
        line = refusal(wire, name, stream, capfd)
        assert "check the api_base" in line

    @pytest.mark.parametrize("fault", ["empty", "null"])
    def test_nothing_said(
        self, wire: WireServer, name: str, stream: bool, fault: Any, capfd: pytest.CaptureFixture[str]
    ) -> None:
        wire.script(Reply(fault=fault))
        assert "check the api_base" in refusal(wire, name, stream, capfd)

    def test_silence(self, wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str]) -> None:
        wire.script(Reply("late", fault="stall", pause=3))
        line = refusal(wire, name, stream, capfd, timeout=0.3, attempts=3)
        assert "sent nothing for 0.3 s" in line
        assert len(wire.records) == 1
        assert wire.wait_until(lambda: wire.records[0].client_left)

    def test_nobody_there(
        self, wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(ChatError, match="can't reach"):
            complete(MESSAGES, model=MODELS[name], api_base="http://127.0.0.1:9/v1", api_key=KEY, stream=stream)
        assert capfd.readouterr() == ("", "")


@each_wire
@each_way
class TestSecondTries:
    def test_waits_as_long_as_it_is_asked(self, wire: WireServer, name: str, stream: bool) -> None:
        wire.script(Reply(status=429, retry_after="1"), "Now.")
        start = time.monotonic()
        told: list[str] = []
        reply = ask(wire, name, stream, attempts=2, on_wait=told.append)
        assert reply.text == "Now."
        assert time.monotonic() - start >= 1.0
        assert [line.endswith("failed (429); asking again in 1 s") for line in told] == [True]
        assert len(wire.records) == 2
        assert "(429)" in reply.notes[0]
        assert "1 s" in reply.notes[0]

    @pytest.mark.parametrize("status", [500, 503, 529])
    def test_trouble_passes(self, wire: WireServer, name: str, stream: bool, status: int) -> None:
        wire.script(Reply(status=status, retry_after="0"), "Now.")
        assert ask(wire, name, stream, attempts=2).text == "Now."
        assert len(wire.records) == 2

    def test_trouble_stays(
        self, wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str]
    ) -> None:
        wire.script(*[Reply(status=503, message="overloaded", retry_after="0")] * 3)
        line = refusal(wire, name, stream, capfd, attempts=3)
        assert "trouble of its own (503): overloaded" in line
        assert len(wire.records) == 3

    def test_too_long_a_wait(
        self, wire: WireServer, name: str, stream: bool, capfd: pytest.CaptureFixture[str]
    ) -> None:
        wire.script(Reply(status=429, retry_after="3600"))
        assert "run the cell again in 3600 s" in refusal(wire, name, stream, capfd, attempts=3)
        assert len(wire.records) == 1

    def test_server_without_tools(self, wire: WireServer, name: str, stream: bool) -> None:
        wire.refuses = ("tools",)
        wire.script("No tools here.")
        reply = ask(wire, name, stream, tools=TOOLS)
        assert reply.text == "No tools here."
        assert "takes no tools" in reply.notes[0]
        assert reply.refused == {"tools"}
        assert ["tools" in body for body in wire.bodies] == [True, False]
        ask(wire, name, stream, tools=TOOLS, refused=reply.refused)
        assert "tools" not in wire.bodies[2]


def test_server_without_stream_options(wire: WireServer) -> None:
    wire.refuses = ("stream_options",)
    reply = ask(wire, "openai")
    assert reply.text == "ok"
    assert "takes no stream_options" in reply.notes[0]
    assert len(wire.records) == 2


@each_wire
class TestBrokenStreams:
    def test_cut_after_text(self, wire: WireServer, name: str, capfd: pytest.CaptureFixture[str]) -> None:
        wire.script(Reply("Hello there world", fault="cut"))
        reply = ask(wire, name, attempts=3)
        assert reply.cut
        assert reply.finish == "cut"
        assert "Hello there world".startswith(reply.text)
        assert 0 < len(reply.text) < len("Hello there world")
        assert "cut off" in reply.notes[-1]
        assert len(wire.records) == 1
        assert capfd.readouterr() == ("", "")

    def test_cut_before_text(self, wire: WireServer, name: str) -> None:
        wire.script(Reply(calls=(STORE,), fault="cut"), "Again.")
        reply = ask(wire, name, attempts=2, tools=TOOLS)
        assert (reply.text, reply.tool_calls) == ("Again.", ())

    def test_stall(self, wire: WireServer, name: str) -> None:
        wire.script(Reply("Hello there world", fault="stall-within", pause=3))
        reply = ask(wire, name, timeout=0.3)
        assert reply.cut
        assert "sent nothing for 0.3 s" in reply.notes[-1]
        assert wire.wait_until(lambda: wire.records[0].client_left)

    def test_error_within(self, wire: WireServer, name: str, capfd: pytest.CaptureFixture[str]) -> None:
        wire.script(Reply("Hello there world", fault="error-within", message="Overloaded"))
        reply = ask(wire, name)
        assert reply.cut
        assert "Overloaded" in reply.notes[-1]
        assert capfd.readouterr() == ("", "")

    def test_malformed(self, wire: WireServer, name: str) -> None:
        wire.script(Reply("Hello there world", fault="malformed"))
        assert ask(wire, name).cut

    def test_line_separators_are_no_fault(self, wire: WireServer, name: str) -> None:
        wire.script(Reply("one\u2028two\x85three\u2029four", finish={"gemini": "STOP"}.get(name)))
        reply = ask(wire, name)
        assert reply.text == "one\u2028two\x85three\u2029four"
        assert not reply.cut

    def test_end_without_a_finish(self, wire: WireServer, name: str) -> None:
        wire.script(Reply("Hello there", fault="no-finish"))
        reply = ask(wire, name)
        assert reply.text == "Hello there"
        # Compatible servers leave the finish reason out, so on OpenAI's format its absence says nothing.
        assert reply.cut or name == "openai"

    def test_two_calls_and_a_cut(self, wire: WireServer, name: str) -> None:
        wire.script(Reply("Wait.", calls=(STORE, SEARCH), fault="cut"))
        reply = ask(wire, name, tools=TOOLS)
        assert reply.cut
        assert reply.tool_calls == ()


@each_wire
@pytest.mark.parametrize("fault", ["cut", "malformed"])
def test_broken_answer_without_streaming(
    wire: WireServer, name: str, fault: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    wire.script(Reply("Hello", fault=fault), "Whole.")
    assert ask(wire, name, stream=False, attempts=2).text == "Whole."
    assert len(wire.records) == 2
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("openai", ""),
        ("openai", "/v1/"),
        ("anthropic", "/v1"),
        ("gemini", ""),
        ("gemini", "/v1beta/"),
        ("ollama", "/v1"),
    ],
)
def test_an_address_with_too_much_or_too_little(wire: WireServer, name: str, suffix: str) -> None:
    reply = complete(MESSAGES, model=MODELS[name], api_base=wire.url + suffix, api_key=KEY, timeout=5.0)
    assert reply.text == "ok"
    assert len(wire.records) == 1
    assert bool(reply.notes) is (wire.base(name) != (wire.url + suffix).rstrip("/"))
