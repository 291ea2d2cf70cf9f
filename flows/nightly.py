"""The night: discover what came in, process it in shards, publish, and report.

Tasks compute, the flow writes. What is done lies in the store under stage keys, so a flow run that was killed is simply
run again; Prefect's own state is only about scheduling and watching.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.concurrency.sync import concurrency
from prefect.futures import PrefectFuture, as_completed

from flows.batch import RunSummary, begin_run, finish_run, night_span, store_shard, tell_stored
from flows.json_logs import logs_from_environment
from flows.notification import notify
from flows.planning import plan_run, with_known_results
from flows.reports import failures_rows, managers_rows, night_rows, stages_rows
from flows.shards import Shard, ShardResult, clear_scratch, cut_shards, process_shard
from flows.spare_cores import with_spare_cores
from flows.task_runners import lost_worker_errors, task_runner
from flows.workers import compute
from flows.workshop import WorkOrder, inbox_of, order_for, read_environment, read_phone_key, with_heads
from models.hardware import choose_device, find_hardware, workers_for
from pipeline.data_folder import DataFolder
from pipeline.settings import CONFIGS, ROOT, load_settings
from pipeline.store import Store
from pipeline.store.lock import locked

GPU_LIMIT = "prescore-gpu"  # a Prefect concurrency limit; `prefect.yaml` and docs/operator.md make it
RUN_LOCK_S = 60.0


@task(name="process shard", retries=2, retry_delay_seconds=[10, 60], retry_jitter_factor=0.5, persist_result=False)
def process_shard_task(shard: Shard, order: WorkOrder, on_gpu: bool) -> ShardResult:
    """Compute one shard. Failures of single calls are results, not errors."""
    if not on_gpu:
        return process_shard(shard, order)
    with concurrency(GPU_LIMIT, occupy=1, strict=False):
        return process_shard(shard, order)


@flow(name="nightly", retries=1, retry_delay_seconds=120)
def nightly(
    recordings: str = "",
    journal: str | None = None,
    data: str = str(ROOT / "data"),
    profile: str | None = None,
    config: str = str(CONFIGS / "pipeline.yaml"),
) -> dict[str, int]:
    """Process what is new in `recordings` (without it: the inbox) and publish. Returns counts of calls."""
    logs_from_environment()
    order = order_for(load_settings(Path(config), profile), DataFolder(Path(data).absolute()))
    order.data.prepare()
    with locked(order.data.run_lock, exclusive=True, timeout_s=RUN_LOCK_S), night_span() as night:
        clear_scratch(order)
        order = with_heads(replace(order, night=night))
        runner = task_runner(order.settings.run.cluster, workers_of(order))
        summary = process_night.with_options(task_runner=runner)(
            order,
            Path(recordings) if recordings else inbox_of(order.settings, order.data),
            Path(journal) if journal else None,
        )
    report(order, summary)
    return summary.counts()


@flow(name="process night", persist_result=False, validate_parameters=False)
def process_night(order: WorkOrder, recordings: Path, journal: Path | None) -> RunSummary:
    """Plan, submit shards to the task runner, store each as it comes, publish.

    The phone key is read here and is no parameter: Prefect stores parameters in its database.
    """
    logger = get_run_logger()
    store = Store(order.data.store)
    plan = plan_run(store, order, [recordings], journal, read_phone_key())
    begin_run(plan)
    logger.info("run %s: %d recordings, %d to process", plan.run_id, plan.recording_count, len(plan.tasks))
    summary = RunSummary(plan)
    shards = cut_shards(plan.tasks, order.settings.run.shard_size, workers_of(order))
    if order.settings.run.cluster is None:
        order = replace(order, settings=with_spare_cores(order.settings, len(plan.tasks), workers_of(order)))
    ready = with_known_results(store, shards)
    on_gpu = choose_device(order.settings.active.transcriber.device, find_hardware()) == "cuda"
    shard_of = {process_shard_task.submit(shard, order, on_gpu): shard for shard in ready}
    for result in _results(shard_of, order):
        store_shard(store, result, plan.run_id)
        summary.add(result)
        tell_stored(summary, result)
        logger.info("stored shard %d: %d calls", result.number, len(result.calls))
    finish_run(store, order, plan.run_id, summary.counts())
    return summary


def _results(shard_of: Mapping[PrefectFuture[ShardResult], Shard], order: WorkOrder) -> Iterator[ShardResult]:
    """As they come. What dead workers left goes to workers of this machine, which tell which call kills them."""
    left: list[Shard] = []
    lost = lost_worker_errors(order.settings.run.cluster)
    for future in as_completed(list(shard_of)):
        try:
            result = future.result()
        except lost:
            left.append(shard_of[future])
        else:
            yield result
    yield from compute(left, order, max(1, workers_here(order)))


def workers_of(order: WorkOrder) -> int:
    """Of the whole cluster, where there is one."""
    cluster = order.settings.run.cluster
    return cluster.workers if cluster else workers_here(order)


def workers_here(order: WorkOrder) -> int:
    return workers_for(order.settings.run.workers, order.settings.active.transcriber, find_hardware())


def report(order: WorkOrder, summary: RunSummary) -> None:
    """The night as artifacts: counts, failures with reasons, CQR by manager, real-time factor by stage, the page."""
    store = Store(order.data.store)
    tables: dict[str, list[dict[str, Any]]] = {
        "night": night_rows(summary),
        "failures": failures_rows(store),
        "managers": managers_rows(store),
        "stages": stages_rows(summary),
    }
    for key, rows in tables.items():
        create_table_artifact(rows, key=f"prescore-{key}", description=f"Prescore: {key} of run {summary.plan.run_id}")
    page = read_environment().get("PRESCORE_PAGE", "http://127.0.0.1:8000/")
    create_link_artifact(page, link_text="Review the calls", key="prescore-page")
    notify(read_environment().get("PRESCORE_WEBHOOK"), summary)
