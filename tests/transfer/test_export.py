"""Writing memories out: what goes along, and that a file appears whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from littlemem_ipy import transfer
from littlemem_ipy.errors import ArchiveError, InvalidInput
from littlemem_ipy.models import State
from littlemem_ipy.store import MemoryStore, open_store
from littlemem_ipy.transfer import jsonl
from tests.transfer import files


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    with open_store(tmp_path / "store" / "memory.db", project="here") as opened:
        yield opened


@pytest.fixture
def filled(store: MemoryStore) -> MemoryStore:
    """A store with a memory for every filter."""
    store.add("plain polars")
    store.add("a preference", type="user_preference")
    store.add("a snippet", type="code_snippet", tags=["a", "b"], pinned=True)
    store.add("a fix", type="solution", tags=["a"], conversation_id="talk", source="chat")
    store.add("foreign", project="there")
    store.add_many([{"content": "old", "created_at": "2020-01-01T00:00:00Z"}])
    store.archive(store.add("put away").id)
    store.delete(store.add("thrown away").id)
    store.add("proposed", held="why not")
    return store


def exported(store: MemoryStore, tmp_path: Path, **options: Any) -> list[str]:
    store.export(tmp_path / "out.json", overwrite=True, **options)
    return sorted(one["content"] for one in json.loads((tmp_path / "out.json").read_text())["memories"])


ALWAYS = ["a fix", "a preference", "a snippet", "old", "plain polars", "proposed", "put away"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ALWAYS),
        ({"project": "*"}, sorted([*ALWAYS, "foreign"])),
        ({"project": "there"}, ["foreign"]),
        ({"project": None}, ["a preference"]),
        ({"type": "solution"}, ["a fix"]),
        ({"type": ["solution", "code_snippet"]}, ["a fix", "a snippet"]),
        ({"exclude_types": "general"}, ["a fix", "a preference", "a snippet"]),
        ({"exclude_types": ["general", "solution"]}, ["a preference", "a snippet"]),
        ({"tags": "a"}, ["a fix", "a snippet"]),
        ({"tags": ["a", "b"]}, ["a snippet"]),
        ({"tags_any": ["b", "x"]}, ["a snippet"]),
        ({"tags_none": ["b"], "type": ["solution", "code_snippet"]}, ["a fix"]),
        ({"conversation_id": "talk"}, ["a fix"]),
        ({"until": "2021"}, ["old"]),
        ({"since": "2021", "type": "solution"}, ["a fix"]),
        ({"pinned": True}, ["a snippet"]),
        ({"sources": "chat"}, ["a fix"]),
        ({"sources_none": "user"}, ["a fix"]),
        ({"include_archived": False}, [name for name in ALWAYS if name not in ("proposed", "put away")]),
        ({"states": [State.ARCHIVED]}, ["put away"]),
        ({"states": [State.DELETED]}, ["thrown away"]),
        ({"text": "polars"}, ["plain polars"]),
        ({"limit": 2, "states": [State.ACTIVE], "sort": "title", "descending": False}, ["a fix", "a preference"]),
        ({"limit": 0}, []),
        (
            {"limit": 1, "offset": 1, "states": [State.ACTIVE], "sort": "title", "descending": False},
            ["a preference"],
        ),
    ],
)
def test_every_filter_of_the_search_chooses(filled, tmp_path, options, expected):
    assert exported(filled, tmp_path, **options) == expected


def test_history_and_events_go_along_when_asked(filled, tmp_path):
    one = filled.add("first")
    filled.update(one.id, content="second")
    filled.get(one.id)
    for name in ("a.json", "a.jsonl"):
        filled.export(tmp_path / name)
        assert b'"first"' not in (tmp_path / name).read_bytes()
        filled.export(tmp_path / f"with-{name}", history=True, events=True)
        with open_store(tmp_path / f"{name}.db") as other:
            other.import_(tmp_path / f"with-{name}", trust=True)
            assert [r.memory.content for r in other.history(one.id)] == ["first", "second"]
            assert [e.kind for e in other.events() if e.memory_id == one.id][::-1] == [
                "stored",
                "edited",
                "retrieved",
            ]
            assert other.backend.get([one.id])[one.id].access_count == 1
    for name in ("a.csv", "a.parquet", "a.zip"):
        with pytest.raises(InvalidInput, match="history"):
            filled.export(tmp_path / name, history=True)


def test_an_export_counts_no_access_and_changes_nothing(filled, tmp_path):
    version, events = filled.backend.version(), len(filled.events())
    filled.export(tmp_path / "a.json")
    assert (filled.backend.version(), len(filled.events())) == (version, events)
    assert all(memory.access_count == 0 for memory in filled.search("", limit=99).memories)


def test_the_export_file_is_what_littlellm_reads(filled, tmp_path):
    report = filled.export(tmp_path / "a.json", description="of mine")
    document = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert list(document)[:7] == [
        "version", "exportDate", "totalEntries", "memories", "index", "stats", "metadata",
    ]  # fmt: skip
    assert (document["version"], document["totalEntries"]) == ("1.0.0", 7)
    assert document["metadata"]["description"] == "of mine"
    for one, listed in zip(document["memories"], document["index"]["entries"], strict=True):
        assert set(files.entry()) - {"metadata"} <= set(one)
        assert {"tags", "timestamp", "source", "accessCount"} <= set(one["metadata"])
        assert one["searchableText"] == " ".join([one["title"], one["content"], *one["metadata"]["tags"]]).lower()
        text = json.dumps(one, ensure_ascii=False, indent=2)
        assert listed["fileSize"] == len(text.encode())
        assert (listed["id"], listed["timestamp"]) == (one["id"], one["createdAt"])
    stats = document["stats"]
    assert stats["entriesByType"] == {"code_snippet": 1, "general": 4, "solution": 1, "user_preference": 1}
    assert (stats["oldestEntry"], stats["topTags"]) == ("2020-01-01T00:00:00.000Z", {"a": 2, "b": 1})
    assert report.stats == {name: value for name, value in stats.items() if name != "mostAccessedEntry"}
    assert (report.memories, os.fspath(report)) == (7, str(tmp_path / "a.json"))
    assert "7 memories written" in repr(report)
    assert "<table" in report._repr_html_()


def test_pages_are_readable_and_their_names_are_harmless(store, tmp_path):
    store.add("body\n\nmore", title="CON: ../../Ünïcode / joins?", tags=["a"], type="solution")
    store.export(tmp_path / "pages", "md")
    (page,) = (tmp_path / "pages").iterdir()
    assert page.name[11:].startswith("con-unicode-joins-mem_")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("---\nid: mem_")
    assert 'type: solution\ntitle: "CON: ../../Ünïcode / joins?"\ntags: ["a"]\n' in text
    assert text.endswith("---\n\nbody\n\nmore\n")
    store.export(tmp_path / "pages.zip")
    assert zipfile.ZipFile(tmp_path / "pages.zip").namelist() == [page.name]


def test_the_form_comes_from_the_name_or_is_said(store, tmp_path):
    store.add("x")
    assert store.export(tmp_path / "a.ndjson").format == "jsonl"
    assert store.export(tmp_path / "a", "csv").format == "csv"
    for path, form in (("a.txt", None), ("a.json", "xml"), ("a.md", None), ("a.md", "md")):
        with pytest.raises(InvalidInput):
            store.export(tmp_path / path, form)
    with pytest.raises(ArchiveError, match="can't be written"):
        store.export(tmp_path / "no" / "such" / "a.json")


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.zip", "a.csv", "a.parquet", "pages/"])
def test_nothing_is_written_over_unasked(store, tmp_path, name):
    target, form = (tmp_path / name, None) if "." in name else (tmp_path / name, "md")
    store.add("one")
    store.export(target, form)
    first = sizes(target)
    store.add("two")
    with pytest.raises(ArchiveError, match=r"exists already|files in it"):
        store.export(target, form)
    assert sizes(target) == first
    store.export(target, form, overwrite=True)
    assert sizes(target) != first
    assert leftovers(tmp_path) == []
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) & 0o077 == 0, "for the user alone"


def sizes(path: Path) -> list[tuple[str, int]]:
    several = sorted(path.iterdir()) if path.is_dir() else [path]
    return [(file.name, file.stat().st_size) for file in several]


def leftovers(directory: Path) -> list[str]:
    return [name for name in os.listdir(directory) if name.endswith((".tmp", ".old"))]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.zip", "a.csv", "pages"])
def test_an_error_in_the_middle_leaves_the_old_file(store, tmp_path, monkeypatch, name):
    form = "md" if name == "pages" else None
    for number in range(5):
        store.add(f"number {number}")
    store.export(tmp_path / name, form)
    before = sizes(tmp_path / name)
    store.add("one more")

    def broken(fails: Callable[..., Any]) -> Callable[..., Any]:
        def after_three(*arguments: Any) -> Iterator[Any]:
            for number, each in enumerate(fails(*arguments)):
                if number == 3:
                    raise OSError(28, "No space left on device")
                yield each

        return after_three

    monkeypatch.setattr(transfer, "memories", broken(transfer.memories))
    for path in (tmp_path / name, tmp_path / f"new-{name}"):
        with pytest.raises(ArchiveError, match="No space left"):
            store.export(path, form, overwrite=True)
    assert sizes(tmp_path / name) == before
    assert not (tmp_path / f"new-{name}").exists()
    assert leftovers(tmp_path) == []


def test_a_process_that_dies_in_the_middle_leaves_the_old_file(store, tmp_path):
    for number in range(50):
        store.add(f"number {number} " + "x" * 1000)
    target = tmp_path / "a.json"
    store.export(target)
    before = target.read_bytes()
    store.add("one more")
    script = (
        "import os, signal, sys\n"
        "from littlemem_ipy import open_store\n"
        "from littlemem_ipy.transfer import littlellm\n"
        "whole, left = littlellm.entry_text, [int(sys.argv[3])]\n"
        "def dying(entry):\n"
        "    left[0] -= 1\n"
        "    if not left[0]:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return whole(entry)\n"
        "littlellm.entry_text = dying\n"
        "open_store(sys.argv[1], project='here').export(sys.argv[2], overwrite=True)\n"
    )
    for after in (25, 51):
        done = subprocess.run([sys.executable, "-c", script, str(store.backend.path), str(target), str(after)])
        assert done.returncode == -signal.SIGKILL
        assert target.read_bytes() == before


def test_a_file_that_appears_meanwhile_is_not_replaced(store, tmp_path, monkeypatch):
    store.add("x")
    line_of = jsonl.line_of

    def meanwhile(entry: Any) -> bytes:
        (tmp_path / "a.jsonl").write_text("somebody else's")
        return line_of(entry)

    monkeypatch.setattr(jsonl, "line_of", meanwhile)
    with pytest.raises(ArchiveError, match="since a moment ago"):
        store.export(tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_text() == "somebody else's"


def test_a_sealed_export_opens_with_its_passphrase_only(store, tmp_path):
    store.add("between us")
    for name in ("a.zip", "a.json.sealed"):
        store.export(tmp_path / name, passphrase="correct horse")
        raw = (tmp_path / name).read_bytes()
        assert b"between us" not in raw
        with pytest.raises(ArchiveError, match="sealed"):
            store.import_(tmp_path / name)
        with pytest.raises(ArchiveError, match="passphrase"):
            store.import_(tmp_path / name, passphrase="wrong")
        assert store.import_(tmp_path / name, passphrase="correct horse").duplicates == 1
        (tmp_path / name).write_bytes(raw[:-1])
        with pytest.raises(ArchiveError, match="damaged"):
            store.import_(tmp_path / name, passphrase="correct horse")
    with pytest.raises(InvalidInput, match="directory"):
        store.export(tmp_path / "pages", "md", passphrase="x")


def test_many_are_read_in_pages_and_each_comes_once(store, tmp_path, monkeypatch):
    from littlemem_ipy.transfer import selection

    monkeypatch.setattr(selection, "_PAGE", 7)
    same = [{"content": f"n{n}", "created_at": f"2026-01-0{1 + n // 20}T00:00:00Z"} for n in range(100)]
    wanted = sorted((m.created_at, m.id) for m in store.add_many(same))
    found = store.search("", limit=0).query
    assert [(m.created_at, m.id) for m in transfer.memories(store.backend, found)] == wanted


def test_a_bar_only_where_it_is_long(store, tmp_path, capsys):
    store.add("x")
    store.export(tmp_path / "a.json")
    assert capsys.readouterr().err == ""
    store.export(tmp_path / "b.json", progress=True)
    store.import_(tmp_path / "b.json", progress=True)
    assert "Exporting" in (shown := capsys.readouterr().err)
    assert "Checking" in shown
