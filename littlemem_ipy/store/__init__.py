"""`MemoryStore`, the one object that every face talks to, and `open_store`."""

from littlemem_ipy.store.opening import open_store
from littlemem_ipy.store.scope import CURRENT
from littlemem_ipy.store.writing import MemoryStore

__all__ = ["CURRENT", "MemoryStore", "open_store"]
