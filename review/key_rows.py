"""Where the rows of one call stand in the large tables, so that its page reads these rows and no others.

Ids are random: no order of the rows helps to find one, and a look through one column of a million rows costs 20-100 ms
of a core; the page of a call needs eight of them. A hash of each row's key is kept instead, four bytes a row. Two keys
may have the same hash: a query that is told where to look still compares the key itself.
"""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import duckdb
import numpy as np
from numpy.typing import NDArray

from pipeline.store import Store
from review.store_file import FileIdentity, Stamp, identity_of, stamp_of

Hashes = NDArray[np.uint32]  # shape: (rows,), by row id
Column = Literal[
    "call_facts.call_id",
    "recordings.call_id",
    "deliveries.content_sha256",
    "deliveries.path",
    "transcriptions.content_sha256",
    "conversation_metrics.content_sha256",
    "evaluations.content_sha256",
    "stage_results.content_sha256",
]
COLUMNS: tuple[Column, ...] = get_args(Column)
HASH = "(hash({}) >> 32)::UINTEGER"
NONE = np.empty(0, np.uint32)
NO_ROW = -1  # an empty list would keep DuckDB from using it as a bound


@dataclass(frozen=True, slots=True)
class Kept:
    """The hashes of one column, of which state of which file."""

    hashes: Hashes
    stamp: Stamp
    identity: FileIdentity


class KeyRows:
    """The memory of one application over the store at that path; threads share it. Empty until it is prepared."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[Column, Kept] = {}
        self._lock = threading.Lock()

    def prepare(self, store: Store) -> None:
        """Reads, beside the pages, the columns that are not known. Raises StoreError like the store."""
        for column in COLUMNS:
            if self._known(column) is None:
                with store.reading() as con:  # for each anew: no writer waits for all of them
                    self.bring_up_to_date(con, column)

    def find(self, con: duckdb.DuckDBPyConnection, column: Column, *keys: str) -> list[int] | None:
        """Among these rows are all that have one of the keys; None: look at all rows, the column is not known.

        Only within `Store.reading`: it holds the lock, so that the file is the one that was read.
        """
        if self._known(column) is None:
            return None
        hashes = self.bring_up_to_date(con, column)
        sql = f"SELECT {HASH.format('key')} AS hash FROM (SELECT unnest($keys::VARCHAR[]) AS key)"  # noqa: S608
        wanted = con.execute(sql, {"keys": list(keys)}).fetchnumpy()["hash"]
        return [int(row) for row in np.flatnonzero(np.isin(hashes, wanted))] or [NO_ROW]

    def _known(self, column: Column) -> Kept | None:
        """Nothing where it is of another file."""
        kept = self._kept.get(column)
        return kept if kept is not None and kept.identity == identity_of(self._path) else None

    def bring_up_to_date(self, con: duckdb.DuckDBPyConnection, column: Column) -> Hashes:
        """Reads the rows that are not known yet. Within `Store.reading`, like `find`."""
        with self._lock:
            kept, stamp = self._known(column), stamp_of(self._path)
            if kept is None or kept.stamp != stamp:
                hashes = read_hashes(con, column, NONE if kept is None else kept.hashes)
                self._kept[column] = kept = Kept(hashes, stamp, identity_of(self._path))
            return kept.hashes


UNKNOWN = KeyRows(Path())  # for those who read a call now and then


def read_hashes(con: duckdb.DuckDBPyConnection, column: Column, known: Hashes) -> Hashes:
    """The known ones and those of the rows behind them.

    Rows are only ever added. Should the last known row be another one than it was, all are read anew.
    """
    table, _, name = column.partition(".")
    first = max(len(known) - 1, 0)
    sql = f"SELECT rowid AS place, {HASH.format(name)} AS hash FROM base.{table} WHERE rowid >= $first"  # noqa: S608
    found = con.execute(sql, {"first": first}).fetchnumpy()
    hashes = np.zeros(found["place"].max(initial=first - 1) + 1 - first, np.uint32)
    hashes[found["place"] - first] = found["hash"]
    if len(known) and not np.array_equal(hashes[:1], known[first:]):
        return read_hashes(con, column, NONE)
    return np.concatenate([known[:first], hashes])
