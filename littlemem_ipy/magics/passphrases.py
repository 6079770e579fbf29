"""Passphrases are asked for and never written on a line, because notebooks and histories keep lines."""

from __future__ import annotations

import os
from getpass import getpass

from littlemem_ipy.errors import InvalidInput

__all__ = ["ask"]

_VARIABLE = "LITTLEMEM_PASSPHRASE"


def ask(what: str, *, new: bool = False) -> str:
    """Return the passphrase from the environment (``LITTLEMEM_PASSPHRASE``), or typed unseen.

    Parameters
    ----------
    what
        What it opens, as the start of the question.
    new
        Whether it is to be typed twice, because nothing can tell yet whether it is right.

    Raises
    ------
    InvalidInput
        If nobody can be asked, nothing was typed, or the two differ.
    """
    given = os.environ.get(_VARIABLE)
    if given:
        return given
    try:
        typed = getpass(f"{what}: ")
        again = getpass("Once more: ") if new and typed else typed
    except (NotImplementedError, EOFError, OSError):  # no front end that could ask
        raise InvalidInput(f"nobody can be asked for a passphrase here; put it into {_VARIABLE}.") from None
    if not typed:
        raise InvalidInput("no passphrase was typed; nothing was done.")
    if typed != again:
        raise InvalidInput("the two passphrases differ; nothing was done. Try again.")
    return typed
