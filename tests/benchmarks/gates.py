"""Measure the gates: recall and false alarms on labelled corpora, time per text, time on hostile texts.

Usage: python tests/benchmarks/gates.py [--secrets FILE.jsonl[.gz]] [--injections FILE.jsonl]

A secrets corpus has lines with ``text`` and ``secrets`` (a list, empty for benign
ones), an injections corpus lines with ``text`` and ``attack``. Times are CPU times
and are printed as a ratio to hashing the same text a thousand times as well, so
that figures of two machines can be compared.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from littlemem_ipy.redact import find_injections, find_secrets, redact

_TYPICAL = (
    "We agreed on 3 March that the churn label is column is_churned (1 = left). The model in "
    "notebooks/02_train.ipynb uses LightGBM 4.3 with 500 trees and the features from build('churn', version=7). "
    "AUC 0.8731, see s3://team/runs/2024-03-02/part-0001.parquet and commit 9f8e7d6c5b. Authentication uses the "
    "password store of the team; tokens are rotated every 30 days. Next: check the calibration per segment."
)
_HOSTILE = (
    "a", "0", "/", "-", " ", "eyJ", "ghp_", "sk-", "password", "password=", "token=", "password is 1234 ", "密码是",
    "-----BEGIN PRIVATE KEY-----", "a://b:", "http://a:b@c ", "4111 1111 1111 1111 ", "4111111111111111 ", "DE89 ",
    "pin code ", "cookie: a=", "curl -u ", "auth=('a','", "[redacted: password]", "\x00", "<!--", "<a ", "</", "](",
    "\u200b", "\u202e", "ignore all ", "if the user ", "from now on ", "do not tell ", "send ", "&lt;",
)  # fmt: skip


def main() -> None:
    """Parse the arguments and print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--secrets", type=Path)
    parser.add_argument("--injections", type=Path)
    args = parser.parse_args()
    if args.secrets:
        _secrets(args.secrets)
    if args.injections:
        _injections(args.injections)
    _typical()
    _hostile()


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _secrets(path: Path) -> None:
    total = gone = benign = changed = 0
    for row in _rows(path):
        out = redact(row["text"])
        total += len(row["secrets"])
        gone += sum(secret not in out for secret in row["secrets"])
        benign += not row["secrets"]
        changed += not row["secrets"] and out != row["text"]
    print(f"secrets      recall {gone}/{total} = {gone / max(1, total):.4f}   benign changed {changed}/{benign}")


def _injections(path: Path) -> None:
    counts = {True: [0, 0], False: [0, 0]}
    for row in _rows(path):
        counts[row["attack"]][0] += 1
        counts[row["attack"]][1] += bool(find_injections(row["text"]))
    (attacks, found), (benign, flagged) = counts[True], counts[False]
    print(
        f"injections   recall {found}/{attacks} = {found / max(1, attacks):.4f}   benign flagged {flagged}/{benign}"
    )


def _typical() -> None:
    reference = _best(lambda: [hashlib.sha256(_TYPICAL.encode()).digest() for _ in range(1000)])
    for gate in (redact, find_secrets, find_injections):
        spent = _best(lambda gate=gate: gate(_TYPICAL))  # type: ignore[misc]
        print(
            f"{gate.__name__:16} {1000 * spent:.3f} ms for {len(_TYPICAL)} characters,"
            f" {spent / reference:.2f} of 1000 hashes"
        )


def _best(work: Callable[[], object], times: int = 100) -> float:
    work()
    spent = []
    for _ in range(times):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def _hostile(size: int = 256 * 1024) -> None:
    for gate in (redact, find_injections):
        spent = []
        for seed in _HOSTILE:
            start = time.process_time()
            gate((seed * (size // len(seed) + 1))[:size])
            spent.append((time.process_time() - start, seed))
        print(
            f"{gate.__name__:16} worst on 256 KiB:", ", ".join(f"{t:.2f} s {s!r}" for t, s in sorted(spent)[:-5:-1])
        )


if __name__ == "__main__":
    sys.exit(main())
