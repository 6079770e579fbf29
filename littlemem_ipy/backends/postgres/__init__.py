"""Memories of many users on a PostgreSQL server (15 or newer)."""

from littlemem_ipy.backends.postgres.backend import PostgresBackend
from littlemem_ipy.backends.postgres.migrating import prepare

__all__ = ["PostgresBackend", "prepare"]
