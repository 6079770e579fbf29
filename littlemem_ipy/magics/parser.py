"""The argparse tree of ``%mem`` and ``%%chat``: the one source of parsing, help, completion and reference."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from littlemem_ipy.models import MemoryType, State

__all__ = ["HelpShown", "Parser", "WrongUsage", "chat_parser", "reference", "split", "verbs"]

# Quotes group words only where a word begins and ends with them: "it's" is a word.
_WORD = re.compile(r"""(--?[\w-]+=)?(?:"((?:[^"\\]|\\.)*)"|'([^']*)')(?=\s|$)|(\S+)""", re.DOTALL)


class WrongUsage(Exception):
    """The line can't be parsed; the message says why."""


class HelpShown(Exception):
    """The user asked for help; the message is it."""


def split(line: str) -> list[str]:
    r"""Return the words of a line; quotes group them, and a lone apostrophe is a letter.

    >>> split('add "two words" it\'s --title="a b"')
    ['add', 'two words', "it's", '--title=a b']
    """
    words = []
    for option, double, single, plain in _WORD.findall(line):
        if plain:
            words.append(plain)
        else:
            words.append(option + (re.sub(r"\\(.)", r"\1", double) or single))
    return words


class Parser(argparse.ArgumentParser):
    """An argument parser for a magic: it raises instead of leaving the kernel."""

    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            add_help=False,
            allow_abbrev=False,
            formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=28, width=96),
        )
        self.add_argument("-h", "--help", action=_Help, help="show this help")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the line."""
        flags = [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]
        unknown = re.search(r"unrecognized arguments: (-\S+)", message)
        close = difflib.get_close_matches(unknown[1], flags, 1) if unknown else []
        advice = f"did you mean {close[0]}?" if close else f"{self.prog} --help shows what there is."
        raise WrongUsage(f"{self.prog}: {message}; {advice}")

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse words; options may stand before, between and after the free text."""
        # argparse formats its own usage line a second time; the magics' per cent signs must survive that.
        self.usage = self.usage or self.format_usage().removeprefix("usage: ").replace("%", "%%")
        return self.parse_intermixed_args(list(words))

    @property
    def flags(self) -> dict[str, argparse.Action]:
        """The options by their spellings."""
        return {flag: action for action in self._actions for flag in action.option_strings}


