"""`prescore run` with worker processes, killed at random moments and run again."""

import random
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from flows.batch import run_batch
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.settings import load_settings
from pipeline.store import Store
from pipeline.store.lock import is_held
from tests.command.real_command import finish, start
from tests.faults.processes import LONGEST_S, group_is_alive, kill_group, kill_one_of, wait_until, workers_of
from tests.faults.tally import Kill, Round
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import JOURNAL, bad_recordings, breaking_call, mono_call, stereo_call
from tests.flow_runs.rows import differences, rows_of

WORKER, COMMAND, GROUP = "a worker", "the command", "the command and its workers"
KEY = {"PRESCORE_PHONE_KEY": "key"}
SLOW = KEY | {"PRESCORE_FAKE_DELAY_S": "0.1"}
WORKERS_KILLED = 2  # in one run: a third death of the same call alone would rightly count against that call
Rows = dict[str, list[str]]


@dataclass(frozen=True)
class Night:
    """Recordings with their journal, and the rows of a run over them that nobody disturbed."""

    inbox: Path
    clean: Rows

    @property
    def journal(self) -> Path:
        return self.inbox.parent / "calls.csv"

    def words(self, data: DataFolder, workers: int) -> list[str | Path]:
        return ["run", self.inbox, "--journal", self.journal, "--workers", str(workers), "--data", data.root]


def make_night(folder: Path, calls: int) -> Night:
    """Stereo and mono calls, bad files and a call on which the recogniser breaks."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    for number in range(1, calls + 1):
        (mono_call if number % 3 == 0 else stereo_call)(inbox / f"call-{number}.wav", number)
    bad_recordings(inbox)
    breaking_call(inbox / "breaks.wav", "breaks")
    (folder / "calls.csv").write_text(JOURNAL, encoding="utf-8")
    data = DataFolder(folder / "clean")
    run_batch(WorkOrder(load_settings(), data, FAKES), [inbox], folder / "calls.csv", b"key", 0)
    return Night(inbox, rows_of(data.store))


def torture_run(night: Night, folder: Path, victims: list[str], chance: random.Random, until_s: float) -> Round:
    """A run for each kill, over the same data, then one to the end. `until_s`: the latest moment of a kill."""
    data = DataFolder(folder)
    kills: list[Kill] = []
    found: list[str] = []
    for victim in victims:
        kills += killed_run(night, data, victim, chance, until_s)
        found += half_stored(night.clean, data)
    started_s = time.monotonic()
    code, _, errors = finish(*night.words(data, 0), **KEY)
    recovered_s = time.monotonic() - started_s
    found += [f"exit code {code}: {errors}"] if code or errors else []
    return Round(tuple(kills), len(victims) + 1, recovered_s, (*found, *compared(night.clean, data)))


def killed_run(night: Night, data: DataFolder, victim: str, chance: random.Random, until_s: float) -> list[Kill]:
    """The kills, where the run was not over before them; afterwards nothing of the run is left and its lock is free."""
    kills = []
    with start(*night.words(data, 2), **SLOW) as process:
        wait_until(lambda: is_held(data.run_lock) or process.poll() is not None, "the start of the run")
        if victim == WORKER:  # they come a while after the run's start and go a while before its end
            wait_until(lambda: bool(workers_of(process.pid)) or process.poll() is not None, "a worker")
        for _ in range(WORKERS_KILLED if victim == WORKER else 1):
            after_s = wait_at_most(process, chance.uniform(0, until_s if victim != WORKER else until_s / 4))
            killed_s = time.monotonic()
            if kill(victim, process, chance):
                kills.append((after_s, killed_s))
        output, errors = process.communicate(timeout=LONGEST_S)
        if victim == WORKER:
            assert process.returncode == 0, f"{output}{errors}"
        wait_until(lambda: not group_is_alive(process.pid), "the end of the workers")
    assert_free(data)
    return [Kill(victim, after_s, time.monotonic() - killed_s) for after_s, killed_s in kills]


def wait_at_most(process: subprocess.Popen[str], seconds: float) -> float:
    """Seconds that were waited: fewer where the process has ended."""
    started_s = time.monotonic()
    while time.monotonic() < started_s + seconds and process.poll() is None:
        time.sleep(0.01)
    return time.monotonic() - started_s


def assert_free(data: DataFolder) -> None:
    assert not is_held(data.run_lock), "the run's lock is stuck"
    assert not is_held(Store(data.store).lock_path), "the store's lock is stuck"


def kill(victim: str, process: subprocess.Popen[str], chance: random.Random) -> bool:
    if victim == WORKER:
        wait_until(lambda: bool(workers_of(process.pid)) or process.poll() is not None, "a worker")
        return kill_one_of(workers_of(process.pid), chance)
    if victim == GROUP:
        return kill_group(process)
    return process.poll() is None and kill_one_of([process.pid], chance)


def half_stored(clean: Rows, data: DataFolder) -> list[str]:
    """What a killed run left that a clean one would not have: rows of its own, and calls with some stages only."""
    if not data.store.exists():
        return []
    rows = rows_of(data.store)
    found = [f"{table}: + {row}" for table in rows for row in {*rows[table]} - {*clean.get(table, [])}]
    stages, whole = by_recording(rows), by_recording(clean)
    return found + [f"stage_results: half of {sha}" for sha in stages if stages[sha] != whole.get(sha)]


def by_recording(rows: Rows) -> dict[str, set[str]]:
    """Stage results by the recording that they belong to, which is their first column."""
    grouped: dict[str, set[str]] = {}
    for row in rows.get("stage_results", []):
        grouped.setdefault(row[:90], set()).add(row)
    return grouped


def compared(clean: Rows, data: DataFolder) -> list[str]:
    """What differs in the end: rows, and what lies in the folder."""
    left = [str(path) for path in (*data.scratch.iterdir(), *data.published.glob(".work-*"))]
    return differences(clean, rows_of(data.store)) + [f"left: {path}" for path in left]
