import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import StoreError
from pipeline.store import Store
from pipeline.store.lock import locked
from pipeline.store.runs import write_run_event


@contextmanager
def program(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process that has said "ready"."""
    command = [sys.executable, "-c", code, *(str(argument) for argument in arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def run_ids(store: Store) -> list[str]:
    with store.reading() as con:
        return [run_id for (run_id,) in con.execute("SELECT run_id FROM base.run_events ORDER BY run_id").fetchall()]


def test_a_write_is_kept_and_read(new_store: Store) -> None:
    with new_store.writing() as con:
        write_run_event(con, "a", "started", {"calls": 3})
    assert run_ids(new_store) == ["a"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_leaves_nothing(store: Store, error: type[BaseException]) -> None:
    def write_and_break() -> None:
        with store.writing() as con:
            write_run_event(con, "a", "started", {})
            raise error

    with pytest.raises(error):
        write_and_break()
    assert run_ids(store) == []


def test_an_aborted_transaction_shows_its_own_error(store: Store) -> None:
    with pytest.raises(duckdb.Error, match="no_such_table"), store.writing() as con:
        con.execute("FROM no_such_table")


def test_an_exception_after_a_roll_back_is_the_one_that_is_seen(store: Store) -> None:
    def roll_back_and_break() -> None:
        with store.writing() as con:
            con.rollback()
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        roll_back_and_break()


def test_no_store_yet_says_what_makes_one(new_store: Store) -> None:
    for door in (new_store.reading, new_store.closed):
        with pytest.raises(StoreError, match="no store yet; `prescore run"), door():
            pass
    assert not new_store.path.exists()


def test_the_file_opens_in_tools_built_on_1_5(store: Store) -> None:
    with duckdb.connect(str(store.path), read_only=True) as con:
        tags = con.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchone()
    assert tags is not None
    assert "v1.5" in str(tags[0])


def test_readers_share(store: Store) -> None:
    with store.reading() as one, store.reading() as two:
        assert one.execute("SELECT 1").fetchall() == two.execute("SELECT 1").fetchall()


def test_a_busy_store_names_who_holds_it(store: Store) -> None:
    code = (
        "import sys, time, pathlib\nfrom pipeline.store import Store\n"
        "with Store(pathlib.Path(sys.argv[1])).writing():\n    print('ready', flush=True); time.sleep(60)"
    )
    with program(code, store.path) as process:
        hasty = Store(store.path, timeout_s=0.1)
        expected = rf"process {process.pid} is writing \(.*python.*\).*0\.1 s"
        with pytest.raises(StoreError, match=expected), hasty.writing():
            pass
        with pytest.raises(StoreError, match=f"process {process.pid} is writing"), hasty.reading():
            pass
    assert run_ids(store) == []  # the lock of a dead process is free


def test_a_writer_waits_for_readers(store: Store) -> None:
    hasty = Store(store.path, timeout_s=0.05)
    with store.reading(), pytest.raises(StoreError, match=f"process {os.getpid()} is reading"), hasty.writing():
        pass


def test_the_first_look_at_a_store_waits_as_short_as_it_was_asked_to(store: Store) -> None:
    patient = Store(store.path, timeout_s=20)
    with store.writing(), pytest.raises(StoreError, match=r"not free within 0\.05 s"), patient.reading(timeout_s=0.05):
        pass


def test_an_unsigned_lock_is_still_reported(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path, exclusive=True, timeout_s=1):
        path.write_text("{")
        with pytest.raises(StoreError, match="another process holds it"), locked(path, exclusive=True, timeout_s=0):
            pass


def test_another_program_that_holds_the_file_is_named(store: Store) -> None:
    code = "import sys, time, duckdb\ncon = duckdb.connect(sys.argv[1])\nprint('ready', flush=True); time.sleep(60)"
    with program(code, store.path) as process:
        hasty = Store(store.path, timeout_s=0.1)
        with pytest.raises(StoreError, match=rf"held open by .*PID {process.pid}.*snapshot.duckdb"), hasty.reading():
            pass


def test_a_program_that_leaves_in_time_is_waited_for(store: Store) -> None:
    code = "import sys, time, duckdb\ncon = duckdb.connect(sys.argv[1])\nprint('ready', flush=True); time.sleep(0.3)"
    with program(code, store.path):
        assert run_ids(store) == []


def test_a_damaged_file_is_said_to_be_one(new_store: Store) -> None:
    new_store.path.parent.mkdir()
    new_store.path.write_bytes(b"no database" * 1000)
    expected = r"cannot be opened as a DuckDB database.*copy published/snapshot.duckdb"
    with pytest.raises(StoreError, match=expected), new_store.reading():
        pass


def test_threads_write_one_after_another(store: Store) -> None:
    def write(number: int) -> None:
        with store.writing() as con:
            write_run_event(con, f"{number}", "started", {})
            time.sleep(0.01)
        with store.reading() as con:
            con.execute("FROM main.runs").fetchall()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run_ids(store) == [str(number) for number in range(6)]


@pytest.mark.kill
def test_processes_write_one_after_another(new_store: Store) -> None:
    code = (
        "import sys, pathlib\nfrom pipeline.store import Store\nfrom pipeline.store.runs import write_run_event\n"
        "store = Store(pathlib.Path(sys.argv[1]))\n"
        "for turn in range(5):\n"
        "    with store.writing() as con: write_run_event(con, f'{sys.argv[2]}-{turn}', 'started', {})\n"
        "    with store.reading() as con: con.execute('FROM main.runs').fetchall()\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(new_store.path), str(n)]) for n in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert run_ids(new_store) == sorted(f"{number}-{turn}" for number in range(3) for turn in range(5))


def test_many_small_writes_leave_the_folding_in_to_a_later_one(new_store: Store) -> None:
    """What is committed is read at once, survives, and lies in the log beside the file until then."""
    log = new_store.path.with_name(new_store.path.name + ".wal")
    for number in range(3):
        with new_store.writing(checkpoint=False) as con:
            write_run_event(con, f"run {number}", "started", {})
        assert log.exists()
    with new_store.reading() as con:
        assert con.execute("SELECT count(*) FROM base.run_events").fetchall() == [(3,)]
    with new_store.writing():
        pass
    assert not log.exists()
    with new_store.reading() as con:
        assert con.execute("SELECT count(*) FROM base.run_events").fetchall() == [(3,)]


def test_a_writer_waits_for_no_later_reader(store: Store) -> None:
    """Readers in turns, of whom there is always one, would keep it out for ever."""
    stop = threading.Event()

    def read_on() -> None:
        while not stop.is_set():
            with store.reading():
                time.sleep(0.05)

    readers = [threading.Thread(target=read_on) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for number in range(3):
            with store.writing() as con:
                write_run_event(con, str(number), "started", {})
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert run_ids(store) == ["0", "1", "2"]


def test_a_reader_passes_a_writer_that_waits_for_another_reader(store: Store) -> None:
    """Who copies the store reads for long: others read meanwhile, though somebody wants to write."""
    written = threading.Event()

    def write() -> None:
        with store.writing() as con:
            write_run_event(con, "late", "started", {})
        written.set()

    with store.reading():
        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(0.05)
        for _ in range(3):
            with Store(store.path, timeout_s=5).reading() as con:
                assert con.execute("SELECT count(*) FROM base.run_events").fetchall() == [(0,)]
        assert not written.is_set()
    writer.join()
    assert run_ids(store) == ["late"]
