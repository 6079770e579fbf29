"""Arguments of the verbs that study a store."""

from __future__ import annotations

from littlemem_ipy.magics.grammar.options import nothing, scope
from littlemem_ipy.magics.grammar.parser import Parser, Verb
from littlemem_ipy.models import MemoryType

__all__ = ["VERBS"]


def _df(p: Parser) -> None:
    add = p.add_argument
    add("name", nargs="?", metavar="NAME", help="the frame; left out: what there is")
    add("--columns", action="store_true", help="explain its columns instead")
    kinds = [str(kind) for kind in MemoryType]
    add("-t", "--type", action="append", choices=kinds, metavar="TYPE", help="only this type; repeatable")
    add("--tag", action="append", metavar="TAG", help="only with this tag; repeatable: all of them")
    add("--any-tag", action="append", metavar="TAG", help="only with one of these tags")
    add("--not-tag", action="append", metavar="TAG", help="only without this tag")
    scope(p)
    add("--conversation", metavar="ID", help="only this conversation")
    add("--since", metavar="WHEN", help="created, or happened, from then on")
    add("--until", metavar="WHEN", help="created, or happened, until then")
    add("--archived", action="store_true", help="archived and superseded ones too")
    add("--during", metavar="WHEN", help="of usage: count only what happened from then on")
    add("--kind", action="append", metavar="KIND", help="of events: only this kind; repeatable")
    add("--rule", metavar="RULE", help="of captures: only this rule")


def _dashboard(p: Parser) -> None:
    p.add_argument("chart", nargs="?", metavar="CHART", help="only this chart")


def _eval(p: Parser) -> None:
    p.add_argument("file", metavar="FILE", help="a CSV file with the columns question and contains (or memory)")
    p.add_argument("--budget", type=int, metavar="N", help="tokens that memories may take in a prompt")


def _expect(p: Parser) -> None:
    p.add_argument("text", nargs="+", metavar="QUESTION", help="what to search for")
    p.add_argument("--contains", metavar="TEXT", help="one of the first hits must say it")
    p.add_argument("--lacks", metavar="TEXT", help="none of the first hits may say it")
    p.add_argument("-n", "--limit", type=int, default=5, metavar="N", help="how many hits count (default 5)")


VERBS: dict[str, Verb] = {
    "stats": (nothing, "Show how much there is of what, and what it was good for."),
    "df": (_df, "Give the store as DataFrames."),
    "insights": (scope, "Say what stands out, and what to do about it."),
    "dashboard": (_dashboard, "Draw what the memory holds and what it is worth."),
    "eval": (_eval, "Ask your own questions and count what is found."),
    "expect": (_expect, "Check that a question finds what it should; the cell fails if not."),
}
