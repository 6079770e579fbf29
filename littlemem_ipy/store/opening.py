"""`open_store`: the one place where the settings meet the store."""

from __future__ import annotations

import os

from littlemem_ipy.backends import open_backend
from littlemem_ipy.config import LittleMem, home
from littlemem_ipy.embeddings import open_embedder
from littlemem_ipy.models.checks import check_project
from littlemem_ipy.models.schedules import Schedule
from littlemem_ipy.store.admission import taken_in
from littlemem_ipy.store.facade import MemoryStore

__all__ = ["open_store"]


def open_store(
    url: str | os.PathLike[str] | None = None, *, project: str | None = "auto", timeout: float = 15.0
) -> MemoryStore:
    """Open a store; its file is made at first use.

    Parameters
    ----------
    url
        A path or an address such as ``sqlite:///…``; left out, ``$LITTLEMEM_STORE``, else the
        settings, else ``memory.db`` in the user's data directory.
    project
        ``"auto"`` for the setting (the git root's name of the working directory, unless set
        otherwise), a name, or None for no project.
    timeout
        Seconds to wait for another process's lock.

    Raises
    ------
    InvalidInput
        If the address or the project's name is not one.
    """
    settings = LittleMem.current()
    name = check_project(settings.project_name if project == "auto" else project)
    address = settings.address if url is None else url
    backend = open_backend(address, timeout=timeout, home=home(), gate=taken_in)
    embedder = open_embedder(settings.embedder)
    store = MemoryStore(backend, project=name, embedder=embedder, schedule=Schedule.of(settings.backups))
    store.share_sensitive = settings.share_sensitive
    return store
