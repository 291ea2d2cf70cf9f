"""The flow `rescore`: stored calls judged again by another version of a checklist, and what changed as an artifact.

Tasks compute, the flow writes; see `flows/nightly.py`. No audio is touched.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed

from flows.change_report import call_type_rows, change_rows, outcome_rows, rescore_rows
from flows.json_logs import logs_from_environment
from flows.rescore_run import RescoreSummary, run_rescore
from flows.rescoring import (
    RescoreOrder,
    RescoreShard,
    compute_rescore,
    rescore_order,
    rescore_shard,
    rescore_workers,
)
from flows.selection import choose_calls
from flows.shards import ShardResult
from flows.task_runners import lost_worker_errors, task_runner
from flows.workshop import order_for
from pipeline.data_folder import DataFolder
from pipeline.settings import CONFIGS, ROOT, load_settings
from pipeline.store import Store
from pipeline.store.rescoring import Selection

RUN_LOCK_S = 60.0
SUBMITTED_PER_WORKER = 4  # shards carry dialogues and vectors: the rest stays in the store until its turn comes


@task(name="rescore shard", retries=2, retry_delay_seconds=10, persist_result=False, cache_policy=NO_CACHE)
def rescore_shard_task(shard: RescoreShard, order: RescoreOrder) -> ShardResult:
    """Judge one shard. Failures of single calls are results, not errors."""
    return rescore_shard(shard, order)


@flow(name="rescore")
def rescore(
    checklist: str = "",
    since: str = "",
    until: str = "",
    manager: str = "",
    call_type: str = "",
    calls: list[str] = [],  # noqa: B006  Prefect shows it as the parameter's default and never changes it
    dry_run: bool = False,
    data: str = str(ROOT / "data"),
    profile: str | None = None,
    config: str = str(CONFIGS / "pipeline.yaml"),
) -> dict[str, int]:
    """Judge stored calls again. `checklist` "" is the configured one, every other "" any. Returns counts of calls."""
    logs_from_environment()
    work = order_for(load_settings(Path(config), profile), DataFolder(Path(data).absolute()))
    selection = choose_calls(
        Store(work.data.store),
        work.settings,
        since=since,
        until=until,
        manager=manager,
        call_type=call_type or None,
        calls=calls,
    )
    runner = task_runner(None, rescore_workers(work))
    summary = rescore_calls.with_options(task_runner=runner)(rescore_order(work, checklist), selection, dry_run)
    report(summary)
    return summary.counts()


@flow(name="rescore calls", persist_result=False, validate_parameters=False)
def rescore_calls(order: RescoreOrder, selection: Selection, dry_run: bool) -> RescoreSummary:
    """Submit shards to the task runner, store each as it comes, publish, compare."""
    logger = get_run_logger()
    return run_rescore(
        order,
        selection,
        rescore_workers(order.order),
        dry_run=dry_run,
        lock_timeout_s=RUN_LOCK_S,
        compute=compute_in_tasks,
        on_plan=lambda plan: logger.info("run %s: %d calls to judge", plan.run_id, len(plan.tasks)),
        on_calls=lambda count: logger.info("judged %d calls", count),
    )


def compute_in_tasks(shards: Iterable[RescoreShard], order: RescoreOrder, workers: int) -> Iterator[ShardResult]:
    """As they come, some shards at a time. What a worker that died broke goes to workers that survive it."""
    waiting = iter(shards)
    while batch := list(islice(waiting, max(1, workers) * SUBMITTED_PER_WORKER)):
        shard_of = {rescore_shard_task.submit(shard, order): shard for shard in batch}
        left: list[RescoreShard] = []
        for future in as_completed(list(shard_of)):
            try:
                result = future.result()
            except lost_worker_errors(None):
                left.append(shard_of[future])
            else:
                yield result
        yield from compute_rescore(left, order, max(1, workers))


def report(summary: RescoreSummary) -> None:
    """The re-score as artifacts: counts, and what changed by criterion, in CQR and in call types."""
    tables = {
        "rescore": rescore_rows(summary),
        "changes": change_rows(summary.changes),
        "outcome": outcome_rows(summary.changes),
        "call-types": call_type_rows(summary.changes),
    }
    what = f"{summary.checklist_id} version {summary.plan.version_number}, run {summary.plan.run_id}"
    for key, rows in tables.items():
        create_table_artifact(rows, key=f"prescore-{key}", description=f"Prescore: {key} of {what}")
