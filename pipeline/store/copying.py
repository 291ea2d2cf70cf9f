"""A copy of the store as it is at one moment, while pages read it and a night is under way."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.files_on_disk import copy_file
from pipeline.store.connection import Store, connect
from pipeline.store.rows import fetch

BEGINNING = 3 * 4096  # bytes: of a DuckDB file, its own header and the two that take turns
LOG = ".wal"  # what was committed and is not folded into the file yet


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a store is and holds; `version` is the number of its newest migration."""

    version: int
    calls: int
    recordings: int


@dataclass(frozen=True, slots=True)
class FoundRecording:
    """A recording and the file that holds it."""

    content_sha256: str
    path: Path
    size_bytes: int


def copy_store(store: Store, target: Path) -> None:
    """Copies the store, of whatever version, to `target`: one whole file, at the moment when the last writer was done.

    Readers go on; writers wait while the bytes are copied. Bytes and not rows: `COPY FROM DATABASE` keeps everybody
    waiting many times as long (docs/decisions/0019). Raises StoreError when the store is missing, busy or damaged.
    """
    with store.unchanged():
        for ending in (LOG, ""):  # the log first: once the file itself is closed here, DuckDB's own lock on it is gone
            source = store.path.with_name(store.path.name + ending)
            if source.exists():
                copy_file(source, target.with_name(target.name + ending))
    with connect(target, read_only=False, timeout_s=0) as con:
        con.execute("CHECKPOINT")
    os.chmod(target, 0o600)  # noqa: PTH101  every transcript is in it


def copy_published(store: Store, target: Path) -> None:
    """The same for everybody's eyes, with the newest schema, and hardly anybody waits.

    The file itself is copied while others read and write: what a writer commits goes to the log, and blocks in use
    are not written over before a new beginning of the file names others. If that is the same afterwards the copy
    holds what it names, and only the log is copied while writers wait; else everything is, the third time.
    """
    with store.reading():
        pass  # brings the schema up to date
    for is_last in (False, False, True):
        before = b""
        if not is_last:
            with store.unchanged():
                before = _beginning(store.path)
            copy_file(store.path, target)
        with store.unchanged():
            if is_last:
                copy_file(store.path, target)
            elif _beginning(store.path) != before:
                continue
            log = store.path.with_name(store.path.name + LOG)
            if log.exists():
                copy_file(log, target.with_name(target.name + LOG))
            break
    with connect(target, read_only=False, timeout_s=0) as con:
        con.execute("CHECKPOINT")


def _beginning(path: Path) -> bytes:
    """What says which blocks are in use; each checkpoint writes it anew, with a number that rises."""
    with path.open("rb") as file:
        return file.read(BEGINNING)


def read_facts(path: Path) -> StoreFacts:
    """What the file holds. Raises StoreError when it is no store or damaged."""
    with connect(path, read_only=True, timeout_s=0) as con:
        (row,) = fetch(con, "store_facts")
    return StoreFacts(**row)


def read_found_recordings(con: duckdb.DuckDBPyConnection) -> Iterator[FoundRecording]:
    """Each recording once, at the newest place where a file of its size still lies."""
    seen = set()
    for row in fetch(con, "recording_files"):
        path = Path(row["path"])
        if row["content_sha256"] in seen or not path.is_file() or path.stat().st_size != row["size_bytes"]:
            continue
        seen.add(row["content_sha256"])
        yield FoundRecording(row["content_sha256"], path, row["size_bytes"])
