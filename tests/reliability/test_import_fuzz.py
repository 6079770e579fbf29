"""Imports of files that are damaged, odd or hostile: no crash, nothing half done, little memory and time.

``LITTLEMEM_FULL=1`` runs 100,000 of them instead of some hundred.
"""

from __future__ import annotations

import io
import json
import random
import stat
import time
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas  # noqa: F401  # what its first import takes is not what is measured here
import pyarrow.parquet  # noqa: F401
import pytest

from littlemem_ipy.errors import ArchiveError
from littlemem_ipy.store import MemoryStore, open_store
from littlemem_ipy.transfer import Limits, Mode
from tests import strategies as some
from tests.conftest import FULL
from tests.transfer import files
from tests.transfer.lives import ALL, lived

COUNT = 100_000 if FULL else 300
SLOWEST = 5.0  # seconds for one file; a loaded machine takes its time

# Small bounds, so that what would go beyond the usual ones is met without large files.
LIMITS = Limits(file_bytes=2**20, line_bytes=2**18, rows=2000, entries=300)


def values(rng: random.Random, depth: int = 3) -> Any:
    """Return any JSON value, and some that only Python writes."""
    simple: list[Callable[[], Any]] = [
        lambda: None,
        lambda: rng.random() < 0.5,
        lambda: rng.choice([0, -1, 2**53, 2**64, 10**30, -(10**99)]),
        lambda: rng.choice([0.5, -0.0, 1e308, float("nan"), float("inf"), -float("inf"), 1e-320]),
        lambda: rng.choice(some.NASTY),
        lambda: "".join(rng.choices('aä東🙂\ud800\x00\n"\\', k=rng.randrange(20))),
        lambda: rng.choice(["2026-11-23T02:18:28.219Z", "mem_1_abcdefghi", "solution", "user", "banana"]),
    ]
    if depth and rng.random() < 0.4:
        if rng.random() < 0.5:
            return [values(rng, depth - 1) for _ in range(rng.randrange(4))]
        return {rng.choice(NAMES + list(some.NASTY)): values(rng, depth - 1) for _ in range(rng.randrange(6))}
    return rng.choice(simple)()


NAMES = (
    "id type title content tags metadata timestamp projectId conversationId source accessCount lastAccessed"
    " createdAt updatedAt provenance author accepted unknown history events held revision expiresAt deletedAt"
    " supersededBy littlemem memories totalEntries exportDate results memory mapping message parts chat_messages"
    " sender text observations entityType name from to relationType user_id created_at number action at changes"
    " kind data format"
).split()


def grown(rng: random.Random) -> bytes:
    """Return a file of some grammar whose values are anything."""
    one = files.entry(rng.randrange(900))
    for _ in range(rng.randrange(1, 4)):
        where = rng.choice([one, one["metadata"]] if isinstance(one.get("metadata"), dict) else [one])
        where[rng.choice(NAMES)] = values(rng)
    record = {name: values(rng) for name in rng.sample(NAMES, 8)} | {
        "content": "x",
        "createdAt": "2026-01-01T00:00:00Z",
    }
    kinds: list[Callable[[], Any]] = [
        lambda: files.export_of(one, files.entry(1)),
        lambda: values(rng, 5),
        lambda: {"memories": values(rng), "exportDate": values(rng)},
        lambda: [{"mapping": values(rng, 5), "current_node": values(rng)} | {rng.choice(NAMES): values(rng)}],
        lambda: [{"chat_messages": [values(rng), {"sender": "human", "text": values(rng)}], "uuid": values(rng)}],
        lambda: [{"memory": "text", **{rng.choice(NAMES): values(rng) for _ in range(4)}}, values(rng)],
        lambda: [{"user_id": values(rng), "content": "text", "created_at": values(rng)}, values(rng)],
        lambda: [{"conversations_memory": values(rng), "project_memories": values(rng)}],
    ]
    if rng.random() < 0.6:
        return json.dumps(rng.choice(kinds)()).encode()
    heads = [
        {"format": "littlemem", "schema": 1, "total": values(rng)},
        {"type": "entity", "observations": values(rng)},
    ]
    records = [rng.choice(heads), record, {"id": f"mem_1_{'a' * 9}", "type": "general"} | record, values(rng)]
    records.append({"type": "relation", "from": values(rng), "to": values(rng), "relationType": values(rng)})
    return "\n".join(json.dumps(each) for each in records).encode()


