"""Markup that acts or pretends: active HTML, forged roles and tool calls, ends of fences, leaking links."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .findings import Finding
from .rules import Rule, likely

__all__ = ["forged_markup"]

# Words of sentences about templates, parsers and tokenizers.
_ABOUT = re.compile(
    r"\b(?:templates?|tokens?|tokeni[sz]\w*|chatml|delimiters?|markers?|formats?|special|vocab\w*|wraps?|wrapped|escap\w+|strips?|stripped|parser|parses?"
    r"|schema|syntax|docs?|documentation|example|examples|e\.g\.|spec|tags?|llama|mistral|qwen|gemma|jinja|column|field|regex|benchmark|dataset|corpus|paper|attacks?|injections?)\b"
)


def forged_markup(low: str) -> Iterator[Finding]:
    """Yield markup that acts on its own or pretends to come from elsewhere.

    Parameters
    ----------
    low
        The folded text.
    """
    for form in likely(low, "markup"):
        yield from _uses(form, low)


def _uses(form: Rule, low: str) -> Iterator[Finding]:
    for match in form.pattern.finditer(low):
        if not (form.mentions and _is_mention(low, match)):
            yield Finding(*match.span(), form.kind, form.reason)


def _is_mention(low: str, match: re.Match[str]) -> bool:
    """Tell whether the form is the subject of a sentence that speaks of templates or parsers."""
    start = max(low.rfind("\n", 0, match.start()), low.rfind(". ", 0, match.start())) + 1
    lead = low[max(start, match.start() - 160) : match.start()]
    return len(lead.split()) >= 2 and _ABOUT.search(lead + " " + low[match.end() : match.end() + 60]) is not None
