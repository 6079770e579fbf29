"""Two notebooks' notes with questions, written by people who had not seen the search, as it finds them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from littlemem_ipy.config import LittleMem
from littlemem_ipy.store import MemoryStore, open_store

FIELDS = ("type", "title", "content", "tags", "created_at")
PLAIN = ("accents", "chat", "error_message", "filtered", "identifier", "identifier_part", "inflection", "time")


class Notes:
    """One corpus in a store."""

    def __init__(self, name: str, folder: Path) -> None:
        lines = (Path(__file__).with_name("notes") / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        memories = [row for row in rows if row["kind"] == "memory"]
        self.queries = [row for row in rows if row["kind"] == "query"]
        self.store: MemoryStore = open_store(folder / f"{name}.db", project=None)
        items = [{field: row[field] for field in FIELDS} | {"project": row["project"] or None} for row in memories]
        self.of = {saved.id: row for saved, row in zip(self.store.add_many(items), memories, strict=True)}

    def found(self, query: dict[str, Any]) -> list[tuple[dict[str, Any], float]]:
        """Return the notes that a search finds, with their scores."""
        asked = {"project": "*"} | (query.get("filters") or {})
        return [(self.of[hit.memory.id], hit.score) for hit in self.store.search(query["text"], by=None, **asked)]


@pytest.fixture(scope="module", params=["first", "second"])
def notes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notes]:
    opened = Notes(request.param, tmp_path_factory.mktemp("notes"))
    yield opened
    opened.store.close()


def test_no_note_is_held(notes: Notes) -> None:
    assert [row["title"] for id_, row in notes.of.items() if notes.store.get(id_).held] == []


def test_what_shares_words_is_among_the_first_three(notes: Notes) -> None:
    hits: dict[str, list[bool]] = defaultdict(list)
    for query in notes.queries:
        first = {row["id"] for row, _ in notes.found(query)[:3]}
        hits[query["category"]].append(not first.isdisjoint(query["gold"]))
    shares = {category: fmean(some) for category, some in hits.items()}
    assert all(shares[category] >= 0.95 for category in PLAIN), shares
    assert all(shares[category] >= 0.85 for category in ("typo", "cjk", "abbreviation")), shares
    assert fmean(hit for category, some in hits.items() if category != "nothing" for hit in some) >= 0.8, shares


def test_filters_hold(notes: Notes) -> None:
    for query in notes.queries:
        wanted = query.get("filters") or {}
        for row, _ in notes.found(query):
            assert all(row[name] == wanted[name] for name in ("type", "project") if wanted.get(name))
            assert set(wanted.get("tags") or ()) <= set(row["tags"])
            assert not wanted.get("since") or row["created_at"][:10] >= wanted["since"]
            assert not wanted.get("until") or row["created_at"][:10] <= wanted["until"]


def test_one_threshold_tells_that_there_is_nothing(notes: Notes) -> None:
    told: dict[bool, list[bool]] = {True: [], False: []}
    for query in notes.queries:
        best = max((score for _, score in notes.found(query)), default=0.0)
        told[bool(query["gold"])].append((best >= LittleMem().threshold) is bool(query["gold"]))
    assert (fmean(told[True]) + fmean(told[False])) / 2 >= 0.85
