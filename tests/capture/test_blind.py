"""Capture on exchanges that were written blind: what must not be lost again; the first looks are in their files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from blind import FOLDER, Exchange, exchanges

from littlemem_ipy.capture import Candidate, candidates, capture_exchange
from littlemem_ipy.capture.rules import CODES
from littlemem_ipy.store import open_store

PRECISION, RECALL, NEGATIVES = 0.95, 0.95, 0.02
SETS = ["first", "second", "third", "fourth", "fifth", "sixth"]


def says(candidate: Candidate, words: tuple[str, ...]) -> bool:
    """Tell whether all the words are in a content."""
    return all(word.casefold() in candidate.content.casefold() for word in words)


def hits(exchange: Exchange, found: list[Candidate]) -> int:
    """Return how many of the memories worth keeping have a candidate of their own."""
    left = list(found)
    for kind, words in exchange.gold:
        hit = next((c for c in left if c.type is kind and says(c, words)), None)
        if hit is not None:
            left.remove(hit)
    return len(found) - len(left)


def counted(name: str) -> Counter[str]:
    """Return what was right, proposed, wanted and captured of nothing, in all and by language."""
    count: Counter[str] = Counter()
    for exchange in exchanges(name):
        found = candidates(exchange.user, exchange.reply, exchange.past)
        right = hits(exchange, found)
        count.update(right=right, proposed=len(found), wanted=len(exchange.gold))
        count.update({f"right {exchange.language}": right, f"wanted {exchange.language}": len(exchange.gold)})
        count.update(empty=not exchange.gold, false=bool(found) and not exchange.gold)
    return count


def test_precision_and_recall_stay() -> None:
    count = sum(map(counted, SETS), Counter[str]())
    assert count["right"] / count["proposed"] >= PRECISION
    assert count["right"] / count["wanted"] >= RECALL
    assert count["false"] / count["empty"] <= NEGATIVES


def test_no_language_is_far_behind_english() -> None:
    count = sum(map(counted, SETS), Counter[str]())
    share = {code: count[f"right {code}"] / count[f"wanted {code}"] for code in CODES}
    assert min(share.values()) >= share["en"] - 0.1


def updated(line: str, folder: Path) -> bool:
    """Tell whether the right memories are in use after the messages of a line."""
    _, live, gone, count = line.casefold().split("¦")
    past: list[dict[str, str]] = []
    with open_store(str(folder / "memory.db"), project=None) as store:
        for user in line.split("¦")[0].strip().split(" | "):
            capture_exchange(store, user, "OK.", past, "talk")
            past += [{"role": "user", "content": user}, {"role": "assistant", "content": "OK."}]
        found = [f"{hit.memory.content.casefold()} " for hit in store.search("", limit=100)]
    there = all(any(word in content for content in found) for word in map(str.strip, live.split(";")) if word)
    word = gone[1:-1]
    stale = any(content.startswith(word[1:]) if word[:1] == "^" else word in content for content in found)
    return there and not (word and stale) and len(found) == int(count)


def test_changed_and_cancelled_statements_stay_right(tmp_path: Path) -> None:
    lines = (FOLDER / "updates.txt").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")]
    right = 0
    for number, line in enumerate(rows):
        folder = tmp_path / str(number)
        folder.mkdir()
        right += updated(line, folder)
    assert right >= 0.9 * len(rows)
