"""Write the list of English words that the search never takes for typing errors.

    python tests/benchmarks/english_words.py

A word is in it if the English sentences beside this script hold it, or docstrings of at least three modules of
Python's own library and of the packages that are installed beside this one; other versions of these give a
slightly other list. Names of parameters and code are left out as far as their marks and neighbours tell.
"""

from __future__ import annotations

import ast
import re
import sysconfig
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from littlemem_ipy.backends.words import stem

HERE = Path(__file__).parent
TARGET = HERE.parent.parent / "littlemem_ipy" / "search" / "english.txt"
MODULES = 3  # in one alone a word may be a slip
_LEAST = 4  # letters; among shorter words nothing is repaired
_LEFT_OUT = {"site-packages", "test", "tests", "idlelib", "lib2to3"}
_WORD = re.compile(r"(?<![\w.'`*=/-])[a-z]{3,}(?![\w`*=/'(-])")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def of_sentences() -> set[str]:
    """Return the words of the English sentences."""
    paths = HERE.glob("*_sentences/en*.txt")
    return {word for path in paths for word in _WORD.findall(path.read_text(encoding="utf-8").lower())}


def modules() -> Iterator[set[str]]:
    """Yield the words of the docstrings of each module."""
    for name in ("stdlib", "purelib"):
        root = Path(sysconfig.get_path(name))
        for path in sorted(root.rglob("*.py")):
            if _LEFT_OUT.isdisjoint(path.relative_to(root).parts):
                yield set(_WORD.findall(documentation(path)))


def documentation(path: Path) -> str:
    """Return the docstrings of a module; nothing of one that is no Python of this version."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return ""
    return "\n".join(ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, _DOCUMENTED))


def main() -> None:
    """Write the stems of the words, a line each."""
    counts = Counter(word for words in modules() for word in words)
    words = of_sentences() | {word for word, count in counts.items() if count >= MODULES}
    stems = sorted({root for root in map(stem, words) if len(root) >= _LEAST})
    TARGET.write_text("".join(f"{root}\n" for root in stems), encoding="utf-8")
    print(f"{len(stems)} stems of {len(words)} words, {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
