"""Nights over several hosts, which are network namespaces of this machine: one falls silent, one loses its power."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flows.batch import run_batch
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.settings import ROOT, Settings
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.hosts import DASK_PORT, DEADLINE_S, Host, NoNamespacesError, network, start_prefect, wait_until
from tests.flow_runs.recordings import stereo_call
from tests.flow_runs.rows import count_rows, differences, rows_of
from tests.flow_runs.test_cluster import configuration

CALLS = 6
SILENCE_S = 11  # after which Dask's scheduler holds a connection for dead: the least that it allows; by default 30
pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(
        os.getuid() != 0 or shutil.which("ip") is None,
        reason="hosts are network namespaces: they need root and the program ip (apt-get install iproute2)",
    ),
]
Hosts = tuple[Host, Host, Host]


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """head, with Prefect's server; first and second, with nothing."""
    try:
        with network(tmp_path_factory.mktemp("hosts"), "head", "first", "second") as (head, first, second):
            start_prefect(head)
            yield head, first, second
    except NoNamespacesError as error:
        pytest.skip(f"no network namespaces here: {error}")


@pytest.fixture
def idle(hosts: Hosts) -> Iterator[Hosts]:
    """Nothing runs on first and second, neither before nor after."""
    yield hosts
    for host in hosts[1:]:
        host.lose_power()
        host.plug_in()


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night") / "inbox"
    folder.mkdir()
    for number in range(CALLS):
        stereo_call(folder / f"stereo-{number}.wav", number)
    return folder


@pytest.fixture(scope="module")
def undisturbed(inbox: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The rows of a run on one machine."""
    order = WorkOrder(settings, DataFolder(tmp_path_factory.mktemp("undisturbed")), FAKES)
    run_batch(order, [inbox], None, None, 0)
    return rows_of(order.data.store)


def calls_stored(data: DataFolder) -> int:
    return count_rows(data.store, "evaluations")


def start_dask_worker(host: Host, scheduler: str, delay_s: float) -> subprocess.Popen[bytes]:
    words = ["-m", "distributed.cli.dask_worker", scheduler, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    return host.start(*words, log="dask", PRESCORE_FAKE_WORKER="1", PRESCORE_FAKE_DELAY_S=str(delay_s))


_NIGHT = """
import sys
from flows.nightly import nightly
recordings, data, config = sys.argv[1:]
nightly(recordings, data=data, config=config)
"""


def test_a_host_that_falls_silent_loses_nothing(
    idle: Hosts, inbox: Path, undisturbed: dict[str, list[str]], settings: Settings, tmp_path: Path
) -> None:
    """Its worker lives on in the middle of a call, with its link cut, and is back before the night is over."""
    head, first, second = idle
    scheduler, data = f"tcp://{head.address}:{DASK_PORT}", DataFolder(tmp_path / "data")
    words = ["-m", "distributed.cli.dask_scheduler", "--host", head.address, "--port", str(DASK_PORT), "--no-dashboard"]
    head.start(*words, log="scheduler", DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP=f"{SILENCE_S}s")
    silent = start_dask_worker(first, scheduler, delay_s=SILENCE_S + 5)
    start_dask_worker(second, scheduler, delay_s=0.2)
    wait_until(lambda: head.told("scheduler").count("Register worker") == 2, "two workers of Dask")

    night = head.start("-c", _NIGHT, inbox, data.root, configuration(tmp_path, scheduler), log="night")
    wait_until(lambda: calls_stored(data) >= 1 or night.poll() is not None, "the first call")
    first.unplug()
    wait_until(lambda: "Remove worker" in head.told("scheduler"), "the end of Dask's patience")
    assert (silent.poll(), night.poll()) == (None, None)
    first.plug_in()
    assert night.wait(DEADLINE_S) == 0, head.told("night")
    assert silent.wait(DEADLINE_S) == 0, first.told("dask")
    assert differences(undisturbed, rows_of(data.store)) == []

    again = run_batch(WorkOrder(settings, data, FAKES), [inbox], None, None, 0)
    assert again.plan.tasks == ()
    assert differences(undisturbed, rows_of(data.store)) == []
    assert not list(data.scratch.iterdir())


def deploy(head: Host, inbox: Path, data: DataFolder, folder: Path) -> None:
    """The night of prefect.yaml, installed in this folder, at no time of its own."""
    content = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))
    content["pull"] = [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}]
    (night,) = (deployment for deployment in content["deployments"] if deployment["name"] == "nightly")
    night["parameters"] |= {"recordings": str(inbox), "data": str(data.root)}
    content["deployments"] = [{**night, "schedules": []}]
    path = folder / "prefect.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    head.prefect("work-pool", "create", "prescore", "--type", "process")
    head.prefect("deploy", "--all", "--prefect-file", path)


def start_prefect_worker(host: Host, delay_s: float) -> None:
    """As docs/systemd/prescore-worker.service does; it looks for work more often."""
    words = ["-m", "prefect", "worker", "start", "--pool", "prescore", "--type", "process", "--limit", "1"]
    host.start(*words, log="worker", PREFECT_WORKER_QUERY_SECONDS="2", PRESCORE_FAKE_DELAY_S=str(delay_s))


def order_night(head: Host) -> str:
    """The id of its run."""
    told = head.prefect("deployment", "run", "nightly/nightly")
    (run,) = (line.split()[-1] for line in told.splitlines() if "UUID" in line)
    return run


def state_of(head: Host, run: str) -> str:
    return head.finish("-ISc", _STATE, f"{head.environment()['PREFECT_API_URL']}/flow_runs/{run}").strip()


_STATE = """
import json, sys, urllib.request
print(json.load(urllib.request.urlopen(sys.argv[1], timeout=60))["state"]["name"])
"""


def test_a_host_that_loses_its_power_in_the_middle_of_a_night(
    idle: Hosts, inbox: Path, undisturbed: dict[str, list[str]], tmp_path: Path
) -> None:
    """Ordered from head, carried out on second; the next night goes on where it was, on first."""
    head, first, second = idle
    data = DataFolder(tmp_path / "data")
    deploy(head, inbox, data, tmp_path)
    start_prefect_worker(second, delay_s=2)
    dead = order_night(head)
    wait_until(lambda: calls_stored(data) >= 1, "the first call")
    second.lose_power()
    stored = calls_stored(data)
    assert stored < CALLS and f"{CALLS} to process" in second.told("worker")

    assert state_of(head, dead) == "Running"  # nobody told the server, and the deployment has one slot
    head.prefect("flow-run", "delete", dead)  # else the next night waits until the slot's lease has ended: five minutes
    start_prefect_worker(first, delay_s=0)
    night = order_night(head)
    wait_until(lambda: state_of(head, night) in ("Completed", "Failed", "Crashed", "Cancelled"), "the next night")
    assert state_of(head, night) == "Completed", first.told("worker")
    assert f"{CALLS} recordings, {CALLS - stored} to process" in first.told("worker")
    assert differences(undisturbed, rows_of(data.store)) == []
