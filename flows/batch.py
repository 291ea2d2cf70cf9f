"""A run from beginning to end without any server: plan, compute in workers, store shard by shard, publish."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from flows.confirming import confirm_stored
from flows.planning import RunPlan, plan_run, with_known_results
from flows.publishing import publish_all
from flows.shards import ShardResult, clear_scratch, cut_shards
from flows.spare_cores import with_spare_cores
from flows.watch_export import flush, watch_from_environment
from flows.watched_shards import count_calls
from flows.workers import compute
from flows.workshop import WorkOrder, with_heads
from pipeline import watching
from pipeline.store import Store
from pipeline.store.failures import write_failures
from pipeline.store.lock import locked
from pipeline.store.results import write_results
from pipeline.store.runs import write_run_event

log = logging.getLogger(__name__)
RUN_LOCK_S = 1.0  # two runs on one data folder would do the same work twice: the second is told so
OnCalls = Callable[[int, float], None]  # calls stored, seconds of audio in them


@dataclass
class RunSummary:
    """What one run did, growing as shards are stored."""

    plan: RunPlan
    done: int = 0
    no_speech: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)  # (code, reason)
    audio_s: float = 0.0
    stage_s: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)  # calls judged without a rung, by rung
    wall_s: float = 0.0

    @property
    def processed(self) -> int:
        return self.done + self.no_speech + len(self.failed)

    def counts(self) -> dict[str, int]:
        return {"done": self.done, "no_speech": self.no_speech, "failed": len(self.failed)}

    def add(self, shard: ShardResult) -> None:
        for call in shard.calls:
            self.stage_s.update({result.stage: result.processing_s for result in call.results})
            self.audio_s += max((result.audio_s for result in call.results), default=0.0)
            self.left_out.update(call.left_out)
            if call.failure is None:
                self.done += 1
            elif call.failure.code == "no_speech":
                self.no_speech += 1
            else:
                self.failed.append((call.failure.code, call.failure.reason))


def run_batch(
    order: WorkOrder,
    paths: Sequence[Path],
    journal: Path | None,
    phone_key: bytes | None,
    workers: int,
    on_plan: Callable[[RunPlan], None] = lambda _plan: None,
    on_calls: OnCalls = lambda _count, _audio_s: None,
) -> RunSummary:
    """Process what is missing and publish. Safe to stop at any moment: what is stored stays, the rest is redone."""
    order.data.prepare()
    with locked(order.data.run_lock, exclusive=True, timeout_s=RUN_LOCK_S):
        clear_scratch(order)
        with night_span() as night:
            order = with_heads(replace(order, night=night))
            return _run(order, paths, journal, phone_key, workers, on_plan, on_calls)


def _run(
    order: WorkOrder,
    paths: Sequence[Path],
    journal: Path | None,
    phone_key: bytes | None,
    workers: int,
    on_plan: Callable[[RunPlan], None],
    on_calls: OnCalls,
) -> RunSummary:
    started_s = time.perf_counter()
    store = Store(order.data.store)
    plan = plan_run(store, order, paths, journal, phone_key)
    begin_run(plan)
    on_plan(plan)
    summary = RunSummary(plan)
    shards = cut_shards(plan.tasks, order.settings.run.shard_size, max(workers, 1))
    order = replace(order, settings=with_spare_cores(order.settings, len(plan.tasks), workers))
    for result in compute(with_known_results(store, shards), order, workers):
        store_shard(store, result, plan.run_id)
        summary.add(result)
        tell_stored(summary, result)
        on_calls(len(result.calls), summary.audio_s)
    finish_run(store, order, plan.run_id, summary.counts())
    summary.wall_s = time.perf_counter() - started_s
    return summary


@contextmanager
def night_span() -> Iterator[watching.Carried]:
    """The span of a whole run, in the form in which it travels to workers; sent before the run ends."""
    watch_from_environment()
    try:
        with watching.span("night", {}):
            yield watching.carried()
    finally:
        flush()


def begin_run(plan: RunPlan) -> None:
    """Says which run it is and how much there is to do: to whoever watches, and in the log."""
    watching.name_run(plan.run_id)
    count_calls((), len(plan.tasks))
    facts = {"run_id": plan.run_id, "recordings": plan.recording_count, "calls": len(plan.tasks)}
    log.info("run begun", extra=facts)


def tell_stored(summary: RunSummary, shard: ShardResult) -> None:
    count_calls(shard.calls, len(summary.plan.tasks) - summary.processed)
    facts = {"run_id": summary.plan.run_id, "shard": shard.number, "seconds": round(shard.processing_s, 3)}
    log.info("shard stored", extra=facts | {"calls": len(shard.calls), **summary.counts()})


def store_shard(store: Store, result: ShardResult, run_id: str) -> None:
    """All results and failures of a shard in one transaction: a killed run leaves whole shards only.

    The plan has left out what was stored; what was stored since, by a re-score or on the page, is looked for only where
    something is in the way.
    """
    try:
        _store_shard(store, result, run_id, expect_new=True)
    except duckdb.ConstraintException:
        _store_shard(store, result, run_id, expect_new=False)


def _store_shard(store: Store, result: ShardResult, run_id: str, *, expect_new: bool) -> None:
    with store.writing(checkpoint=False) as con:
        found = [item for call in result.calls for item in call.results]
        write_results(con, found, run_id, expect_new=expect_new)
        write_failures(con, [call.failure for call in result.calls if call.failure], run_id)


def finish_run(store: Store, order: WorkOrder, run_id: str, counts: dict[str, int]) -> None:
    """Confirm what people allowed to be confirmed, write the end of the run, publish what the data team reads."""
    clear_scratch(order)  # a worker that died left decoded sound
    confirm_stored(store, order.settings.trust)
    with store.writing() as con:
        write_run_event(con, run_id, "finished", counts)
    publish_all(store, order)
    log.info("run finished", extra={"run_id": run_id, **counts})
