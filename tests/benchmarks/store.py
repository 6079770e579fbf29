"""What one durable save costs, as a ratio to one 4 KB write with fdatasync in the same run.

Run: ``python tests/benchmarks/store.py [--sizes 1000 100000] [--saves 300] [--directory DIR]``.
Saves and plain writes take turns, so that both see the same disk at the same time; medians count.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from littlemem_ipy.store import MemoryStore, open_store

LIMIT = 3.0
WORDS = [
    f"{a}{b}"
    for a in ["ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve", "wo", "xi", "yu", "za"]
    for b in ["bak", "del", "fin", "gor", "lum", "men"]
]


def text(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(12, 40))) + f" {rng.random():.12f}"


def filled(path: Path, size: int, rng: random.Random) -> MemoryStore:
    store = open_store(path, project="bench")
    while (missing := size - store.count()) > 0:
        store.add_many({"content": text(rng), "tags": ["bench"]} for _ in range(min(5000, missing)))
    return store


def seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def plain_write(file: int, block: bytes) -> None:
    os.write(file, block)
    os.fdatasync(file)


def measure(directory: Path, size: int, saves: int) -> tuple[float, float]:
    """Return the medians of one save and of one plain write, in seconds."""
    rng = random.Random(size)
    store = filled(directory / f"memory-{size}.db", size, rng)
    file = os.open(directory / f"plain-{size}", os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(20):
        store.add(text(rng))
        plain_write(file, os.urandom(4096))
    taken: dict[str, list[float]] = {"save": [], "write": []}
    for _ in range(saves):
        content, block = text(rng), os.urandom(4096)
        taken["save"].append(seconds(lambda content=content: store.add(content)))  # type: ignore[misc]
        taken["write"].append(seconds(lambda block=block: plain_write(file, block)))  # type: ignore[misc]
    os.close(file)
    store.close()
    return statistics.median(taken["save"]), statistics.median(taken["write"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", nargs="+", type=int, default=[1_000, 100_000], help="how many memories there are"
    )
    parser.add_argument("--saves", type=int, default=300, help="how many saves are measured")
    parser.add_argument(
        "--directory", type=Path, help="on which disk; the directory of temporary files when left out"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.directory) as place:
        for size in chosen.sizes:
            save, write = measure(Path(place), size, chosen.saves)
            print(
                f"{size:>8,} memories: one save {save * 1000:.3f} ms,"
                f" one 4 KB write with fdatasync {write * 1000:.3f} ms,"
                f" ratio {save / write:.2f} (at most {LIMIT:g})"
            )


if __name__ == "__main__":
    main()