class _Help(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:  # noqa: A002
        super().__init__(option_strings, dest=argparse.SUPPRESS, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *rest: Any) -> None:
        raise HelpShown(parser.format_help().rstrip())


def _filters(parser: Parser) -> None:
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
    add("-p", "--project", metavar="NAME", help="only this project instead of the current one")
    add("-a", "--all", action="store_true", help="all projects")
    add("--conversation", metavar="ID", help="only this conversation")
    add("--since", metavar="WHEN", help="created from then on: 2026-05-31, yesterday, 7d, 'last week'")
    add("--until", metavar="WHEN", help="created until then")
    add("--archived", action="store_true", help="archived and superseded ones too")
    add("-n", "--limit", type=int, default=10, metavar="N", help="how many (default 10)")
    add("--offset", type=int, default=0, metavar="N", help="leave out the first N")
    add("-l", "--long", action="store_true", help="with times and ids")


def _content(parser: Parser) -> None:
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


def _add(p: Parser) -> None:
    p.add_argument("text", nargs="*", help="what to remember; in %%%%mem add the cell's body")
    _content(p)
    p.add_argument("--pin", action="store_true", help="consider it in every chat")


def _search(p: Parser) -> None:
    p.add_argument("text", nargs="+", help="words to find")
    _filters(p)


def _list(p: Parser) -> None:
    _filters(p)
    p.add_argument("--chats", action="store_true", help="the kept exchanges of chats too")
    p.add_argument(
        "--state",
        action="append",
        choices=[str(s) for s in State],
        metavar="STATE",
        help=f"one of {', '.join(State)}",
    )


def _show(p: Parser) -> None:
    _reference(p, many=True)


def _edit(p: Parser) -> None:
    _reference(p)
    p.add_argument("--content", metavar="TEXT", help="the new text; in %%%%mem edit the cell's body")
    _content(p)
    p.add_argument(
        "--pin", action=argparse.BooleanOptionalAction, default=None, help="consider it in every chat, or no longer"
    )
    p.add_argument("--revision", type=int, metavar="N", help="refuse if it has changed since revision N")


def _rm(p: Parser) -> None:
    _reference(p, many=True)
    p.add_argument(
        "--hard", action="store_true", help="remove the text for good from every table, index and revision"
    )
    p.add_argument("--yes", action="store_true", help="do it; without, --hard only says what it would remove")


def _restore(p: Parser) -> None:
    _reference(p, many=True)


def _history(p: Parser) -> None:
    _reference(p)


def _undo(p: Parser) -> None:
    p.add_argument("count", nargs="?", type=int, default=1, metavar="N", help="how many changes (default 1)")


def _browse(p: Parser) -> None:
    p.add_argument("text", nargs="*", help="words to begin with")


def _why(p: Parser) -> None:
    p.add_argument("number", nargs="?", type=int, default=1, metavar="N", help="the last reply, or the N-th last")
    p.add_argument("-l", "--long", action="store_true", help="with the parts of each score")


def _rated(p: Parser) -> None:
    p.add_argument("number", nargs="?", type=int, default=1, metavar="N", help="the last reply, or the N-th last")


def _use(p: Parser) -> None:
    p.add_argument(
        "name", nargs="?", metavar="PROJECT", help="the project from now on; 'auto' for the git root's name"
    )
    p.add_argument("--none", action="store_true", help="no project")


def _inbox(p: Parser) -> None:
    p.add_argument(
        "action",
        nargs="?",
        choices=["accept", "reject"],
        metavar="accept|reject",
        help="what to do; left out: list",
    )
    p.add_argument("ref", nargs="*", metavar="REF", help="numbers of the list, ids, or 'all'")


def _config(p: Parser) -> None:
    p.add_argument("setting", nargs="*", metavar="NAME[=VALUE]", help="show one, or change it and keep the change")
    p.add_argument("--session", action="store_true", help="change it for this session only")
    p.add_argument("--reset", action="store_true", help="back to the default")


def _nothing(p: Parser) -> None:
    pass


def _help(p: Parser) -> None:
    p.add_argument("verb", nargs="?", metavar="VERB", help="the verb to explain")


def _reference(parser: Parser, *, many: bool = False) -> None:
    text = "a number of the last list, an id, or the beginning of one"
    parser.add_argument("ref", nargs="+" if many else None, metavar="REF", help=text)


_VERBS: dict[str, tuple[Any, str]] = {
    "add": (_add, "Remember a text."),
    "search": (_search, "Find memories."),
    "list": (_list, "List memories, newest first."),
    "show": (_show, "Show memories whole, with their origin."),
    "edit": (_edit, "Change a memory; what it was stays in its history."),
    "rm": (_rm, "Delete memories; undo or restore takes them back."),
    "restore": (_restore, "Take deleted, archived or superseded memories back into use."),
    "browse": (_browse, "Look through, change and count memories in a widget."),
    "history": (_history, "Show what a memory was, change by change."),
    "undo": (_undo, "Take back the last changes."),
    "inbox": (_inbox, "See, accept or reject what waits for you."),
    "stats": (_nothing, "Show how much there is of what."),
    "why": (_why, "Explain which memories went into a reply, and which didn't."),
    "good": (_rated, "Say that a reply was good; its memories gain by it."),
    "bad": (_rated, "Say that a reply was bad; its memories lose by it."),
    "use": (_use, "Show or choose the project."),
    "config": (_config, "Show or change settings."),
    "doctor": (_nothing, "Check the store's file and indexes."),
    "help": (_help, "Show this help, or a verb's."),
}


def verbs() -> dict[str, Parser]:
    """Return the parser of each verb of ``%mem``, in the order of the help."""
    parsers = {}
    for name, (build, description) in _VERBS.items():
        parsers[name] = Parser(f"%mem {name}", description)
        build(parsers[name])
    return parsers


def chat_parser() -> Parser:
    """Return the parser of ``%%chat`` and ``%chat``."""
    p = Parser("%%chat", "Talk to a model that remembers; the cell's body is the message.")
    p.add_argument("text", nargs="*", help="the message of %%chat; in %%%%chat it comes before the body")
    p.add_argument("-m", "--model", metavar="MODEL", help="a model as litellm names it, an alias, or 'demo'")
    p.add_argument("-o", "--output", metavar="NAME", help="put the reply object into this variable")
    p.add_argument("--new", action="store_true", help="begin a new conversation")
    p.add_argument("--resume", action="store_true", help="take up this notebook's last conversation again")
    p.add_argument("--thread", metavar="NAME", help="talk in the conversation of this name, from any notebook")
    p.add_argument("--fix", action="store_true", help="explain and fix the cell that failed last")
    p.add_argument("--code", action="store_true", help="put the code of the reply into a new cell")
    p.add_argument("--compare", action="store_true", help="ask without and with memory, side by side")
    p.add_argument("--only", metavar="REFS", help="inject only these memories: numbers or ids with commas")
    p.add_argument("--no-memory", action="store_true", help="inject no memories")
    p.add_argument("--no-capture", action="store_true", help="remember nothing of this exchange")
    p.add_argument("--no-stream", action="store_true", help="show the reply when it is whole")
    p.add_argument("--budget", type=int, metavar="N", help="tokens that memories may take")
    p.add_argument("--dry-run", action="store_true", help="show the exact request and send nothing")
    p.add_argument("--api-base", metavar="URL", help="address of the provider's server")
    return p


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
