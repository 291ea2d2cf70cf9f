"""Figures over many calls, gathered once into a small database in memory, from which pages are worked out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipeline.store import Store


class GatheredCalls:
    """Tables in memory; threads take turns."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock:
            yield self._con


def open_apart(store: Store) -> duckdb.DuckDBPyConnection:
    """A database in memory that reads the store's tables. Only within `Store.reading`."""
    memory = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
    path = str(store.path).replace("'", "''")
    memory.execute(f"ATTACH '{path}' AS stored (READ_ONLY)")
    memory.execute("USE stored")
    return memory
