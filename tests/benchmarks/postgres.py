"""Search on a PostgreSQL server with many spaces, against a server that holds one space of the same size.

    python tests/benchmarks/postgres.py --spaces 1000 --each 1000 --partitions 0 64

A server of this run's own is filled with spaces of synthetic memories (60 to 120 words each, the vocabulary of a
space is its own mixture), another one with one space alone; questions are asked in both through
`MemoryStore.search`, in turn, by as many users and connections, whom the database's rules bind. Printed: the median
and the 95th percentile, the ratio, the size on the disk, and one save.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from littlemem_ipy.backends.postgres.migrating import prepare
from littlemem_ipy.backends.postgres.rows import UPSERT, record_of
from littlemem_ipy.models import Memory, build
from littlemem_ipy.store import MemoryStore, open_store
from tests.postgres import OWNER, Server

CORPORA = 10  # different sets of memories; spaces share them, each under its own number
USERS = 40  # who ask, each with a connection of their own
ROUNDS = 12
_SYLLABLES = "ba co di fu ge ha jo ku li mo na pe ro su ta ve wi xo yu za tri plo kra ster nd mple".split()


def vocabulary(rng: random.Random) -> list[str]:
    """Return 20,000 words that look like words."""
    words = {"".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(40_000)}
    return sorted(words)[:20_000]


def corpus(rng: random.Random, words: list[str], count: int) -> list[Memory]:
    """Return memories whose words are as frequent as words are: the second half as often as the first."""
    mixed = rng.sample(words, len(words))
    weights = [1 / (rank + 2.7) for rank in range(len(mixed))]
    memories = []
    for number in range(count):
        text = " ".join(rng.choices(mixed, weights, k=rng.randint(60, 120)))
        fields = {"type": "general", "project": f"project {number % 5}", "tags": [mixed[number % 50]]}
        memories.append(build(Memory, {"content": text, **fields}))
    return memories


def fill(server: Server, names: list[str], corpora: list[list[Memory]]) -> None:
    """Give each user a private space with one of the corpora; the first of each is copied by the server itself."""
    with server.connect() as raw:
        raw.execute("SET maintenance_work_mem = '1GB'")
        raw.execute("DROP INDEX littlemem.memories_words")
        originals: dict[int, int] = {}
        for place, name in enumerate(names):
            number = home_of(server, name)
            which = place % len(corpora)
            if which in originals:
                copy(raw, originals[which], number)
            else:
                originals[which] = number
                insert(raw, number, corpora[which])
        raw.execute("CREATE INDEX memories_words ON littlemem.memories USING gin (words) WITH (fastupdate = off)")
        raw.execute(
            "UPDATE littlemem.spaces s SET held_rows = n, held_words = w FROM (SELECT space, count(*) AS n,"
            " sum(length) AS w FROM littlemem.memories GROUP BY space) AS c WHERE c.space = s.space"
        )
        raw.execute("VACUUM ANALYZE")


def home_of(server: Server, name: str) -> int:
    """Return the number of a user's own space."""
    with server.connect(name) as raw:
        return int(raw.execute("SELECT littlemem.home()").fetchone()[0])


def insert(raw: Any, number: int, memories: list[Memory]) -> None:
    """Write a corpus into a space, past the store."""
    for start in range(0, len(memories), 500):
        records, words = [], set[str]()
        for memory in memories[start : start + 500]:
            record, own = record_of(memory, number)
            records.append(record | {"key": None})
            words.update(own)
        raw.execute(UPSERT, (json.dumps(records),))
        raw.execute(
            "INSERT INTO littlemem.vocabulary SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING",
            (number, sorted(words)),
        )


def copy(raw: Any, original: int, number: int) -> None:
    """Copy a space: the same memories under other ids and another number."""
    columns = [
        row[0]
        for row in raw.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'littlemem'"
            " AND table_name = 'memories' AND column_name NOT IN ('space', 'key', 'id', 'words', 'member')"
        )
    ]
    raw.execute(
        f"INSERT INTO littlemem.memories (space, id, words, {', '.join(columns)}) SELECT %s,"
        " 'mem_' || nextval('littlemem.numbers') || right(id, 10), (SELECT array_to_tsvector(array_agg("
        f"%s || substr(lexeme, %s))) FROM unnest(words)), {', '.join(columns)} FROM littlemem.memories"
        " WHERE space = %s ORDER BY key",
        (number, str(number), len(str(original)) + 1, original),
    )
    raw.execute(
        "INSERT INTO littlemem.vocabulary SELECT %s, word FROM littlemem.vocabulary WHERE space = %s",
        (number, original),
    )


