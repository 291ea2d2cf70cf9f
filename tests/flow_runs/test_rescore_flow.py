"""The flow `rescore` under a real Prefect server, on fakes."""

import json
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

import pytest

from flows.rescore import compute_in_tasks, rescore, rescore_shard_task
from flows.rescore_run import plan_rescore, read_shards
from flows.rescoring import bench_of, rescore_order
from flows.workshop import WorkOrder
from pipeline.errors import InputError
from pipeline.settings import ROOT
from pipeline.store import Store
from pipeline.store.rescoring import Selection
from tests.bench.rescore_store import build_store
from tests.fakes import FakeEncoder
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.rows import count_rows
from tests.flow_runs.test_nightly import artifacts
from tests.flow_runs.test_rescoring import CALLS, sources


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness  # loads for seconds, in each process that collects

    with prefect_test_harness():
        yield


@pytest.fixture
def store(order: WorkOrder, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("PRESCORE_MODELS", FAKES)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the task runner's processes
    store = Store(order.data.store)
    build_store(store, sources(), CALLS, FakeEncoder.dialogue_identity)
    return store


@pytest.mark.usefixtures("prefect_server")
def test_a_dry_run_then_a_re_score_then_nothing_is_left(order: WorkOrder, store: Store) -> None:
    data = str(order.data.root)
    expected = {"rescored": CALLS, "done_before": 0, "encoded": 0, "failed": 0}
    assert rescore(dry_run=True, data=data) == expected
    assert count_rows(store.path, "evaluations") == 0
    assert rescore(checklist="cqr", since="2026-01-01", data=data) == expected
    assert count_rows(store.path, "evaluations") == CALLS
    found = artifacts()
    (counts,) = json.loads(found["prescore-rescore"])
    assert (counts["checklist"], counts["version"], counts["judged now"]) == ("cqr", 1, CALLS)
    changes = {row["criterion"]: row for row in json.loads(found["prescore-changes"])}
    assert changes["greeting"]["not asked before"] == CALLS
    assert {"prescore-outcome", "prescore-call-types"} <= set(found)
    assert rescore(data=data)["rescored"] == 0


def test_a_wrong_parameter_ends_before_anything_is_done(order: WorkOrder, store: Store) -> None:
    with pytest.raises(InputError, match="--type x: no such call type"):
        rescore.fn(call_type="x", data=str(order.data.root))


def test_shards_of_a_broken_pool_are_judged_by_other_workers(
    order: WorkOrder, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a server: the first task finds its pool broken."""
    rescored = rescore_order(order, None)
    bench = bench_of(rescored)
    plan = plan_rescore(store, bench, Selection(), "cqr")

    class Future:
        def __init__(self, number: int, shard: object) -> None:
            self.number, self.shard = number, shard

        def result(self) -> object:
            if self.number == 0:
                raise BrokenProcessPool
            return rescore_shard_task.fn(self.shard, rescored)

    class Task:
        def submit(self, shard: object, order: object) -> Future:
            return Future(shard.number, shard)  # type: ignore[attr-defined]

    monkeypatch.setattr("flows.rescore.rescore_shard_task", Task())
    monkeypatch.setattr("flows.rescore.as_completed", lambda futures: futures)
    results = list(compute_in_tasks(read_shards(store, plan, 2, bench), rescored, 1))
    assert sorted(result.number for result in results) == [0, 1, 2, 3, 4, 5]
    assert sum(len(result.calls) for result in results) == CALLS
