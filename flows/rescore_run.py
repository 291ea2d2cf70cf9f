"""A re-score from beginning to end without any server: select, judge in workers, store shard by shard, compare."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import duckdb

from flows.batch import RUN_LOCK_S
from flows.confirming import confirm_stored
from flows.paused_collection import collection_paused
from flows.planning import new_run_id
from flows.publishing import publish_all
from flows.rescoring import (
    Bench,
    RescoreOrder,
    RescoreShard,
    RescoreTask,
    StoredCall,
    bench_of,
    compute_rescore,
    rescore_workers,
)
from flows.shards import ShardResult
from pipeline.changes import Answers, Changes, answers_of
from pipeline.checklist import Checklist
from pipeline.errors import InputError
from pipeline.prescoring.evaluation import WEIGHTS
from pipeline.records import Evaluation
from pipeline.store import Store
from pipeline.store.dialogues import read_unparsed_dialogues
from pipeline.store.evaluations import read_checklist, write_checklist
from pipeline.store.lock import locked
from pipeline.store.rescoring import (
    EarlierAnswers,
    MadeAnswers,
    Selection,
    read_earlier_answers,
    read_made_answers,
    read_unparsed_evaluations,
    select_calls,
)
from pipeline.store.results import write_results
from pipeline.store.runs import write_run_event
from pipeline.store.versions import next_version_number, write_default_checklist

SHARDS_PER_WORKER = 4  # so that workers end together even when calls differ in length
# Calls: two seconds of work, and what a kill can cost. Each shard opens the store twice, and every opening plays the
# log of all shards since the last checkpoint.
LARGEST_SHARD = 500
Compute = Callable[[Iterable[RescoreShard], RescoreOrder, int], Iterator[ShardResult]]


@dataclass(frozen=True)
class RescorePlan:
    """`tasks` are the calls to judge; `done` those that this version and judge have judged before."""

    run_id: str
    tasks: tuple[RescoreTask, ...]
    done: dict[str, MadeAnswers]  # by recording
    earlier: dict[str, EarlierAnswers]  # by recording, what stood before the evaluation by this version and judge
    without_dialogue: int
    version_number: int
    is_new_version: bool

    @property
    def superseded(self) -> int:
        """Calls done before whose current evaluation is a newer one, by another version or judge."""
        return sum(not made.is_current for made in self.done.values())


@dataclass
class RescoreSummary:
    """What one re-score did, growing as shards are stored."""

    plan: RescorePlan
    checklist_id: str
    judge: str
    dry_run: bool
    fresh: dict[str, Answers] = field(default_factory=dict)  # by recording
    given: int = 0  # answers, but for criteria that do not apply by the type of the call
    kept: int = 0  # of these taken over from earlier evaluations
    encoded: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)  # (code, reason)
    changes: Changes = field(default_factory=Changes)
    wall_s: float = 0.0

    def counts(self) -> dict[str, int]:
        return {
            "rescored": len(self.fresh),
            "done_before": len(self.plan.done),
            "encoded": self.encoded,
            "failed": len(self.failed),
        }

    def add(self, shard: ShardResult) -> None:
        for call in shard.calls:
            if call.failure is not None:
                self.failed.append((call.failure.code, call.failure.reason))
            self.kept += call.kept
            for result in call.results:
                if isinstance(result.record, Evaluation):
                    self.fresh[call.content_sha256] = answers_of(result.record)
                    self.given += sum(answer.rung != WEIGHTS for answer in result.record.suggestions)
                else:
                    self.encoded += 1


def run_rescore(
    order: RescoreOrder,
    selection: Selection,
    workers: int | None,
    *,
    dry_run: bool = False,
    lock_timeout_s: float = RUN_LOCK_S,
    compute: Compute = compute_rescore,
    on_plan: Callable[[RescorePlan], None] = lambda _plan: None,
    on_calls: Callable[[int], None] = lambda _count: None,
) -> RescoreSummary:
    """Judge the selected calls by the order's checklist, where this version and judge have not yet, and compare.

    `workers`: None for as many as pay. A dry run writes nothing. Raises InputError when no call fits; StoreError while
    another run works on the data.
    """
    store = Store(order.order.data.store)
    if dry_run:
        return _run(order, store, selection, workers, True, compute, on_plan, on_calls)
    with store.reading():  # there must be one: else the lock would be made in a folder that is not there
        pass
    with locked(order.order.data.run_lock, exclusive=True, timeout_s=lock_timeout_s):
        summary = _run(order, store, selection, workers, False, compute, on_plan, on_calls)
        if summary.fresh:
            confirm_stored(store, order.order.settings.trust)
            publish_all(store, order.order)
    return summary


def _run(
    order: RescoreOrder,
    store: Store,
    selection: Selection,
    workers: int | None,
    dry_run: bool,
    compute: Compute,
    on_plan: Callable[[RescorePlan], None],
    on_calls: Callable[[int], None],
) -> RescoreSummary:
    started_s = time.perf_counter()
    bench = bench_of(order)
    plan = plan_rescore(store, bench, selection, order.default_checklist_id)
    summary = RescoreSummary(plan, bench.checklist.id, bench.judge.identity, dry_run)
    on_plan(plan)
    if workers is None:
        workers = rescore_workers(order.order, sum(not _keeps_all(task, plan, bench) for task in plan.tasks))
    if not dry_run:
        _write_start(store, order, plan)
    shards = read_shards(store, plan, shard_size(len(plan.tasks), workers), bench)
    for result in compute(shards, order, workers):
        with collection_paused():
            if not dry_run:
                store_rescored(store, result, plan.run_id)
            summary.add(result)
        on_calls(len(result.calls))
    if not dry_run:
        with store.writing() as con:
            write_run_event(con, plan.run_id, "finished", summary.counts())
    compare(summary)
    summary.wall_s = time.perf_counter() - started_s
    return summary


def plan_rescore(store: Store, bench: Bench, selection: Selection, default_checklist_id: str) -> RescorePlan:
    """Which calls are to be judged. Raises InputError when none that fits has a dialogue."""
    with store.reading() as con:
        found = select_calls(con, selection)
        spoken = [
            RescoreTask(call.call_id, call.content_sha256, call.dialogue_key)
            for call in found
            if call.content_sha256 is not None and call.dialogue_key is not None
        ]
        if not spoken:
            raise InputError(nothing_fits(selection, len(found)))
        keys = [(task.content_sha256, bench.keys(task.dialogue_key)[1]) for task in spoken]
        done = read_made_answers(con, keys)
        earlier = read_earlier_answers(con, keys, bench.checklist.id, default_checklist_id)
        missing = [task for task in spoken if task.content_sha256 not in done]
        tasks = tuple(_with_earlier(con, missing, earlier, bench))
        number, is_new = next_version_number(con, bench.checklist)
    return RescorePlan(
        run_id=new_run_id(),
        tasks=tasks,
        done=done,
        earlier=earlier,
        without_dialogue=len(found) - len(spoken),
        version_number=number,
        is_new_version=is_new,
    )


def _with_earlier(
    con: duckdb.DuckDBPyConnection,
    tasks: Iterable[RescoreTask],
    earlier: Mapping[str, EarlierAnswers],
    bench: Bench,
) -> Iterator[RescoreTask]:
    """The tasks, each with the checklist by which this judge has judged the same dialogue under the same settings.

    The stage key tells that it has: nothing but the checklist is then another.
    """

    @cache
    def version_of(checklist_id: str, version: str) -> Checklist | None:
        return read_checklist(con, checklist_id, version)

    for task in tasks:
        found = earlier.get(task.content_sha256)
        before = version_of(found.checklist_id, found.checklist_version) if found else None
        same = found and before and found.stage_key == bench.keys(task.dialogue_key, checklist=before)[1]
        yield replace(task, before=before) if same else task


def _keeps_all(task: RescoreTask, plan: RescorePlan, bench: Bench) -> bool:
    """Whether every answer to the call stands, so that its dialogue need not be read."""
    if task.before is None:
        return False
    answers = plan.earlier[task.content_sha256].answers
    return not answers.by_criterion or bench.revision(task.before).keeps_all(answers.call_type)


def nothing_fits(selection: Selection, without_dialogue: int) -> str:
    """The message for a selection without a call to judge."""
    if without_dialogue:
        return f"{without_dialogue} calls fit, but none has a transcript; `prescore status` says what became of them"
    names = {
        "--since": selection.since and f"{selection.since:%Y-%m-%d %H:%M} UTC",
        "--until": selection.until and f"before {selection.until:%Y-%m-%d %H:%M} UTC",
        "--manager": selection.manager,
        "--type": selection.call_type,
    }
    given = ", ".join(f"{name} {value}" for name, value in names.items() if value)
    if not given:
        return "the store holds no calls yet; `prescore run FOLDER` adds some"
    return f"no call fits {given}; `prescore status --calls` lists calls with their manager and type"


def shard_size(calls: int, workers: int) -> int:
    """Small enough that every worker gets several shards."""
    return max(1, min(LARGEST_SHARD, -(-calls // (max(workers, 1) * SHARDS_PER_WORKER))))


def read_shards(store: Store, plan: RescorePlan, size: int, bench: Bench) -> Iterator[RescoreShard]:
    """Shards with what is stored of their calls; each is read when its turn comes, in one short connection."""
    for number, start in enumerate(range(0, len(plan.tasks), size)):
        part = plan.tasks[start : start + size]
        with store.reading() as con:
            stored = _read_calls(con, part, plan, bench)
        yield RescoreShard(number, part, stored)  # outside: the lock must be free while the caller works


def _read_calls(
    con: duckdb.DuckDBPyConnection, tasks: tuple[RescoreTask, ...], plan: RescorePlan, bench: Bench
) -> tuple[StoredCall, ...]:
    """Earlier evaluations whose answers may be kept, and the dialogues of calls of which not all are."""
    judged = [(task.content_sha256, plan.earlier[task.content_sha256].stage_key) for task in tasks if task.before]
    evaluations = read_unparsed_evaluations(con, judged)
    needed = [
        (task.content_sha256, task.dialogue_key)
        for task in tasks
        if task.content_sha256 not in evaluations or not _keeps_all(task, plan, bench)
    ]
    read = read_unparsed_dialogues(con, needed, bench.encoder.dialogue_identity) if needed else []
    dialogues = {found.content_sha256: found for found in read}
    shas = [task.content_sha256 for task in tasks]
    return tuple(StoredCall(dialogues.get(sha), evaluations.get(sha)) for sha in shas)


def store_rescored(store: Store, result: ShardResult, run_id: str) -> None:
    """A shard in one transaction. Failures are told, not stored: the call's earlier evaluations stand as they were."""
    with store.writing(checkpoint=False) as con:
        write_results(con, [found for call in result.calls for found in call.results], run_id)


def compare(summary: RescoreSummary) -> None:
    """Counts what changed for each selected call, judged before or now, against what stood before it."""
    after = {sha: made.answers for sha, made in summary.plan.done.items()} | summary.fresh
    for sha, answers in after.items():
        before = summary.plan.earlier.get(sha)
        summary.changes.add(before.answers if before else None, answers)


def _write_start(store: Store, order: RescoreOrder, plan: RescorePlan) -> None:
    with store.writing() as con:
        write_run_event(con, plan.run_id, "started", {"to_rescore": len(plan.tasks)})
        write_checklist(con, order.checklist)
        write_default_checklist(con, order.default_checklist_id)
