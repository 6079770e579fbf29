"""An exchange in, candidates out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from littlemem_ipy.capture.candidate import Candidate
from littlemem_ipy.capture.clauses import Clause, clauses
from littlemem_ipy.capture.judge import Finding, judge
from littlemem_ipy.capture.prose import read
from littlemem_ipy.capture.rules import Language, spoken_in
from littlemem_ipy.capture.titles import tags_of, title_of

__all__ = ["candidates"]


def candidates(
    user: str, assistant: str, history: Sequence[Mapping[str, str]] | None = None
) -> list[Candidate]:
    """Return what is worth keeping of one exchange, by rules only.

    Parameters
    ----------
    user
        The user's message; memory blocks that were injected into it are not looked at.
    assistant
        The reply to it. What it suggests is kept only once the user confirms it.
    history
        The messages before, oldest first, as mappings with ``role`` and ``content``.

    >>> [c.content for c in candidates("Remember that the VPN closes at 22:00.", "OK.")]
    ['the VPN closes at 22:00']
    """
    prose = read(user)
    found = []
    for clause in clauses(prose):
        for lang in _languages(clause, prose.masked):
            if finding := judge(clause, lang):
                found.append(finding)
                break
    return [_candidate(finding) for finding in found]


def _languages(clause: Clause, message: str) -> tuple[Language, ...]:
    spoken = spoken_in(clause.mask)
    if len(spoken) == 1:
        return spoken
    overall = spoken_in(message)
    return tuple(lang for lang in overall if lang in spoken) or spoken


def _candidate(finding: Finding) -> Candidate:
    content = finding.clause.text
    return Candidate(
        type=finding.type,
        title=title_of(content, finding.type),
        content=content,
        tags=tags_of(content, finding.type),
        confidence=finding.confidence,
        reason=finding.rule.slug,
    )
