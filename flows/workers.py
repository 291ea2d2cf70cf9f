"""Shards computed by worker processes on this machine. A worker that dies takes no other call with it."""

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from flows.parent_watch import end_with_parent
from flows.shards import Shard, ShardResult, process_shard, split
from flows.workshop import WorkOrder
from pipeline.processing import CallResult
from pipeline.stages import Failure

ATTEMPTS_ALONE = 2  # the kernel may have killed the worker for the memory that another program took
IN_FLIGHT_PER_WORKER = 2  # the next shard waits at the worker's door; the rest stay here, so that Ctrl-C is quick
Part = TypeVar("Part")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Work(Generic[Part, Answer]):
    """What workers do: `do` a shard, `split` shards into shards of one call, and what to answer for one that `died`.

    `do` travels to the worker: a function of a module, or a partial of one.
    """

    do: Callable[[Part], Answer]
    split: Callable[[Sequence[Part]], Iterator[Part]]
    died: Callable[[Part], Answer]


def compute(shards: Iterable[Shard], order: WorkOrder, workers: int) -> Iterator[ShardResult]:
    """Recordings processed: `do_work` on shards of calls."""
    return do_work(shards, Work(partial(process_shard, order=order), split, _died), workers)


def do_work(shards: Iterable[Part], work: Work[Part, Answer], workers: int) -> Iterator[Answer]:
    """Results as they come. Without `workers` (0) the work is done in this process.

    When a worker dies (out of memory, a crash in native code) the shards in flight are taken again one call at a
    time; a call that kills its worker twice when it is alone becomes a failure `worker_died`, and the others go on.
    """
    waiting = iter(shards)
    if workers == 0:
        yield from (work.do(shard) for shard in waiting)
        return
    while True:
        in_flight: list[Part] = []
        try:
            yield from _in_pool(waiting, in_flight, work, workers)
        except BrokenProcessPool:
            yield from _one_by_one(in_flight, work)
        else:
            return


def _in_pool(
    waiting: Iterator[Part], in_flight: list[Part], work: Work[Part, Answer], workers: int
) -> Iterator[Answer]:
    """`in_flight` holds the shards that were taken and not yet answered: what a broken pool owes."""
    pool = _pool(workers)
    running: dict[Future[Answer], Part] = {}
    try:
        while True:
            while len(running) < workers * IN_FLIGHT_PER_WORKER and (shard := next(waiting, None)):
                in_flight.append(shard)
                running[_submit(pool, shard, work)] = shard
            if not running:
                pool.shutdown()
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                result = future.result()
                in_flight.remove(running.pop(future))
                yield result
    finally:
        _stop(pool)


def _one_by_one(shards: Sequence[Part], work: Work[Part, Answer]) -> Iterator[Answer]:
    """One call at a time, so that a worker's death tells which call killed it."""
    pool = _pool(1)
    try:
        for shard in work.split(shards):
            for _ in range(ATTEMPTS_ALONE):
                try:
                    yield _submit(pool, shard, work).result()
                    break
                except BrokenProcessPool:
                    _stop(pool)
                    pool = _pool(1)
            else:
                yield work.died(shard)
    finally:
        _stop(pool)


def _died(shard: Shard) -> ShardResult:
    calls = []
    for task in shard.tasks:
        sha = task.recording.content_sha256
        reason = (
            f"{task.recording.path.name}: the worker process died on it, most likely for lack of memory; "
            "free memory or use fewer workers, then `prescore retry`"
        )
        failure = Failure(sha, "transcription", task.keys.transcription, "worker_died", reason)
        calls.append(CallResult(sha, (), failure))
    return ShardResult(shard.number, tuple(calls), 0.0)


def _pool(workers: int) -> ProcessPoolExecutor:
    # spawn: a forked child would inherit the threads and locks of CTranslate2, torch and DuckDB in unknown states
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=end_with_parent)


def _submit(pool: ProcessPoolExecutor, shard: Part, work: Work[Part, Answer]) -> Future[Answer]:
    """Starts workers as needed, deaf to Ctrl-C from birth: it reaches the whole group, and only the parent decides."""
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(work.do, shard)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def _stop(pool: ProcessPoolExecutor) -> None:
    """At once: what is in flight is not stored yet and will be computed again."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()
