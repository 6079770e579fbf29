"""Completion of verbs, options, types, tags, projects, settings and ids, wherever a magic stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from littlemem_ipy.errors import LittleMemError
from littlemem_ipy.magics.grammar import Parser, chat_parser, verbs
from littlemem_ipy.magics.workspace import Workspace

__all__ = ["completions"]

# The magic may follow an assignment: "x = %mem sea".
_LINE = re.compile(r"(?:^|=)\s*(%%?(?:mem|chat))\s+(.*)$", re.DOTALL)
_REFS = frozenset({"show", "edit", "rm", "restore", "history"})
_IDS = 50


def completions(work: Workspace, line: str) -> tuple[str, list[str]] | None:
    """Return the fragment that is being typed and what it may become; None outside of our magics.

    Parameters
    ----------
    work
        The shell's state; names and ids come from its store.
    line
        The line up to the cursor.
    """
    found = _LINE.search(line.rpartition("\n")[2] if "\n" in line else line)
    if found is None:
        return None
    words = found[2].split(" ")
    fragment = words[-1]
    try:
        options = _options(work, found[1].lstrip("%"), [word for word in words[:-1] if word], fragment)
    except LittleMemError:
        # Completion is no place for errors: the magic itself will say what is wrong.
        options = []
    return fragment, [option for option in options if option.startswith(fragment)]


def _options(work: Workspace, magic: str, before: list[str], fragment: str) -> Iterable[str]:
    if magic == "chat":
        return _of_parser(work, chat_parser(), before, fragment)
    parsers = verbs()
    if not before:
        return list(parsers)
    parser = parsers.get(before[0])
    if parser is None:
        return []
    if before[0] == "help":
        return list(parsers)
    return [*_of_parser(work, parser, before, fragment), *_of_verb(work, before[0], fragment)]


def _of_parser(work: Workspace, parser: Parser, before: list[str], fragment: str) -> list[str]:
    action = parser.flags.get(before[-1]) if before else None
    if action is not None and action.nargs != 0:
        return _values(work, action.dest, action.choices)
    return list(parser.flags) if fragment.startswith("-") else []


def _values(work: Workspace, name: str, choices: Iterable[Any] | None) -> list[str]:
    if choices is not None:
        return [str(choice) for choice in choices]
    sources: dict[str, Callable[[], list[str]]] = {
        "tag": lambda: work.store.backend.names("tags"),
        "any_tag": lambda: work.store.backend.names("tags"),
        "not_tag": lambda: work.store.backend.names("tags"),
        "project": lambda: work.store.backend.names("projects"),
        "model": lambda: ["demo", *work.settings.aliases],
    }
    return sources[name]() if name in sources else []


def _of_verb(work: Workspace, verb: str, fragment: str) -> list[str]:
    if fragment.startswith("-"):
        return []
    if verb in _REFS:
        return work.store.backend.near(fragment if fragment.startswith("mem_") else "mem_", _IDS)
    if verb == "use":
        return ["auto", *work.store.backend.names("projects")]
    if verb == "config":
        return [*work.settings.settings(), *(f"{name}=" for name in work.settings.settings())]
    if verb == "inbox":
        return ["accept", "reject", "all"]
    return []
