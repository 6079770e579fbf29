"""Arguments of the verbs that find and explain."""

from __future__ import annotations

from littlemem_ipy.magics.grammar.options import filters, reference
from littlemem_ipy.magics.grammar.parser import Parser, Verb
from littlemem_ipy.models import State

__all__ = ["VERBS"]


def _search(p: Parser) -> None:
    p.add_argument("text", nargs="+", help="words to find")
    filters(p)


def _list(p: Parser) -> None:
    filters(p)
    p.add_argument("--chats", action="store_true", help="the kept exchanges of chats too")
    p.add_argument(
        "--state",
        action="append",
        choices=[str(s) for s in State],
        metavar="STATE",
        help=f"one of {', '.join(State)}",
    )


def _show(p: Parser) -> None:
    reference(p, many=True)


def _browse(p: Parser) -> None:
    p.add_argument("text", nargs="*", help="words to begin with")


def _history(p: Parser) -> None:
    reference(p)


def _why(p: Parser) -> None:
    p.add_argument("number", nargs="?", type=int, default=1, metavar="N", help="the last reply, or the N-th last")
    p.add_argument("-l", "--long", action="store_true", help="with the parts of each score")


VERBS: dict[str, Verb] = {
    "search": (_search, "Find memories."),
    "list": (_list, "List memories, newest first."),
    "show": (_show, "Show memories whole, with their origin."),
    "browse": (_browse, "Look through, change and count memories in a widget."),
    "history": (_history, "Show what a memory was, change by change."),
    "why": (_why, "Explain which memories went into a reply, and which didn't."),
}
