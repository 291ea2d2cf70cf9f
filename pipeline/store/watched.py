"""How the store stands, for whoever watches: the last night, and calls by what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from pipeline.store.calls import read_status_counts
from pipeline.store.rows import fetch


@dataclass(frozen=True, slots=True)
class StoreState:
    """Times in seconds since 1970, UTC; None where there was no night yet. `calls`: by status as in `main.calls`."""

    night_started_s: float | None
    night_finished_s: float | None
    night_calls: Mapping[str, int]
    calls: Mapping[str, int]


def read_state(con: duckdb.DuckDBPyConnection) -> StoreState:
    (night,) = fetch(con, "watched_nights")
    outcomes = {name: night[name] or 0 for name in ("done", "no_speech", "failed")}
    return StoreState(
        night_started_s=_seconds(night["started_at"]),
        night_finished_s=_seconds(night["finished_at"]),
        night_calls=outcomes if night["finished_at"] else {},
        calls=read_status_counts(con),
    )


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.replace(tzinfo=UTC).timestamp()
