"""A night on Dask's workers, real processes that stand for other machines; one dies in the middle."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dask
import pytest
import yaml
from distributed import Client, LocalCluster

from flows.batch import run_batch
from flows.nightly import nightly
from flows.task_runners import task_runner
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.errors import ConfigurationError
from pipeline.settings import CONFIGS, ROOT, ClusterSettings, Settings
from pipeline.store import Store
from pipeline.store.failures import read_open_failures
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import breaking_call, stereo_call
from tests.flow_runs.rows import differences, rows_of

CALLS = 6
DEADLINE_S = 60.0
SERVER_STARTS_S = 240  # 12 s of a core, and other tests have the cores too


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    """One for all."""
    from prefect.testing.utilities import prefect_test_harness  # loads for seconds, in each process that collects

    with prefect_test_harness(server_startup_timeout=SERVER_STARTS_S):
        yield


@pytest.fixture
def scheduler(prefect_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A scheduler without workers, which gives up on a shard at its second dead worker.

    What the workers are told, they find in the environment.
    """
    monkeypatch.setenv("PRESCORE_MODELS", FAKES)
    monkeypatch.setenv("PRESCORE_FAKE_DELAY_S", "0.5")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=0, dashboard_address=None, processes=True) as cluster,  # type: ignore[no-untyped-call]
    ):
        yield str(cluster.scheduler_address)


@pytest.fixture
def start_worker(scheduler: str) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler, "--nthreads", "1", "--no-dashboard"]
        worker = subprocess.Popen(
            [*command, "--no-nanny"],
            env={**os.environ, "PRESCORE_FAKE_WORKER": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()
        worker.wait()


def configuration(folder: Path, address: str, **run: float) -> Path:
    settings = yaml.safe_load((CONFIGS / "pipeline.yaml").read_text(encoding="utf-8"))
    settings["run"] |= {"cluster": {"address": address, "workers": 2}, "shard_size": 1} | run
    path = folder / "pipeline.yaml"
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not is_so():
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(0.05)


def test_a_worker_that_dies_loses_nothing(
    scheduler: str,
    start_worker: Callable[[], subprocess.Popen[bytes]],
    settings: Settings,
    tmp_path: Path,
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(CALLS):
        stereo_call(inbox / f"stereo-{number}.wav", number)
    first, _second = start_worker(), start_worker()
    with Client(scheduler, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(2, timeout=DEADLINE_S)
        data = DataFolder(tmp_path / "data")
        store = Store(data.store)

        night = subprocess.Popen(
            [sys.executable, "-c", _NIGHT, str(inbox), str(data.root), str(configuration(tmp_path, scheduler))],
            env={**os.environ, "PREFECT_API_URL": _api_url()},
        )
        wait_until(lambda: _stored(store) >= 1)
        assert first.poll() is None
        first.send_signal(signal.SIGKILL)
        assert night.wait(DEADLINE_S) == 0
    undisturbed = WorkOrder(settings, DataFolder(tmp_path / "batch"), FAKES)
    run_batch(undisturbed, [inbox], None, None, 0)
    assert _stored(store) == CALLS
    assert differences(rows_of(undisturbed.data.store), rows_of(data.store)) == []


@pytest.mark.parametrize(
    ("kind", "workers", "code", "run"),
    [("dies", 3, "worker_died", {}), ("hangs", 2, "timed_out", {"stop_after_s": 8.0, "stop_after_lengths": 0.0})],
)
def test_a_call_that_ends_its_workers_fails_alone(
    kind: str,
    workers: int,
    code: str,
    run: dict[str, float],
    scheduler: str,
    start_worker: Callable[[], subprocess.Popen[bytes]],
    tmp_path: Path,
) -> None:
    """Nobody starts the workers again: the one that is left over does what is left, or the flow's own machine."""
    inbox, data = tmp_path / "inbox", DataFolder(tmp_path / "data")
    inbox.mkdir()
    breaking_call(inbox / "breaks.wav", kind)
    stereo_call(inbox / "stereo-1.wav", 1)
    stereo_call(inbox / "stereo-2.wav", 2)
    started = [start_worker() for _ in range(workers)]
    with Client(scheduler, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(workers, timeout=DEADLINE_S)
        counts = nightly(str(inbox), data=str(data.root), config=str(configuration(tmp_path, scheduler, **run)))
    assert counts == {"done": 2, "no_speech": 0, "failed": 1}
    assert [worker.poll() for worker in started].count(None) == 1
    with Store(data.store).reading() as con:
        (failure,) = read_open_failures(con)
    assert (failure.file_name, failure.code) == ("breaks.wav", code)


_NIGHT = """
import sys
from flows.nightly import nightly
recordings, data, config = sys.argv[1:]
counts = nightly(recordings, data=data, config=config)
sys.exit(0 if counts["failed"] == 0 else 1)
"""


def _api_url() -> str:
    from prefect.settings import PREFECT_API_URL

    return str(PREFECT_API_URL.value())


def _stored(store: Store) -> int:
    if not store.path.exists():
        return 0
    with store.reading() as con:
        found = con.execute("SELECT count(*) FROM base.stage_results WHERE stage = 'evaluation'").fetchone()
    return int(found[0]) if found else 0


def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no Dask scheduler answers there .*`dask scheduler`"):
        nightly.fn(str(tmp_path), data=str(tmp_path / "data"), config=str(configuration(tmp_path, "tcp://127.0.0.1:9")))


def test_without_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prefect_dask.task_runners", None)
    with pytest.raises(ConfigurationError, match=r"pip install -e '\.\[dask\]' -c constraints\.txt"):
        task_runner(ClusterSettings(address="tcp://127.0.0.1:9"), 2)
