"""The verbs that change how things work: use and config."""

from __future__ import annotations

import argparse
import json

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.magics.views import Message, Rows
from littlemem_ipy.magics.workspace import Workspace
from littlemem_ipy.models import Table
from littlemem_ipy.models.checks import check_project, shown

__all__ = ["config", "use"]


def use(work: Workspace, args: argparse.Namespace) -> Message:
    """Show or choose the project, for this session."""
    if args.none and args.name:
        raise InvalidInput("a project and --none contradict each other; give one of them.")
    if args.none:
        work.settings.project = ""
    elif args.name:
        work.settings.project = args.name if args.name == "auto" else check_project(args.name) or ""
    name = work.store.project
    known = [project for project in work.store.backend.names("projects") if project != name]
    others = f"\nOther projects: {', '.join(known)}" if known else ""
    return Message(f"Project: {name or 'none'}{others}")


def config(work: Workspace, args: argparse.Namespace) -> Rows | Message:
    """Show or change settings."""
    if not args.setting:
        return _all(work)
    lines = []
    for text in args.setting:
        name, equals, value = text.partition("=")
        if args.reset:
            work.settings.reset(name)
        elif equals:
            work.settings.set(name, value, save=not args.session)
        lines.append(_line(work, name))
    return Message("\n".join(lines))


def _all(work: Workspace) -> Rows:
    rows = [
        [name, _value(work, name), work.settings.origin(name), trait.help]
        for name, trait in work.settings.settings().items()
    ]
    caption = "%mem config NAME=VALUE changes one and keeps the change; --session for this session only."
    return Rows(Table(["setting", "value", "from", "meaning"], rows, caption, cell_limit=80))


def _line(work: Workspace, name: str) -> str:
    if name.startswith("model."):
        alias = name.removeprefix("model.")
        target = work.settings.aliases.get(alias)
        return f"{name} = {target} (alias)" if target else f"{name} is not set"
    trait = work.settings.settings().get(name)
    if trait is None:
        raise InvalidInput(f"there is no setting {shown(name)}; %mem config lists them.")
    return f"{name} = {_value(work, name)} ({work.settings.origin(name)}): {trait.help}"


def _value(work: Workspace, name: str) -> str:
    value = getattr(work.settings, name)
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
