"""How fast the search is at growing sizes, beside plain FTS5 on the same texts in the same run.

    python tests/benchmarks/search_speed.py 1000 10000 100000

Memories are 60 to 120 made-up words whose frequencies fall as in natural language; a query is eight words of one
memory, which must be among the first ten. Times are medians; "plain" is an FTS5 table (porter, OR of the same
words, bm25) and the column after it the ratio to it. Peers (tantivy, LangGraph's SqliteStore with local vectors)
are measured where they are installed:

    pip install tantivy langgraph-checkpoint-sqlite pysqlite3-binary wordllama
"""

from __future__ import annotations

import argparse
import atexit
import importlib
import itertools
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from littlemem_ipy.backends import Change, open_backend
from littlemem_ipy.chat import ChatSession
from littlemem_ipy.embeddings import open_embedder
from littlemem_ipy.models import Memory, MemoryType
from littlemem_ipy.store import MemoryStore

STOPS = "the a of to and in is it that for on was with as be at this by".split()
START = datetime(2024, 1, 1, tzinfo=UTC)
MINUTES = 2 * 365 * 24 * 60
BATCH = 20_000
PEER_MOST = 10_000  # memories that LangGraph gets: it takes minutes for more


class Corpus:
    """Made-up texts; the same seed gives the same ones."""

    def __init__(self, seed: int = 3) -> None:
        chance = random.Random(seed)
        syllables = [
            a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "ol", "is", "at")
        ]
        words: dict[str, None] = {}
        while len(words) < 40_000:
            words["".join(chance.choices(syllables, k=chance.randint(2, 4)))] = None
        self.words = list(words)
        self.weights = list(itertools.accumulate(1 / (rank + 8) for rank in range(len(words))))
        self.chance = chance

    def text(self) -> str:
        """Return 60 to 120 words, a third of them stop words."""
        chosen = self.chance.choices(self.words, cum_weights=self.weights, k=self.chance.randint(60, 120))
        return " ".join(word if self.chance.random() > 0.35 else self.chance.choice(STOPS) for word in chosen)

    def memories(self, count: int) -> Iterator[Memory]:
        """Yield memories of ten projects over two years."""
        kinds = list(MemoryType)
        for number in range(count):
            yield Memory(
                content=self.text(),
                type=self.chance.choice(kinds),
                project=f"project{self.chance.randrange(10)}",
                conversation_id=f"chat{number // 20}",
                created_at=START + timedelta(minutes=number * MINUTES // count),
            )

    def queries(self, memories: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return id and eight words of each memory."""
        found = []
        for memory_id, content in memories:
            topical = [word for word in dict.fromkeys(content.split()) if word not in STOPS]
            found.append((memory_id, " ".join(self.chance.sample(topical, 8))))
        return found


def median_ms(run: Callable[[Any], object], inputs: Iterable[Any]) -> float:
    """Return the median time of `run` over the inputs."""
    times = []
    for one in inputs:
        start = time.perf_counter()
        run(one)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def filled(path: Path, corpus: Corpus, count: int) -> float:
    """Fill a store and return how many memories were saved a second."""
    backend = open_backend(path)
    start = time.perf_counter()
    memories = corpus.memories(count)
    while batch := list(itertools.islice(memories, BATCH)):
        backend.put(Change(memory, "add") for memory in batch)
    backend.close()
    return count / (time.perf_counter() - start)


def plain_table(path: Path) -> Callable[[str], list[Any]]:
    """Return a search in a plain FTS5 table with the texts of a store."""
    raw = sqlite3.connect(path.with_suffix(".plain"))
    raw.execute("ATTACH ? AS store", (str(path),))
    raw.execute("CREATE VIRTUAL TABLE plain USING fts5 (content, tokenize='porter unicode61')")
    raw.execute("INSERT INTO plain (rowid, content) SELECT pk, content FROM store.memories")
    raw.commit()

    def search(text: str) -> list[Any]:
        words = " OR ".join(f'"{word}"' for word in text.split())
        return raw.execute(
            "SELECT rowid, content FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT 10", (words,)
        ).fetchall()

    return search


def tantivy_index(path: Path) -> Callable[[str], object] | None:
    """Return a search in a tantivy index with the texts of a store, if tantivy is installed."""
    try:
        import tantivy
    except ImportError:
        return None
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("content", stored=True, tokenizer_name="en_stem")
    index = tantivy.Index(builder.build())
    writer = index.writer()
    for (content,) in sqlite3.connect(path).execute("SELECT content FROM memories"):
        writer.add_document(tantivy.Document(content=content))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    return lambda text: searcher.search(index.parse_query(text, ["content"]), 10)


def langgraph_store(path: Path) -> Callable[[str], object] | None:
    """Return a search in LangGraph's SqliteStore with the texts of a store, if it and local vectors are installed.

    Its vectors are those of wordllama, which take a fraction of the time of what people usually give it.
    """
    if not hasattr(sqlite3.Connection, "enable_load_extension"):
        try:
            sys.modules["sqlite3"] = importlib.import_module("pysqlite3")
        except ImportError:
            return None
    try:
        peers = importlib.import_module("langgraph.store.sqlite")
        put = importlib.import_module("langgraph.store.base").PutOp
    except ImportError:
        return None
    finally:
        sys.modules["sqlite3"] = sqlite3
    embedder = open_embedder("static")
    assert embedder is not None
    index = {"dims": 256, "embed": lambda texts: embedder.embed(texts).tolist(), "fields": ["text"]}
    opened = peers.SqliteStore.from_conn_string(str(path.with_suffix(".peer")), index=index)
    store = opened.__enter__()
    atexit.register(opened.__exit__, None, None, None)
    store.setup()
    rows = sqlite3.connect(path).execute("SELECT id, content FROM memories").fetchall()
    for start in range(0, len(rows), 500):
        store.batch([put(("memories",), key, {"text": text}) for key, text in rows[start : start + 500]])
    return lambda text: store.search(("memories",), query=text, limit=10)


def recalled(store: MemoryStore, texts: Sequence[str]) -> tuple[float, float]:
    """Return median and 95th percentile of what a chat waits for its block of memories."""
    chat = ChatSession(MemoryStore(store.backend, project="project3"), model="demo")
    times = sorted(median_ms(chat.recall, [text]) for text in texts)
    return statistics.median(times), times[int(len(times) * 0.95)]


def private_mb() -> float:
    """Return the private memory of this process."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:])
    return sum(int(fields[name].split()[0]) for name in ("Private_Clean", "Private_Dirty")) / 1024


def measured(count: int, folder: Path, queries: int) -> dict[str, float]:
    """Return the figures at one size."""
    path = folder / f"{count}.db"
    corpus = Corpus()
    figures = {"bulk/s": filled(path, corpus, count)}
    figures["bytes each"] = sum(file.stat().st_size for file in folder.glob(f"{count}.db*")) / count
    raw = sqlite3.connect(path)
    keys = corpus.chance.sample(range(1, count + 1), queries)
    asked = corpus.queries(
        [raw.execute("SELECT id, content FROM memories WHERE pk = ?", (k,)).fetchone() for k in keys]
    )
    texts = [text for _, text in asked]
    raw.close()
    before = private_mb()
    start = time.perf_counter()
    store = MemoryStore(open_backend(path))
    store.search(texts[0], project="*")
    figures["first ms"] = (time.perf_counter() - start) * 1000
    figures["search ms"] = median_ms(lambda text: store.search(text, project="*"), texts)
    figures["held MB"] = private_mb() - before
    filters = {"project": "project3", "type": "solution", "since": "2024-06-01", "until": "2024-12-31"}
    figures["filtered ms"] = median_ms(lambda text: store.search(text, **filters), texts)
    found = [any(hit.memory.id == key for hit in store.search(text, project="*")) for key, text in asked]
    figures["hit@10"] = statistics.fmean(found)
    common = " ".join(corpus.words[:8])
    figures["common ms"] = median_ms(lambda text: store.search(text, project="*"), [common] * 5)
    figures["save ms"] = median_ms(store.add, [corpus.text() for _ in range(50)])
    plain = plain_table(path)
    figures["plain ms"] = median_ms(plain, texts)
    figures["x plain"] = figures["plain ms"] / figures["search ms"]  # how many times faster
    known = {key: pk for (key, _), pk in zip(asked, keys, strict=True)}
    figures["plain hit@10"] = statistics.fmean(known[k] in [row[0] for row in plain(text)] for k, text in asked)
    if peer := tantivy_index(path):
        figures["tantivy ms"] = median_ms(peer, texts)
    if count <= PEER_MOST and (peer := langgraph_store(path)):
        figures["LangGraph ms"] = median_ms(peer, texts[:50])
        figures["x LangGraph"] = figures["LangGraph ms"] / figures["search ms"]
    figures["recall ms"], figures["recall p95"] = recalled(store, texts)
    store.close()
    return figures


def main() -> None:
    """Measure at each size and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[1000, 10_000])
    parser.add_argument("--queries", type=int, default=200)
    chosen = parser.parse_args()
    table = {}
    for size in chosen.sizes:
        with tempfile.TemporaryDirectory() as folder:
            table[size] = measured(size, Path(folder), chosen.queries)
    print(f"{'':14}" + "".join(f"{size:>12,}" for size in table))
    for name in dict.fromkeys(name for figures in table.values() for name in figures):
        print(f"{name:14}" + "".join(f"{figures.get(name, float('nan')):12.3f}" for figures in table.values()))
    print(f"largest resident set {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
