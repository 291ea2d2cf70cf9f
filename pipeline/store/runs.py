"""When each run started and finished, with its counts: a row at each end, none changed."""

import json
from collections.abc import Mapping
from typing import Literal

import duckdb

from pipeline.store.clock import read_now
from pipeline.store.rows import append


def write_run_event(
    con: duckdb.DuckDBPyConnection, run_id: str, event: Literal["started", "finished"], counts: Mapping[str, int]
) -> None:
    """Adds the start or the end of a run. A killed run has a start alone."""
    row = {"run_id": run_id, "event": event, "occurred_at": read_now(con), "counts": json.dumps(counts)}
    append(con, "run_events", [row])
