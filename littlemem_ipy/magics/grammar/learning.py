"""Arguments of the verbs that learn from what is there: functions, old notebooks, and the memories themselves."""

from __future__ import annotations

from littlemem_ipy.magics.grammar.parser import Parser, Verb

__all__ = ["VERBS"]


def _keep(p: Parser) -> None:
    p.add_argument("name", metavar="NAME", help="a function or class that a cell of this session has defined")
    p.add_argument("--title", metavar="TEXT", help="one line; made from the name when left out")
    p.add_argument("--tag", action="append", metavar="TAG", help="a word to find it by; repeatable, or with commas")


def _replay(p: Parser) -> None:
    p.add_argument("path", nargs="+", metavar="PATH", help="notebooks, or directories of them")
    p.add_argument(
        "--accept",
        nargs="?",
        const="all",
        metavar="NUMBERS",
        help="store them: all, or those with these numbers, such as 1,3",
    )


def _organise(p: Parser) -> None:
    p.add_argument(
        "--accept",
        nargs="?",
        const="all",
        metavar="NUMBERS",
        help="carry out the proposals made last: all, or those with these numbers, such as 1,3",
    )
    p.add_argument("-m", "--model", metavar="MODEL", help="the model to ask; the one of chats when left out")
    p.add_argument(
        "-n", "--limit", type=int, default=60, metavar="N", help="how many memories to show it (default 60)"
    )


VERBS: dict[str, Verb] = {
    "keep": (_keep, "Remember a function of this notebook, with its imports."),
    "replay": (_replay, "See what old notebooks would have taught; --accept stores it."),
    "organise": (_organise, "Let a model propose titles, tags, merges; --accept applies them."),
}
