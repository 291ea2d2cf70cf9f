"""Pre-scoring again, from stored dialogues and their vectors; no audio is touched, nothing is overwritten.

Answers that a changed checklist cannot have changed are kept, and a dialogue of which all are is not read.
What is stored under its key is done: a re-score that was killed is simply run again and adds what is missing.
"""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np
from threadpoolctl import threadpool_limits

from flows.json_logs import logs_from_environment
from flows.paused_collection import collection_paused
from flows.shards import ShardResult
from flows.workers import Work, do_work
from flows.workshop import WorkOrder, checklist_named, judge_for, models_of, with_heads
from pipeline.checklist import Checklist
from pipeline.errors import PrescoreError
from pipeline.interfaces import Encoder, Vectors
from pipeline.prescoring import Judge, Revision, evaluate, evaluate_again
from pipeline.prescoring.evaluation import Kept
from pipeline.processing import MEMORY_CODE, CallResult, evaluation_key, kind_and_place, left_out_of, vectors_key
from pipeline.records import Dialogue
from pipeline.settings import EvaluationSettings
from pipeline.stages import DialogueVectors, Failure, StageResult
from pipeline.store.dialogues import UnparsedDialogue
from pipeline.store.payloads import dialogue_of, from_payload
from pipeline.store.rescoring import UnparsedEvaluation

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
    _keys: dict[tuple[str, ...], tuple[str, str]] = field(default_factory=dict)  # many calls share a dialogue key
    _revisions: dict[tuple[str, str], Revision] = field(default_factory=dict)

    def keys(self, dialogue_key: str, judge: str = "", checklist: Checklist | None = None) -> tuple[str, str]:
        """Stage keys of a dialogue's vectors, and of its evaluation.

        By the judge of that identity, else by the own; by that checklist, else by the own.
        """
        by = checklist or self.checklist
        asked = (dialogue_key, judge or self.judge.identity, by.id, by.version)
        if asked not in self._keys:
            vectors = vectors_key(dialogue_key, self.encoder.dialogue_identity)
            self._keys[asked] = vectors, evaluation_key(vectors, by, asked[1], self.settings)
        return self._keys[asked]

    def revision(self, before: Checklist) -> Revision:
        """What came of an earlier checklist, or version, under the judge."""
        asked = (before.id, before.version)
        if asked not in self._revisions:
            self._revisions[asked] = Revision(before, self.checklist, self.judge)
        return self._revisions[asked]


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
    """A call whose evaluation is missing.

    `before`: the checklist by which the same judge and settings have judged the same dialogue; None where none has.
    """

    call_id: str
    content_sha256: str
    dialogue_key: str
    before: Checklist | None = None


@dataclass(frozen=True)
class StoredCall:
    """What is stored of a call: its evaluation by the task's `before`, and its dialogue unless all of that stands."""

    dialogue: UnparsedDialogue | None
    evaluation: UnparsedEvaluation | None


@dataclass(frozen=True)
class RescoreShard:
    """Calls with what was stored of them."""

    number: int
    tasks: tuple[RescoreTask, ...]
    stored: tuple[StoredCall, ...]  # one per task


def rescore_shard(shard: RescoreShard, order: RescoreOrder) -> ShardResult:
    """Judge every call of the shard. A failure belongs to its call; the others go on.

    Raises PrescoreError for what no call is to blame for, such as weights that are missing.
    """
    started_s = time.perf_counter()
    logs_from_environment()
    with threadpool_limits(1, user_api="blas"), collection_paused():
        bench = bench_of(order)
        pairs = zip(shard.tasks, shard.stored, strict=True)
        calls = tuple(_rescore(task, stored, bench) for task, stored in pairs)
    return ShardResult(shard.number, calls, time.perf_counter() - started_s)


