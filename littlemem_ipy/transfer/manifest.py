"""The manifest beside a backup: what is in it, and the sum that tells whether it is still that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from littlemem_ipy.errors import ArchiveError, InvalidInput
from littlemem_ipy.models import Contents
from littlemem_ipy.models.times import as_utc
from littlemem_ipy.transfer.files import new_file

__all__ = ["Manifest", "digest_of", "manifest_of", "read_manifest", "write_manifest"]

_KIND = "littlemem-backup"
_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    made_at
        When it was made, aware UTC.
    sha256
        The sum of the file, as it lies there.
    bytes
        Its size.
    sealed
        Whether a passphrase is needed; then nothing but the counts is told here.
    schema
        The version of the tables.
    memories, revisions, events
        How many rows, whatever the states of the memories.
    figures
        Of the memories in use: how many, by type, by project and by state, bytes of text, the oldest and the
        newest, and how often tags occur.
    """

    made_at: datetime
    sha256: str
    bytes: int
    sealed: bool
    schema: int
    memories: int
    revisions: int
    events: int
    figures: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, file: Path, contents: Contents, made_at: datetime, *, sealed: bool, tags: list[str]) -> Manifest:
        """Return the manifest of a file that was just made of these contents."""
        return cls(
            made_at=made_at,
            sha256=digest_of(file),
            bytes=file.stat().st_size,
            sealed=sealed,
            schema=contents.format,
            memories=contents.memories,
            revisions=contents.revisions,
            events=contents.events,
            figures={} if sealed else _figures(contents, tags),
        )


def _figures(contents: Contents, tags: list[str]) -> dict[str, Any]:
    figures = contents.stats
    return {
        "in_use": figures.total,
        "by_type": dict(figures.by_type),
        "by_project": {name or "": count for name, count in figures.by_project.items()},
        "by_state": dict(figures.by_state),
        "text_bytes": figures.bytes,
        "oldest": figures.oldest and figures.oldest.isoformat(),
        "newest": figures.newest and figures.newest.isoformat(),
        "top_tags": tags,
    }


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def manifest_of(backup: Path) -> Path:
    """Return the path of the manifest that belongs to a backup."""
    return backup.with_name(backup.name + ".manifest.json")


def write_manifest(backup: Path, manifest: Manifest) -> None:
    """Put the manifest beside the backup; one that a removed backup has left is replaced."""
    data = {"kind": _KIND, "file": backup.name} | asdict(manifest) | {"made_at": manifest.made_at.isoformat()}
    with new_file(manifest_of(backup), overwrite=True) as file:
        file.write(json.dumps(data, indent=2, ensure_ascii=False).encode() + b"\n")


def read_manifest(backup: Path) -> Manifest | None:
    """Return the manifest that lies beside a backup, or None if there is none.

    Raises
    ------
    ArchiveError
        If it is there but not what was written.
    """
    path = manifest_of(backup)
    if not path.exists():
        return None
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("it is too long")
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["kind"] != _KIND:
            raise ValueError("it is of another kind")
        known = {each.name: data[each.name] for each in fields(Manifest)}
        return Manifest(**known | {"made_at": as_utc(data["made_at"])})
    except (OSError, KeyError, TypeError, ValueError, RecursionError, InvalidInput) as error:
        raise ArchiveError(
            f"The manifest {path} can't be read ({type(error).__name__}: {error}). Nothing was changed; move it "
            "away to use the backup without it."
        ) from None
