"""Everything that goes wrong on purpose.

A message says what failed, with the value, and then what to do about it. Each
class is also the builtin that a caller would expect, so ``except ValueError``
works as well as ``except InvalidInput``::

    LittleMemError
    ├── InvalidInput (ValueError)       a value was refused before anything was written
    ├── MemoryNotFound (LookupError)    no such memory; the message names close ids
    ├── StoreError                      the disk or the database said no
    │   ├── StoreBusy                   another process held the lock until the wait was over
    │   ├── StoreDamaged                the file can't be read; it was left exactly as it was
    │   ├── StoreReadOnly               the file is newer than this version, or can't be written
    │   └── StoreUnreachable            the server of a shared store does not answer
    ├── RevisionConflict                somebody changed the memory since it was read
    ├── ArchiveError                    an export, import, backup or restore was refused
    ├── ExpectationFailed (AssertionError)  a memory that was expected is not found
    ├── ChatError                       the provider or the conversation failed
    └── MissingExtra (ImportError)      an optional part is not installed

Warnings of the package are `LittleMemWarning`.
"""

from __future__ import annotations

__all__ = [
    "ArchiveError",
    "ChatError",
    "ExpectationFailed",
    "InvalidInput",
    "LittleMemError",
    "LittleMemWarning",
    "MemoryNotFound",
    "MissingExtra",
    "RevisionConflict",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "StoreReadOnly",
    "StoreUnreachable",
]


class LittleMemError(Exception):
    """The root of all errors that this package raises on purpose."""


class InvalidInput(LittleMemError, ValueError):
    """A value was refused before anything was written."""


class MemoryNotFound(LittleMemError, LookupError):
    """There is no memory with this id."""


class StoreError(LittleMemError):
    """The disk or the database said no."""


class StoreBusy(StoreError):
    """Another process held the store's lock until the wait was over."""


class StoreDamaged(StoreError):
    """The store's file can't be read; it was left exactly as it was."""


class StoreReadOnly(StoreError):
    """The store can be read but not written: its file is newer than this version, or write-protected."""


class StoreUnreachable(StoreError):
    """The server of a shared store does not answer."""


class RevisionConflict(LittleMemError):
    """Somebody else changed the memory since it was read.

    Parameters
    ----------
    message
        What differs, and what to do.
    memory
        The memory as it is now, where there is one.
    """

    def __init__(self, message: str, memory: object = None) -> None:
        super().__init__(message)
        self.memory = memory


class ArchiveError(LittleMemError):
    """An export, import, backup or restore was refused."""


class ChatError(LittleMemError):
    """The provider or the conversation failed."""


class ExpectationFailed(LittleMemError, AssertionError):
    """What the memory should know it doesn't, or the other way round."""


class MissingExtra(LittleMemError, ImportError):
    """An optional part is not installed.

    Parameters
    ----------
    feature
        What the user wanted to do, as the start of a sentence.
    extra
        The extra of this package that brings it.
    """

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f'{feature} needs an optional part: pip install "littlemem-ipy[{extra}]"')


class LittleMemWarning(UserWarning):
    """Something works, but not the way one would expect."""
