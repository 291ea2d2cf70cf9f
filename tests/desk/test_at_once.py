"""Ten people in two processes submit while a run stores its shards; and the page is killed in the middle of it."""

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline.data_folder import DataFolder
from pipeline.settings import ROOT
from pipeline.store import Store
from review.desk.applying import Applier, apply_waiting
from review.desk.database import Desk
from review.desk.people import Person, add_person
from tests.desk.judged import rows, write_judged
from tests.desk.work import SHARED

WAIT_S = 120


def prepare(folder: Path, logins: list[str]) -> tuple[Desk, Store]:
    data = DataFolder(folder)
    store, desk = Store(data.store, timeout_s=30), Desk(data.desk)
    write_judged(store, [*logins, SHARED])
    for login in logins:
        add_person(desk, Person("", login, login, "supervisor"), None)
    return desk, store


def start(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.desk.work", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def said(lines: list[list[str]], word: str) -> list[str]:
    return [line[1] for line in lines if len(line) == 2 and line[0] == word]


def check(desk: Desk, store: Store, lines: list[list[str]]) -> None:
    """Everything that was acknowledged is in the store, once, and what was undone is withdrawn, once."""
    given = [row[0] for row in rows(store, "SELECT submission_id FROM base.submissions WHERE NOT withdrawn")]
    withdrawn = [row[0] for row in rows(store, "SELECT submission_id FROM base.submissions WHERE withdrawn")]
    assert len(set(given)) == len(given) and len(set(withdrawn)) == len(withdrawn)
    assert {*said(lines, "submitted"), *said(lines, "first")} <= set(given)
    assert set(said(lines, "undone")) <= set(withdrawn) <= set(given)
    assert rows(store, "SELECT count(*), count(DISTINCT verdict_id) FROM base.verdicts") == [
        (3 * len([*given, *withdrawn]),) * 2
    ]
    with desk.reading() as con:
        kept = {row["submission_id"] for row in con.execute("SELECT submission_id FROM submissions")}
    assert kept == set(given)
    standing = rows(store, "SELECT count(*), count(DISTINCT (evaluation_id, reviewer)) FROM base.standing_submissions")
    assert standing[0][0] == standing[0][1]


def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    logins = [f"s{number}" for number in range(10)]
    desk, store = prepare(tmp_path, logins)
    rounds, shards = 3, 10
    running = [
        start("store", tmp_path, shards),
        start("submit", tmp_path, rounds, *logins[:5]),
        start("submit", tmp_path, rounds, *logins[5:]),
    ]
    lines = [line.split() for process in running for line in process.communicate(timeout=WAIT_S)[0].splitlines()]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert apply_waiting(desk, store) == 0
    assert len(said(lines, "submitted")) == rounds * len(logins)
    assert len(said(lines, "first")) == 1 and said(lines, "refused") == ["submitted"] * 9
    assert rows(store, "SELECT count(*) FROM base.recordings WHERE file_name LIKE 'shard%'") == [(shards,)]
    assert rows(store, "SELECT count(*) FROM base.current_submissions") == [(1,)]  # the shared call's: the rest undone
    check(desk, store, lines)


@pytest.mark.kill
def test_a_killed_page_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    logins = ["anna", "boris", "vera"]
    desk, store = prepare(tmp_path, logins)
    chance = random.Random(4)
    run = start("store", tmp_path, 1000)
    lines: list[list[str]] = []
    try:
        for _ in range(5):
            lines += until_killed(
                start("submit", tmp_path, 1000, *logins), chance.randint(2, 12), chance.uniform(0, 0.3)
            )
    finally:
        run.kill()
        run.communicate()
    assert len(said(lines, "submitted")) >= 10
    applier = Applier(desk, store, every_s=0.05)
    applier.start()
    waited = threading.Event()
    for _ in range(WAIT_S * 10):
        with desk.reading() as con:
            ((waiting,),) = con.execute(
                "SELECT count(*) FROM submissions"
                " WHERE applied_s IS NULL OR (undone_s IS NOT NULL AND undo_applied_s IS NULL)"
            ).fetchall()
        if not waiting:
            break
        waited.wait(0.1)
    applier.stop()
    check(desk, store, lines)


def until_killed(process: subprocess.Popen[str], after_lines: int, after_s: float) -> list[list[str]]:
    """Its lines, killed in the middle of whatever it does: some while after it has said so much."""
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(after_lines)]
    threading.Event().wait(after_s)
    process.kill()
    rest, _ = process.communicate()
    whole = [line for line in (*lines, *rest.splitlines(keepends=True)) if line.endswith("\n")]
    return [line.split() for line in whole]