def mutated(rng: random.Random, raw: bytes) -> bytes:
    """Return a file with some bytes changed, cut, doubled or put elsewhere."""
    data = bytearray(raw)
    for _ in range(rng.randrange(1, 6)):
        place, length = rng.randrange(len(data) + 1), rng.randrange(1, 40)
        step = rng.randrange(6)
        if step == 0 and data:
            data[place % len(data)] ^= 1 << rng.randrange(8)
        elif step == 1:
            del data[place : place + length]
        elif step == 2:
            data[place:place] = data[place : place + length]
        elif step == 3:
            data[place:place] = rng.choice(
                [b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"{", b"[", b"NaN", b"\n", b","]
            )
        elif step == 4:
            data = data[: max(1, place)]
        else:
            other = rng.randrange(len(data) + 1)
            data[place : place + length] = data[other : other + length]
    return bytes(data)


BOMBS: dict[str, Callable[[], bytes]] = {
    "deep lists": lambda: b"[" * 100_000,
    "deep lists that end": lambda: b"[" * 100_000 + b"]" * 100_000,
    "deep objects": lambda: b'{"a":' * 100_000,
    "deep in an entry": lambda: json.dumps(files.export_of(files.entry(tags=None))).encode()[:-1]
    + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep in a line": lambda: b'{"format":"littlemem"}\n{"content":' + b"[" * 60_000 + b"]" * 60_000 + b"}",
    "a number of many digits": lambda: b'{"memories":[{"id":' + b"9" * 900_000 + b"}]}",
    "a fraction of many digits": lambda: b'{"memories":[],"exportDate":0.' + b"1" * 900_000 + b"}",
    "a number in a line": lambda: b'{"format":"littlemem"}\n{"content":"x","n":' + b"1" * 200_000 + b"}",
    "a long line": lambda: b'{"format":"littlemem"}\n' + b'{"content":"' + b"x" * 300_000 + b'"}',
    "many lines": lambda: b'{"format":"littlemem"}\n' + b"{}\n" * 5000,
    "many records": lambda: json.dumps(files.export_of(*[1] * 5000)).encode(),
    "many empty objects": lambda: b'{"memories":[' + b"{}," * 300_000 + b"{}]}",
    "many numbers": lambda: b'{"memories":[' + b"1000," * 200_000 + b"1]}",
    "many names": lambda: b'{"memories":[' + b",".join(b'{"%d":0}' % n for n in range(80_000)) + b"]}",
    "many texts": lambda: b'{"memories":["\xf0\x9f\x99\x82",' + b'"aa",' * 180_000 + b'"a"]}',
    "as many texts as may be": lambda: b'{"memories":["\xf0\x9f\x99\x82",' + b'"aa",' * 58_000 + b'"a"]}',
    "as many names as may be": lambda: b'{"memories":[0,{' + b",".join(b'"%d":""' % n for n in range(18_000))
    + b"}]}",
    "as many objects as may be": lambda: b'{"memories":[' + b'{"a":0},' * 12_000 + b"0]}",
    "as many lists as may be": lambda: b'{"memories":[' + b"[0]," * 21_000 + b"0]}",
    "quotes that never end": lambda: b'{"a":"' + b'\\"' * 400_000,
    "many quotes": lambda: b"[" + b'"' * 900_000,
    "larger than the limit": lambda: b" " * (2**20 + 1),
    "only zeros": lambda: b"\x00" * 1000,
    "nothing": lambda: b"",
    "a BOM": lambda: b"\xef\xbb\xbf",
    "UTF-16 that ends early": lambda: b"\xff\xfe{\x00\x00",
    "a fence that never ends": lambda: b"---\n" + b"a: [\n" * 50_000,
    "a wide table": lambda: b'"content","tags"' + b"," * 50_000 + b"\n" + b"," * 50_000,
    "a table of quotes": lambda: b'"content","tags"\n"' + b'""' * 200_000,
}  # fmt: skip


