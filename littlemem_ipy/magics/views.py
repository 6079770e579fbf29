"""The objects that the verbs give back: each with a text form and a static HTML form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from littlemem_ipy.models import Event, Memory, Revision, Table, type_info
from littlemem_ipy.models.envelope import readable
from littlemem_ipy.models.tables import FONT, MUTED, WRAP, visible

if TYPE_CHECKING:
    import pandas

    from littlemem_ipy.chat.answer import ChatReply
    from littlemem_ipy.notebook.origin import Origin

__all__ = ["Card", "Comparison", "DryRun", "History", "Message", "Rows", "Why"]


@dataclass(frozen=True, repr=False)
class Message:
    """A line or several to read.

    Attributes
    ----------
    text
        What is shown.
    memories
        The memories that it speaks of.
    """

    text: str
    memories: tuple[Memory, ...] = ()

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f'<div style="{FONT};white-space:pre-wrap">{escape(visible(self.text))}</div>'


@dataclass(frozen=True, repr=False)
class Rows:
    """A table to read, and as a DataFrame.

    Attributes
    ----------
    table
        What is shown.
    """

    table: Table

    @property
    def df(self) -> pandas.DataFrame:
        """The rows as a DataFrame of text."""
        import pandas as pd

        return pd.DataFrame([list(row) for row in self.table.rows], columns=pd.Index(list(self.table.columns)))

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()


@dataclass(frozen=True, repr=False)
class Card:
    """One memory, whole, with its origin.

    Attributes
    ----------
    memory
        The memory.
    origin
        What has become of the cell that it comes from; None if no notebook is known.
    """

    memory: Memory
    origin: Origin | None = None

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of it besides its text, by name."""
        m, p = self.memory, self.memory.provenance
        count = f"In [{p.execution_count}]" if p.execution_count is not None else ""
        place = ", ".join(str(x) for x in (p.notebook, p.cell_id and f"cell {p.cell_id}", count) if x)
        facts = [
            ("id", m.id),
            ("state", f"{m.state}{f': {m.held}' if m.held else ''}{', pinned' if m.pinned else ''}"),
            ("project", m.project or "–"),
            ("tags", " ".join(f"#{tag}" for tag in m.tags)),
            ("from", " · ".join(x for x in (p.user, m.source, p.rule and f"rule {p.rule}", p.model, place) if x)),
            ("who", f"{p.author}{', accepted' if p.accepted else ''}"),
            ("source cell", self.origin.status if self.origin else ""),
            ("created", f"{m.created_at.astimezone():%Y-%m-%d %H:%M}"),
            ("changed", f"{m.updated_at.astimezone():%Y-%m-%d %H:%M}, revision {m.revision}"),
            ("used", f"{m.access_count} times" if m.access_count else "not yet"),
            ("replaced by", m.superseded_by or ""),
            ("expires", f"{m.expires_at.astimezone():%Y-%m-%d %H:%M}" if m.expires_at else ""),
        ]
        return [(name, value) for name, value in facts if value]

    def __repr__(self) -> str:
        info = type_info(self.memory.type)
        head = f"{info.label}: {visible(self.memory.title)}"
        width = max(len(name) for name, _ in self.facts)
        lines = [f"{name:<{width}}  {visible(value)}" for name, value in self.facts]
        return "\n".join([head, "", visible(readable(self.memory.content)), "", *lines])

    def _repr_html_(self) -> str:
        facts = "".join(
            f'<div><span style="{MUTED}">{escape(name)}</span> {escape(visible(value))}</div>'
            for name, value in self.facts
        )
        if self.origin and self.origin.link:
            href = escape(quote(self.origin.link, safe="/#=:."), quote=True)
            facts += f'<div><a href="{href}">{escape(visible(self.origin.notebook))}</a></div>'
        return self.memory._repr_html_() + f'<div style="{FONT};padding:4px 10px">{facts}</div>'


