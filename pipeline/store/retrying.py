"""Which failures can be tried again: for the command and for the page alike."""

from collections.abc import Collection, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class OpenFailures:
    """Failures that another attempt may mend.

    `places`: where their recordings were found last; `removed`: those that retention has removed.
    """

    failures: tuple[StoredFailure, ...]
    places: Mapping[str, Path]
    removed: Collection[str]

    def retries(self) -> Retries:
        """What lies where, now."""
        present = [item for item in self.failures if (path := self.places.get(item.content_sha256)) and is_there(path)]
        there = {item.failure_id for item in present}
        return Retries(
            failures=tuple(present),
            paths=tuple(self.places[item.content_sha256] for item in present),
            gone=tuple(
                item
                for item in self.failures
                if item.failure_id not in there and item.content_sha256 not in self.removed
            ),
        )


def is_there(path: Path) -> bool:
    return remote_facts(path) is not None if is_remote(path) else path.exists()


def choose_retries(con: duckdb.DuckDBPyConnection, names: Collection[str] = (), run_id: str | None = None) -> Retries:
    """The open failures that another attempt may mend; only those of that run, or of such call ids or file names.

    `failures.request_retries` closes them, so that the next run over their recordings tries again.
    """
    return read_mendable(con, names, run_id).retries()


def read_mendable(
    con: duckdb.DuckDBPyConnection,
    names: Collection[str] = (),
    run_id: str | None = None,
    open_failures: Sequence[StoredFailure] | None = None,
) -> OpenFailures:
    """The same, before anybody has looked for the recordings. `open_failures`: all, where they have been read."""
    chosen = tuple(
        item
        for item in (read_open_failures(con) if open_failures is None else open_failures)
        if item.code not in PERMANENT_CODES
        and (run_id is None or item.run_id == run_id)
        and (not names or {item.call_id, item.file_name, item.failure_id} & set(names))
    )
    rows = fetch(con, "places_of_failed", shas=[item.content_sha256 for item in chosen]) if chosen else []
    known = {row["content_sha256"]: Path(row["path"]) for row in rows}
    return OpenFailures(chosen, known, read_removed(con, [item.content_sha256 for item in chosen]))
