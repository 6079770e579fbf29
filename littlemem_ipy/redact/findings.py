"""What the gates report: a span, its kind and why it was reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Finding", "merged"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A span of a text that a gate stopped at.

    Attributes
    ----------
    start, end
        The span: ``text[start:end]`` is what was found.
    kind
        A short lower-case name, the same that the placeholder shows.
    reason
        One phrase for the user: what gave it away.
    """

    start: int
    end: int
    kind: str
    reason: str


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """Make the spans disjoint; where two overlap, the union keeps the kind that was given first.

    Parameters
    ----------
    findings
        In order of trust: the most specific finder first.
    """
    ranked = sorted(enumerate(findings), key=lambda pair: (pair[1].start, pair[1].end))
    out: list[tuple[int, Finding]] = []
    for rank, item in ranked:
        if out and item.start < out[-1][1].end:
            out[-1] = _joined(*out[-1], rank, item)
        else:
            out.append((rank, item))
    return [item for _, item in out]


def _joined(rank_a: int, a: Finding, rank_b: int, b: Finding) -> tuple[int, Finding]:
    best = a if rank_a < rank_b else b
    span = Finding(a.start, max(a.end, b.end), best.kind, best.reason)
    return min(rank_a, rank_b), span