def _rescore(task: RescoreTask, stored: StoredCall, bench: Bench) -> CallResult:
    sha, (_, key) = task.content_sha256, bench.keys(task.dialogue_key)
    try:
        kept = _kept(task, stored, bench)
        results = tuple(_judged(task, stored, bench, kept))
        left_out = tuple(name for item in results for name in left_out_of(item.record, bench.judge.identity))
        return CallResult(sha, results, left_out=left_out, kept=len(kept.answers) if kept and not left_out else 0)
    except MemoryError:
        return _failed(sha, key, MEMORY_CODE, f"call {task.call_id}: not enough memory to judge it; free some")
    except PrescoreError:
        raise
    except Exception as error:  # a defect of ours or of a model must not take the other calls along
        reason = f"call {task.call_id}: judging it broke with {kind_and_place(error)}; report it"
        return _failed(sha, key, "internal_error", reason)


def _kept(task: RescoreTask, stored: StoredCall, bench: Bench) -> Kept | None:
    if task.before is None or stored.evaluation is None:
        return None
    return bench.revision(task.before).kept(from_payload("evaluation", stored.evaluation.payload))


@dataclass
class _Heard:
    """Dialogue and vectors of a call, parsed when they are asked for; vectors that nobody has stored are `made`."""

    stored: UnparsedDialogue | None
    encoder: Encoder
    made: tuple[DialogueVectors, float] | None = None  # and how many seconds it took

    def __call__(self) -> tuple[Dialogue, Vectors]:
        if self.stored is None:
            raise RuntimeError("an answer is missing, and the dialogue was left in the store")
        dialogue, vectors = dialogue_of(self.stored.payload), self.stored.vectors
        if vectors is None:
            started_s = time.perf_counter()
            rows = np.asarray(self.encoder.encode_dialogue(dialogue), dtype=np.float32)
            vectors = DialogueVectors(self.encoder.dialogue_identity, rows)
            self.made = vectors, round(time.perf_counter() - started_s, 3)
        return dialogue, vectors.vectors


def _judged(task: RescoreTask, stored: StoredCall, bench: Bench, kept: Kept | None) -> Iterator[StageResult]:
    """Vectors where there were none and they are needed, then the evaluation."""
    sha, heard = task.content_sha256, _Heard(stored.dialogue, bench.encoder)
    by = bench.checklist, bench.judge, bench.settings
    if kept is None or stored.evaluation is None:
        dialogue, vectors = heard()
        audio_s = dialogue.duration_s or 0.0
        started_s = time.perf_counter()
        evaluation = evaluate(dialogue, *by, vectors)
    else:
        audio_s = stored.evaluation.audio_s
        started_s = time.perf_counter()
        evaluation = evaluate_again(kept, *by, heard)
    seconds = round(time.perf_counter() - started_s, 4)
    vectors_stage_key, made_key = bench.keys(task.dialogue_key, evaluation.judge)
    if heard.made is not None:
        yield StageResult(sha, "vectors", vectors_stage_key, *heard.made, audio_s, task.dialogue_key)
    yield StageResult(sha, "evaluation", made_key, evaluation, seconds, audio_s, task.dialogue_key)


def _failed(sha: str, key: str, code: str, reason: str) -> CallResult:
    return CallResult(sha, (), Failure(sha, "evaluation", key, code, reason))


def split_shards(shards: Sequence[RescoreShard]) -> Iterator[RescoreShard]:
    """The same calls, each in a shard of its own."""
    for shard in shards:
        for task, stored in zip(shard.tasks, shard.stored, strict=True):
            yield RescoreShard(shard.number, (task,), (stored,))


def died_shard(shard: RescoreShard, order: RescoreOrder) -> ShardResult:
    """What stands for a shard whose worker died on it."""
    calls = []
    for task in shard.tasks:
        reason = (
            f"call {task.call_id}: the worker process died on it, most likely for lack of memory; use fewer workers"
        )
        key = bench_of(order).keys(task.dialogue_key)[1]
        calls.append(_failed(task.content_sha256, key, "worker_died", reason))
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
