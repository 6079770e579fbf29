"""What an exchange changed in a store."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from littlemem_ipy.models import Memory

__all__ = ["CaptureReport"]


class CaptureReport(BaseModel):
    """What an exchange changed in a store.

    Attributes
    ----------
    saved
        Memories that were added and are in use.
    proposed
        Memories that were added but wait in the inbox.
    repeated
        Memories that said the same already.
    superseded
        Memories that a saved one replaces.
    withdrawn
        Memories that the user wanted forgotten; deleted, restorable.
    """

    model_config = ConfigDict(frozen=True)

    saved: tuple[Memory, ...] = ()
    proposed: tuple[Memory, ...] = ()
    repeated: tuple[Memory, ...] = ()
    superseded: tuple[Memory, ...] = ()
    withdrawn: tuple[Memory, ...] = ()

    @property
    def captured(self) -> tuple[Memory, ...]:
        """Return what is new in the store: saved, then proposed."""
        return self.saved + self.proposed
