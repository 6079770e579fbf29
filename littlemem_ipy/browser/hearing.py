"""Telling the page at once that somebody else changed the store, where the store can tell us.

The page asks for the version every few seconds anyway. A store on a server announces changes on a socket, which
the kernel's own event loop watches: no thread, and nothing to do while nothing happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from littlemem_ipy.backends import Announcing, Backend, Listener
from littlemem_ipy.errors import StoreError

__all__ = ["Hearing"]


class Hearing:
    """What waits for changes that others make.

    Parameters
    ----------
    tell
        Called after each change, or after several.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._listener: Listener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket = -1

    def start(self, backend: Backend) -> None:
        """Begin to listen, if the backend announces changes and there is an event loop; once is enough."""
        if self._listener is not None or not isinstance(backend, Announcing):
            return
        try:
            loop = asyncio.get_running_loop()
            listener = backend.listener()
        except (RuntimeError, StoreError):
            return  # nobody waits for anything here, or the server is away: the page asks
        try:
            self._socket = listener.fileno()
            loop.add_reader(self._socket, self._hear)
        except NotImplementedError:  # an event loop of Windows that can't watch sockets
            listener.close()
            return
        self._listener, self._loop = listener, loop

    def _hear(self) -> None:
        assert self._listener is not None  # else nothing would be watched
        try:
            changed = self._listener.heard()
        except StoreError:
            self.stop()  # the page's next question brings it back, if there is a server
            return
        if changed:
            self._tell()

    def stop(self) -> None:
        """Stop listening."""
        listener, self._listener = self._listener, None
        if listener is not None and self._loop is not None:
            self._loop.remove_reader(self._socket)  # a lost connection no longer knows its number
            listener.close()
