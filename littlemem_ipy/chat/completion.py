"""One call of a model: messages in, a `Completion` out, whatever the provider.

`complete` streams, retries before the first shown token, does without what a
server refuses, and ends every trouble in a `ChatError` of one line. It keeps no
state and knows nothing of memories.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from littlemem_ipy.chat.ending import Ending
from littlemem_ipy.chat.engine import engine
from littlemem_ipy.chat.faults import Kind, ProviderFault
from littlemem_ipy.chat.reply import Completion, Interrupted, Reading
from littlemem_ipy.chat.request import Request
from littlemem_ipy.chat.target import Target, resolve
from littlemem_ipy.errors import ChatError

__all__ = ["complete"]

# These take litellm's own HTTP client.
_OWN_CLIENT = {"anthropic", "gemini", "vertex_ai", "ollama_chat"}
_LONGEST_WAIT = 60.0  # seconds; a service that asks for more is told to the user instead
_FIRST_WAIT = 0.5
_UNFINISHED = "Stream ended before a finish_reason"


def complete(
    messages: Sequence[Mapping[str, Any]],
    *,
    model: str | None,
    api_base: str | None = None,
    api_key: str | None = None,
    aliases: Mapping[str, str] | None = None,
    tools: Sequence[Mapping[str, Any]] | None = None,
    tool_choice: str | None = None,
    stream: bool = True,
    timeout: float = 120.0,
    attempts: int = 3,
    refused: Collection[str] = (),
    on_text: Callable[[str], None] | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> Completion:
    """Ask a model, and give its reply.

    Parameters
    ----------
    messages
        The whole conversation, the system message first.
    model, api_base, api_key, aliases
        Which model and where; see `littlemem_ipy.chat.target.resolve`.
    tools, tool_choice
        Offered when there are any; an empty list is left out, as some services refuse it.
    stream
        Whether to read the reply piece by piece.
    timeout
        Seconds without a sign of life, before the first token and between two.
    attempts
        How often a request is made when the service is busy or broken, all tries counted.
    refused
        What this server is known not to take, from an earlier reply.
    on_text
        Called with each piece of text as it arrives; once with all of it when not streaming.
    on_wait
        Called with one line before the service is given time to recover.

    Raises
    ------
    ChatError
        One line: what failed, and what to do.
    Interrupted
        The user pressed ^C; what had arrived is in it.
    """
    request = Request(
        target=_resolved(model, api_base, aliases, api_key),
        messages=[dict(message) for message in messages],
        tools=[dict(tool) for tool in tools or ()],
        tool_choice=tool_choice,
        stream=stream,
        timeout=timeout,
        refused=frozenset(refused),
    )
    return _insistently(request, attempts, on_text or _ignored, on_wait or _ignored)


def _resolved(
    model: str | None, api_base: str | None, aliases: Mapping[str, str] | None, api_key: str | None
) -> Target:
    """Find the model; the first time this imports litellm, which takes long enough to be interrupted."""
    try:
        return resolve(model, api_base, aliases, api_key)
    except KeyboardInterrupt:
        raise Interrupted(Completion("", model or "", finish="interrupted", cut=True)) from None


def _ignored(piece: str) -> None:
    """Let nobody see what arrives, or why it takes longer."""


def _insistently(
    request: Request, attempts: int, on_text: Callable[[str], None], on_wait: Callable[[str], None]
) -> Completion:
    """Ask, and ask again as long as nothing was shown and it makes sense."""
    while True:
        reading = Reading()
        try:
            return _exchange(request, reading, on_text)
        except KeyboardInterrupt:
            raise Interrupted(_partial(request, reading, "interrupted", "interrupted by the user")) from None
        except ProviderFault as fault:
            if reading.text:
                return _partial(request, reading, "cut", f"the reply is cut off: {fault.line}")
            request = request.eased(fault) or _again(request, fault, attempts, on_wait)


def _exchange(request: Request, reading: Reading, on_text: Callable[[str], None]) -> Completion:
    """Make one request and read its whole reply."""
    with closing(_chunks(request, reading)) as chunks:
        for chunk in chunks:
            if piece := reading.take(chunk):
                on_text(piece)
    after_tool = request.messages[-1].get("role") == "tool"  # having nothing to add is then an answer
    if reading.is_empty and not after_tool:
        at = f" ({request.target.api_base})" if request.target.api_base else ""
        raise ChatError(
            f"{request.target.model} sent an empty reply: check the api_base{at} and the model's name, or ask again"
        )
    whole = _completion(request, reading)
    note = ("the reply stops at the model's limit of output tokens",) if whole.finish == "length" else ()
    return replace(whole, tool_calls=reading.calls.calls(), notes=(*whole.notes, *note))


def _chunks(request: Request, reading: Reading) -> Generator[Any]:
    """Give the chunks of a stream, or the one response, and close the connection whatever happens."""
    litellm = engine()
    client = _client(litellm, request)
    ending = Ending(client, request.target.provider)
    response = None
    try:
        with warnings.catch_warnings():
            # Streams of the newest interfaces make pydantic complain about litellm's own models.
            warnings.filterwarnings("ignore", category=UserWarning, module="pydantic")
            response = litellm.completion(**request.arguments(), **({"client": client} if client else {}))
            yield from response if request.stream else [response]
        reading.cost = _cost(litellm, request, response, reading)
    except Exception as error:
        # Newer versions of litellm take a stream without a word for a broken one; it is an empty reply.
        if not (reading.is_empty and _UNFINISHED in str(error)):
            raise ProviderFault.of(error, request.target, timeout=request.timeout) from error
    finally:
        _close(client, response)
    if request.stream and not ending.whole and not reading.is_empty:
        raise ProviderFault(Kind.BROKEN, "the reply ended before it was complete", request.target)


def _client(litellm: Any, request: Request) -> Any:
    """Make a client for this call alone, where the provider takes one.

    litellm's shared client for Gemini keeps its first timeout for ever, and only
    a client of one's own can be closed for sure.
    """
    if request.target.provider not in _OWN_CLIENT:
        return None
    return litellm.llms.custom_httpx.http_handler.HTTPHandler(timeout=request.timeout)


def _close(client: Any, response: Any) -> None:
    """Hang up: litellm leaves the connection of an unfinished stream open until it is collected."""
    for held in (getattr(response, "completion_stream", None), client):
        if callable(close := getattr(held, "close", None)):
            close()


def _cost(litellm: Any, request: Request, response: Any, reading: Reading) -> float | None:
    """Ask litellm's price list; None where the model or its price is unknown."""
    hidden = (getattr(response, "_hidden_params", None) or {}).get("response_cost")
    if hidden or reading.usage is None:
        return float(hidden) if hidden else None
    try:
        prices = litellm.cost_per_token(
            model=request.target.model,
            prompt_tokens=reading.usage.prompt,
            completion_tokens=reading.usage.completion,
        )
    except (litellm.exceptions.ModelNotMappedError, litellm.exceptions.BadRequestError, ValueError):
        return None
    return float(sum(prices)) or None


