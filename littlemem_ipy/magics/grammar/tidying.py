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


VERBS: dict[str, Verb] = {
    "duplicates": (_duplicates, "Find memories that say the same, side by side."),
}
