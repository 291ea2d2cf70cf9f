"""Which failures can be tried again: for the command and for the page alike."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.remote_files import is_remote, remote_facts
from pipeline.store.failures import StoredFailure, read_open_failures
from pipeline.store.removals import read_removed
from pipeline.store.rows import fetch

PERMANENT_CODES = frozenset({"no_speech"})  # nothing to retry: the recording holds no words


@dataclass(frozen=True, slots=True)
class Retries:
    """`failures`: those whose recording still lies where it was found, `paths` where that is; `gone`: the others.

    What retention has removed is among neither: nobody shall deliver it again.
    """

    failures: tuple[StoredFailure, ...]
    paths: tuple[Path, ...]
    gone: tuple[StoredFailure, ...]


def is_there(path: Path) -> bool:
    return remote_facts(path) is not None if is_remote(path) else path.exists()


def choose_retries(con: duckdb.DuckDBPyConnection, names: Collection[str] = (), run_id: str | None = None) -> Retries:
    """The open failures that another attempt may mend; only those of that run, or of such call ids or file names.

    `failures.request_retries` closes them, so that the next run over their recordings tries again.
    """
    chosen = [
        item
        for item in read_open_failures(con)
        if item.code not in PERMANENT_CODES
        and (run_id is None or item.run_id == run_id)
        and (not names or {item.call_id, item.file_name, item.failure_id} & set(names))
    ]
    rows = fetch(con, "places_of_failed", shas=[item.content_sha256 for item in chosen]) if chosen else []
    known = {row["content_sha256"]: Path(row["path"]) for row in rows}
    removed = read_removed(con, [item.content_sha256 for item in chosen])
    present = [item for item in chosen if item.content_sha256 in known and is_there(known[item.content_sha256])]
    return Retries(
        failures=tuple(present),
        paths=tuple(known[item.content_sha256] for item in present),
        gone=tuple(item for item in chosen if item not in present and item.content_sha256 not in removed),
    )
