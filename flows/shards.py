"""A shard is what a worker takes at once and the writer stores in one transaction: a handful of calls."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from threadpoolctl import threadpool_limits

from flows.call_watch import stopped_before, watched
from flows.json_logs import logs_from_environment
from flows.watched_shards import call_span, shard_span
from flows.workshop import WorkOrder, workshop_of
from pipeline.errors import RecordingError
from pipeline.processing import CallResult, CallTask, Workshop, process_call
from pipeline.remote_files import at_hand, place_text
from pipeline.stages import Failure

TURNS_LEFT = 2  # when a shard begins, there is work for each worker to have at least so many like it


@dataclass(frozen=True)
class Shard:
    number: int
    tasks: tuple[CallTask, ...]


@dataclass(frozen=True)
class ShardResult:
    number: int
    calls: tuple[CallResult, ...]
    processing_s: float


def cut_shards(tasks: Sequence[CallTask], largest: int, workers: int) -> tuple[Shard, ...]:
    """Shards of at most `largest` calls, ever smaller towards the end: the last ones are single calls.

    So no worker has several calls before it while the others have none left, whatever their lengths.
    """
    rest, left = iter(tasks), len(tasks)
    shards: list[Shard] = []
    while left:
        size = max(1, min(largest, left // (workers * TURNS_LEFT)))
        shards.append(Shard(len(shards), tuple(islice(rest, size))))
        left -= size
    return tuple(shards)


def split(shards: Sequence[Shard]) -> Iterator[Shard]:
    """The same calls, each in a shard of its own."""
    yield from (Shard(shard.number, (task,)) for shard in shards for task in shard.tasks)


def process_shard(shard: Shard, order: WorkOrder) -> ShardResult:
    """Compute what is missing for every call of the shard. A failure belongs to its call; the others go on."""
    started_s = time.perf_counter()
    logs_from_environment()
    # the heads' products are small: a second thread only waits for them, and takes the core of the worker beside it
    with threadpool_limits(1, user_api="blas"), shard_span(shard.number, len(shard.tasks), order.night):
        workshop = workshop_of(order)
        calls = tuple(_process(task, workshop, order.home) for task in shard.tasks)
    return ShardResult(shard.number, calls, time.perf_counter() - started_s)


def _process(task: CallTask, workshop: Workshop, home: str) -> CallResult:
    """A call that took its time limit once in this run is not tried again."""
    with call_span(task) as answered:
        stopped = stopped_before(task, workshop.settings, workshop.scratch)
        if stopped is None:
            with watched(task, workshop.settings, workshop.scratch, home) as allow:
                stopped = _with_recording(task, workshop, allow)
        answered.append(stopped)
    return answered[0]


def _with_recording(task: CallTask, workshop: Workshop, allow: Callable[[CallTask], None]) -> CallResult:
    """Processed with the recording on this disk; messages name the place where it came from."""
    if "dialogue" in task.known:  # nobody hears it again
        allow(task)
        return process_call(task, workshop)
    try:
        with at_hand(task.recording, workshop.scratch) as recording:
            here = replace(task, recording=recording)
            allow(here)
            result = process_call(here, workshop)
    except RecordingError as error:  # storage does not give it
        sha = task.recording.content_sha256
        return CallResult(sha, (), Failure(sha, "transcription", task.keys.transcription, error.code, str(error)))
    if result.failure is None:
        return result
    reason = result.failure.reason.replace(str(recording.path), place_text(task.recording.path))
    return replace(result, failure=replace(result.failure, reason=reason))


def clear_scratch(order: WorkOrder) -> None:
    """Remove decoded samples that a killed run or worker left; nothing else uses the folder between runs."""
    shutil.rmtree(order.data.scratch, ignore_errors=True)
    order.data.scratch.mkdir(parents=True, exist_ok=True)
