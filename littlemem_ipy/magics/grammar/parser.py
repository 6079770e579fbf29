"""An argument parser for a magic, and how a line falls into words."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

__all__ = ["HelpShown", "Parser", "Verb", "WrongUsage", "split"]

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


Verb = tuple[Callable[[Parser], None], str]
"""What gives a verb's parser its arguments, and the verb's description."""
