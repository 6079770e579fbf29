"""What one durable save costs, as a ratio to one 4 KB write with fdatasync in the same run.

Two figures: the transaction alone (`Backend.put`), which is what the disk has to do with, and the whole
`MemoryStore.add` with the checks that every text passes first (validation, masking of secrets, the look for
orders to a model), which is processor time and does not shrink with a faster disk.

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

from littlemem_ipy.backends import Change
from littlemem_ipy.models import Memory, build
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
        store.backend.put(Change(memory(rng), "add") for _ in range(min(5000, missing)))
    return store


def memory(rng: random.Random) -> Memory:
    return build(Memory, {"content": text(rng), "tags": ["bench"], "project": "bench"})


def seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def plain_write(file: int, block: bytes) -> None:
    os.write(file, block)
    os.fdatasync(file)


def measure(directory: Path, size: int, saves: int) -> dict[str, float]:
    """Return the medians of one transaction, of one whole save and of one plain write, in seconds."""
    rng = random.Random(size)
    store = filled(directory / f"memory-{size}.db", size, rng)
    file = os.open(directory / f"plain-{size}", os.O_CREAT | os.O_WRONLY, 0o600)
    for _ in range(20):
        store.add(text(rng))
        plain_write(file, os.urandom(4096))
    taken: dict[str, list[float]] = {"transaction": [], "save": [], "write": []}
    for _ in range(saves):
        content, block, change = text(rng), os.urandom(4096), Change(memory(rng), "add")
        taken["transaction"].append(seconds(lambda change=change: store.backend.put([change])))  # type: ignore[misc]
        taken["save"].append(seconds(lambda content=content: store.add(content)))  # type: ignore[misc]
        taken["write"].append(seconds(lambda block=block: plain_write(file, block)))  # type: ignore[misc]
    os.close(file)
    store.close()
    return {name: statistics.median(times) for name, times in taken.items()}


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
            found = measure(Path(place), size, chosen.saves)
            write = found["write"]
            print(f"{size:>8,} memories: one 4 KB write with fdatasync {write * 1000:.3f} ms")
            for name, limit in (("transaction", f" (at most {LIMIT:g})"), ("save", " with all its checks")):
                print(f"{'':>10} one {name} {found[name] * 1000:.3f} ms, ratio {found[name] / write:.2f}{limit}")


if __name__ == "__main__":
    main()