@dataclass(frozen=True, repr=False)
class History:
    """What a memory was, change by change.

    Attributes
    ----------
    revisions
        The changes, oldest first.
    """

    revisions: Sequence[Revision]

    @property
    def table(self) -> Table:
        """A row a change, with what was different."""
        rows = []
        earlier: Memory | None = None
        for revision in self.revisions:
            rows.append([str(revision.number), revision.action, _difference(earlier, revision.memory)])
            earlier = revision.memory
        return Table(["revision", "change", "what"], rows)

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()


def _difference(earlier: Memory | None, memory: Memory) -> str:
    if earlier is None:
        return memory.content
    hidden = {"revision", "updated_at", "access_count", "last_accessed_at", "provenance"}
    changed = [n for n in Memory.model_fields if n not in hidden and getattr(earlier, n) != getattr(memory, n)]
    return "; ".join(f"{n}: {_brief(getattr(earlier, n))} → {_brief(getattr(memory, n))}" for n in changed)


def _brief(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(f"#{tag}" for tag in value) or "–"
    if hasattr(value, "astimezone"):
        return "set"
    return "–" if value is None else str(value)


@dataclass(frozen=True, repr=False)
class Why:
    """What became of each memory that a reply might have used.

    Attributes
    ----------
    event
        The log's entry of the reply.
    memories
        The memories by id; what was removed for good is missing.
    detailed
        Whether the parts of the scores are shown.
    """

    event: Event
    memories: dict[str, Memory]
    detailed: bool = False

    @property
    def table(self) -> Table:
        """A row a memory: injected ones first, then the nearest misses."""
        considered = self.event.data.get("considered", [])
        rows = [self._row(entry) for entry in considered]
        tokens = self.event.data.get("tokens", 0)
        injected = sum(entry["injected"] for entry in considered)
        caption = (
            f"{injected} of {len(considered)} went into the prompt ({tokens} tokens)."
            if considered
            else "There was no memory to consider."
        )
        columns = ["", "title", "score", "rule", "tokens"] + ["parts"] * self.detailed
        return Table(columns, rows, caption, cell_limit=120 if self.detailed else 60)

    def _row(self, entry: dict[str, Any]) -> list[str]:
        memory = self.memories.get(entry["id"])
        row = ["✓" if entry["injected"] else "·", memory.title if memory else "(removed)"]
        row += [f"{entry['score']:.2f}", entry["rule"], str(entry["tokens"])]
        return row + [_parts(entry["parts"])] * self.detailed

    @property
    def df(self) -> pandas.DataFrame:
        """A row a memory, with the parts of its score as columns."""
        import pandas as pd

        considered = self.event.data.get("considered", [])
        rows = [{k: v for k, v in entry.items() if k != "parts"} | entry["parts"] for entry in considered]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()


def _parts(parts: dict[str, Any]) -> str:
    return ", ".join(f"{k} {v:.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in parts.items())


@dataclass(frozen=True, repr=False)
class DryRun:
    """A request as it would leave, message by message.

    Attributes
    ----------
    messages
        The messages.
    """

    messages: Sequence[dict[str, Any]]

    def __repr__(self) -> str:
        parts = [f"[{message['role']}]\n{visible(str(message.get('content') or ''))}" for message in self.messages]
        return "\n\n".join([*parts, "(nothing was sent)"])

    def _repr_html_(self) -> str:
        return f'<pre style="{WRAP}">{escape(repr(self))}</pre>'


@dataclass(frozen=True, repr=False)
class Comparison:
    """The same message without and with memory.

    Attributes
    ----------
    without, with_memory
        The two replies.
    """

    without: ChatReply
    with_memory: ChatReply

    def __repr__(self) -> str:
        return f"Without memory:\n\n{self.without!r}\n\nWith memory:\n\n{self.with_memory!r}"

    def _repr_html_(self) -> str:
        columns = "".join(
            f'<div style="flex:1 1 20em;min-width:0"><div style="font-weight:600">{title}</div>'
            f'<div style="white-space:pre-wrap;padding:6px 0">{escape(visible(reply.text))}</div>'
            f"{reply.receipt_html()}</div>"
            for title, reply in (("Without memory", self.without), ("With memory", self.with_memory))
        )
        return f'<div style="{FONT};display:flex;flex-wrap:wrap;gap:24px">{columns}</div>'
