"""What a backend may offer beyond the protocol: telling of changes that others make."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

__all__ = ["Announcing", "Listener"]


class Listener(Protocol):
    """Hears of changes that anybody makes, on a socket that can be watched."""

    def fileno(self) -> int:
        """Return the number of the socket."""

    def heard(self) -> bool:
        """Return whether anything has changed since the last call; never waits."""

    def close(self) -> None:
        """Stop listening."""


@runtime_checkable
class Announcing(Protocol):
    """A backend that announces changes; the others are asked for their version now and then."""

    def listener(self) -> Listener:
        """Return a new listener."""
