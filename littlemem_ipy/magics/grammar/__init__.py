"""The argparse tree of ``%mem`` and ``%%chat``: the one source of parsing, help, completion and reference."""

from __future__ import annotations

from collections.abc import Iterator

from littlemem_ipy.magics.grammar import changing, finding, keeping, learning, moving, settling, studying, tidying
from littlemem_ipy.magics.grammar.parser import HelpShown, Parser, WrongUsage, split
from littlemem_ipy.magics.grammar.talking import chat_parser

__all__ = ["HelpShown", "Parser", "WrongUsage", "chat_parser", "reference", "split", "verbs"]

# In the order of the help.
_VERBS = (
    finding.VERBS
    | studying.VERBS
    | changing.VERBS
    | moving.VERBS
    | learning.VERBS
    | keeping.VERBS
    | tidying.VERBS
    | settling.VERBS
)


def verbs() -> dict[str, Parser]:
    """Return the parser of each verb of ``%mem``, in the order of the help."""
    parsers = {}
    for name, (build, description) in _VERBS.items():
        parsers[name] = Parser(f"%mem {name}", description)
        build(parsers[name])
    return parsers


def reference() -> str:
    """Return the reference of the magics as Markdown; the README contains it, and a test compares."""
    return "\n".join(_reference_lines()).rstrip() + "\n"


def _reference_lines() -> Iterator[str]:
    for parser in (*verbs().values(), chat_parser()):
        yield f"#### `{parser.prog}`"
        yield ""
        yield "```text"
        yield parser.format_help().rstrip()
        yield "```"
        yield ""
