"""Arguments of the verbs that choose, set, check and help."""

from __future__ import annotations

from littlemem_ipy.magics.grammar.parser import Parser, Verb

__all__ = ["VERBS"]


def _use(p: Parser) -> None:
    p.add_argument(
        "name", nargs="?", metavar="PROJECT", help="the project from now on; 'auto' for the git root's name"
    )
    p.add_argument("--none", action="store_true", help="no project")


def _config(p: Parser) -> None:
    p.add_argument("setting", nargs="*", metavar="NAME[=VALUE]", help="show one, or change it and keep the change")
    p.add_argument("--session", action="store_true", help="change it for this session only")
    p.add_argument("--reset", action="store_true", help="back to the default")


def _doctor(p: Parser) -> None:
    p.add_argument(
        "--repair",
        action="store_true",
        help="make indexes anew; save what is left of a damaged file into a new one",
    )


def _help(p: Parser) -> None:
    p.add_argument("verb", nargs="?", metavar="VERB", help="the verb to explain")


VERBS: dict[str, Verb] = {
    "use": (_use, "Show or choose the project."),
    "config": (_config, "Show or change settings."),
    "doctor": (_doctor, "Check the store and what is around it, and say what to do."),
    "help": (_help, "Show this help, or a verb's."),
}
