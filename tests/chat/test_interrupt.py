"""^C at every stage of a call, on every wire: by a real signal to this process."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from littlemem_ipy.chat import Completion, Interrupted, complete
from tests.wire import Call, Reply, WireServer
from tests.wire.fixtures import MODELS

MESSAGES = [{"role": "user", "content": "hello"}]
REACTION = 0.2  # seconds between what is seen and the key
each_wire = pytest.mark.parametrize("name", MODELS)


def interrupted(
    wire: WireServer, name: str, when: Callable[[], bool], *, stream: bool = True, pieces: list[str] | None = None
) -> tuple[Completion, float]:
    """Call the model, press ^C when `when` says so; give what is left and the seconds it took."""

    def press() -> None:
        if wire.wait_until(when, 60):  # the first call imports litellm
            # Python sees a signal between two instructions. This thread often runs just when the main thread gives
            # up the interpreter to read from the socket; a signal that lands before that call has begun is seen
            # only when it returns. A person is never that quick.
            time.sleep(REACTION)
            pressed.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)

    pressed: list[float] = []
    presser = threading.Thread(target=press)
    presser.start()
    with pytest.raises(Interrupted) as caught:
        complete(
            MESSAGES,
            model=MODELS[name],
            api_base=wire.base(name),
            api_key="sk-x",
            stream=stream,
            timeout=20,
            on_text=(pieces if pieces is not None else []).append,
        )
    end = time.monotonic()
    presser.join()
    return caught.value.partial, end - pressed[0]


def assert_works_again(wire: WireServer, name: str) -> None:
    wire.script("fine")
    assert complete(MESSAGES, model=MODELS[name], api_base=wire.base(name), api_key="sk-x").text == "fine"


@each_wire
def test_within_the_stream(wire: WireServer, name: str) -> None:
    wire.script(Reply("Hello there world", fault="stall-within", pause=15))
    pieces: list[str] = []
    partial, seconds = interrupted(wire, name, lambda: bool(pieces), pieces=pieces)
    assert partial.text == "".join(pieces) != ""
    assert "Hello there world".startswith(partial.text)
    assert (partial.cut, partial.finish, partial.tool_calls) == (True, "interrupted", ())
    assert partial.notes == ("interrupted by the user",)
    assert seconds < 2
    assert wire.wait_until(lambda: wire.records[0].client_left)
    assert_works_again(wire, name)


@each_wire
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_before_the_first_byte(wire: WireServer, name: str, stream: bool) -> None:
    wire.script(Reply("Hello", fault="stall", pause=15))
    partial, seconds = interrupted(wire, name, lambda: bool(wire.records), stream=stream)
    assert (partial.text, partial.cut) == ("", True)
    assert seconds < 2
    assert wire.wait_until(lambda: wire.records[0].client_left)
    assert_works_again(wire, name)


@each_wire
def test_within_a_tool_call(wire: WireServer, name: str) -> None:
    wire.script(Reply("Wait.", calls=(Call("memory-store", {"text": "a"}),), fault="stall-within", pause=15))
    pieces: list[str] = []
    partial, _ = interrupted(wire, name, lambda: "".join(pieces).startswith("W"), pieces=pieces)
    assert partial.tool_calls == ()
    assert partial.text == "".join(pieces)


def test_while_waiting_for_the_next_try(wire: WireServer) -> None:
    wire.script(Reply(status=429, retry_after="30"))
    partial, seconds = interrupted(wire, "openai", lambda: bool(wire.records))
    assert partial.text == ""
    assert seconds < 2
    assert len(wire.records) == 1


@each_wire
def test_while_showing_a_piece(wire: WireServer, name: str) -> None:
    wire.script(Reply("Hello there world", gap=0.05))

    def show(piece: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        complete(MESSAGES, model=MODELS[name], api_base=wire.base(name), api_key="sk-x", on_text=show)
    assert caught.value.partial.text == "Hello"
    assert wire.wait_until(lambda: wire.records[0].client_left)


def test_a_broken_display_is_not_the_providers_fault(wire: WireServer) -> None:
    def show(piece: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        complete(MESSAGES, model=MODELS["openai"], api_base=wire.base("openai"), api_key="sk-x", on_text=show)
    assert len(wire.records) == 1
