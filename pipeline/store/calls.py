"""Calls, their recordings and where those were found. Facts of a call are added, never changed.

A call comes from the journal, from a recording, or from both in either order; `base.call_facts` keeps what each said.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from pipeline.records import Call, Recording
from pipeline.remote_files import place_text
from pipeline.store.clock import read_now
from pipeline.store.identity import KnownCalls, known_calls
from pipeline.store.rows import append, fetch


@dataclass(frozen=True, slots=True)
class Delivery:
    """A recording found at its path, unchanged since `mtime_ns`; the call says what is known of it."""

    call: Call
    recording: Recording
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What a path held when it was last hashed: an unchanged file is not hashed again."""

    content_sha256: str
    size_bytes: int
    mtime_ns: int


def register_journal(con: duckdb.DuckDBPyConnection, calls: Sequence[Call]) -> dict[str, str]:
    """Stores what the journal says, missed calls too; returns the stored call id by the given one.

    A row whose recording came earlier (found by content, journal id or file name) adds its facts to that call.
    A row that says nothing new adds nothing.
    """
    known, now = known_calls(con, calls), read_now(con)
    rows = [(call, True) for call in calls]
    return dict(zip((call.call_id for call in calls), _add_facts(con, known, rows, now), strict=True))


def register_recordings(con: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery]) -> dict[str, str]:
    """Stores recordings, where they were found, and their calls; returns the stored call id by content sha256.

    The same content under another name is another delivery of one recording. A recording that the journal named on
    an earlier night joins that call; the call id of a recording never changes.
    """
    calls = [replace(item.call, content_sha256=item.recording.content_sha256) for item in deliveries]
    known, now = known_calls(con, calls), read_now(con)
    shas = sorted({item.recording.content_sha256 for item in deliveries})
    stored = {row["content_sha256"] for row in fetch(con, "known_recordings", shas=shas)}
    facts = [(call, call.journal_call_id is not None) for call in calls]
    call_ids = dict(
        zip((item.recording.content_sha256 for item in deliveries), _add_facts(con, known, facts, now), strict=True)
    )
    first_seen = {item.recording.content_sha256: item.recording for item in reversed(deliveries)}
    rows = [
        {
            "content_sha256": sha,
            "call_id": call_ids[sha],
            "file_name": recording.path.name,
            "size_bytes": recording.size_bytes,
            "first_seen": now,
        }
        for sha, recording in first_seen.items()
        if sha not in stored
    ]
    append(con, "recordings", rows)
    _add_deliveries(con, deliveries, now)
    return call_ids


def read_known_files(con: duckdb.DuckDBPyConnection, paths: Sequence[Path] | None = None) -> dict[Path, KnownFile]:
    """What a path held when it was last hashed: for those given, or for every one ever delivered."""
    return {
        Path(row["path"]): KnownFile(row["content_sha256"], row["size_bytes"], row["mtime_ns"])
        for row in fetch(con, "known_files", paths=None if paths is None else [place_text(path) for path in paths])
    }


def read_calls(con: duckdb.DuckDBPyConnection, shas: Sequence[str] | None = None) -> list[Call]:
    """The calls with their merged facts, in order of their start; only those of the recordings `shas`, if given."""
    return [Call(**row) for row in fetch(con, "read_calls", shas=None if shas is None else list(shas))]


def name_agent(con: duckdb.DuckDBPyConnection, content_sha256: str, agent_at_s: float, named_by: str) -> None:
    """Keeps what a person said: whoever speaks at that second of the recording is the agent."""
    row = {"content_sha256": content_sha256, "agent_at_s": agent_at_s, "named_by": named_by, "named_at": read_now(con)}
    append(con, "named_agents", [row])


def read_status_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many calls are missed, no_recording, waiting, failed, no_speech, not_scored, done; absent means none."""
    return {row["status"]: row["call_count"] for row in fetch(con, "status_counts")}


def _add_facts(
    con: duckdb.DuckDBPyConnection, known: KnownCalls, told: Sequence[tuple[Call, bool]], now: datetime
) -> tuple[str, ...]:
    """The stored id of each call, in order; facts that a call does not have yet are added, with their origin."""
    ids, rows = [], []
    for call, from_journal in told:
        identified = replace(call, call_id=known.identify(call))
        if known.is_news(identified, from_journal):
            facts = asdict(identified)
            del facts["content_sha256"], facts["agent_at_s"]  # they are not what a journal or a file says
            rows.append(facts | {"from_journal": from_journal, "registered_at": now})
        known.keep(identified, from_journal)
        ids.append(identified.call_id)
    append(con, "call_facts", rows)
    return tuple(ids)


def _add_deliveries(con: duckdb.DuckDBPyConnection, deliveries: Sequence[Delivery], now: datetime) -> None:
    known = read_known_files(con, [item.recording.path for item in deliveries])
    rows = []
    for item in deliveries:
        seen = KnownFile(item.recording.content_sha256, item.recording.size_bytes, item.mtime_ns)
        if known.get(item.recording.path) != seen:
            known[item.recording.path] = seen
            rows.append(asdict(seen) | {"path": place_text(item.recording.path), "seen": now})
    append(con, "deliveries", rows)
