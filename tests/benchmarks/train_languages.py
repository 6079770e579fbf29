"""Train the classifier that tells the languages apart that share a script (needs scikit-learn).

    python tests/benchmarks/train_languages.py
    python tests/benchmarks/train_languages.py --check     # three-fold figures instead of weights

It learns from all sentence files beside this one; each sentence also in parts of a few words, and some of them
without accents, as people type them.
"""

from __future__ import annotations

import argparse
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from training import Table, fitted, folds, lines, write

from littlemem_ipy.capture.rules import CODES, language
from littlemem_ipy.capture.spoken import letters, words_of

HERE = Path(__file__).parent
WEIGHTS = HERE.parent.parent / "littlemem_ipy" / "capture" / "weights" / "languages.json"
LATIN = [code for code in CODES if language(code).words]
STRENGTH, BUCKETS = 1.0, 1 << 15
MOST, BARE = 2_000, 0.25


def sentences(code: str) -> list[str]:
    """Return the sentences in a language, of very many some."""
    found = [
        line.partition("|")[2].replace("\\n", " ")
        for name in ("capture", "order", "everyday")
        for line in lines(HERE / f"{name}_sentences" / f"{code}.txt", 3)
        if line[1:2] == "|"
    ]
    return random.Random(code).sample(found, min(MOST, len(found)))


def parts(code: str) -> Iterator[str]:
    """Yield the sentences in a language, and parts of them."""
    chance = random.Random(code)
    for text in sentences(code):
        words = text.split()
        at = chance.randrange(max(1, len(words) - 2))
        for part in (text, " ".join(words[at : at + chance.randrange(2, 5)])):
            yield _bare(part) if chance.random() < BARE else part


def _bare(text: str) -> str:
    return "".join(ch for ch in unicodedata.normalize("NFD", text) if not unicodedata.combining(ch))


def rows() -> list[tuple[int, set[str]]]:
    """Return (language, features) of every part."""
    return [(kind, letters(words_of(part))) for kind, code in enumerate(LATIN) for part in parts(code)]


def main() -> None:
    """Train or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    table = Table.of(rows(), BUCKETS)
    if parser.parse_args().check:
        guess = folds(table, STRENGTH).argmax(1)
        for kind, code in enumerate(LATIN):
            here = table.kinds == kind
            print(f"{code} {here.sum()} parts: right {np.mean(guess[here] == kind):.3f}")
        return
    write(WEIGHTS, LATIN, fitted(table, STRENGTH), BUCKETS)
    print(f"{len(table.kinds)} parts, {WEIGHTS.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
