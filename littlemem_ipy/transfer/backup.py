"""Backups: whole copies of a store that were opened and counted before they count, and the way back."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from littlemem_ipy.backends import Backend, in_use
from littlemem_ipy.errors import ArchiveError, StoreError
from littlemem_ipy.models.times import now
from littlemem_ipy.transfer.files import new_file, workshop
from littlemem_ipy.transfer.manifest import Manifest, digest_of, manifest_of, read_manifest, write_manifest
from littlemem_ipy.transfer.sealing import HEAD_BYTES, check_passphrase, is_sealed, unseal

__all__ = ["Backup", "Found", "Restored", "back_up", "look", "restore", "stamp"]

_BLOCK = 1024 * 1024


@dataclass(frozen=True, repr=False)
class Backup:
    """A backup that was made.

    Attributes
    ----------
    path
        The file.
    manifest
        What is in it; the same lies beside it.
    """

    path: Path
    manifest: Manifest

    def __repr__(self) -> str:
        m = self.manifest
        sealed = ", sealed: only the passphrase opens it" if m.sealed else ""
        return f"{self.path}: {m.memories:,} memories, {m.bytes:,} bytes, opened and counted{sealed}"


@dataclass(frozen=True, repr=False)
class Found:
    """A backup that is there, looked at from outside.

    Attributes
    ----------
    path
        The file.
    manifest
        What its manifest says; None if there is none.
    sealed
        Whether it needs a passphrase.
    """

    path: Path
    manifest: Manifest | None
    sealed: bool

    def __repr__(self) -> str:
        m = self.manifest
        return f"{self.path}{f' ({m.memories:,} memories, made {_local(m.made_at)})' if m else ''}"


@dataclass(frozen=True, repr=False)
class Restored:
    """A store that was taken back to a backup.

    Attributes
    ----------
    source
        The backup.
    made_at
        When it was made; None if no manifest says so.
    memories
        How many memories there are now, whatever their states.
    kept
        The file that keeps what the store was before; None if there was none.
    """

    source: Path
    made_at: datetime | None
    memories: int
    kept: Path | None

    def __repr__(self) -> str:
        made = f" (made {_local(self.made_at)})" if self.made_at else ""
        kept = f" What was there before is kept in {self.kept}." if self.kept else ""
        return f"Restored {self.memories:,} memories from {self.source}{made}.{kept}"


def _local(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def stamp(moment: datetime) -> str:
    """Return a time as it stands in the names of files: UTC, to the second, in alphabetical order."""
    return f"{moment:%Y%m%dT%H%M%SZ}"


def back_up(backend: Backend, target: Path, *, passphrase: str | None = None, overwrite: bool = False) -> Backup:
    """Write a backup while others write, after it was opened and counted.

    Parameters
    ----------
    backend
        The store.
    target
        A new file, or a directory that gets one named after the time.
    passphrase
        Seals the file; None leaves it open.
    overwrite
        Whether another file may be replaced.

    Raises
    ------
    ArchiveError
        If there is a file already, or it can't be written.
    StoreError
        If the store can't be read, or the copy is not whole.
    """
    if passphrase is not None:
        check_passphrase(passphrase)
    made_at, sealed = now(), passphrase is not None
    if target.is_dir():
        target = target / f"memory-{stamp(made_at)}.{'sealed' if sealed else 'db'}"
    with (
        new_file(target, overwrite=overwrite, passphrase=passphrase) as file,
        workshop(target.parent) as directory,
    ):
        backend.copy(directory / "copy")
        contents = backend.examine(directory / "copy")
        with (directory / "copy").open("rb") as copy:
            shutil.copyfileobj(copy, file, _BLOCK)
    manifest = Manifest.of(target, contents, made_at, sealed=sealed, tags=backend.names("tags")[:10])
    write_manifest(target, manifest)
    return Backup(target, manifest)


def restore(backend: Backend, source: Path, kept: Path, *, passphrase: str | None = None) -> Restored:
    """Take a store back to a backup, which is opened and counted first.

    Parameters
    ----------
    backend
        The store; other processes may have it open.
    source
        The backup; it is not changed.
    kept
        A new file for what the store was.
    passphrase
        What the backup was sealed with.

    Raises
    ------
    ArchiveError
        If the backup is not what its manifest says, or the passphrase doesn't open it.
    StoreError
        If it is not whole, or the store can't be written.
    """
    found = look(source)
    manifest = found.manifest
    try:
        with workshop(kept.parent) as directory:
            opened = source
            if found.sealed:
                if passphrase is None:
                    raise ArchiveError(f"{source} is sealed; give its passphrase. Nothing was changed.")
                opened = directory / "opened"
                _unsealed(source, opened, passphrase)
            contents = backend.examine(opened)
            if manifest and manifest.memories != contents.memories:
                raise ArchiveError(
                    f"{source} holds {contents.memories:,} memories and its manifest says {manifest.memories:,}; "
                    "nothing was changed."
                )
            backend.replace(opened, kept)
    except OSError as error:
        raise StoreError(f"{source} can't be restored: {error.strerror or error}. Nothing was changed.") from error
    made_at = manifest.made_at if manifest else None
    return Restored(source, made_at, contents.memories, kept if kept.exists() else None)


def look(source: Path) -> Found:
    """Return what a backup is, after comparing it with its manifest.

    Raises
    ------
    ArchiveError
        If it is not there or not what was written.
    """
    if not source.is_file():
        raise ArchiveError(f"there is no backup {source}; nothing was changed.")
    if in_use(source):
        raise ArchiveError(
            f"{source} is open here as a store; close it, or use another backup. Nothing was changed."
        )
    manifest = read_manifest(source)
    if manifest and digest_of(source) != manifest.sha256:
        raise ArchiveError(
            f"{source} is not what was written: its SHA-256 differs from the one in {manifest_of(source).name}. "
            "Nothing was changed; use another backup."
        )
    with source.open("rb") as stream:
        return Found(source, manifest, is_sealed(stream.read(HEAD_BYTES)))


def _unsealed(source: Path, target: Path, passphrase: str) -> None:
    with source.open("rb") as sealed, target.open("xb") as plain:
        unseal(sealed, plain, passphrase)
