"""`ChatSession`: one conversation that remembers.

`ChatSession.send` is the only place where the order of events is written down: recall, inject,
complete, remember the turn, capture. A step of the memory that fails is told in a note and
never breaks the reply.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from littlemem_ipy import context, tools
from littlemem_ipy.capture import CaptureReport
from littlemem_ipy.chat import aftermath, threads
from littlemem_ipy.chat.answer import ChatReply
from littlemem_ipy.chat.calls import ToolCall
from littlemem_ipy.chat.capturing import captured
from littlemem_ipy.chat.completion import complete
from littlemem_ipy.chat.engine import engine
from littlemem_ipy.chat.history import fits_anywhere, room_for, trimmed
from littlemem_ipy.chat.reply import Completion, Interrupted
from littlemem_ipy.chat.rounds import ToolUse, converse
from littlemem_ipy.chat.target import resolve
from littlemem_ipy.context import ContextBlock
from littlemem_ipy.errors import InvalidInput, LittleMemError
from littlemem_ipy.models import EXCHANGE, MemoryType, Provenance
from littlemem_ipy.models.checks import new_id
from littlemem_ipy.store import MemoryStore

__all__ = ["ChatSession"]

Result = TypeVar("Result")
Listener = Callable[[str], None] | None

_CANDIDATES = 24  # as many as a search ranks against each other at once; for more it reads twice
_OWN = 16  # places that the conversation's own exchanges may take away


class ChatSession:
    """A conversation with a model, on top of a store.

    Parameters
    ----------
    store
        Where memories are recalled from and captured to.
    model
        The model as litellm names it, or an alias; ``demo`` needs no key.
    api_base
        Address of the provider's server; None for the provider's own.
    aliases
        Short names of models.
    system_prompt
        What the model is told first, before the sentence that explains the memory block.
    timeout
        Seconds without a sign of life from the provider.
    stream
        Whether to read replies piece by piece.
    memory
        Whether to inject memories.
    budget
        Tokens that memories may take in a prompt.
    max_memories
        How many memories the search may add, beyond the profile.
    threshold
        The score from which on a memory counts as relevant.
    capture
        ``"auto"`` saves what is worth it, ``"review"`` proposes it, ``"off"`` doesn't look.
    capture_threshold
        The confidence from which on a capture is saved rather than proposed.
    capture_types
        The types that may be captured; ``"general:propose"`` is only proposed.
    capture_model
        The model that is asked what to capture; None leaves it to the rules.
    tools
        Which memory tools the model may use: ``"all"``, ``"read-only"`` or ``"off"``.
    log_chats
        Whether to keep each exchange, searchable and to be taken up again.

    Attributes
    ----------
    id
        Names the conversation, in what is kept and captured of it.
    history
        The messages so far, without system message and memory blocks.
    """

    def __init__(
        self,
        store: MemoryStore,
        model: str | None = None,
        *,
        api_base: str | None = None,
        aliases: Mapping[str, str] | None = None,
        system_prompt: str = "",
        timeout: float = 60.0,
        stream: bool = True,
        memory: bool = True,
        budget: int = 1500,
        max_memories: int = 8,
        threshold: float = 0.4,
        capture: str = "auto",
        capture_threshold: float = 0.7,
        capture_types: Sequence[str] = tuple(MemoryType),
        capture_model: str | None = None,
        tools: str = "all",
        log_chats: bool = True,
    ) -> None:
        self.store = store
        self.model = model
        self.api_base = api_base
        self.aliases = aliases
        self.system_prompt = system_prompt
        self.timeout = timeout
        self.stream = stream
        self.memory = memory
        self.budget = budget
        self.max_memories = max_memories
        self.threshold = threshold
        self.capture = capture
        self.capture_threshold = capture_threshold
        self.capture_types = capture_types
        self.capture_model = capture_model
        self.tools = tools
        self.log_chats = log_chats
        self.id = new_id().replace("mem_", "chat_")
        self.history: list[dict[str, Any]] = []
        self._refused: frozenset[str] = frozenset()

    def send(
        self,
        text: str,
        *,
        on_text: Callable[[str], None] | None = None,
        on_wait: Callable[[str], None] | None = None,
        on_reply: Callable[[str], None] | None = None,
        origin: Provenance | None = None,
        only: Sequence[str] | None = None,
        about: str | None = None,
    ) -> ChatReply:
        """Send a message and return the reply.

        Parameters
        ----------
        text
            What the user says.
        on_text
            Called with each piece of the reply as it arrives.
        on_wait
            Called with one line when the provider is given time before it is asked again.
        on_reply
            Called with the whole reply as soon as it is there, before anything is captured.
        origin
            The notebook and cell it is said in.
        only
            Ids of memories to inject instead of what the search would find.
        about
            What the message is about, where it carries much else (a traceback): this is searched for
            and kept, not the whole text.

        Raises
        ------
        InvalidInput
            If the message is empty.
        ChatError
            If the provider fails; nothing is remembered of the turn.
        Interrupted
            If the user presses ^C; the text so far stays in the history, and nothing is stored.
        """
        started = time.perf_counter()
        if not text.strip():
            raise InvalidInput("the message is empty; write something to say.")
        notes: list[str] = []
        topic = about or text
        block = ContextBlock()
        if self.memory:
            block = self._guarded(notes, "recalling memories", lambda: self.recall(topic, only=only)) or block
        completion, uses = self._complete(text, block, (on_text, on_wait), origin or Provenance())
        earlier = list(self.history)
        self._remember_turn(text, completion)
        if on_reply is not None:
            on_reply(completion.text)
        took = time.perf_counter() - started
        log = partial(aftermath.account, self.store, block, topic, completion, self.id, took)
        self._guarded(notes, "logging the use of memories", log)
        report: CaptureReport | None = None
        if not completion.cut:
            said = (origin or Provenance()).model_copy(update={"model": completion.model})
            # What the model has stored itself is not captured a second time.
            stored = [use.memory_id for use in uses if use.status in ("created", "duplicate") and use.memory_id]
            if self.capture != "off":
                step = partial(captured, self, text, completion.text, earlier, said, notes, stored)
                report = self._guarded(notes, "capturing memories", step)
            if self.log_chats:
                keep = partial(threads.keep, self.store, self.id, topic, completion.text, said)
                self._guarded(notes, "keeping the exchange", keep)
        return ChatReply(
            text=completion.text,
            used=block.memories,
            captured=report.captured if report else (),
            replaced=report.superseded if report else (),
            withdrawn=report.withdrawn if report else (),
            usage=completion.usage,
            cost=completion.cost,
            model=completion.model,
            seconds=time.perf_counter() - started,
            tools=uses,
            recall=block,
            notes=(*completion.notes, *notes),
            cut=completion.cut,
        )

    def recall(
        self, text: str, budget: int | None = None, only: Sequence[str] | None = None, *, by: str | None = "chat"
    ) -> ContextBlock:
        """Return what `send` would inject for a message.

        Parameters
        ----------
        text
            The message.
        budget
            Tokens that the block may take; the session's when left out.
        only
            Ids of memories to inject instead of what the search would find.
        by
            Who asks, for the log; None leaves no trace of the search.
        """
        room = self.budget if budget is None else budget
        if only is not None:
            return context.render([self.store.get(memory_id) for memory_id in only], [], budget=room)
        # What was said in this conversation stands in its history already.
        limit = _CANDIDATES + min(len(self.history) // 2, _OWN)
        hits = [
            hit
            for hit in self.store.search(text, limit=limit, by=by)
            if hit.memory.source != EXCHANGE or hit.memory.conversation_id != self.id
        ]
        return context.render(
            self.store.profile(), hits, budget=room, max_memories=self.max_memories, threshold=self.threshold
        )

    def resume(self, thread: str | None = None, *, notebook: str | None = None) -> int:
        """Take up an earlier conversation and return how many exchanges of it are known.

        Parameters
        ----------
        thread
            Its id; the notebook's latest one when left out.
        notebook
            The notebook whose latest conversation is meant; the project's latest one when left out.
        """
        found = thread or threads.latest(self.store, notebook)
        if found is None:
            return 0
        self.id = found
        messages = threads.messages_of(self.store, found)
        self.history = messages
        return len(messages) // 2

    def messages(self, text: str, block: ContextBlock) -> list[dict[str, Any]]:
        """Return the request that a message makes: one constant system message, history, message."""
        system = "\n\n".join(part for part in (self.system_prompt.strip(), context.SYSTEM) if part)
        return [
            {"role": "system", "content": system},
            *self._recent(),
            {"role": "user", "content": context.with_block(block, text)},
        ]

    def _recent(self) -> list[dict[str, Any]]:
        """Return the part of the history that fits the model's window."""
        if fits_anywhere(self.history) or not self.model:
            return trimmed(self.history)
        target = resolve(self.model, self.api_base, self.aliases)
        return trimmed(self.history, room_for(target.model, engine().model_cost))

    def without_memory(self) -> ChatSession:
        """Return a copy of the conversation that neither recalls nor keeps anything, for a comparison."""
        other = copy.copy(self)
        other.history = list(self.history)
        other.memory, other.capture, other.tools, other.log_chats = False, "off", "off", False
        return other

    def clear(self) -> None:
        """Begin a new conversation."""
        self.id = new_id().replace("mem_", "chat_")
        self.history = []

    # -- the steps of send --------------------------------------------------------------------

    def _complete(
        self, text: str, block: ContextBlock, listeners: tuple[Listener, Listener], origin: Provenance
    ) -> tuple[Completion, tuple[ToolUse, ...]]:
        """Get the model's answer, doing what it calls for on the way."""
        on_text, on_wait = listeners

        def ask(messages: Sequence[dict[str, Any]], tool_choice: str | None) -> Completion:
            completion = complete(
                messages,
                model=self.model,
                api_base=self.api_base,
                aliases=self.aliases,
                tools=tools.offered(self.tools),
                tool_choice=tool_choice,
                stream=self.stream,
                timeout=self.timeout,
                refused=self._refused,
                on_text=on_text,
                on_wait=on_wait,
            )
            self._refused = completion.refused
            return completion

        def do(call: ToolCall) -> dict[str, Any]:
            said = origin.model_copy(update={"model": self.model})
            return tools.call_tool(
                self.store, call.name, call.arguments, mode=self.tools, origin=said, conversation_id=self.id
            )

        try:
            return converse(ask, self.messages(text, block), do)
        except Interrupted as stop:
            if stop.partial.text:
                self._remember_turn(text, stop.partial)
            raise

    def _remember_turn(self, text: str, completion: Completion) -> None:
        # Tool rounds are left out: another model might refuse their ids, and their results may be stale.
        reply = completion.text + ("\n[the reply was cut off here]" if completion.cut else "")
        self.history += [{"role": "user", "content": text}, {"role": "assistant", "content": reply}]

    def _guarded(self, notes: list[str], what: str, step: Callable[[], Result]) -> Result | None:
        """Run a step of the memory; if it fails, the chat goes on and a note says so."""
        try:
            return step()
        except LittleMemError as error:
            known = any(note.endswith(f" failed: {error}") for note in notes)
            notes.append(f"{what} failed as well" if known else f"{what} failed: {error}")
        except Exception as error:  # noqa: BLE001  a defect of ours must not cost the user the reply
            notes.append(f"{what} failed ({type(error).__name__}: {error}); please report it.")
        return None
