"""Measure capture on labelled exchanges.

    python tests/benchmarks/capture.py EXCHANGES.jsonl [--updates UPDATES.jsonl] [--stated STATED.json]

``EXCHANGES.jsonl``: a line for each exchange: ``lang user assistant history gold`` (a list of ``type`` and
``key_phrases``). ``UPDATES.jsonl``: ``messages live not_live n_live``. ``STATED.json``: a list of
``preference`` and ``question``. ``--language de`` takes only the exchanges in one language. Printed are precision
and recall with type, what was captured of exchanges without gold, the shares of right updates, captured preferences
and captured questions, and milliseconds an exchange.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from littlemem_ipy.capture import Candidate, candidates, capture_exchange
from littlemem_ipy.store import open_store


def folded(text: str) -> str:
    """Return text for comparison: width, case and white space do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def says(content: str, phrases: Iterable[str]) -> bool:
    """Tell whether every key phrase is in a content."""
    body = folded(content)
    return all(folded(phrase) in body for phrase in phrases)


def exchanges(rows: list[dict[str, Any]]) -> str:
    """Return precision and recall with type, and how often something was found where nothing is."""
    right = proposed = wanted = false = empty = 0
    spent = []
    for row in rows:
        started = time.perf_counter()
        found = candidates(row["user"], row["assistant"], row.get("history"))
        spent.append(time.perf_counter() - started)
        right += matches(row["gold"], found)
        proposed += len(found)
        wanted += len(row["gold"])
        empty += not row["gold"]
        false += bool(found) and not row["gold"]
    spent.sort()
    return (
        f"{len(rows)} exchanges: precision {right / max(1, proposed):.3f}, recall {right / max(1, wanted):.3f}, "
        f"captured of {empty} without gold: {false}; {1000 * spent[len(spent) // 2]:.1f} ms in the middle, "
        f"95 % under {1000 * spent[int(len(spent) * 0.95)]:.1f} ms"
    )


def matches(gold: list[dict[str, Any]], found: list[Candidate]) -> int:
    """Return how many of the gold memories have a candidate of their own."""
    left = list(found)
    count = 0
    for wanted in gold:
        hit = next((c for c in left if c.type == wanted["type"] and says(c.content, wanted["key_phrases"])), None)
        if hit is not None:
            left.remove(hit)
            count += 1
    return count


def update_is_right(row: dict[str, Any]) -> bool:
    """Tell whether the right memories are live after the messages of a sequence."""
    past: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as folder, open_store(str(Path(folder) / "m.db"), project=None) as store:
        for message in row["messages"]:
            user, reply = message["user"], message.get("assistant", "")
            capture_exchange(store, user, reply, past, "benchmark")
            past += [{"role": "user", "content": user}, {"role": "assistant", "content": reply}]
        live = [hit.memory.content for hit in store.search("", limit=100)]
    there = all(any(says(c, want["key_phrases"]) for c in live) for want in row["live"])
    gone = not any(says(c, want["key_phrases"]) for c in live for want in row["not_live"])
    return there and gone and len(live) == row["n_live"]


def share(rows: list[dict[str, Any]], right: Callable[[dict[str, Any]], bool]) -> str:
    """Return the share of rows for which something holds."""
    count = sum(right(row) for row in rows)
    return f"{count} of {len(rows)} ({count / max(1, len(rows)):.3f})"


def states(row: dict[str, Any]) -> bool:
    """Tell whether a stated preference is captured as one."""
    return any(found.type == "user_preference" for found in candidates(row["preference"], ""))


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file with one JSON object a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def main() -> None:
    """Print the figures of the files that were given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("exchanges", type=Path)
    parser.add_argument("--updates", type=Path)
    parser.add_argument("--stated", type=Path)
    parser.add_argument("--language", help="only exchanges in this language")
    args = parser.parse_args()
    rows = [row for row in lines(args.exchanges) if args.language in (None, row.get("lang"))]
    print(exchanges(rows))
    if args.updates:
        print("updates right:", share(lines(args.updates), update_is_right))
    if args.stated:
        stated = json.loads(args.stated.read_text(encoding="utf-8"))
        print("preferences captured:", share(stated, states))
        print("questions captured:", share(stated, lambda row: bool(candidates(row["question"], ""))))


if __name__ == "__main__":
    main()
