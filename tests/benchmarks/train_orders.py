"""Train the classifier of the injection gate on the sentences in ``order_sentences`` (needs scikit-learn).

    python tests/benchmarks/train_orders.py
    python tests/benchmarks/train_orders.py --check     # three-fold figures a language instead of weights

A sentence file has a line for each text: A (an order that would steer an assistant) or B (benign), a bar, the text.
What people say of themselves and their work (``capture_sentences``), to friends, in letters and in manuals
(``everyday_sentences``), the lines of this package and what the docstrings of Python's own library say are
benign too; the last is read from the Python that runs this, so that other versions give slightly other weights.
"""

from __future__ import annotations

import argparse
import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from training import Table, fitted, folds, lines, write

from littlemem_ipy.capture.rules import CODES
from littlemem_ipy.classifier import words
from littlemem_ipy.redact.address import Address
from littlemem_ipy.redact.folding import fold
from littlemem_ipy.redact.orders import ORDER_FROM, bare, sentences

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "littlemem_ipy"
WEIGHTS = PACKAGE / "redact" / "weights" / "orders.json"
STRENGTH = 6.0
BUCKETS = 1 << 17
VARIANTS, SAID, EVERYDAY = 12, 6, 60
_LEFT_OUT = {"site-packages", "test", "tests", "idlelib", "lib2to3"}


def texts() -> Iterator[tuple[str, int, str]]:
    """Yield (where from, 1 for an order, the sentence)."""
    for code in CODES:
        yield from _orders(code)
        yield from ((code, 0, text.partition("|")[2].replace("\\n", " ")) for text in _lines("capture", code, SAID))
        yield from (("everyday", 0, text) for text in _lines("everyday", code, EVERYDAY))
    for path in sorted(PACKAGE.rglob("*.py")):
        for line in dict.fromkeys(path.read_text(encoding="utf-8").splitlines()):
            if len(line.strip()) > 20:
                yield "code", 0, line.strip()
    yield from (("library", 0, text) for text in library())


def _orders(code: str) -> Iterator[tuple[str, int, str]]:
    for line in _lines("order", code, VARIANTS):
        kind, _, text = line.partition("|")
        if kind in ("A", "B"):
            yield code, int(kind == "A"), text


def _lines(name: str, code: str, variants: int) -> Iterator[str]:
    path = HERE / f"{name}_sentences" / f"{code}.txt"
    return (line for line in lines(path, variants) if not line.startswith("@"))


def library() -> Iterator[str]:
    """Yield the paragraphs of the docstrings of Python's own library that could be meant for an assistant."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if not _LEFT_OUT & set(path.parts):
            for node in ast.walk(ast.parse(path.read_bytes())):
                for part in (_doc(node) or "").split("\n\n"):
                    if Address(fold(part)[0]):
                        yield part


def _doc(node: ast.AST) -> str | None:
    return ast.get_docstring(node) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) else None


def rows() -> tuple[list[str], list[tuple[int, set[str]]]]:
    """Return where each row is from, and the rows: class and features."""
    places, found = [], []
    for code, kind, text in texts():
        low, _ = fold(text)
        for part in [low] if kind else [low[start:end] for start, end in sentences(low)]:
            places.append(code)
            found.append((kind, words(bare(part))))
    return places, found


def check(table: Table, places: list[str]) -> None:
    """Print recall and false alarms, by folds."""
    shares = folds(table, STRENGTH)[:, 1]
    for code in dict.fromkeys(places):
        here = np.array([c == code for c in places])
        orders, flagged = table.kinds[here] == 1, shares[here] >= ORDER_FROM
        recall = (flagged & orders).sum() / max(1, orders.sum())
        print(f"{code} {here.sum()}: recall {recall:.3f}, false {(flagged & ~orders).sum() / (~orders).sum():.4f}")


def main() -> None:
    """Train or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    places, found = rows()
    table = Table.of(found, BUCKETS)
    if args.check:
        check(table, places)
        return
    write(WEIGHTS, ["order"], fitted(table, STRENGTH), BUCKETS)
    print(f"{len(found)} sentences, {WEIGHTS.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
