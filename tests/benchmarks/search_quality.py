"""How well the search finds, on corpora given by path.

    python tests/benchmarks/search_quality.py --locomo locomo.json --prefeval prefeval.json --notes notes.jsonl

LoCoMo (snap-research/locomo): each turn is one memory, its session the conversation; hit@5 is the share of
questions with an evidence turn among the first five, recall@10 the share of evidence turns among the first ten,
session@5 the share with an evidence session among the first five distinct ones. PrefEval (amazon-science/PrefEval):
is the preference in the block that a chat would get. Notes: lines of memories and queries with the ids to find.
Even-numbered conversations and one half of the notes' queries were used for tuning, the others only to confirm.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from littlemem_ipy.backends import open_backend
from littlemem_ipy.chat import ChatSession
from littlemem_ipy.embeddings import open_embedder
from littlemem_ipy.store import MemoryStore

Row = dict[str, Any]
SERVER = False  # whether the stores are on a PostgreSQL server of this run's own
_TURN = re.compile(r"D:?(\d+):0*(\d+)")


def opened(folder: Path, embedder: str) -> MemoryStore:
    """Return an empty store."""
    if SERVER:
        from tests.postgres import fresh_address

        return MemoryStore(open_backend(fresh_address()), embedder=open_embedder(embedder))
    name = f"{len(list(folder.iterdir()))}.db"
    return MemoryStore(open_backend(folder / name), embedder=open_embedder(embedder))


def shown(title: str, rows: Iterable[tuple[str, dict[str, float]]]) -> None:
    """Print a table of percentages."""
    rows = list(rows)
    names = list(rows[0][1])
    print(f"\n{title}\n{'':28}" + "".join(f"{name:>12}" for name in names))
    for label, figures in rows:
        print(f"{label:28}" + "".join(f"{100 * figures[name]:12.1f}" for name in names))


# -- LoCoMo ------------------------------------------------------------------------------------


def turns_of(conversation: Row) -> Iterator[Row]:
    """Yield the turns of a conversation as memories, with their key in the corpus."""
    body, name = conversation["conversation"], conversation["sample_id"]
    sessions = sorted((k for k in body if re.fullmatch(r"session_\d+", k)), key=lambda k: int(k.split("_")[1]))
    for session in sessions:
        when = datetime.strptime(body[f"{session}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        for turn in body[session]:
            yield {
                "key": f"{name}/{turn['dia_id']}",
                "content": f"{turn['speaker']}: {turn['text']}",
                "tags": [turn["speaker"]],
                "project": name,
                "conversation_id": f"{name}/{session}",
                "created_at": when,
            }


def questions_of(conversation: Row, known: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Yield the questions with the keys of their evidence, those that have any."""
    name = conversation["sample_id"]
    for question in conversation["qa"]:
        found = {f"{name}/D{a}:{b}" for text in question.get("evidence") or () for a, b in _TURN.findall(text)}
        if found & known:
            yield question["question"], found & known


def filled(store: MemoryStore, turns: list[Row]) -> dict[str, Row]:
    """Put turns into a store; return them by the ids that they got."""
    memories = store.add_many({name: value for name, value in turn.items() if name != "key"} for turn in turns)
    store.embed()
    return {memory.id: turn for memory, turn in reversed(list(zip(memories, turns, strict=True)))}


def judged(store: MemoryStore, turns: dict[str, Row], text: str, wanted: set[str]) -> dict[str, float]:
    """Return the figures of one question."""
    found = [turns[hit.memory.id] for hit in store.search(text, project="*", limit=50)]
    keys = [turn["key"] for turn in found]
    sessions = list(dict.fromkeys(turn["conversation_id"] for turn in found))
    gold = {turn["conversation_id"] for turn in turns.values() if turn["key"] in wanted}
    return {
        "hit@5": float(bool(wanted & set(keys[:5]))),
        "recall@10": len(wanted & set(keys[:10])) / len(wanted),
        "session@5": float(bool(gold & set(sessions[:5]))),
    }


