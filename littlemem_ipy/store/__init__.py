"""`MemoryStore`, the one object that every face talks to, and `open_store`."""

from littlemem_ipy.store.admission import taken_in
from littlemem_ipy.store.facade import MemoryStore
from littlemem_ipy.store.opening import open_store
from littlemem_ipy.store.scope import CURRENT

__all__ = ["CURRENT", "MemoryStore", "open_store", "taken_in"]
