"""The verbs that keep the store safe as a whole: backup, restore-backup, unlock and lock."""

from __future__ import annotations

import argparse

from littlemem_ipy.magics.passphrases import ask
from littlemem_ipy.magics.views import Message
from littlemem_ipy.magics.workspace import Workspace

__all__ = ["backup", "lock", "restore_backup", "unlock"]


def backup(work: Workspace, args: argparse.Namespace) -> Message:
    """Copy the whole store to a file."""
    passphrase = ask("Passphrase of the backup", new=True) if args.seal else None
    made = work.store.backup(args.path, passphrase=passphrase, overwrite=args.overwrite)
    return Message(f"Backed up: {made!r}\n%mem restore-backup PATH takes the store back to it.")


def restore_backup(work: Workspace, args: argparse.Namespace) -> Message:
    """Take the whole store back to a backup."""
    source = work.store.find_backup(args.path, to=args.to)
    if not args.yes:
        return Message(
            f"Would take the whole store back to {source!r}.\n"
            "Add --yes to do it; what the store is now is kept in a file beside it."
        )
    passphrase = ask(f"Passphrase of {source.path.name}") if source.sealed else None
    return Message(repr(work.store.restore_backup(source.path, passphrase=passphrase)))


def unlock(work: Workspace, args: argparse.Namespace) -> Message:
    """Open sensitive memories for this session."""
    known = work.store.has_sensitive()
    work.store.unlock(None if args.keyring else ask("Passphrase of sensitive memories", new=not known))
    return Message("Unlocked: %mem show opens sensitive memories, %mem add --sensitive adds some.")


def lock(work: Workspace, args: argparse.Namespace) -> Message:
    """Close sensitive memories again."""
    work.store.lock()
    return Message("Locked.")
