"""Failures belong to a call: stored with their reason, listed, and tried again on request; nothing is deleted."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

import duckdb

from pipeline.stages import Failure
from pipeline.store.clock import read_now
from pipeline.store.rows import append, fetch


@dataclass(frozen=True, slots=True)
class StoredFailure:
    """A failure with its call; `call_id` and `file_name` are None while its recording was not registered."""

    failure_id: str
    call_id: str | None
    content_sha256: str
    file_name: str | None
    stage: str
    stage_key: str
    code: str
    reason: str
    run_id: str
    failed_at: datetime


def write_failures(con: duckdb.DuckDBPyConnection, failures: Sequence[Failure], run_id: str) -> None:
    """Adds the failures. One that stands open already with the same reason adds nothing."""
    if not failures:
        return
    standing = {(item.content_sha256, item.stage, item.stage_key, item.reason) for item in read_open_failures(con)}
    now = read_now(con)
    rows = [
        asdict(failure) | {"failure_id": uuid4().hex, "run_id": run_id, "failed_at": now}
        for failure in failures
        if (failure.content_sha256, failure.stage, failure.stage_key, failure.reason) not in standing
    ]
    append(con, "failures", rows)


def read_open_failures(con: duckdb.DuckDBPyConnection, shas: Sequence[str] | None = None) -> list[StoredFailure]:
    """The failures that nobody asked to retry and that no success of the same stage followed, newest first.

    `shas`: only of these recordings.
    """
    return [StoredFailure(**row) for row in fetch(con, "open_failures", shas=None if shas is None else list(shas))]


def request_retries(con: duckdb.DuckDBPyConnection, failures: Sequence[StoredFailure]) -> None:
    """Closes the failures, so that the next run tries them again."""
    now = read_now(con)
    append(con, "retries", [{"failure_id": failure.failure_id, "requested_at": now} for failure in failures])
