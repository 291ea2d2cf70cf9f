"""Pre-scoring again, from stored dialogues and their vectors; no audio is touched, nothing is overwritten.

What is stored under its key is done: a re-score that was killed is simply run again and adds what is missing.
"""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np
from threadpoolctl import threadpool_limits

from flows.paused_collection import collection_paused
from flows.shards import ShardResult
from flows.workers import Work, do_work
from flows.workshop import WorkOrder, checklist_named, judge_for, models_of, with_heads
from pipeline.checklist import Checklist
from pipeline.errors import PrescoreError
from pipeline.interfaces import Encoder
from pipeline.prescoring import Judge, evaluate
from pipeline.processing import MEMORY_CODE, CallResult, evaluation_key, kind_and_place, left_out_of, vectors_key
from pipeline.settings import EvaluationSettings
from pipeline.stages import DialogueVectors, Failure, StageResult
from pipeline.store.dialogues import UnparsedDialogue
from pipeline.store.payloads import dialogue_of

WORTH_WORKERS = 300  # calls: below, one process judges them in the seconds that others take to start


@dataclass(frozen=True)
class RescoreOrder:
    """What a worker must know. The checklist travels along: a file edited meanwhile would be another version."""

    order: WorkOrder
    checklist: Checklist
    default_checklist_id: str  # what is compared with where the checklist has judged nothing yet

    def __hash__(self) -> int:
        return hash((self.order, self.checklist.id, self.checklist.version))


@dataclass(frozen=True)
class Bench:
    """What judges in this process. The encoder loads its weights only for dialogues without vectors."""

    checklist: Checklist
    judge: Judge
    encoder: Encoder
    settings: EvaluationSettings
    _keys: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)  # many calls share a dialogue key

    def keys(self, dialogue_key: str, judge: str = "") -> tuple[str, str]:
        """Stage keys of a dialogue's vectors, and of its evaluation by the judge of that identity, else by the own."""
        asked = (dialogue_key, judge or self.judge.identity)
        if asked not in self._keys:
            vectors = vectors_key(dialogue_key, self.encoder.dialogue_identity)
            self._keys[asked] = vectors, evaluation_key(vectors, self.checklist, asked[1], self.settings)
        return self._keys[asked]


def rescore_order(order: WorkOrder, checklist_name: str | None) -> RescoreOrder:
    """By the checklist of that name or path; without one by the configured checklist. Raises ConfigurationError."""
    default = checklist_named(order.settings.checklist)
    return RescoreOrder(with_heads(order), checklist_named(checklist_name) if checklist_name else default, default.id)


@lru_cache(maxsize=1)
def bench_of(order: RescoreOrder) -> Bench:
    """The bench of this process, set up once and kept."""
    models = models_of(order.order)
    judge = judge_for(order.checklist, models, order.order.settings.active, order.order.heads)
    return Bench(order.checklist, judge, models.encoder, order.order.settings.evaluation)


@dataclass(frozen=True)
class RescoreTask:
    """A call whose evaluation is missing."""

    call_id: str
    content_sha256: str
    dialogue_key: str


@dataclass(frozen=True)
class RescoreShard:
    """Calls with what was stored of them."""

    number: int
    tasks: tuple[RescoreTask, ...]
    dialogues: tuple[UnparsedDialogue, ...]  # one per task


def rescore_shard(shard: RescoreShard, order: RescoreOrder) -> ShardResult:
    """Judge every call of the shard. A failure belongs to its call; the others go on.

    Raises PrescoreError for what no call is to blame for, such as weights that are missing.
    """
    started_s = time.perf_counter()
    with threadpool_limits(1, user_api="blas"), collection_paused():
        bench = bench_of(order)
        pairs = zip(shard.tasks, shard.dialogues, strict=True)
        calls = tuple(_rescore(task, stored, bench) for task, stored in pairs)
    return ShardResult(shard.number, calls, time.perf_counter() - started_s)


def _rescore(task: RescoreTask, stored: UnparsedDialogue, bench: Bench) -> CallResult:
    _, key = bench.keys(stored.dialogue_key)
    try:
        results = tuple(_judged(stored, bench))
        left_out = tuple(name for item in results for name in left_out_of(item.record, bench.judge.identity))
        return CallResult(stored.content_sha256, results, left_out=left_out)
    except MemoryError:
        return _failed(stored, key, MEMORY_CODE, f"call {task.call_id}: not enough memory to judge it; free some")
    except PrescoreError:
        raise
    except Exception as error:  # a defect of ours or of a model must not take the other calls along
        reason = f"call {task.call_id}: judging it broke with {kind_and_place(error)}; report it"
        return _failed(stored, key, "internal_error", reason)


def _judged(stored: UnparsedDialogue, bench: Bench) -> Iterator[StageResult]:
    """Vectors where there were none, then the evaluation."""
    sha, dialogue_key = stored.content_sha256, stored.dialogue_key
    vectors_stage_key, _ = bench.keys(dialogue_key)
    dialogue = dialogue_of(stored.payload)
    audio_s = dialogue.duration_s or 0.0
    vectors = stored.vectors
    if vectors is None:
        started_s = time.perf_counter()
        rows = bench.encoder.encode_dialogue(dialogue)
        vectors = DialogueVectors(bench.encoder.dialogue_identity, np.asarray(rows, dtype=np.float32))
        seconds = round(time.perf_counter() - started_s, 3)
        yield StageResult(sha, "vectors", vectors_stage_key, vectors, seconds, audio_s, dialogue_key)
    started_s = time.perf_counter()
    evaluation = evaluate(dialogue, bench.checklist, bench.judge, bench.settings, vectors.vectors)
    seconds = round(time.perf_counter() - started_s, 4)
    _, made_key = bench.keys(dialogue_key, evaluation.judge)
    yield StageResult(sha, "evaluation", made_key, evaluation, seconds, audio_s, dialogue_key)


def _failed(stored: UnparsedDialogue, key: str, code: str, reason: str) -> CallResult:
    return CallResult(stored.content_sha256, (), Failure(stored.content_sha256, "evaluation", key, code, reason))


def split_shards(shards: Sequence[RescoreShard]) -> Iterator[RescoreShard]:
    """The same calls, each in a shard of its own."""
    for shard in shards:
        for task, stored in zip(shard.tasks, shard.dialogues, strict=True):
            yield RescoreShard(shard.number, (task,), (stored,))


def died_shard(shard: RescoreShard, order: RescoreOrder) -> ShardResult:
    """What stands for a shard whose worker died on it."""
    calls = []
    for task, stored in zip(shard.tasks, shard.dialogues, strict=True):
        reason = (
            f"call {task.call_id}: the worker process died on it, most likely for lack of memory; use fewer workers"
        )
        calls.append(_failed(stored, bench_of(order).keys(stored.dialogue_key)[1], "worker_died", reason))
    return ShardResult(shard.number, tuple(calls), 0.0)


def rescore_workers(order: WorkOrder, calls: int | None = None) -> int:
    """As configured, else a process per core; none for so few `calls` that starting it takes longer than judging."""
    wanted = order.settings.run.workers
    if wanted != "auto":
        return wanted
    return 0 if calls is not None and calls < WORTH_WORKERS else len(os.sched_getaffinity(0))


def compute_rescore(shards: Iterable[RescoreShard], order: RescoreOrder, workers: int) -> Iterator[ShardResult]:
    """Results as they come, from worker processes of this machine; without any (0) from this process."""
    work = Work(partial(rescore_shard, order=order), split_shards, partial(died_shard, order=order))
    return do_work(shards, work, workers)