def locomo(path: Path, folder: Path, embedder: str) -> None:
    """Print the figures on LoCoMo, one store a conversation and one store for all."""
    conversations = json.loads(path.read_text(encoding="utf-8"))
    turns = [list(turns_of(conversation)) for conversation in conversations]
    shared = opened(folder, embedder)
    by_id = filled(shared, [turn for some in turns for turn in some])
    rows: dict[str, list[dict[str, float]]] = defaultdict(list)
    for number, conversation in enumerate(conversations):
        own = opened(folder, embedder)
        ours = filled(own, turns[number])
        half = "tuning" if number % 2 == 0 else "confirming"
        for text, wanted in questions_of(conversation, {turn["key"] for turn in turns[number]}):
            one, all_ = judged(own, ours, text, wanted), judged(shared, by_id, text, wanted)
            for part in (half, "all"):
                rows[f"per conversation, {part}"].append(one)
                rows[f"one store, {part}"].append(all_)
    shown(f"LoCoMo, embedder {embedder}", sorted((label, means(some)) for label, some in rows.items()))


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each figure."""
    return {name: statistics.fmean(row[name] for row in rows) for name in rows[0]}


# -- PrefEval ----------------------------------------------------------------------------------


def prefeval(path: Path, folder: Path, embedder: str) -> None:
    """Print how often the matching preference of one user is in the block for a question."""
    pairs = json.loads(path.read_text(encoding="utf-8"))
    chance = random.Random(7)
    rows = []
    for size in (20, 50, 100):
        kept = []
        for _ in range(3):
            chosen = chance.sample(pairs, size)
            store = opened(folder, embedder)
            store.add_many({"content": pair["preference"], "type": "user_preference"} for pair in chosen)
            store.add_many({"content": text} for text in unrelated(chance, 500))
            store.embed()
            chat = ChatSession(store, model="demo")
            for pair in chosen:
                block = chat.recall(pair["question"], budget=1500)
                kept.append(float(pair["preference"] in [memory.content for memory in block.memories]))
        rows.append((f"{size} preferences", {"in the block": statistics.fmean(kept)}))
    shown(f"PrefEval, embedder {embedder}", rows)


def unrelated(chance: random.Random, count: int) -> Iterator[str]:
    """Yield notes of a notebook user that are no preferences."""
    subjects = "loader model table join export dashboard kernel index report batch query schema".split()
    verbs = "failed passed moved shrank grew finished stalled improved broke returned".split()
    places = "staging production the sandbox notebook 3 the cluster the warehouse the nightly run".split(" ")
    for number in range(count):
        yield f"The {chance.choice(subjects)} {chance.choice(verbs)} on {chance.choice(places)} in run {number}."


# -- notes -------------------------------------------------------------------------------------


def notes(path: Path, folder: Path, embedder: str) -> None:
    """Print hit@3 by category, and how well one threshold tells that there is nothing to find."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    memories = [line for line in lines if line["kind"] == "memory"]
    store = opened(folder, embedder)
    fields = ("type", "title", "content", "tags", "created_at")
    items = [{name: m[name] for name in fields} | {"project": m["project"] or None} for m in memories]
    ids = {memory.id: m["id"] for memory, m in zip(store.add_many(items), memories, strict=True)}
    store.embed()
    hits: dict[str, list[float]] = defaultdict(list)
    tops: dict[bool, list[float]] = defaultdict(list)
    for line in lines:
        if line["kind"] != "query":
            continue
        found = store.search(line["text"], **{"project": "*", **(line.get("filters") or {})})
        tops[bool(line["gold"])].append(found[0].score if len(found) else -1.0)
        if line["gold"]:
            half = "tuning" if not hashlib.sha256(line["id"].encode()).digest()[-1] % 2 else "confirming"
            hit = float(bool({ids[h.memory.id] for h in found[:3]} & set(line["gold"])))
            for label in (line["category"], half, "all"):
                hits[label].append(hit)
    rows = [
        (label, {"hit@3": statistics.fmean(some), "of 100": len(some) / 100})
        for label, some in sorted(hits.items())
    ]
    shown(f"Notes, embedder {embedder}", rows)
    threshold = max(tops[True] + tops[False], key=lambda t: balanced(tops, t))
    print(f"nothing relevant: balanced accuracy {balanced(tops, threshold):.3f} at {threshold:.2f}, "
          f"{balanced(tops, 0.4):.3f} at 0.40")  # fmt: skip


def balanced(tops: dict[bool, list[float]], threshold: float) -> float:
    """Return the balanced accuracy of "a score from the threshold on means there is something"."""
    right = statistics.fmean(score >= threshold for score in tops[True])
    return (right + statistics.fmean(score < threshold for score in tops[False])) / 2


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts: dict[str, Callable[[Path, Path, str], None]] = {"locomo": locomo, "prefeval": prefeval, "notes": notes}
    for name in parts:
        parser.add_argument(f"--{name}", type=Path, help="path of the corpus")
    parser.add_argument("--embedder", nargs="*", default=["none"], help="none, static, litellm:MODEL")
    parser.add_argument("--postgres", action="store_true", help="search on a PostgreSQL server (PYTHONPATH=.)")
    chosen = parser.parse_args()
    global SERVER
    SERVER = chosen.postgres
    for embedder in chosen.embedder:
        for name, part in parts.items():
            if path := getattr(chosen, name):
                with tempfile.TemporaryDirectory() as folder:
                    part(path, Path(folder), embedder)


if __name__ == "__main__":
    main()
