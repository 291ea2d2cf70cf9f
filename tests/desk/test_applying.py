import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.data_folder import DataFolder
from pipeline.errors import StoreError
from pipeline.settings import load_settings
from pipeline.store import Store
from review.app import create_app
from review.background import background
from review.desk import applying
from review.desk.applying import Applier, apply_waiting, forget_lost
from review.desk.database import Desk
from review.desk.people import Person
from review.desk.submissions import find_submission, undo
from tests.desk.judged import JudgedCall, hand_in, rows

COUNT = "SELECT count(*), count(DISTINCT submission_id) FROM base.submissions WHERE NOT withdrawn"
VERDICTS = "SELECT count(*), count(DISTINCT verdict_id) FROM base.verdicts"


def wait_until(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_applied_twice_it_is_there_once(desk: Desk, store: Store, anna: Person, calls: SimpleNamespace) -> None:
    hand_in(desk, store, anna, calls.a)
    done = hand_in(desk, store, anna, calls.b)
    undo(desk, store, anna, done.submission_id)
    before = rows(store, VERDICTS)
    with desk.writing() as con:  # as after a kill between the store's commit and the desk's
        con.execute("UPDATE submissions SET applied_s = NULL, undo_applied_s = NULL")
    assert apply_waiting(desk, store) == 0
    assert rows(store, VERDICTS) == before == [(9, 9)]
    assert rows(store, COUNT) == [(2, 2)]


def test_many_wait_and_all_go_in(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "AT_ONCE", 2)
    with store.writing():
        for call in (calls.a, calls.b, calls.c):
            hand_in(desk, store, anna, call)
        assert apply_waiting(desk, store, 0.01) == 2  # of the first transaction's
    assert apply_waiting(desk, store) == 0
    assert rows(store, COUNT) == [(3, 3)]


def test_what_the_store_lacks_waits_and_keeps_nobody_from_it(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    with store.writing():
        lost = hand_in(desk, store, anna, JudgedCall("gone", "gone"))
        hand_in(desk, store, anna, calls.a)
    assert apply_waiting(desk, store) == 1
    assert find_submission(desk, lost.submission_id).applied_s is None
    assert rows(store, COUNT) == [(1, 1)]


def test_one_that_cannot_be_stored_keeps_nobody_from_it(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    with store.writing():
        broken = hand_in(desk, store, anna, calls.a)
        hand_in(desk, store, anna, calls.b)
    with desk.writing() as con:
        con.execute(
            """UPDATE submissions SET content = replace(content, '"value":0.5', '"value":7') WHERE submission_id = ?""",
            [broken.submission_id],
        )
    assert apply_waiting(desk, store) == 1
    assert rows(store, "SELECT call_id FROM base.submissions") == [(calls.b.call_id,)]
    assert f"submission {broken.submission_id} cannot be stored" in caplog.text


def test_what_an_older_copy_of_the_store_lacks_is_brought_back(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, tmp_path: Path
) -> None:
    hand_in(desk, store, anna, calls.a)
    shutil.copyfile(store.path, tmp_path / "copy")
    undo(desk, store, anna, hand_in(desk, store, anna, calls.b).submission_id)
    assert forget_lost(desk, store) == 0
    shutil.copyfile(tmp_path / "copy", store.path)
    assert forget_lost(desk, store) == 1
    assert apply_waiting(desk, store) == 0
    assert rows(store, COUNT) == [(2, 2)]
    assert rows(store, "SELECT call_id FROM base.current_submissions") == [(calls.a.call_id,)]


def test_the_thread_takes_up_what_waits(desk: Desk, store: Store, anna: Person, calls: SimpleNamespace) -> None:
    applier = Applier(desk, store, every_s=0.02)
    with store.writing():
        done = hand_in(desk, store, anna, calls.a)
        applier.start()
    wait_until(lambda: find_submission(desk, done.submission_id).applied_s)
    with store.writing():
        undo(desk, store, anna, done.submission_id)
    wait_until(lambda: rows(store, "SELECT count(*) FROM base.submissions WHERE withdrawn") == [(1,)])
    applier.stop()


def test_the_thread_is_woken_by_what_is_handed_in(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    applier = Applier(desk, store, every_s=600)
    applier.start()
    with store.writing():  # a click does not wait for the store
        assert hand_in(desk, store, anna, calls.a).applied_s is None
    done = hand_in(desk, store, anna, calls.b)
    wait_until(lambda: find_submission(desk, done.submission_id).applied_s)
    assert rows(store, COUNT) == [(2, 2)]
    applier.stop()
    assert hand_in(desk, store, anna, calls.c).applied_s is not None  # nobody else would do it


def test_the_thread_outlives_errors(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [StoreError("busy"), RuntimeError("broken")]
    real = applying.apply_waiting

    def fail_first(*given: object) -> int:
        if failures:
            raise failures.pop()
        return real(*given)

    with store.writing():
        done = hand_in(desk, store, anna, calls.a)
    with desk.writing() as con:
        con.execute("UPDATE submissions SET applied_s = 1")  # so that the thread finds it lost
    monkeypatch.setattr(applying, "apply_waiting", fail_first)
    applier = Applier(desk, store, every_s=0.02)
    applier.start()
    wait_until(lambda: (find_submission(desk, done.submission_id).applied_s or 0) > 1)
    applier.stop()
    assert rows(store, COUNT) == [(1, 1)]


def test_without_a_store_the_thread_waits(desk: Desk, tmp_path: Path) -> None:
    applier = Applier(desk, Store(tmp_path / "none.duckdb"), every_s=0.02)
    applier.start()
    time.sleep(0.1)
    applier.stop()


def test_a_big_log_of_a_run_is_left_to_the_next_writer(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_file = store.path.with_name(f"{store.path.name}.wal")
    hand_in(desk, store, anna, calls.a)
    assert not log_file.exists()
    with store.writing(checkpoint=False) as con:
        con.execute("INSERT INTO base.retries VALUES ('x', now()::TIMESTAMP)")
    monkeypatch.setattr(applying, "SMALL_WAL", 1)
    hand_in(desk, store, anna, calls.b)
    assert log_file.exists()


@pytest.mark.anyio
async def test_the_page_runs_the_thread(store: Store, desk: Desk, anna: Person, calls: SimpleNamespace) -> None:
    with store.writing():
        done = hand_in(desk, store, anna, calls.a)
    app = create_app(DataFolder(store.path.parent), load_settings())
    async with background(app):
        wait_until(lambda: find_submission(desk, done.submission_id).applied_s)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
