"""How much a file that is read may hold: checked before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of what an import reads; a file beyond one of them is refused as a whole.

    Attributes
    ----------
    file_bytes
        Bytes of the file, and of everything that it unpacks to.
    line_bytes
        Bytes of one line of a file with a record a line.
    rows
        Records.
    entries
        Files in an archive or a directory.
    ratio
        How many times larger than its packed form a file in an archive may be; small ones are free.
    depth
        Levels of brackets within brackets in JSON.
    digits
        Digits of a number in JSON.
    """

    file_bytes: int = 256 * 2**20
    line_bytes: int = 16 * 2**20
    rows: int = 1_000_000
    entries: int = 200_000
    ratio: int = 200
    depth: int = 64
    digits: int = 100
