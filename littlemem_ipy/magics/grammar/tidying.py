"""Arguments of the verbs that keep a store in order."""

from __future__ import annotations

from littlemem_ipy.magics.grammar.options import scope
from littlemem_ipy.magics.grammar.parser import Parser, Verb
from littlemem_ipy.models import MemoryType

__all__ = ["VERBS"]


def _duplicates(p: Parser) -> None:
    kinds = [str(kind) for kind in MemoryType]
    p.add_argument("-t", "--type", choices=kinds, metavar="TYPE", help="only among memories of this type")
    p.add_argument("--sure", action="store_true", help="only the sure ones, none that differ in a few words")
    scope(p)


def _cleanup(p: Parser) -> None:
    p.add_argument("--older-than", metavar="TIME", help="not used for so long: 365d, '6 months', 1y")
    p.add_argument("--max-count", type=int, metavar="N", help="keep N in use; the least used go first")
    p.add_argument("--max-size", metavar="SIZE", help="keep so much text in use: 50MB")
    p.add_argument(
        "--unused",
        nargs="?",
        type=int,
        const=1,
        default=0,
        metavar="N",
        help="used less than N times (default 1) in the grace period",
    )
    p.add_argument(
        "--junk",
        nargs="?",
        type=int,
        const=5,
        metavar="N",
        help="went into N prompts (default 5) and helped in none",
    )
    p.add_argument("--duplicates", action="store_true", help="contents that agree: one stands for all")
    p.add_argument("--superseded", action="store_true", help="replaced by others longer ago than the grace period")
    p.add_argument("--grace", metavar="TIME", default="30d", help="what is younger is left alone (default 30d)")
    p.add_argument("--delete", action="store_true", help="delete (restorable) instead of archiving")
    scope(p)
    p.add_argument("--apply", action="store_true", help="do it; without, the plan is only shown")


VERBS: dict[str, Verb] = {
    "cleanup": (_cleanup, "Show what the store can do without; --apply archives it."),
    "duplicates": (_duplicates, "Find memories that say the same, side by side."),
}