def _again(request: Request, fault: ProviderFault, attempts: int, on_wait: Callable[[str], None]) -> Request:
    """Wait until the same request may be made again, or give up with the fault's line."""
    wait = _FIRST_WAIT * 2.0**request.failures if fault.wait is None else fault.wait
    if not fault.transient or request.failures + 1 >= attempts or wait > _LONGEST_WAIT:
        raise ChatError(fault.line) from None
    seconds = f"{math.ceil(wait * 10) / 10:g} s"
    try:
        on_wait(f"{fault.who} failed{fault.code}; asking again in {seconds}")
        time.sleep(wait)
    except KeyboardInterrupt:
        raise Interrupted(_partial(request, Reading(), "interrupted", "interrupted by the user")) from None
    note = f"{fault.who} failed{fault.code}; asked again after {seconds}"
    return replace(request, target=request.target.noting(note), failures=request.failures + 1)


def _completion(request: Request, reading: Reading) -> Completion:
    return Completion(
        text=reading.text,
        model=request.target.model,
        usage=reading.usage,
        cost=reading.cost,
        finish=reading.finish or "stop",
        notes=request.target.notes,
        refused=request.refused,
    )


def _partial(request: Request, reading: Reading, finish: str, note: str) -> Completion:
    """Keep what had arrived when the reply ended too early; unfinished tool calls are dropped."""
    whole = _completion(request, reading)
    return replace(whole, finish=finish, cut=True, notes=(*whole.notes, note))
