"""The flow `nightly` under a real Prefect server, on fakes."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.futures import PrefectFuture

from flows.batch import RunSummary, run_batch
from flows.json_logs import PlaceOnlyFormatter
from flows.nightly import nightly, process_shard_task
from flows.planning import plan_run
from flows.reports import failures_rows, managers_rows, night_rows, stages_rows
from flows.rescore import rescore
from flows.shards import Shard, cut_shards, split
from flows.task_runners import lost_worker_errors, task_runner
from flows.workshop import WorkOrder
from pipeline.errors import StoreError
from pipeline.settings import ROOT
from pipeline.store import Store
from pipeline.store.lock import locked
from tests.command.real_command import environment
from tests.fakes import AGENT_LINE, CLIENT_LINE
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import JOURNAL, breaking_call
from tests.flow_runs.rows import count_rows, differences, rows_of
from tests.watching.conftest import Collector, collector, lines_of  # noqa: F401  a fixture

LONGEST_S = 600.0  # a machine that others keep busy
SERVER_STARTS_S = 240  # 12 s of a core


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness  # loads for seconds, in each process that collects

    with prefect_test_harness(server_startup_timeout=SERVER_STARTS_S):
        yield


@pytest.fixture
def mixed(order: WorkOrder, inbox: Path, whole_night: tuple[Path, Path, dict[str, str]]) -> RunSummary:
    breaking_call(inbox / "bad.wav", "breaks")
    return run_batch(order, [inbox], whole_night[1], b"key", 0)


def artifacts() -> dict[str, Any]:
    """Newest artifact by key."""
    with get_client(sync_client=True) as client:
        found = client.read_artifacts()
    return {item.key: item.data for item in sorted(found, key=lambda item: item.created) if item.key}


@pytest.mark.usefixtures("prefect_server")
def test_two_nights(
    whole_night: tuple[Path, Path, dict[str, str]], order: WorkOrder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESCORE_MODELS", FAKES)
    monkeypatch.setenv("PRESCORE_PHONE_KEY", "key")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the task runner's processes
    folder, journal, codes = whole_night
    counts = nightly(str(folder), str(journal), data=str(order.data.root))
    assert counts == {"done": 3, "no_speech": 1, "failed": 2}
    found = artifacts()
    assert set(found) == {
        "prescore-night",
        "prescore-failures",
        "prescore-managers",
        "prescore-stages",
        "prescore-page",
    }
    assert {row["code"] for row in json.loads(found["prescore-failures"])} == set(codes.values())
    assert json.loads(found["prescore-night"])[0]["done"] == 3
    assert "http://127.0.0.1:8000/" in found["prescore-page"]

    undisturbed = WorkOrder(order.settings, type(order.data)(tmp_path / "batch"), FAKES)
    run_batch(undisturbed, [folder], journal, b"key", 0)
    after_one = rows_of(order.data.store)
    assert differences(rows_of(undisturbed.data.store), after_one) == []

    assert nightly(str(folder), str(journal), data=str(order.data.root)) == {"done": 0, "no_speech": 0, "failed": 0}
    assert differences(after_one, rows_of(order.data.store)) == []
    assert (order.data.published / "snapshot.duckdb").exists()


@pytest.mark.usefixtures("prefect_server")
def test_a_call_that_kills_its_worker_does_not_end_the_night(
    order: WorkOrder, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESCORE_MODELS", FAKES)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    breaking_call(inbox / "bad.wav", "dies")
    assert nightly(str(inbox), data=str(order.data.root)) == {"done": 2, "no_speech": 0, "failed": 1}
    assert [row["code"] for row in failures_rows(Store(order.data.store))] == ["worker_died"]


@pytest.mark.usefixtures("prefect_server")
def test_a_scheduled_night_is_watched_like_one_by_hand(inbox: Path, tmp_path: Path, collector: Collector) -> None:  # noqa: F811
    """In a process as Prefect's worker starts it: what it tells on the way is JSON, what it sends is one trace."""
    breaking_call(inbox / "breaks.wav", "breaks")
    journal = tmp_path / "calls.csv"
    journal.write_text(JOURNAL, encoding="utf-8")
    ordered, errors = scheduled(
        {"recordings": str(inbox), "journal": str(journal), "data": str(tmp_path / "data")},
        PRESCORE_LOG_FORMAT="json",
        PRESCORE_PHONE_KEY="key",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.address,
    )
    lines = errors.partition("nanobind: leaked")[0].splitlines()  # DuckDB's page at the end of the process
    begun = next(number for number, line in enumerate(lines) if line.startswith("{"))
    assert all(" | Flow run " in line for line in lines[:begun])  # Prefect's own way, until the flow has begun
    told = lines_of("\n".join(lines[begun:]))
    assert (told[-1]["message"], told[-1]["flow_run_id"]) == ("Finished in state Completed", ordered)
    ours = [line for line in told if line["logger"].startswith("flows")]
    assert [line["message"] for line in ours] == ["run begun", *["shard stored"] * 3, "run finished"]
    assert len({line["run_id"] for line in ours}) == 1
    assert (ours[-1]["done"], ours[-1]["failed"]) == (2, 1)

    by_id = {span.span_id: span for span in collector.spans}
    (trace_id,) = {span.trace_id.hex() for span in collector.spans}
    assert {line["trace_id"] for line in ours} == {trace_id}
    parents = {(span.name, by_id[span.parent_span_id].name if span.parent_span_id else "") for span in by_id.values()}
    assert {("night", ""), ("process shard", "night"), ("process call", "process shard")} <= parents

    everything = errors.encode() + b"".join(collector.bytes_got)
    private = [*AGENT_LINE, *CLIENT_LINE, "Анна", "Борис", "stereo-1", "mono-1", "5550101"]
    assert [word for word in private if len(word) > 3 and word.encode() in everything] == []


