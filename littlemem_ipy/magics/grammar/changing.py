"""Arguments of the verbs that change memories."""

from __future__ import annotations

import argparse

from littlemem_ipy.magics.grammar.options import content, reference
from littlemem_ipy.magics.grammar.parser import Parser, Verb

__all__ = ["VERBS"]


def _add(p: Parser) -> None:
    p.add_argument("text", nargs="*", help="what to remember; in %%%%mem add the cell's body")
    content(p)
    p.add_argument("--pin", action="store_true", help="consider it in every chat")
    p.add_argument("--sensitive", action="store_true", help="encrypt title and content; %%mem unlock first")


def _edit(p: Parser) -> None:
    reference(p)
    p.add_argument("--content", metavar="TEXT", help="the new text; in %%%%mem edit the cell's body")
    content(p)
    p.add_argument(
        "--pin", action=argparse.BooleanOptionalAction, default=None, help="consider it in every chat, or no longer"
    )
    p.add_argument("--sensitive", action="store_true", help="encrypt it from now on; the plain text is removed")
    p.add_argument("--revision", type=int, metavar="N", help="refuse if it has changed since revision N")
    p.add_argument(
        "--merge", action="store_true", help="with --revision: put the change together with what came after it"
    )


def _rm(p: Parser) -> None:
    reference(p, many=True)
    p.add_argument(
        "--hard", action="store_true", help="remove the text for good from every table, index and revision"
    )
    p.add_argument("--yes", action="store_true", help="do it; without, --hard only says what it would remove")


def _restore(p: Parser) -> None:
    reference(p, many=True)


def _share(p: Parser) -> None:
    reference(p, many=True)


def _undo(p: Parser) -> None:
    p.add_argument("count", nargs="?", type=int, default=1, metavar="N", help="how many changes (default 1)")


def _inbox(p: Parser) -> None:
    p.add_argument(
        "action",
        nargs="?",
        choices=["accept", "edit", "reject"],
        metavar="accept|edit|reject",
        help="what to do; left out: list",
    )
    p.add_argument("--content", metavar="TEXT", help="for edit: the text that is taken into use instead")
    p.add_argument("ref", nargs="*", metavar="REF", help="numbers of the list, ids, or 'all'")


def _rated(p: Parser) -> None:
    p.add_argument("number", nargs="?", type=int, default=1, metavar="N", help="the last reply, or the N-th last")


VERBS: dict[str, Verb] = {
    "add": (_add, "Remember a text."),
    "edit": (_edit, "Change a memory; what it was stays in its history."),
    "rm": (_rm, "Delete memories; undo or restore takes them back."),
    "restore": (_restore, "Take deleted, archived or superseded memories back into use."),
    "share": (_share, "Hand memories of your own to the team of the store's shared space."),
    "unshare": (_share, "Take memories that you have shared back; they are yours alone again."),
    "undo": (_undo, "Take back the last changes."),
    "inbox": (_inbox, "See, accept, edit or reject what waits for you."),
    "good": (_rated, "Say that a reply was good; its memories gain by it."),
    "bad": (_rated, "Say that a reply was bad; its memories lose by it."),
}
