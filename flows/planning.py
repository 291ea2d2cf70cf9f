"""What a run has to do: registers what came in, and plans the calls that still miss a result."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb

from flows.shards import Shard
from flows.workshop import WorkOrder, workshop_of
from pipeline.intake import Intake, Unreadable, take_in
from pipeline.processing import CallTask, Workshop, stage_keys
from pipeline.stages import STAGES, Failure, Stage
from pipeline.store import Store
from pipeline.store.calls import KnownFile, read_calls, read_known_files, register_journal, register_recordings
from pipeline.store.clock import clock_problem
from pipeline.store.evaluations import write_checklist
from pipeline.store.failures import read_open_failures, write_failures
from pipeline.store.removals import read_removed_files
from pipeline.store.results import read_known_stages, read_result
from pipeline.store.runs import write_run_event
from pipeline.store.versions import write_default_checklist


@dataclass(frozen=True)
class RunPlan:
    """`tasks` are the calls with something missing; the other recordings are done or stand as failed."""

    run_id: str
    tasks: tuple[CallTask, ...]
    recording_count: int
    standing_failures: int
    problems: tuple[str, ...]
    ignored_count: int


def plan_run(
    store: Store, order: WorkOrder, paths: Sequence[Path], journal: Path | None, phone_key: bytes | None
) -> RunPlan:
    """Take in the recordings and the journal, register them in one transaction, and see what is missing.

    Raises InputError, JournalError or ConfigurationError before anything is written.
    """
    workshop = workshop_of(order)

    def known_files(found: Sequence[Path]) -> Mapping[Path, KnownFile]:
        if not found or not store.path.exists():
            return {}
        with store.reading() as con:
            return read_known_files(con, found)

    def removed(names: Collection[str]) -> Collection[str]:
        if not store.path.exists():
            return ()
        with store.reading() as con:
            return read_removed_files(con, names)

    intake = take_in(paths, journal, order.settings.ingest, known_files, phone_key, removed)
    run_id = new_run_id()
    recording_count = len({item.recording.content_sha256 for item in intake.deliveries}) + len(intake.unreadable)
    with store.writing() as con:
        clock = clock_problem(con)
        write_run_event(con, run_id, "started", {"recordings": recording_count})
        write_checklist(con, workshop.checklist)
        write_default_checklist(con, workshop.checklist.id)
        register_journal(con, intake.journal_calls)
        register_recordings(con, [*intake.deliveries, *(item.delivery for item in intake.unreadable)])
        write_failures(con, [_failure(item, workshop) for item in intake.unreadable], run_id)
        tasks, standing = _missing(con, intake, workshop)
    return RunPlan(
        run_id=run_id,
        tasks=tasks,
        recording_count=recording_count,
        standing_failures=standing,
        problems=(*intake.problems, *([clock] if clock else ())),
        ignored_count=intake.ignored_count,
    )


def with_known_results(store: Store, shards: Sequence[Shard]) -> Iterator[Shard]:
    """The shards, each with the earlier results that its calls can build on.

    What there is is asked once, for a night's calls are new for the most part; results are read when the turn comes.
    """
    shas = [task.recording.content_sha256 for shard in shards for task in shard.tasks]
    with store.reading() as con:
        done = read_known_stages(con, shas)
    for shard in shards:
        if any(done[task.recording.content_sha256] for task in shard.tasks):
            with store.reading() as con:
                tasks = tuple(_with_known(con, task, done[task.recording.content_sha256]) for task in shard.tasks)
            shard = Shard(shard.number, tasks)
        yield shard  # outside: the lock must be free while the caller works


def new_run_id() -> str:
    """Sorts by time and is unique."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:6]}"


def _missing(con: duckdb.DuckDBPyConnection, intake: Intake, workshop: Workshop) -> tuple[tuple[CallTask, ...], int]:
    """Calls without an evaluation under their current keys, and how many stand as failed under them."""
    recordings = {item.recording.content_sha256: item.recording for item in reversed(intake.deliveries)}
    done = read_known_stages(con, sorted(recordings))
    failed = {(item.content_sha256, item.stage, item.stage_key) for item in read_open_failures(con)}
    calls = {call.content_sha256: call for call in read_calls(con, sorted(recordings))}
    tasks, standing = [], len(intake.unreadable)
    for sha in dict.fromkeys(item.recording.content_sha256 for item in intake.deliveries):
        keys = stage_keys(workshop, calls[sha])
        if keys.evaluation in done[sha].get("evaluation", {}):
            continue
        if any((sha, stage, keys.of(stage)) in failed for stage in STAGES):
            standing += 1
            continue
        tasks.append(CallTask(recordings[sha], calls[sha], keys))
    return tuple(tasks), standing


def _with_known(con: duckdb.DuckDBPyConnection, task: CallTask, done: Mapping[Stage, Collection[str]]) -> CallTask:
    """A dialogue that still holds makes transcription and diarization unnecessary to read."""
    sha, keys = task.recording.content_sha256, task.keys
    holding: list[Stage] = [stage for stage in ("dialogue", "vectors") if keys.of(stage) in done.get(stage, {})]
    if "dialogue" not in holding:
        holding = [stage for stage in ("transcription", "diarization") if keys.of(stage) in done.get(stage, {})]
    return replace(task, known={stage: read_result(con, sha, stage, keys.of(stage)) for stage in holding})


def _failure(item: Unreadable, workshop: Workshop) -> Failure:
    key = stage_keys(workshop, item.delivery.call).transcription
    return Failure(item.delivery.recording.content_sha256, "transcription", key, item.code, item.reason)
