"""What a chat gives back: the reply, and what the memory had to do with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape

from littlemem_ipy.chat.reply import Usage
from littlemem_ipy.chat.rounds import ToolUse
from littlemem_ipy.context import ContextBlock
from littlemem_ipy.models import Memory
from littlemem_ipy.models.tables import FONT, MUTED, visible

__all__ = ["ChatReply"]


@dataclass(frozen=True, repr=False)
class ChatReply:
    """A reply, and an account of it.

    Attributes
    ----------
    text
        What the model said.
    used
        The memories that went into the prompt.
    captured
        The memories that were made from the exchange.
    replaced
        The memories that a captured one replaces.
    withdrawn
        The memories that the user wanted forgotten; they can be restored.
    usage
        Tokens as the service counted them; None where it didn't.
    cost
        US dollars by litellm's price list; None where it has no price.
    model
        The model that answered.
    seconds
        How long it took.
    tools
        The tools that the model used.
    recall
        Everything that was considered for the prompt, and why it went in or didn't.
    notes
        What went differently from what one would expect, one sentence each.
    cut
        Whether the reply ends before the model's end.
    """

    text: str
    used: tuple[Memory, ...] = ()
    captured: tuple[Memory, ...] = ()
    replaced: tuple[Memory, ...] = ()
    withdrawn: tuple[Memory, ...] = ()
    usage: Usage | None = None
    cost: float | None = None
    model: str = ""
    seconds: float = 0.0
    tools: tuple[ToolUse, ...] = ()
    recall: ContextBlock = field(default_factory=ContextBlock)
    notes: tuple[str, ...] = ()
    cut: bool = False

    @property
    def receipt(self) -> str:
        """One line: memories used and captured, tokens, cost, model and time.

        Cost and time are told of real providers only, so that the demo's output is the same each time.
        """
        waiting = len(self.proposed)
        parts = [_counted(len(self.used), "memory", "memories") + " used"]
        parts.append(f"{len(self.captured)} captured" + (f" ({waiting} in the inbox)" if waiting else ""))
        for number, word in ((len(self.replaced), "replaced"), (len(self.withdrawn), "withdrawn")):
            parts += [f"{number} {word}"] if number else []
        if self.tools:
            parts.append(_counted(len(self.tools), "tool call", "tool calls"))
        if self.usage:
            parts.append(f"{self.usage.total:,} tokens")
        if self.cost is not None:
            parts.append(f"${self.cost:.4f}")
        if self.model:
            parts.append(self.model)
            if not self.model.startswith("demo"):
                parts.append(f"{self.seconds:.1f} s")
        return " · ".join(parts + (["cut off"] if self.cut else []))

    def noting(self, *notes: str) -> ChatReply:
        """Return the same reply with more notes."""
        return replace(self, notes=(*self.notes, *notes))

    @property
    def proposed(self) -> tuple[Memory, ...]:
        """The captured memories that wait in the inbox."""
        return tuple(memory for memory in self.captured if memory.held is not None)

    @property
    def lines(self) -> tuple[str, ...]:
        """The receipt, a line for each proposal, and a line for each note."""
        return (self.receipt, *self._proposals, *self.notes)

    @property
    def _proposals(self) -> list[str]:
        lines = [f"{number} proposed: {visible(m.title)} ({m.type})" for number, m in enumerate(self.proposed, 1)]
        return [*lines, "%mem inbox accept 1, edit 1 --content '…' or reject 1 decides"] if lines else []

    def __repr__(self) -> str:
        return "\n".join([self.text, "", *(f"[{line}]" for line in self.lines)])

    def _repr_markdown_(self) -> str:
        return "\n\n".join([self.text, "---", *(f"<small>{escape(line)}</small>" for line in self.lines)])

    def receipt_html(self) -> str:
        """Return the receipt as static HTML that unfolds into the memories it speaks of."""
        items = "".join(_item(memory, "used") for memory in self.used)
        items += "".join(
            _item(memory, "captured" if memory.held is None else "in the inbox") for memory in self.captured
        )
        items += "".join(_item(memory, "replaced") for memory in self.replaced)
        items += "".join(_item(memory, "withdrawn") for memory in self.withdrawn)
        items += "".join(f"<li>{escape(use.name)}: {escape(use.status)}</li>" for use in self.tools)
        notes = "".join(f"<div>{escape(visible(note))}</div>" for note in (*self._proposals, *self.notes))
        style = f"{FONT};{MUTED};font-size:var(--jp-ui-font-size0,12px)"
        line = escape(self.receipt)
        if not items:
            return f'<div style="{style}">🧠 {line}{notes}</div>'
        return (
            f'<details style="{style}"><summary style="cursor:pointer">🧠 {line}</summary>'
            f'<ul style="margin:4px 0 4px 1.5em;padding:0">{items}</ul>'
            f"<div>%mem why explains it; %mem undo takes back what was captured.</div></details>{notes}"
        )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _item(memory: Memory, what: str) -> str:
    return f"<li>{what}: {escape(visible(memory.title))} <i>({memory.type})</i></li>"
