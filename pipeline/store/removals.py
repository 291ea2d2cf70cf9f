"""Recordings whose files were removed when they had become too old: what was removed, where, when, and by which age."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipeline.store.rows import append, fetch, utc_now


@dataclass(frozen=True, slots=True)
class AgedRecording:
    """A recording of a call from before the chosen day, and every path whose newest content it is.

    `judged`: whether anything has judged the call.
    """

    content_sha256: str
    call_id: str
    size_bytes: int
    paths: tuple[Path, ...]
    judged: bool


@dataclass(frozen=True, slots=True)
class Removal:
    """One file that retention removes."""

    content_sha256: str
    path: str
    size_bytes: int
    audio_days: int


def read_aged(con: duckdb.DuckDBPyConnection, before: datetime) -> tuple[AgedRecording, ...]:
    """The recordings of calls that began before that moment (UTC), the oldest first.

    Where nobody knows when the call began, the day on which the recording was first seen counts.
    """
    return tuple(
        AgedRecording(**row | {"paths": tuple(map(Path, row["paths"]))})
        for row in fetch(con, "aged_recordings", before=before)
    )


def write_removals(con: duckdb.DuckDBPyConnection, removals: Sequence[Removal]) -> None:
    """Says that those files are being removed; written before they are, so that no removal is ever unknown."""
    now = utc_now()
    append(con, "removals", [asdict(removal) | {"removed_at": now} for removal in removals])


def read_removed(con: duckdb.DuckDBPyConnection, shas: Sequence[str]) -> dict[str, int]:
    """By recording: after how many days retention removed it; those alone that it removed."""
    rows = fetch(con, "removed_recordings", shas=list(shas)) if shas else []
    return {row["content_sha256"]: row["audio_days"] for row in rows}


def read_removed_files(con: duckdb.DuckDBPyConnection, names: Collection[str]) -> frozenset[str]:
    """Those of the names, as recordings and journals call them, whose files retention has removed."""
    return frozenset(row["file_name"] for row in fetch(con, "removed_files", names=sorted(names)))
