"""What training both classifiers (of capture and of the injection gate) has in common (needs scikit-learn)."""

from __future__ import annotations

import base64
import json
import random
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from littlemem_ipy.classifier import place

_FOLDS, _ROUNDS, _TOLERANCE = 3, 300, 1e-4
_VARIANTS = 6
_SWAPPED, _SHORT = 0.4, 8
_SLOT = re.compile(r"\[\[([^\[\]]+)\]\]")


def lines(path: Path, variants: int = _VARIANTS) -> Iterator[str]:
    """Yield the lines of a sentence file, those with slots in a few variants (the same ones each time).

    ``[[a|b]]`` stands for one of several words, ``[[@name]]`` for one of a list (``@name=a|b``); the words of a
    list may have slots themselves.
    """
    lists: dict[str, str] = {}
    chance = random.Random(path.name)

    def word(slot: re.Match[str]) -> str:
        chosen = chance.choice(lists.get(slot[1], slot[1]).split("|"))
        return f"[[{chosen}]]" if chosen in lists else chosen

    def filled(text: str) -> str:
        while "[[" in text:
            text = _SLOT.sub(word, text)
        return text

    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            name, _, words = line.partition("=")
            lists[name] = words
        elif "[[" in line:
            yield from dict.fromkeys(filled(line) for _ in range(variants))
        else:
            yield line


def hurried(text: str, chance: random.Random) -> str:
    """Return a text as typed in a hurry: small letters, no stop, no apostrophes, sometimes two letters swapped.

    >>> hurried("I don't like it.", random.Random(2))
    'i dont like it'
    """
    text = text.rstrip(".").replace("'", "").lower()
    if chance.random() < _SWAPPED and len(text) > _SHORT:
        at = chance.randrange(1, len(text) - 2)
        if text[at : at + 2].isalpha():
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


@dataclass(frozen=True)
class Table:
    """Features by rows (a one where a row has a feature), the class of each row, the buckets of the columns."""

    features: Any
    kinds: np.ndarray
    columns: np.ndarray

    @classmethod
    def of(cls, rows: Iterable[tuple[int, set[str]]], buckets: int) -> Table:
        """Return the table of rows, without features that only one row has."""
        rows = list(rows)
        places = [sorted({place(feature, buckets) for feature in found}) for _, found in rows]
        ends = np.cumsum([0, *map(len, places)])
        flat = np.concatenate([np.array(p, dtype=np.int64) for p in places])
        data = sparse.csr_matrix((np.ones(len(flat), np.float32), flat, ends), shape=(len(rows), buckets))
        often = np.flatnonzero(np.asarray(data.sum(0)).ravel() > 1)
        return cls(data[:, often], np.array([kind for kind, _ in rows]), often)


def fitted(table: Table, strength: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the weights (classes by buckets), the biases and the buckets."""
    model = _model(strength).fit(table.features, table.kinds)
    return model.coef_, model.intercept_, table.columns


def folds(table: Table, strength: float) -> np.ndarray:
    """Return the shares of the classes of each row, by a classifier that has not seen the row."""
    shares = np.zeros((len(table.kinds), table.kinds.max() + 1))
    parts = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    for learn, test in parts.split(table.features, table.kinds):
        model = _model(strength).fit(table.features[learn], table.kinds[learn])
        shares[test] = model.predict_proba(table.features[test])
    return shares


def _model(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=_ROUNDS, tol=_TOLERANCE)


def write(path: Path, classes: list[str], found: tuple[np.ndarray, np.ndarray, np.ndarray], buckets: int) -> None:
    """Write weights as signed bytes, packed, with the number that one of them stands for."""
    weights, bias, columns = found
    scale = float(np.abs(weights).max()) / 127
    table = np.zeros((buckets, len(weights)), dtype=np.int8)
    table[columns] = np.rint(weights.T / scale).astype(np.int8)
    packed = base64.b64encode(zlib.compress(table.tobytes(), 9)).decode("ascii")
    raw = {
        "classes": classes,
        "bias": [round(float(value), 4) for value in bias],
        "scale": scale,
        "buckets": buckets,
        "table": packed,
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(raw) + "\n", encoding="utf-8")
