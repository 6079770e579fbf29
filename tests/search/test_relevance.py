"""One threshold tells what is relevant from what is not, whatever the query."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from littlemem_ipy.config import LittleMem
from littlemem_ipy.store import MemoryStore, open_store

PROMPTS = Path(__file__).with_name("unrelated_prompts.txt").read_text(encoding="utf-8").splitlines()
NOTES = {
    "which column marks customers who left": "Column is_churned = 1 means that the customer left within 60 days.",
    "how are joins done here": "Joins are done in polars; pandas only where a library asks for it.",
    "where are the raw files": "Raw files come monthly as parquet to s3://sales-raw/v2, one folder a region.",
    "why was the model retrained": "The boosting model was retrained in May because recall fell below 0.6.",
    "CORS error in the dashboard": "The CORS error of the dashboard went away with allow_origins in FastAPI.",
    "memory error when loading": "MemoryError on loading the click log: read it in chunks of one million rows.",
    "which time zone has the event log": "The event log is in UTC, the billing export in Europe/Berlin.",
    "who approves the release": "Dana approves each release after the smoke tests; ask her two days before.",
    "seed for the split": "The train/test split uses seed 20 and is stratified by region.",
    "deadline of the report": "The quarterly report is due on the third working day.",
    "plots for the board": "Plots for the board use the company palette, no gridlines, at most two a slide.",
    "SettingWithCopyWarning": "SettingWithCopyWarning in the cleaning step: assign with .loc and copy first.",
    "feature importance method": "Feature importance is reported as permutation importance on held-out data.",
    "database password": "Passwords are read from the keyring, never from the notebook.",
    "duplicates in the customer table": "The customer table has duplicates since the merger; keep the newest.",
    "how long does training take": "Training takes 40 minutes on the GPU box and four hours on a laptop.",
    "baseline accuracy": "The baseline with logistic regression reaches an accuracy of 0.71.",
    "unit of the sensor values": "Sensor values are in kilowatt, averaged over fifteen minutes.",
    "missing values in age": "Missing values in age are filled with the median of the region.",
    "kernel dies": "The kernel died because of the old numba; numba 0.60 fixed it.",
}
NEAR = (
    "seed potatoes", "palette knife painting", "keyring holders", "smoke alarm battery", "Dana Scully actress",
    "pineapple chunks", "merger arbitrage", "kilowatt tariffs in Spain", "billing a plumber", "Berlin nightlife",
    "boosting morale", "laptop sleeves", "gridlines of Manhattan", "permutation group homework",
    "hour glass figure", "working holiday visa", "raw fish recipes", "column of Trajan", "newest pop songs",
    "median strip mowing",
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> MemoryStore:
    opened = open_store(tmp_path_factory.mktemp("notes") / "memory.db", project=None)
    opened.add_many([{"content": content} for content in NOTES.values()])
    return opened


def test_prompts_about_other_things_find_nothing(store: MemoryStore) -> None:
    threshold = LittleMem().threshold
    assert len(PROMPTS) == len(set(PROMPTS)) == 200
    wrong = _relevant(store, threshold, PROMPTS)
    assert len(wrong) <= len(PROMPTS) // 10, wrong


def test_prompts_that_share_a_rare_word_with_one_of_many_find_nothing(tmp_path: Path) -> None:
    many = open_store(tmp_path / "memory.db", project=None)
    many.add_many([{"content": content} for content in NOTES.values()])
    many.add_many([{"content": f"Sample k{number}ra was taken at site z{number}lo."} for number in range(600)])
    threshold = LittleMem().threshold
    wrong = _relevant(many, threshold, NEAR)
    assert len(wrong) <= len(NEAR) // 10, wrong
    assert len(_relevant(many, threshold, NOTES)) >= len(NOTES) * 4 // 5  # these fillers speak of little


def _relevant(store: MemoryStore, threshold: float, prompts: Iterable[str]) -> list[str]:
    return [text for text in prompts if any(hit.score >= threshold for hit in store.search(text, limit=1))]


@pytest.mark.parametrize(("text", "content"), NOTES.items())
def test_prompts_about_the_notes_find_them(store: MemoryStore, text: str, content: str) -> None:
    best = store.search(text)[0]
    assert best.memory.content == content
    assert best.score >= LittleMem().threshold
