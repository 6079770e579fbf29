"""Train the classifier of capture on the sentences in ``capture_sentences`` (needs scikit-learn).

    python tests/benchmarks/train_capture.py
    python tests/benchmarks/train_capture.py --check     # three-fold figures a language instead of weights

A sentence file has a line for each sentence: its class (P preference, K project knowledge, X conversation
context, S solution, N nothing), a bar, the sentence. ``[[a|b]]`` stands for one of several words, ``[[@name]]``
for one of a list (``@name=a|b``): such a line becomes a few sentences. All of them were made up for this purpose.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from training import Table, fitted, folds, hurried, lines, write

from littlemem_ipy.capture.clauses import Clause, clauses
from littlemem_ipy.capture.judge import AGREED_FROM, statement
from littlemem_ipy.capture.learned import NONE, seen, signs
from littlemem_ipy.capture.prose import read
from littlemem_ipy.capture.rules import CODES, language

CLASSES = {
    "N": NONE,
    "P": "user_preference",
    "K": "project_knowledge",
    "X": "conversation_context",
    "S": "solution",
}
HERE = Path(__file__).parent
WEIGHTS = HERE.parent.parent / "littlemem_ipy" / "capture" / "weights" / "clauses.json"
STRENGTH = 0.5
BUCKETS = 1 << 17
HURRIED = 0.2


def rows(code: str) -> list[tuple[int, set[str]]]:
    """Return (class, features) of every line; of a message with several statements the longest one."""
    lang, found = language(code), []
    names, chance = list(CLASSES), random.Random(code)
    for line in lines(HERE / "capture_sentences" / f"{code}.txt"):
        kind, _, text = line.partition("|")
        if code == "en" and chance.random() < HURRIED:
            text = hurried(text, chance)
        said = [part for c in clauses(read(text.replace("\\n", "\n"))) if (part := statement(c, lang))]
        if kind in CLASSES and said:
            found += [(names.index(kind), part) for part in _chosen(kind, said)]
    return [(kind, seen(part.mask) | signs(part.mask, lang)) for kind, part in found if part.mask]


def _chosen(kind: str, said: list[Clause]) -> list[Clause]:
    return said if kind == "N" else [max(said, key=lambda c: len(c.mask))]


def check(table: Table, codes: list[str]) -> None:
    """Print precision and recall with type of the classifier alone, by folds."""
    shares = folds(table, STRENGTH)
    guess = np.where(1 - shares[:, 0] >= AGREED_FROM, shares[:, 1:].argmax(1) + 1, 0)
    for code in CODES:
        here = np.array([c == code for c in codes])
        kept, wanted = guess[here] > 0, table.kinds[here] > 0
        right = (guess[here] == table.kinds[here]) & wanted
        print(
            f"{code} {here.sum()} clauses: precision {right.sum() / kept.sum():.3f},"
            f" recall {right.sum() / wanted.sum():.3f},"
            f" of nothing kept {(kept & ~wanted).sum() / (~wanted).sum():.3f}"
        )


def main() -> None:
    """Train or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    found = [(code, row) for code in CODES for row in rows(code)]
    table = Table.of([row for _, row in found], BUCKETS)
    if args.check:
        check(table, [code for code, _ in found])
        return
    write(WEIGHTS, list(CLASSES.values()), fitted(table, STRENGTH), BUCKETS)
    print(f"{len(found)} clauses, {WEIGHTS.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
