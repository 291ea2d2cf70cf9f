"""What a night has stored never changes: dialogues and evaluations in memory, since to read one costs 20 ms of a core.

Nothing is kept when the store is another file: `prescore erase` and a copy that was brought back put one in its place.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Generic, TypeVar

import duckdb

from pipeline.records import AnalysedDialogue, Evaluation
from pipeline.stages import Stage
from pipeline.store.payloads import from_payload
from pipeline.store.rows import fetch
from review.key_rows import KeyRows
from review.store_file import identity_of

KEPT = 400  # of each kind; about 20 kB each
Key = TypeVar("Key")
Value = TypeVar("Value")
KeptRecord = AnalysedDialogue | Evaluation


class KeptWithStore(Generic[Key, Value]):
    """The values used last, as long as the store at that path is the same file; threads share them."""

    def __init__(self, store: Path, largest: int = KEPT) -> None:
        self._store = store
        self._largest = largest
        self._identity = identity_of(store)
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Key) -> Value | None:
        with self._lock:
            self._let_go_of_another()
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def keep(self, key: Key, value: Value) -> None:
        """Only within `Store.reading`: it holds the lock, so that the file is the one that was read."""
        with self._lock:
            self._let_go_of_another()
            self._values[key] = value
            while len(self._values) > self._largest:
                self._values.popitem(last=False)

    def _let_go_of_another(self) -> None:
        identity = identity_of(self._store)
        if identity != self._identity:
            self._values.clear()
            self._identity = identity


class KeptRecords:
    """Records of stages: of one application, over the store at that path.

    `rows`: where the rows of a call stand, for whoever reads one.
    """

    def __init__(self, store: Path) -> None:
        self.rows = KeyRows(store)
        self._records: KeptWithStore[tuple[str, Stage, str], KeptRecord] = KeptWithStore(store)

    def read(
        self, con: duckdb.DuckDBPyConnection, sha: str, wanted: Sequence[tuple[Stage, str]]
    ) -> dict[Stage, KeptRecord]:
        """Those of one recording, by stage; from the store where they are not here: two there cost as much as one."""
        kept = {stage: self._records.find((sha, stage, key)) for stage, key in wanted}
        found = {stage: record for stage, record in kept.items() if record is not None}
        missing = [key for stage, key in wanted if stage not in found]
        rows = self.rows.find(con, "stage_results.content_sha256", sha) if missing else None
        for row in fetch(con, "page_payloads", sha=sha, keys=missing, rows=rows) if missing else []:
            found[row["stage"]] = record = from_payload(row["stage"], row["payload"])
            self._records.keep((sha, row["stage"], row["stage_key"]), record)
        return found
