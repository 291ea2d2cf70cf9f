"""Backups by the real command while a night stores shards and people submit: each is one moment, nothing is lost."""

import re
import signal
import sqlite3
import subprocess
import sys
import time
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.backup import WORK, backups_in, check_backup
from flows.batch import run_batch
from flows.restoring import restore
from flows.shards import cut_shards
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.settings import ROOT, load_settings
from pipeline.store import Store
from review.desk.applying import apply_waiting, forget_lost
from review.desk.database import Desk
from review.desk.people import Person, add_person
from tests.command.real_command import finish, start
from tests.desk.judged import rows, write_judged
from tests.desk.work import SHARED
from tests.faults.processes import LONGEST_S, kill_group, wait_until
from tests.faults.run_kills import KEY, Night, compared, half_stored
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import JOURNAL, breaking_call, stereo_call
from tests.flow_runs.rows import count_rows, rows_of
from tests.held import Hold

pytestmark = pytest.mark.kill
LOGINS = ("anna", "boris")
SUBMITS, SHARDS = 12, 25
CALLS = 9


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    data = DataFolder(tmp_path / "data")
    data.prepare()
    write_judged(Store(data.store), [*LOGINS, SHARED])
    for login in LOGINS:
        add_person(Desk(data.desk), Person("", login, login, "supervisor"), None)
    return data


def working(*words: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.desk.work", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_each_backup_is_whole_and_none_stops_the_work(data: DataFolder, tmp_path: Path) -> None:
    root = tmp_path / "backups"
    with working("store", data.root, str(SHARDS)) as night, working("submit", data.root, str(SUBMITS), *LOGINS) as page:
        while night.poll() is None or page.poll() is None:
            code, _, errors = finish("backup", root, "--data", data.root)
            assert (code, errors) == (0, "")
        assert (night.returncode, page.returncode) == (0, 0), (night.stderr, page.stderr)
        shards = [line for line in night.stdout or () if line.startswith("stored")]
        acknowledged = {line.split()[1] for line in page.stdout or () if re.match("submitted|first", line)}
    assert len(shards) == SHARDS
    code, _, _ = finish("backup", root, "--data", data.root)
    backups = backups_in(root)
    assert len(backups) >= 2
    for folder in backups:
        check_backup(folder)
        assert_one_moment(folder)
    with sqlite3.connect(backups[-1] / "desk.sqlite") as con:
        assert {row[0] for row in con.execute("SELECT submission_id FROM submissions")} >= acknowledged


def assert_one_moment(folder: Path) -> None:
    """Shards are there with all their stages or not at all; what the store knows of people, the desk knows too."""
    with duckdb.connect(str(folder / "calls.duckdb"), read_only=True) as con:
        sql = "SELECT count(*) FROM base.stage_results WHERE run_id LIKE 'run %' GROUP BY content_sha256"
        assert {count for (count,) in con.execute(sql).fetchall()} <= {5}
        applied = {row[0] for row in con.execute("SELECT DISTINCT submission_id FROM base.submissions").fetchall()}
    with sqlite3.connect(folder / "desk.sqlite") as desk:
        assert applied <= {row[0] for row in desk.execute("SELECT submission_id FROM submissions")}


def test_what_was_handed_in_between_store_and_desk_is_brought_in(data: DataFolder, tmp_path: Path) -> None:
    """Whatever a restored store lacks of the restored desk, the page brings back at its start."""
    root = tmp_path / "backups"
    with working("submit", data.root, str(SUBMITS), *LOGINS) as page:
        while page.poll() is None:
            finish("backup", root, "--data", data.root)
    new = DataFolder(tmp_path / "new")
    restore(backups_in(root)[0], new)
    desk, store = Desk(new.desk), Store(new.store)
    forget_lost(desk, store)
    assert apply_waiting(desk, store) == 0
    with desk.reading() as con:
        handed_in = {row[0] for row in con.execute("SELECT submission_id FROM submissions")}
    assert {row[0] for row in rows(store, "SELECT DISTINCT submission_id FROM base.submissions")} == handed_in


def test_a_killed_backup_leaves_no_backup_and_holds_nobody_up(data: DataFolder, tmp_path: Path) -> None:
    root = tmp_path / "backups"
    with start("backup", root, "--data", data.root) as process:
        deadline = time.monotonic() + 60
        while not list(root.glob(f"{WORK}*")) and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert backups_in(root) == []
    with Store(data.store, timeout_s=1).writing() as con:
        con.execute("SELECT 1")
    code, _, errors = finish("backup", root, "--data", data.root)
    assert (code, errors, len(backups_in(root)), list(root.glob(f"{WORK}*"))) == (0, "", 1, [])


@pytest.fixture
def night(tmp_path: Path) -> Night:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    breaking_call(inbox / "breaks.wav", "breaks")
    for number in range(1, CALLS):
        stereo_call(inbox / f"call-{number}.wav", number)
    (tmp_path / "calls.csv").write_text(JOURNAL, encoding="utf-8")
    clean = DataFolder(tmp_path / "clean")
    run_batch(WorkOrder(load_settings(), clean, FAKES), [inbox], tmp_path / "calls.csv", b"key", 0)
    return Night(inbox, rows_of(clean.store))


def test_a_night_goes_on_from_a_backup_that_was_made_in_its_middle(night: Night, tmp_path: Path) -> None:
    """The real run stores shard after shard meanwhile; its last call waits until the backup is there."""
    data, root, hold = DataFolder(tmp_path / "working"), tmp_path / "backups", Hold(tmp_path / "hold", CALLS)
    with start(*night.words(data, 1), **KEY, PRESCORE_FAKE_DELAY_S="0.4", **hold.environment) as process:
        try:
            wait_until(lambda: calls_stored(data) > 0 or process.poll() is not None, "the first shard")
            code, _, errors = finish("backup", root, "--data", data.root)
            assert (code, errors, process.poll()) == (0, "", None)
            hold.let_go()
            process.communicate(timeout=LONGEST_S)
        finally:
            kill_group(process)
    assert (process.returncode, compared(night.clean, data)) == (0, [])

    new = DataFolder(tmp_path / "new")
    (folder,) = backups_in(root)
    restore(folder, new)
    assert half_stored(night.clean, new) == []
    assert calls_stored(new) in whole_shards()
    code, out, errors = finish(*night.words(new, 0), **KEY)
    assert (code, errors) == (0, "") and "done before" in out
    assert compared(night.clean, new) == []


def calls_stored(data: DataFolder) -> int:
    return count_rows(data.store, "evaluations") + count_rows(data.store, "failures")


def whole_shards() -> set[int]:
    """How many calls a store may hold in the middle of the night: one worker's shards come in their order."""
    tasks: Any = range(CALLS)
    shards = cut_shards(tasks, load_settings().run.shard_size, 1)
    return set(accumulate(len(shard.tasks) for shard in shards[:-1]))
