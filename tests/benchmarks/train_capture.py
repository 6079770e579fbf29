"""Train the classifier of capture on the sentences in ``capture_sentences`` (needs numpy, which pandas brings).

    python tests/benchmarks/train_capture.py en
    python tests/benchmarks/train_capture.py en --check     # five-fold figures instead of weights

A sentence file has a line for each sentence: its class (P preference, K project knowledge, X conversation
context, S solution, G general, N nothing), a bar, the sentence. Every sentence was made up for this purpose.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from littlemem_ipy.capture import learned
from littlemem_ipy.capture.clauses import clauses
from littlemem_ipy.capture.prose import read

CLASSES = {
    "N": learned.NONE,
    "P": "user_preference",
    "K": "project_knowledge",
    "X": "conversation_context",
    "S": "solution",
}
HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "littlemem_ipy" / "capture" / "weights"
STEPS, RATE, DECAY = 300, 0.05, 3e-4
SMALLEST = 0.02


def sentences(code: str) -> list[tuple[str, str]]:
    """Return (class, masked clause) of every line; of a message with several clauses the longest statement."""
    found = []
    for line in (HERE / "capture_sentences" / f"{code}.txt").read_text(encoding="utf-8").splitlines():
        kind, _, text = line.partition("|")
        said = [c for c in clauses(read(text.replace("\\n", "\n"))) if not c.asks]
        if kind not in CLASSES or not said:
            continue
        chosen = said if kind == "N" else [max(said, key=lambda c: len(c.mask))]
        found += [(CLASSES[kind], clause.mask) for clause in chosen]
    return found


def fit(rows: list[tuple[str, set[str]]]) -> tuple[dict[str, int], np.ndarray]:
    """Return the places of the features and the weights (features and bias times classes)."""
    counts: dict[str, int] = {}
    for _, found in rows:
        for feature in found:
            counts[feature] = counts.get(feature, 0) + 1
    places = {f: n for n, f in enumerate(sorted(f for f, c in counts.items() if c > 1))}
    names = list(CLASSES.values())
    data = np.zeros((len(rows), len(places) + 1), dtype=np.float32)
    data[:, -1] = 1
    for row, (_, found) in enumerate(rows):
        data[row, [places[f] for f in found if f in places]] = 1
    wanted = np.eye(len(names), dtype=np.float32)[[names.index(kind) for kind, _ in rows]]
    return places, _descend(data, wanted)


def _descend(data: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    weights = np.zeros((data.shape[1], wanted.shape[1]), dtype=np.float32)
    mean, spread = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        sums = data @ weights
        shares = np.exp(sums - sums.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        slope = data.T @ (shares - wanted) / len(data) + DECAY * weights
        mean = 0.9 * mean + 0.1 * slope
        spread = 0.999 * spread + 0.001 * slope**2
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(spread / (1 - 0.999**step)) + 1e-8)
    return weights


def check(rows: list[tuple[str, set[str]]]) -> None:
    """Print precision and recall of the classifier alone, by five folds."""
    names = list(CLASSES.values())
    right = kept = wanted = 0
    for fold in range(5):
        places, weights = fit([row for n, row in enumerate(rows) if n % 5 != fold])
        for kind, found in (row for n, row in enumerate(rows) if n % 5 == fold):
            sums = weights[-1] + sum((weights[places[f]] for f in found if f in places), 0)
            guess = names[int(np.argmax(sums))]
            kept += guess != learned.NONE
            wanted += kind != learned.NONE
            right += guess == kind != learned.NONE
    print(f"{len(rows)} clauses: precision {right / kept:.3f}, recall {right / wanted:.3f}")


def main() -> None:
    """Train or check one language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    rows = [(kind, learned.features(text)) for kind, text in sentences(args.language)]
    if args.check:
        check(rows)
        return
    places, weights = fit(rows)
    table = {f: [round(float(w), 2) for w in weights[n]] for f, n in places.items()}
    table = {f: ws for f, ws in table.items() if max(map(abs, ws)) >= SMALLEST}
    table["bias"] = [round(float(w), 2) for w in weights[-1]]
    PACKAGE.mkdir(exist_ok=True)
    text = json.dumps(
        {"classes": list(CLASSES.values()), "weights": table}, ensure_ascii=False, separators=(",", ":")
    )
    (PACKAGE / f"{args.language}.json").write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")
    print(f"{len(rows)} clauses, {len(table)} weights")


if __name__ == "__main__":
    main()
