"""Out and in again: nothing is lost and nothing is added, whatever the store has been through."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from littlemem_ipy.store import open_store
from tests.conftest import FULL
from tests.transfer.lives import ALL, lived, state_of

STORES = 10_000 if FULL else 100


@settings(max_examples=STORES)
@given(seed=st.integers(0, 2**32))
def test_what_comes_back_goes_out_as_the_same_bytes(tmp_path_factory, seed):
    here = tmp_path_factory.mktemp("roundtrip")
    with open_store(here / "one.db", project=None) as one:
        lived(one, seed)
        wanted = state_of(one)
        for form in ("json", "jsonl"):
            options = {"project": "*", "states": ALL, "history": True, "events": True, "description": "ä"}
            one.export(here / f"one.{form}", **options)
            with open_store(here / f"{form}.db", project="elsewhere") as two:
                report = two.import_(here / f"one.{form}", trust=True)
                assert (report.errors, report.skipped, report.duplicates) == (0, 0, 0), report
                assert state_of(two) == wanted
                two.export(here / f"two.{form}", **options)
            assert (here / f"two.{form}").read_bytes() == (here / f"one.{form}").read_bytes()


@pytest.mark.parametrize("name", ["m.md.zip", "pages", "m.csv", "m.parquet"])
def test_the_other_forms_keep_every_field(name, tmp_path):
    for seed in range(200 if FULL else 8):
        here = tmp_path / str(seed)
        here.mkdir()
        with open_store(here / "one.db", project=None) as one, open_store(here / "two.db", project="x") as two:
            lived(one, seed, 10)
            form = None if "." in name else "md"
            one.export(here / name, form, project="*", states=ALL)
            report = two.import_(here / name, trust=True)
            assert (report.errors, report.skipped, report.duplicates) == (0, 0, 0), report
            assert [m for m, _ in state_of(two)[:-1]] == [m for m, _ in state_of(one)[:-1]]
            two.export(here / f"again-{name}", form, project="*", states=ALL)
            if name != "m.parquet":
                assert _bytes(here / f"again-{name}") == _bytes(here / name)


def _bytes(path: Path) -> dict[str, bytes] | bytes:
    if path.is_dir():
        return {file.name: file.read_bytes() for file in path.iterdir()}
    return path.read_bytes()
