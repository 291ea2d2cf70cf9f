"""A full disk, a folder that cannot be written: said plainly, nothing half stored, and the next run goes on.

The file systems are real, small ones in memory; the runs are in this process, which is what `prescore run` does too.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from flows.batch import run_batch
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.errors import InputError, StoreError
from pipeline.store import Store
from pipeline.store.failures import read_open_failures, request_retries
from pipeline.store.publish import publish
from tests.command.real_command import finish
from tests.faults.mounts import remount, room_left, tmpfs
from tests.faults.run_kills import Night, half_stored, make_night
from tests.flow_runs.rows import differences, rows_of

pytestmark = pytest.mark.kill
OF_FAILURES = frozenset({"failures", "retries"})  # what was tried in vain leaves its rows
KIB = 1024


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return make_night(tmp_path_factory.mktemp("disk"), 3)


def run(order: WorkOrder, night: Night) -> str:
    """What went wrong, in the words that the command prints; nothing when all went well."""
    try:
        run_batch(order, [night.inbox], night.journal, b"key", 0)
    except StoreError as error:
        return str(error)
    return ""


def test_a_full_disk_is_said_and_the_next_run_goes_on(order: WorkOrder, night: Night, tmp_path: Path) -> None:
    with tmpfs(tmp_path / "full", "200m") as folder:
        data = DataFolder(folder)
        order = replace(order, data=data)
        data.prepare()
        said = []
        for room in (
            0,
            300 * KIB,
            800 * KIB,
            1_500 * KIB,
            3_000 * KIB,
        ):  # a new store takes 530, a call 800
            room_left(folder, room)
            said.append(run(order, night))
            remount(folder, "size=200m")
            if data.store.exists():
                assert [row for row in half_stored(night.clean, data) if "no_space" not in row] == []
            assert not list(data.published.glob(".work-*"))
        assert said[0] and said[1], said
        assert all("free some" in line for line in said if line), said
        with Store(data.store).writing() as con:
            request_retries(con, read_open_failures(con))
        assert run(order, night) == ""
        clean, after = (
            {name: rows for name, rows in state.items() if name not in OF_FAILURES}
            for state in (night.clean, rows_of(data.store))
        )
        assert differences(clean, after) == []
        assert (data.published / "snapshot.duckdb").exists()


def test_a_publication_that_finds_no_room_leaves_the_last_one(order: WorkOrder, night: Night, tmp_path: Path) -> None:
    with tmpfs(tmp_path / "full", "200m") as folder:
        data = DataFolder(folder)
        assert run(replace(order, data=data), night) == ""
        before = (data.published / "snapshot.duckdb").stat()
        room_left(folder, 100 * KIB)
        with pytest.raises(StoreError, match=r"what was published before stays: free some space"):
            publish(Store(data.store), data.published)
        assert (data.published / "snapshot.duckdb").stat().st_ino == before.st_ino
        assert not list(data.published.glob(".work-*"))


def test_a_read_only_folder_is_said_and_nothing_changes(order: WorkOrder, night: Night, tmp_path: Path) -> None:
    with tmpfs(tmp_path / "readonly", "100m") as folder:
        data = DataFolder(folder)
        order = replace(order, data=data)
        remount(folder, "ro")
        with pytest.raises(InputError, match="cannot be written"):
            run(order, night)
        remount(folder, "rw")
        assert run(order, night) == ""
        before = rows_of(data.store)
        remount(folder, "ro")
        assert "Read-only file system" in run(order, night)
        with pytest.raises(StoreError, match="Read-only file system"):
            publish(Store(data.store), data.published)
        code, _, errors = finish("status", "--data", folder)
        assert (code, "Read-only file system" in errors, "Traceback" in errors) == (3, True, False)
        remount(folder, "rw")
        assert differences(before, rows_of(data.store)) == []
