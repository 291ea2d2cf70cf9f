"""The flow `nightly` under a real Prefect server, on fakes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.futures import PrefectFuture

from flows.batch import RunSummary, run_batch
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
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import breaking_call
from tests.flow_runs.rows import count_rows, differences, rows_of


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness  # loads for seconds, in each process that collects

    with prefect_test_harness():
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
