"""Names of files as people write them."""

from __future__ import annotations

import os
from pathlib import Path

from littlemem_ipy.errors import InvalidInput
from littlemem_ipy.models.checks import shown

__all__ = ["path_of"]


def path_of(name: object, what: str = "the path") -> Path:
    """Return an absolute path, with ``~`` for the home directory.

    Raises
    ------
    InvalidInput
        If it can't be the name of a file.
    """
    if not isinstance(name, str | os.PathLike):
        raise InvalidInput(f"{what} must be text or a path, not {shown(name)}.")
    text = os.fspath(name)
    try:
        if not isinstance(text, str) or not text.strip() or b"\x00" in os.fsencode(text):
            raise ValueError
        path = Path(os.path.expanduser(text))
    except ValueError:
        raise InvalidInput(f"{what} {shown(name)} can't be the name of a file.") from None
    return path.absolute()
