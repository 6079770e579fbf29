"""Memories of many users on a PostgreSQL server (15 or newer).

The scheme for a thousand users
-------------------------------
Every table is keyed by the number of a space first, every statement names its spaces, and every lexeme of the
full-text index begins with that number. So what a search costs depends on the space, not on the server; so do the
locks: writers wait for each other within a space only (one commit at a time there).

Measured by ``tests/benchmarks/postgres.py --spaces 1000 --each 1000`` (memories of 60 to 120 words; two shared,
busy cores, so the ratio counts): with 1,000,000 memories in 1,000 spaces the median search within a space took
1.12 times that of a server with such a space alone, a save 1.11 times; 4,828 bytes a memory with all indexes, its
history not counted. With 200 such spaces over 16 partitions it was 1.08 times, and 4,953 bytes.

A hundred million memories (1,000 users with 100,000 each) would take about 480 GB at that rate. On one machine
the tables are then made with ``prepare(url, partitions=64)``, by hash of the space: VACUUM, index builds and the
upper levels of the indexes stay those of a table of 7.5 GB, and a statement touches one partition for each of its
spaces. Over several machines the same key serves: with Citus all tables but ``spaces``, ``members`` and
``migrations`` (reference tables) would be distributed by ``space`` and co-located, because every join and every
foreign key has the space in it.

Not tried: a hundred million rows; more than one machine (with Citus the functions that look into the index and
the sequences need its own forms); read replicas; a thousand connections at once. pgvector is not used:
vectors are kept as bytes and compared by the process that asks, as in the default backend.
"""

from littlemem_ipy.backends.postgres.backend import PostgresBackend
from littlemem_ipy.backends.postgres.migrating import prepare

__all__ = ["PostgresBackend", "prepare"]
