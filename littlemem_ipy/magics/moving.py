"""The verbs that take memories out and bring them in."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from littlemem_ipy.backends import in_use, open_backend
from littlemem_ipy.config.places import project_root
from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.magics.passphrases import ask
from littlemem_ipy.magics.workspace import Workspace, scope_of
from littlemem_ipy.models import State
from littlemem_ipy.store import taken_in
from littlemem_ipy.transfer import CopyReport, ExportReport, ImportReport, Mode, copy_store, is_sealed
from littlemem_ipy.transfer.bundle import NAME, BundleReport

__all__ = ["bundle", "copy", "export", "import_"]

_OVERWRITING = (Mode.OVERWRITE, Mode.NEWEST)


def export(work: Workspace, args: argparse.Namespace) -> ExportReport:
    """Write memories to a file."""
    filters: dict[str, Any] = {
        "text": " ".join(args.text),
        "type": args.type,
        "tags": args.tag or (),
        "tags_any": args.any_tag or (),
        "tags_none": args.not_tag or (),
        "conversation_id": args.conversation,
        "since": args.since,
        "until": args.until,
        "exclude_types": args.not_type or (),
        "states": [State(name) for name in args.state] if args.state else None,
        "include_archived": not args.active,
        "limit": args.limit,
        **scope_of(args),
    }
    return work.store.export(
        args.path,
        args.format,
        history=args.history,
        events=args.events,
        description=args.description,
        overwrite=args.overwrite,
        passphrase=ask("Passphrase of the file", new=True) if args.seal else None,
        reveal=args.reveal,
        **filters,
    )


def import_(work: Workspace, args: argparse.Namespace) -> ImportReport:
    """Take memories in from a file; where that would replace some, show first what would change."""
    given: dict[str, Any] = {
        "mode": args.mode,
        "trust": args.trust,
        "format": args.format,
        "passphrase": _passphrase_of(args.path),
    }
    if args.dry_run or (args.mode in _OVERWRITING and not args.yes):
        would = work.store.import_(args.path, dry_run=True, **given)
        if args.dry_run:
            return would
        if would.updated:
            return replace(would, advice="Nothing was done yet: add --yes to replace what differs.")
    return work.store.import_(args.path, **given)


def bundle(work: Workspace, args: argparse.Namespace) -> BundleReport:
    """Write the project's memories to text files beside the notebooks, or merge both ways."""
    path = Path(args.path).expanduser() if args.path else (project_root() or Path.cwd()) / NAME
    if args.action == "export":
        return work.store.bundle_export(path)
    return work.store.bundle_sync(path, trust=args.trust)


def copy(work: Workspace, args: argparse.Namespace) -> CopyReport:
    """Copy a whole store to another place or kind."""
    source, target = (open_backend(address, gate=taken_in) for address in (args.source, args.target))
    try:
        if not source.exists():
            raise InvalidInput(f"{args.source} is no store: there is nothing.")
        return copy_store(source, target)
    finally:
        source.close()
        target.close()


def _passphrase_of(path: str) -> str | None:
    """Return the passphrase of a file if it is sealed; whether the file can be read is told by the import."""
    place = Path(path).expanduser()
    if in_use(place):
        return None
    try:
        with place.open("rb") as file:
            sealed = is_sealed(file.read(16))
    except OSError:
        return None
    return ask("Passphrase of the file") if sealed else None
