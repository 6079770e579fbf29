"""Arguments that several verbs share."""

from __future__ import annotations

from littlemem_ipy.magics.grammar.parser import Parser
from littlemem_ipy.models import MemoryType

__all__ = ["chosen", "content", "filters", "nothing", "reference", "scope"]


def filters(parser: Parser) -> None:
    """Add the filters of a search."""
    chosen(parser)
    add = parser.add_argument
    add("--archived", action="store_true", help="archived and superseded ones too")
    add("-n", "--limit", type=int, default=10, metavar="N", help="how many (default 10)")
    add("--offset", type=int, default=0, metavar="N", help="leave out the first N")
    add("-l", "--long", action="store_true", help="with times and ids")


def chosen(parser: Parser) -> None:
    """Add what chooses memories."""
    add = parser.add_argument
    add(
        "-t",
        "--type",
        action="append",
        choices=[str(t) for t in MemoryType],
        metavar="TYPE",
        help="only this type; repeatable",
    )
    add("--tag", action="append", metavar="TAG", help="only with this tag; repeatable: all of them")
    add("--any-tag", action="append", metavar="TAG", help="only with one of these tags")
    add("--not-tag", action="append", metavar="TAG", help="only without this tag")
    scope(parser)
    add("--conversation", metavar="ID", help="only this conversation")
    add("--since", metavar="WHEN", help="created from then on: 2026-05-31, yesterday, 7d, 'last week'")
    add("--until", metavar="WHEN", help="created until then")


def scope(parser: Parser) -> None:
    """Add what chooses the project."""
    parser.add_argument("-p", "--project", metavar="NAME", help="only this project instead of the current one")
    parser.add_argument("-a", "--all", action="store_true", help="all projects")


def content(parser: Parser) -> None:
    """Add the fields of a memory."""
    add = parser.add_argument
    add(
        "-t", "--type", choices=[str(t) for t in MemoryType], metavar="TYPE", help=f"one of {', '.join(MemoryType)}"
    )
    add("--title", metavar="TEXT", help="one line; made from the content when left out")
    add("--tag", action="append", metavar="TAG", help="a word to find it by; repeatable, or with commas")
    add("-p", "--project", metavar="NAME", help="the project that it belongs to")
    add("--no-project", action="store_true", help="belongs to no project: known in all of them")
    add("--importance", type=float, metavar="X", help="from 0 to 1 (default 0.5)")
    add("--expires", metavar="WHEN", help="out of use from then on")


def reference(parser: Parser, *, many: bool = False) -> None:
    """Add what names a memory."""
    text = "a number of the last list, an id, or the beginning of one"
    parser.add_argument("ref", nargs="+" if many else None, metavar="REF", help=text)


def nothing(parser: Parser) -> None:
    """Add nothing: the verb stands alone."""
