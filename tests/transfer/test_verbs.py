"""The verbs export and import, as they are written in a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from littlemem_ipy.store import open_store
from tests.test_magics import cell, mistake, shell, the_shell  # noqa: F401
from tests.transfer import files


def test_out_and_in(cell, tmp_path):  # noqa: F811
    cell("%mem add use polars for joins -t solution --tag a")
    cell("%mem add something else")
    assert "1 memory written to notes.json (json)" in repr(cell("%mem export notes.json -t solution --history"))
    assert "exists already" in mistake(cell, "%mem export notes.json")
    assert cell("x = %mem export notes.json --overwrite --not-type solution\nx").memories == 1
    assert cell("x = %mem export all.csv polars --active -a\nx").memories == 1
    with open_store(tmp_path / "other.db", project="churn") as other:
        other.import_("all.csv", trust=True)
        other.export("back.json")
    cell("%mem rm 1 --hard --yes") if cell("x = %mem search polars\nx") else None
    would = cell("%mem import back.json --dry-run")
    assert (would.imported, would.dry_run) == (1, True)
    assert len(cell("x = %mem search polars\nx")) == 0
    assert "1 wait in the inbox" in repr(cell("%mem import back.json"))
    assert len(cell("x = %mem inbox\nx")) == 1
    cell("%mem undo")
    assert cell("x = %mem import back.json --trust --mode overwrite --yes\nx").updated == 1


def test_what_would_be_overwritten_is_shown_first(cell):  # noqa: F811
    cell("%mem add use pandas")
    cell("%mem export a.json")
    document = json.loads(Path("a.json").read_text())
    document["memories"][0]["content"] = "use polars"
    Path("a.json").write_text(json.dumps(document))
    for mode in ("overwrite", "newest"):
        shown = cell(f"%mem import a.json --mode {mode}")
        if mode == "overwrite":
            assert "content 'use pandas' → 'use polars'" in repr(shown)
            assert "add --yes" in repr(shown)
        assert len(cell("x = %mem search pandas\nx")) == 1
    assert cell("x = %mem import a.json --mode overwrite --yes --trust\nx").updated == 1
    assert len(cell("x = %mem search polars\nx")) == 1


def test_a_sealed_file_asks_for_its_passphrase(cell, monkeypatch):  # noqa: F811
    cell("%mem add between us")
    monkeypatch.setenv("LITTLEMEM_PASSPHRASE", "correct horse")
    cell("%mem export a.json --seal")
    assert b"between us" not in Path("a.json").read_bytes()
    assert cell("x = %mem import a.json\nx").duplicates == 1
    monkeypatch.setenv("LITTLEMEM_PASSPHRASE", "wrong")
    assert "passphrase" in mistake(cell, "%mem import a.json")


@pytest.mark.parametrize(
    "line", ["export", "export a.txt", "export a.csv --history", "import nothing.json", "import x --mode replace"]
)
def test_mistakes_are_one_line(cell, line):  # noqa: F811
    assert mistake(cell, f"%mem {line}")


def test_files_of_others(cell, tmp_path):  # noqa: F811
    (tmp_path / "mem0.json").write_text(json.dumps(files.mem0()))
    report = cell("%mem import mem0.json --format mem0")
    assert (report.imported, report.errors, report.format) == (2, 1, "mem0 export")


def test_a_bundle_lies_in_the_root_of_the_project(cell, tmp_path, monkeypatch):  # noqa: F811
    (tmp_path / ".git").mkdir()
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    cell("%mem add use polars for joins")
    assert cell("x = %mem bundle export\nx").count("sent") == 1
    assert len(list((tmp_path / ".littlemem" / "memories").iterdir())) == 1
    with open_store(tmp_path / "other.db", project="churn") as other:
        other.add("from somebody else")
        other.bundle_sync(tmp_path / ".littlemem")
    assert "1 wait in the inbox" in repr(cell("%mem bundle sync"))
    assert cell("x = %mem bundle sync elsewhere --trust\nx").memories == 1, "what waits goes nowhere"
    assert "there is none" in (cell("%mem use --none"), mistake(cell, "%mem bundle sync"))[1]
