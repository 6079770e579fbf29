"""Whether replies used a memory: judged as people do, on written examples that it was and was not tuned on.

A line of the examples is ``+`` or ``-`` (used or not) and the kind of case, memory, message and reply, with bars
between; ``\\n`` is a line end and ``\\|`` a bar in the text. ``blind.txt`` was scored, but no
rule was made from it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from littlemem_ipy.context import was_used
from littlemem_ipy.context.usage import evidence

HERE = Path(__file__).parent
Example = tuple[bool, str, str, str, str]


def examples(name: str) -> list[Example]:
    found = []
    for line in (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        head, *texts = (part.strip().replace("\0", "|") for part in line.replace("\\|", "\0").split(" | ", 3))
        memory, user, reply = (text.replace("\\n", "\n") for text in texts)
        found.append((head[0] == "+", head[2:], memory, user, reply))
    return found


@pytest.mark.parametrize(("name", "least"), [("tuning", 0.85), ("blind", 0.8)])
def test_judges_as_people_do(name: str, least: float) -> None:
    rows = examples(name)
    right = Counter(was_used(memory, user, reply) == used for used, _, memory, user, reply in rows)
    print(f"{name}: {right[True]} of {len(rows)}")
    assert right[True] / len(rows) >= least


def test_there_are_enough_examples() -> None:
    rows = examples("tuning") + examples("blind")
    assert len(rows) >= 200
    assert 0.35 < sum(row[0] for row in rows) / len(rows) < 0.65


@pytest.mark.parametrize(
    ("part", "memory", "user", "reply"),
    [
        ("names", "The token goes into X-Lab-Key.", "Call it.", "headers={'X-Lab-Key': t}"),
        ("numbers", "The room seats 632 people.", "How many fit?", "632"),
        ("numbers", "VAT is 19 %.", "Net price is 200 euro.", "238 euro with tax."),
        (
            "words",
            "The lieutenant collects marbles.",
            "Which hobby has our new neighbour?",
            "Marbles: the lieutenant collects them.",
        ),
        ("habit", "Answer in German.", "What is a set?", "Eine Menge, in der jeder Wert nur einmal ist."),
        ("context", "We agreed on Kafka.", "Which broker do we take?", "As you noted, Kafka."),
    ],
)
def test_each_part_finds_its_own(part: str, memory: str, user: str, reply: str) -> None:
    assert getattr(evidence(memory, user, reply), part) > 0
    assert was_used(memory, user, reply)


def test_contradiction_speaks_against() -> None:
    assert evidence("Never use inplace=True.", "Drop x.", "df.drop(columns='x', inplace=True)").denial < 0
    assert evidence("pyarrow must stay at 15.0.2", "Requirements?", "pyarrow>=18").denial < 0
    assert evidence("Answer in German.", "What is a set?", "A set holds each value once.").habit < 0


@pytest.mark.parametrize(
    ("memory", "user", "reply"), [("", "", ""), ("x", "", ""), ("", "x", "y"), ("a" * 9000, "b", "c" * 9000)]
)
def test_nothing_is_no_use(memory: str, user: str, reply: str) -> None:
    assert not was_used(memory, user, reply)


def test_what_the_question_says_proves_nothing() -> None:
    text = "The staging database is at db-stage-3.internal, port 5433."
    assert not was_used(text, text, text)


def test_long_texts_take_no_time() -> None:
    import time

    started = time.perf_counter()
    for _ in range(20):
        was_used(
            "We use polars 1.2 for joins. " * 20, "How do I join two tables? " * 20, "Use pl.join(a, b). " * 400
        )
    assert time.perf_counter() - started < 20
