"""The README's generated parts are what the code says; ``python tests/test_readme.py`` writes them anew."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from littlemem_ipy.analytics import COLUMNS, MEANING
from littlemem_ipy.config import LittleMem
from littlemem_ipy.magics.grammar import reference
from littlemem_ipy.models import TYPES

README = Path(__file__).resolve().parent.parent / "README.md"


def types() -> str:
    rows = ["| | type | what belongs there | proposed for archiving | in a prompt |", "|---|---|---|---|---|"]
    for kind, info in TYPES.items():
        after = f"after {info.retention_days} unused days" if info.retention_days else "never"
        rows.append(f"| {info.icon} | `{kind}` | {info.description} | {after} | {info.injection} |")
    return "\n".join(rows) + "\n"


def settings() -> str:
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, trait in LittleMem.settings().items():
        value = trait.default(LittleMem())
        shown = "all types" if name == "capture_types" else repr(value).replace("'", '"')
        rows.append(f"| `{name}` | `{shown}` | {trait.help} |")
    return "\n".join(rows) + "\n"


def frames() -> str:
    rows = ["| frame | what it holds | columns |", "|---|---|---|"]
    for name, columns in COLUMNS.items():
        rows.append(f"| `{name}` | {MEANING[name]} | {' '.join(f'`{column.name}`' for column in columns)} |")
    return "\n".join(rows) + "\n"


PARTS = {"types": types, "settings": settings, "frames": frames, "magics": reference}


def part(text: str, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found, f"README.md has lost its {name}"
    return found[1]


@pytest.mark.parametrize("name", PARTS)
def test_generated_parts_are_up_to_date(name: str) -> None:
    expected = PARTS[name]()
    assert part(README.read_text(encoding="utf-8"), name) == expected, "run: python tests/test_readme.py"


def test_what_it_links_to_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")):
        assert (README.parent / target).exists(), target


def test_its_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITTLEMEM_HOME", str(tmp_path))
    (example,) = re.findall(
        r"```python\n(from littlemem_ipy import ChatSession.*?)```", README.read_text("utf-8"), re.DOTALL
    )
    names: dict[str, object] = {}
    exec(example, names)  # the documented calls, as they stand
    names["store"].close()  # type: ignore[attr-defined]


def write() -> None:
    text = README.read_text(encoding="utf-8")
    for name, make in PARTS.items():
        text = (
            text.replace(part(text, name), make(), 1)
            if part(text, name)
            else text.replace(f"<!-- {name} -->\n", f"<!-- {name} -->\n{make()}", 1)
        )
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(write())