def archive(files: list[tuple[zipfile.ZipInfo | str, bytes]]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files:
            out.writestr(name, content)
    return raw.getvalue()


def odd_entry(name: str, mode: int = 0) -> bytes:
    info = zipfile.ZipInfo("x")
    info.filename, info.external_attr = name, mode << 16
    return archive([(info, b"---\nid: x\n---\nx")])


ZIPS: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: archive([("conversations.json", b" " * 2**20)]),
    "a bomb of small files": lambda: archive([(f"{n}.md", b"x" * 2**13) for n in range(200)]),
    "many files": lambda: archive([(f"{n}.md", b"x") for n in range(400)]),
    "an archive inside": lambda: archive([("inner.zip", archive([("a.md", b"x")]))]),
    "a name twice": lambda: archive([("a.md", b"x"), ("A.md", b"y")]),
    "a link": lambda: odd_entry("a.md", stat.S_IFLNK | 0o777),
    "a device": lambda: odd_entry("a.md", stat.S_IFCHR | 0o600),
    "a table of contents only": lambda: archive([("a.md", b"x")])[-60:],
    **{
        f"the name {name!r}": (lambda name=name: odd_entry(name))
        for name in ("../a.md", "/etc/a.md", "a/../../b.md", "C:\\a.md", "a\\b.md", "con.md", "x/NUL", "nul .md",
                     "a:b.md", "x" * 2000 + ".md")
    },
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    opened = open_store(tmp_path / "fuzz" / "memory.db", project="p")
    opened.add("what was there before")
    return opened


def held_by(store: MemoryStore) -> list[Any]:
    return [m.model_dump(warnings=False) for m in store.search("", states=ALL, project="*", limit=10**5).memories]


def tried(store: MemoryStore, path: Path, **options: Any) -> str:
    """Import a file and return what became of it; whatever is refused has written nothing."""
    before = store.backend.version()
    started = time.perf_counter()
    refused = ""
    try:
        report = store.import_(path, limits=LIMITS, **options)
    except ArchiveError as error:
        refused = str(error)
    assert time.perf_counter() - started < SLOWEST
    if refused:
        assert "\n" not in refused
        assert len(refused) < 1000
        assert store.backend.version() == before, "a file that is refused writes nothing"
        return "refused"
    written = report.imported + report.updated
    assert (store.backend.version() == before) == (written == 0)
    return "imported" if written else "nothing"


@pytest.mark.parametrize("name", [*BOMBS, *ZIPS])
def test_a_bomb_does_no_harm(name: str, store: MemoryStore, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    raw = (BOMBS | ZIPS)[name]()
    path.write_bytes(raw)
    before = held_by(store)
    tracemalloc.start()
    outcome = tried(store, path, trust=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome != "imported" or name == "a bomb of small files"
    assert peak < 6 * LIMITS.file_bytes, f"{peak:,} bytes"
    if outcome != "imported":
        assert held_by(store) == before
    assert store.backend.check()
    store.close()


def test_any_file_is_imported_whole_or_refused(store: MemoryStore, tmp_path: Path) -> None:
    rng = random.Random(20261126)
    seeds = _good_files(tmp_path)
    outcomes: Counter[str] = Counter()
    path = tmp_path / "file"
    for number in range(COUNT):
        raw = grown(rng) if rng.random() < 0.4 else rng.choice(seeds)
        path.write_bytes(mutated(rng, raw) if rng.random() < 0.8 else raw)
        mode = rng.choice(list(Mode))
        try:
            outcomes[tried(store, path, mode=mode, trust=rng.random() < 0.5)] += 1
        except Exception as error:
            error.add_note(f"file {number}: {path.read_bytes()[:2000]!r}")
            raise
        if number % 500 == 499:
            assert all(finding.ok for finding in store.backend.check())
            held_by(store)  # every row can be read back
    assert all(finding.ok for finding in store.backend.check())
    for memory in store.search("", states=ALL, project="*", limit=10**5).memories:
        assert store.history(memory.id)[-1].memory == memory
    assert set(outcomes) == {"imported", "refused", "nothing"}, outcomes
    print(dict(outcomes))
    store.close()


def _good_files(tmp_path: Path) -> list[bytes]:
    """Return one file of each kind."""
    made = tmp_path / "good"
    made.mkdir()
    with open_store(made / "one.db", project="p") as one:
        lived(one, 7, 12)
        for name in ("a.json", "a.jsonl", "a.zip", "a.csv", "a.parquet"):
            past = {"history": True, "events": True} if name.startswith("a.json") else {}
            one.export(made / name, project="*", states=ALL, **past)
    page = next(iter(zipfile.ZipFile(made / "a.zip").infolist()))
    graph = [
        {"type": "entity", "name": "Alice", "entityType": "person", "observations": ["likes tea"]},
        {"type": "relation", "from": "Alice", "to": "Bob", "relationType": "knows"},
    ]
    return [
        *(file.read_bytes() for file in sorted(made.glob("a.*"))),
        zipfile.ZipFile(made / "a.zip").read(page),
        json.dumps(files.export_of(files.entry(1), files.entry(2))).encode(),
        json.dumps(files.mem0()).encode(),
        json.dumps(files.webui()).encode(),
        json.dumps(files.chatgpt()).encode(),
        json.dumps(files.claude()).encode(),
        "\n".join(json.dumps(each) for each in graph).encode(),
        archive([("conversations.json", json.dumps(files.chatgpt()).encode())]),
    ]
