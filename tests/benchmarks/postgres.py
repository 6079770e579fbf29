"""Search on a PostgreSQL server with many spaces, against a server that holds one space of the same size.

    python tests/benchmarks/postgres.py --spaces 1000 --each 1000 --partitions 0 64

A server of this run's own is filled with spaces of synthetic memories (60 to 120 words each, the vocabulary of a
space is its own mixture), first one space alone, then all of them; the same questions are asked in both through
`MemoryStore.search`, by users that the database's rules bind. Printed: the median and the 95th percentile, their
ratio to the lonely space, the size on the disk, and one save.
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


def timed(stores: list[MemoryStore], asked: list[tuple[int, str]]) -> list[float]:
    """Return the milliseconds of each search; the first round warms up."""
    for which, text in asked[: len(stores)]:
        stores[which % len(stores)].search(text, project="*")
    times = []
    for which, text in asked:
        started = time.perf_counter()
        found = stores[which % len(stores)].search(text, project="*")
        times.append((time.perf_counter() - started) * 1000)
        assert len(found)
    return times


def measured(partitions: int, spaces: int, corpora: list[list[Memory]], rng: random.Random) -> list[float]:
    """Fill a server, ask, print a line, and return the times."""
    server = Server(durable=True)
    try:
        prepare(server.url(OWNER), partitions)
        names = [server.add_user() for _ in range(spaces)]
        started = time.perf_counter()
        fill(server, names, corpora)
        filled = time.perf_counter() - started
        # Users whose spaces are spread over all of them, in the order in which the corpora went round.
        step = max(1, spaces // USERS)
        places = list(range(0, spaces, step))[:USERS]
        stores = [open_store(server.url(names[place]), project=None) for place in places]
        asked = []
        for _ in range(10):
            for number, place in enumerate(places):
                asked += [(number, text) for text in questions(rng, corpora[place % len(corpora)], 1)]
        asked = (asked * 40)[:400]
        times = timed(stores, asked)
        saves = [_saved(stores[n % len(stores)], n) for n in range(60)]
        with server.connect() as raw:
            (size,) = raw.execute(
                "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'littlemem'::regnamespace"
            ).fetchone()
        total = spaces * len(corpora[0])
        print(
            f"{spaces:>6,} spaces x {len(corpora[0]):,}, {partitions or 'no'} partitions: search p50"
            f" {statistics.median(times):.1f} ms, p95 {statistics.quantiles(times, n=20)[-1]:.1f} ms; save p50"
            f" {statistics.median(saves):.1f} ms; {size / 2**20:,.0f} MiB, {size / total:,.0f} bytes a memory;"
            f" filled in {filled:.0f} s",
            flush=True,
        )
        for store in stores:
            store.close()
        return times
    finally:
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
    alone = statistics.median(measured(0, 1, corpora, random.Random(6)))
    for partitions in chosen.partitions:
        many = statistics.median(measured(partitions, chosen.spaces, corpora, random.Random(6)))
        print(f"       p50 is {many / alone:.2f} times that of the lonely space", flush=True)


if __name__ == "__main__":
    main()
