"""What a backend may offer beyond the protocol: a part that several people share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from littlemem_ipy.models import Finding

__all__ = ["Company", "Shared"]


@dataclass(frozen=True, slots=True)
class Company:
    """With whom a store is shared.

    Attributes
    ----------
    space
        The name of the shared space; None where everything is the user's own.
    user
        The user's name on the server: the author of what they share.
    may_write
        Whether the user may change what is shared.
    """

    space: str | None
    user: str
    may_write: bool


@runtime_checkable
class Shared(Protocol):
    """A backend in which a memory is the user's own or lies where others see it, with its author's name."""

    def company(self) -> Company:
        """Return with whom the store is shared."""

    def waiting(self) -> Finding:
        """Return how much waits on this computer for the server."""
