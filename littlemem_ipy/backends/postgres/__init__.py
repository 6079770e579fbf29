"""Memories of many users on a PostgreSQL server (15 or newer)."""

from littlemem_ipy.backends.postgres.backend import PostgresBackend

__all__ = ["PostgresBackend"]