def scheduled(parameters: dict[str, str], **more: str) -> tuple[str, str]:
    """Id of the flow's run, and what its process wrote on stderr."""
    with get_client(sync_client=True) as client:
        ordered = client.create_flow_run(nightly, parameters=parameters)
        address = str(client.api_url)
    done = subprocess.run(
        [sys.executable, "-m", "prefect.engine"],
        cwd=ROOT,
        env=environment(
            PREFECT_API_URL=address,
            PREFECT__FLOW_RUN_ID=str(ordered.id),
            PREFECT__FLOW_ENTRYPOINT="flows/nightly.py:nightly",
            **more,
        ),
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    assert done.returncode == 0, done.stderr
    return str(ordered.id), done.stderr


@task(retries=1, retry_delay_seconds=0)
def hear() -> None:
    raise ValueError("слова: клиента (Ксении)")


@flow
def fails() -> None:
    hear()


@pytest.mark.usefixtures("prefect_server")
def test_json_logs_hold_no_text_of_an_error_that_prefect_tells() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(PlaceOnlyFormatter())
    logging.getLogger("prefect").addHandler(handler)
    try:
        fails(return_state=True)
    finally:
        logging.getLogger("prefect").removeHandler(handler)
    told = lines_of(written.getvalue())
    assert {"Task run failed with exception", "Encountered exception during execution", "Finished in state Failed"} <= {
        line["message"] for line in told
    }
    assert any(line.get("exc_info", [""])[0] == "ValueError" for line in told)
    assert [word for word in ("слова", "клиента", "Ксении") if word in written.getvalue()] == []


@task
def answer_or_end(number: int) -> int:
    if number == 0:
        raise SystemExit(1)  # what Prefect's engine does in a worker when its server does not answer
    return number


@pytest.mark.usefixtures("prefect_server")
def test_every_task_is_answered_when_prefect_ends_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    @flow(task_runner=task_runner(None, 1))
    def numbers() -> list[int | None]:
        return [answered(future) for future in [answer_or_end.submit(number) for number in range(3)]]

    def answered(future: PrefectFuture[int]) -> int | None:
        try:
            return future.result(timeout=60)
        except lost_worker_errors(None):
            return None

    assert numbers() == [None, 1, 2]


def test_the_task_computes_one_shard(order: WorkOrder, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a server: on a GPU it waits for its slot first."""
    order.data.prepare()
    plan = plan_run(Store(order.data.store), order, [inbox], None, None)
    (shard,) = cut_shards(plan.tasks[:1], 1, 1)
    assert len(process_shard_task.fn(shard, order, False).calls) == 1
    slots: list[tuple[str, int]] = []

    class Slot:
        def __init__(self, name: str, occupy: int, strict: bool) -> None:
            slots.append((name, occupy))

        def __enter__(self) -> None: ...

        def __exit__(self, *error: object) -> None: ...

    monkeypatch.setattr("flows.nightly.concurrency", Slot)
    assert process_shard_task.fn(shard, order, True).calls[0].failure is None
    assert slots == [("prescore-gpu", 1)]


def test_the_deployment_names_what_there_is() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    by_name = {deployment["name"]: deployment for deployment in deployments}
    assert {deployment["name"]: deployment["entrypoint"] for deployment in deployments}.items() >= {
        "nightly": "flows/nightly.py:nightly",
        "rescore": "flows/rescore.py:rescore",
    }.items()
    assert set(by_name["nightly"]["parameters"]) <= set(nightly.parameters.properties)
    assert set(by_name["rescore"]["parameters"]) <= set(rescore.parameters.properties)
    assert by_name["nightly"]["schedules"][0]["cron"]


def test_rows_of_the_reports(mixed: RunSummary, order: WorkOrder) -> None:
    store = Store(order.data.store)
    (night,) = night_rows(mixed)
    assert night == {
        "run": mixed.plan.run_id, "recordings": 3, "processed": 3, "done": 2, "no speech": 0, "failed": 1,
        "failed before": 0, "audio, min": 0.4,
    }  # fmt: skip
    (failure,) = failures_rows(store)
    assert (failure["stage"], failure["code"]) == ("transcription", "internal_error")
    managers = {row["manager"]: row for row in managers_rows(store)}
    assert managers["Анна"]["calls"] == 2
    assert managers["Борис"]["scored"] <= 1
    stages = {row["stage"]: row for row in stages_rows(mixed)}
    assert {"transcription", "diarization"} <= set(stages)
    assert stages["transcription"]["real-time factor"] > 0
    assert stages_rows(RunSummary(mixed.plan)) == []


@pytest.mark.parametrize(
    ("calls", "largest", "workers", "sizes"),
    [
        (0, 8, 2, []),
        (1, 8, 2, [1]),
        (12, 8, 2, [3, 2, 1, 1, 1, 1, 1, 1, 1]),
        (100, 8, 1, [8] * 11 + [6, 3, 1, 1, 1]),
        (9, 8, 1, [4, 2, 1, 1, 1]),
        (3, 8, 16, [1, 1, 1]),
    ],
)
def test_shards_are_cut_so_that_workers_end_together(calls: int, largest: int, workers: int, sizes: list[int]) -> None:
    tasks: Any = list(range(calls))
    shards = cut_shards(tasks, largest, workers)
    assert [len(shard.tasks) for shard in shards] == sizes
    assert [task for shard in shards for task in shard.tasks] == tasks
    assert [shard.tasks for shard in split(shards)] == [(task,) for task in tasks]
    assert [shard.number for shard in shards] == list(range(len(shards)))
    assert all(isinstance(shard, Shard) for shard in shards)


def test_the_night_waits_for_a_run_by_hand(order: WorkOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESCORE_MODELS", FAKES)
    monkeypatch.setattr("flows.nightly.RUN_LOCK_S", 0.1)
    order.data.prepare()
    with (
        locked(order.data.run_lock, exclusive=True, timeout_s=1),
        pytest.raises(StoreError, match=r"within 0\.1 s"),
    ):
        nightly.fn(data=str(order.data.root))
    assert count_rows(order.data.store, "recordings") == 0
