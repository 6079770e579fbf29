"""The default backend: one SQLite file, safe for many processes at once."""

from littlemem_ipy.backends.sqlite.backend import SQLiteBackend

__all__ = ["SQLiteBackend"]
