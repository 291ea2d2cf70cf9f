"""A run that is killed and run again leaves the rows of a run that was not killed."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.batch import run_batch
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.calls import read_status_counts
from tests.command.real_command import finish, start
from tests.faults.processes import group_is_alive
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import JOURNAL, bad_recordings, breaking_call, mono_call, stereo_call
from tests.flow_runs.rows import count_rows, differences, rows_of

pytestmark = pytest.mark.kill
WAIT_S = 60.0
Rows = dict[str, list[str]]


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kill") / "inbox"
    folder.mkdir()
    for number in range(1, 6):
        stereo_call(folder / f"stereo-{number}.wav", number)
    for number in range(1, 3):
        mono_call(folder / f"mono-{number}.wav", number)
    bad_recordings(folder)
    breaking_call(folder / "breaks.wav", "breaks")
    (folder.parent / "calls.csv").write_text(JOURNAL, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def undisturbed(inbox: Path, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """The rows of a run that nobody killed."""
    order = WorkOrder(settings, DataFolder(tmp_path_factory.mktemp("undisturbed")), FAKES)
    run_batch(order, [inbox], inbox.parent / "calls.csv", b"key", 0)
    return rows_of(order.data.store)


def words(data: DataFolder, inbox: Path, workers: int = 2) -> list[str | Path]:
    return ["run", inbox, "--journal", inbox.parent / "calls.csv", "--workers", str(workers), "--data", data.root]


def started(data: DataFolder) -> bool:
    return data.run_lock.exists()


def planned(data: DataFolder) -> bool:
    return count_rows(data.store, "recordings") > 0


def stored_a_shard(data: DataFolder) -> bool:
    return count_rows(data.store, "stage_results") > 0


def stored_most(data: DataFolder) -> bool:
    return count_rows(data.store, "evaluations") >= 6


def publishing(data: DataFolder) -> bool:
    return any(data.published.glob(".work-*"))


def wait_for(moment: Callable[[DataFolder], bool], data: DataFolder, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not moment(data):
        assert process.poll() is None, f"it ended before the moment came: {process.communicate()}"
        assert time.monotonic() < deadline
        time.sleep(0.01)  # each look opens the store


def kill_group(process: subprocess.Popen[str], number: int = signal.SIGKILL) -> None:
    """The command and its workers at once."""
    os.killpg(process.pid, number)
    process.wait(WAIT_S)


@pytest.mark.parametrize("moment", [started, planned, stored_a_shard, publishing])
def test_killed_and_run_again(
    moment: Callable[[DataFolder], bool], inbox: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    data = DataFolder(tmp_path / "data")
    with start(*words(data, inbox), PRESCORE_PHONE_KEY="key", PRESCORE_FAKE_DELAY_S="0.2") as process:
        wait_for(moment, data, process)
        kill_group(process)
    assert process.returncode == -signal.SIGKILL
    if moment is not started:
        assert len(rows_of(data.store)["evaluations"]) <= len(undisturbed["evaluations"])
    code, _, errors = finish(*words(data, inbox, 0), PRESCORE_PHONE_KEY="key")
    assert (code, errors) == (0, "")
    assert differences(undisturbed, rows_of(data.store)) == []
    assert (data.published / "snapshot.duckdb").exists()
    assert not list(data.published.glob(".work-*"))
    assert not list(data.scratch.iterdir())


def test_workers_do_not_outlive_a_killed_command(inbox: Path, tmp_path: Path) -> None:
    """The kernel kills the biggest process for memory: that may be the command alone."""
    data = DataFolder(tmp_path / "data")
    with start(*words(data, inbox), PRESCORE_FAKE_DELAY_S="0.2") as process:
        wait_for(stored_a_shard, data, process)
        process.kill()
        process.wait(WAIT_S)
        deadline = time.monotonic() + 20
        while group_is_alive(process.pid):
            assert time.monotonic() < deadline, "workers are left"
            time.sleep(0.05)


@pytest.mark.parametrize("moment", [planned, stored_a_shard])
def test_ctrl_c_says_so_and_the_run_goes_on_later(
    moment: Callable[[DataFolder], bool], inbox: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    data = DataFolder(tmp_path / "data")
    with start(*words(data, inbox), PRESCORE_PHONE_KEY="key", PRESCORE_FAKE_DELAY_S="0.2") as process:
        wait_for(moment, data, process)
        time.sleep(0.3)  # while workers start, too
        os.killpg(process.pid, signal.SIGINT)
        out, errors = process.communicate(timeout=WAIT_S)
    assert (process.returncode, errors) == (
        130,
        "\nstopped; what is stored stays stored: run the same command again to go on\n",
    )
    assert "Traceback" not in out
    code, _, errors = finish(*words(data, inbox, 0), PRESCORE_PHONE_KEY="key")
    assert (code, errors) == (0, "")
    assert differences(undisturbed, rows_of(data.store)) == []


def test_killed_again_and_again(inbox: Path, undisturbed: Rows, tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    for moment in (stored_a_shard, stored_most):
        with start(*words(data, inbox), PRESCORE_PHONE_KEY="key", PRESCORE_FAKE_DELAY_S="0.1") as process:
            wait_for(moment, data, process)
            kill_group(process)
    code, out, _ = finish(*words(data, inbox, 0), PRESCORE_PHONE_KEY="key")
    assert code == 0
    assert "done before" in out
    assert differences(undisturbed, rows_of(data.store)) == []
    with Store(data.store).reading() as con:
        assert read_status_counts(con)["done"] == 7