def questions(rng: random.Random, memories: list[Memory], count: int) -> Iterator[str]:
    """Yield questions of four to eight words, half of them from one memory."""
    for number in range(count):
        words = rng.choice(memories).content.split()
        asked = rng.sample(words, rng.randint(4, 8))
        yield " ".join(asked if number % 2 else [*asked[:3], *rng.choice(memories).content.split()[:3]])


def filled(
    partitions: int, spaces: int, corpora: list[list[Memory]]
) -> tuple[Server, list[MemoryStore], list[int]]:
    """Return a server full of spaces, a store for each user who asks, and the place of each one's space."""
    server = Server(durable=True, settings={"shared_buffers": "1GB", "max_wal_size": "8GB"})
    prepare(server.url(OWNER), partitions)
    names = [server.add_user() for _ in range(spaces)]
    started = time.perf_counter()
    fill(server, names, corpora)
    with server.connect() as raw:
        (size,) = raw.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'littlemem'::regnamespace"
        ).fetchone()
    total = spaces * len(corpora[0])
    print(
        f"{spaces:,} spaces x {len(corpora[0]):,}, {partitions or 'no'} partitions: {size / 2**20:,.0f} MiB,"
        f" {size / total:,.0f} bytes a memory, filled in {time.perf_counter() - started:.0f} s",
        flush=True,
    )
    # Spread over all spaces; on the lonely server all of them ask the same one, each on a connection of their own.
    places = [number * spaces // USERS for number in range(USERS)]
    return server, [open_store(server.url(names[place]), project=None) for place in places], places


def timed(store: MemoryStore, text: str) -> float:
    """Return the milliseconds of a search."""
    started = time.perf_counter()
    assert len(store.search(text, project="*"))
    return (time.perf_counter() - started) * 1000


def compared(partitions: int, spaces: int, corpora: list[list[Memory]]) -> None:
    """Ask the same number of questions in turn of one space alone and of one of many, and print the figures."""
    rng = random.Random(6)
    lonely, alone, _ = filled(0, 1, corpora)
    crowded, many, places = filled(partitions, spaces, corpora)
    times: dict[str, list[float]] = {"alone": [], "many": []}
    saves: dict[str, list[float]] = {"alone": [], "many": []}
    try:
        for turn in range(ROUNDS):
            for number, place in enumerate(places):
                (one,) = questions(rng, corpora[0], 1)
                (other,) = questions(rng, corpora[place % len(corpora)], 1)
                pair = {"alone": timed(alone[number], one), "many": timed(many[number], other)}
                if turn:  # the first round warms up
                    for name, value in pair.items():
                        times[name].append(value)
        for number in range(USERS):
            saves["alone"].append(_saved(alone[number], number))
            saves["many"].append(_saved(many[number], number))
        for name in times:
            print(
                f"  {name:>5}: search p50 {statistics.median(times[name]):.1f} ms,"
                f" p95 {statistics.quantiles(times[name], n=20)[-1]:.1f} ms,"
                f" save p50 {statistics.median(saves[name]):.1f} ms"
            )
        ratio = statistics.median(times["many"]) / statistics.median(times["alone"])
        print(f"  p50 of one of many / of one alone: {ratio:.2f}", flush=True)
    finally:
        for store in (*alone, *many):
            store.close()
        for server in (lonely, crowded):
            server.stop("immediate")
            server.remove()


def _saved(store: MemoryStore, number: int) -> float:
    started = time.perf_counter()
    store.add(f"a note that is saved now, number {number}")
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Measure one space alone, then all of them for each number of partitions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spaces", type=int, default=100)
    parser.add_argument("--each", type=int, default=1000, help="memories in each space")
    parser.add_argument("--partitions", type=int, nargs="*", default=[0])
    chosen = parser.parse_args()
    rng = random.Random(5)
    words = vocabulary(rng)
    corpora = [corpus(rng, words, chosen.each) for _ in range(min(CORPORA, chosen.spaces))]
    for partitions in chosen.partitions:
        compared(partitions, chosen.spaces, corpora)


if __name__ == "__main__":
    main()
