"""How well a store answers the user's own questions: found at which place, injected or not, at what price."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models import Memory
from littlemem_ipy.models.checks import shown
from littlemem_ipy.models.tables import Table
from littlemem_ipy.store import MemoryStore

if TYPE_CHECKING:
    from littlemem_ipy.chat import ChatSession

__all__ = ["Asked", "Evaluation", "evaluate", "read_pairs"]

_DEEPEST = 50
_SHOWN = (1, 3, 5, 10)


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one question.

    Attributes
    ----------
    question
        What was asked.
    expected
        The text or id that was expected.
    rank
        At which place the search has it, from 1; None if not among the first 50.
    injected
        Whether a chat would get it into the prompt.
    tokens
        What the memories in that prompt take, estimated.
    best
        The title of the first hit; empty if there is none.
    """

    question: str
    expected: str
    rank: int | None
    injected: bool
    tokens: int
    best: str


@dataclass(frozen=True, repr=False)
class Evaluation(Sequence[Asked]):
    """What became of all questions.

    Attributes
    ----------
    asked
        One for each question.
    """

    asked: tuple[Asked, ...]

    def __getitem__(self, index: Any) -> Any:
        return self.asked[index]

    def __len__(self) -> int:
        return len(self.asked)

    def hit(self, k: int) -> float:
        """Return the share of questions whose memory is among the first `k` hits."""
        return sum(each.rank is not None and each.rank <= k for each in self.asked) / max(1, len(self.asked))

    @property
    def injected(self) -> float:
        """The share of questions whose memory a chat would get."""
        return sum(each.injected for each in self.asked) / max(1, len(self.asked))

    @property
    def tokens(self) -> float:
        """The tokens that memories take in a prompt, on average."""
        return sum(each.tokens for each in self.asked) / max(1, len(self.asked))

    @property
    def df(self) -> pd.DataFrame:
        """One row for each question."""
        names = list(Asked.__dataclass_fields__)
        frame = pd.DataFrame(
            [[getattr(each, name) for name in names] for each in self.asked], columns=pd.Index(names)
        )
        return frame.astype({"rank": "Int64", "injected": bool, "tokens": "int64"})

    @property
    def table(self) -> Table:
        """The questions as rows, and the shares below."""
        rows = [
            [
                str(each.rank or "–"),
                "yes" if each.injected else "no",
                f"{each.tokens:,}",
                each.question,
                each.expected,
            ]
            for each in self.asked
        ]
        hits = ", ".join(f"hit@{k} {self.hit(k):.0%}" for k in _SHOWN)
        count = f"{len(self.asked):,} {'question' if len(self.asked) == 1 else 'questions'}"
        caption = f"{count}: {hits}; injected {self.injected:.0%}, {self.tokens:,.0f} tokens on average."
        return Table(["rank", "injected", "tokens", "question", "expected"], rows, caption)

    def __repr__(self) -> str:
        return self.table.text()

    def _repr_html_(self) -> str:
        return self.table.html()


def read_pairs(path: str | Path) -> list[tuple[str, str]]:
    """Return question and expected memory of each line of a CSV file.

    The first line names the columns: ``question``, and ``contains`` (a text that the memory contains) or ``memory``
    (its id).

    Raises
    ------
    InvalidInput
        If the file can't be read, or a column or a value is missing; with the line.
    """
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput(f"can't read {shown(str(path))}: {reason}; give a CSV file with questions.") from error
    return [_pair(row, number) for number, row in enumerate(rows, 2)]


def _pair(row: Mapping[str, Any], line: int) -> tuple[str, str]:
    question = (row.get("question") or "").strip()
    expected = (row.get("contains") or row.get("memory") or "").strip()
    if not question or not expected:
        raise InvalidInput(
            f"line {line} needs a question, and what its memory contains or its id; "
            "the columns are question and contains (or memory)."
        )
    return question, expected


def evaluate(store: MemoryStore, pairs: Iterable[tuple[str, str]], **chat: Any) -> Evaluation:
    """Ask questions of a store and return whether it finds, and a chat would get, the memories that are expected.

    Nothing of it goes into the log.

    Parameters
    ----------
    store
        The store; its current project counts.
    pairs
        Question, and a text that the memory contains or its id.
    **chat
        Settings of the chat, as `ChatSession` takes them: ``budget``, ``threshold``, ``max_memories``.

    Raises
    ------
    InvalidInput
        If there is no question.
    """
    from littlemem_ipy.chat import ChatSession  # here, as frames and charts do without

    session = ChatSession(store, **chat)
    asked = tuple(_ask(store, session, question, expected) for question, expected in pairs)
    if not asked:
        raise InvalidInput("there is no question to ask; give at least one with the memory that it should find.")
    return Evaluation(asked)


def _ask(store: MemoryStore, session: ChatSession, question: str, expected: str) -> Asked:
    found = store.search(question, limit=_DEEPEST, by=None).memories
    rank = next((place for place, memory in enumerate(found, 1) if _is(memory, expected)), None)
    block = session.recall(question, by=None)
    injected = any(_is(memory, expected) for memory in block.memories)
    return Asked(question, expected, rank, injected, block.tokens, found[0].title if found else "")


def _is(memory: Memory, expected: str) -> bool:
    return expected == memory.id or expected.casefold() in f"{memory.title}\n{memory.content}".casefold()
