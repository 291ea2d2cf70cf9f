import json
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from flows.erasing import Client, ErasureReport, client_of_phone, erase, read_target
from pipeline.errors import InputError, StoreError
from pipeline.store.clients import KEYS, number_pattern
from pipeline.store.lock import locked
from pipeline.store.rewriting import refuse_full_disk
from review.desk.audit import read_audit
from review.desk.submissions import submissions_of_call
from tests.privacy.store import CLIENT, COMMENT, KEY, NOTE, OTHERS, SECRETS, BuiltStore, rows

# Tables of the store whose rows belong to no call: a new table has a column of KEYS, or its name stands here.
OF_NO_CALL = {
    *("migrations", "checklist_versions", "criteria", "criterion_weights", "default_checklists"),
    *("run_events", "trust_events", "head_models", "head_events", "erasures"),
}
OF_NO_CALL_ON_THE_DESK = {"people", "sessions", "log_in_attempts", "tokens", "audit"}  # the audit log holds ids alone


def erased(built: BuiltStore, client: Client) -> ErasureReport:
    return erase(built.store, built.data, client, read_target(built.store, client))


@pytest.fixture
def client() -> Client:
    return client_of_phone("8 (916) 000 01 01", KEY)


def bytes_under(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def rows_of(built: BuiltStore, keys: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """How many rows of each table belong to those keys."""
    found = {}
    with built.store.reading() as con:
        columns = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_tables() USING (table_name, schema_name) "
            "WHERE schema_name = 'base'"
        ).fetchall()
        for table in {name for name, _ in columns}:
            theirs = [column for name, column in columns if name == table and column in KEYS]
            counts = [
                con.execute(
                    f'SELECT count(*) FROM base."{table}" WHERE {column} IN (SELECT unnest(?))', [list(keys[column])]
                ).fetchall()[0][0]
                for column in theirs
            ]
            found[table] = sum(counts)
    return found


def test_every_table_of_the_store_is_covered(built: BuiltStore) -> None:
    """A new table: give its rows a key of `KEYS`, or say here that they are no client's; then fill it in `build`."""
    names = {
        str(name) for (name,) in rows(built.store, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'base'")
    }
    target = read_target(built.store, Client(call=built.erased[0]))
    counts = rows_of(built, target.traces.keys)  # type: ignore[arg-type]
    filled = {name for name, count in counts.items() if count}
    assert filled | {"removals"} == names - OF_NO_CALL


def test_every_table_of_the_desk_is_covered(built: BuiltStore, client: Client) -> None:
    """A new table with anything of a call needs a statement in `review/desk/erasing.py`; then fill it in `build`."""
    with sqlite3.connect(built.data.desk) as con:
        names = {
            row[0]
            for row in con.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        }
        before = {
            name: con.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names - OF_NO_CALL_ON_THE_DESK
        }
    erased(built, client)
    with sqlite3.connect(built.data.desk) as con:
        after = {name: con.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in before}
    assert all(after[name] < before[name] for name in before), (before, after)
    assert all(after.values()), "the other client's rows stay"


def test_a_client_goes_from_everywhere(built: BuiltStore, client: Client) -> None:
    target = read_target(built.store, client)
    kept = rows(built.store, "SELECT * FROM main.current_scores WHERE call_id = ? ORDER BY ALL", built.kept[0])
    report = erase(built.store, built.data, client, target)
    assert (report.calls, report.recordings, report.files, report.copies) == (2, 2, 2, 4)
    assert report.desk_rows == 4
    assert report.is_proved
    assert not any(rows_of(built, target.traces.keys).values())  # type: ignore[arg-type]
    assert sorted(path.name for path in built.inbox.iterdir()) == ["call-2.wav", "call-3.wav"]
    assert rows(built.store, "SELECT * FROM main.current_scores WHERE call_id = ? ORDER BY ALL", built.kept[0]) == kept
    assert rows(built.store, "SELECT call_id FROM main.calls ORDER BY ALL") == [(name,) for name in sorted(built.kept)]
    assert rows(built.store, "SELECT call_count, recording_count FROM base.erasures") == [(2, 2)]
    assert submissions_of_call(built.desk, built.erased[0]) == ()
    assert len(submissions_of_call(built.desk, built.kept[0])) == 1


def test_nothing_of_it_is_in_any_byte(built: BuiltStore, client: Client) -> None:
    assert "Мамонтов".encode() in bytes_under(built.data.root)
    erased(built, client)
    left = bytes_under(built.data.root)
    for text in (*SECRETS, NOTE, COMMENT, "Мамонтов", client.phone_hash or ""):
        assert text.encode() not in left
    for path in built.data.published.rglob("*.parquet"):
        with duckdb.connect() as con:
            assert "Мамонтов" not in str(con.execute("FROM read_parquet(?)", [str(path)]).fetchall())
    assert len(list(built.data.published.glob("parquet-*"))) == 1


def test_one_call_goes_alone(built: BuiltStore) -> None:
    report = erased(built, Client(call="call-1.wav"))
    assert (report.calls, report.files) == (1, 1)
    assert report.is_proved
    assert rows(built.store, "SELECT count(*) FROM main.calls") == [(3,)]


def test_the_file_of_the_store_keeps_rights_schema_and_versions(built: BuiltStore, client: Client) -> None:
    built.data.store.chmod(0o640)
    migrations = rows(built.store, "FROM base.migrations ORDER BY version")
    relations = "SELECT database_size IS NOT NULL FROM pragma_database_size()"
    views = rows(built.store, "SELECT view_name, sql, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL")
    tables = rows(built.store, "SELECT table_name, sql, comment FROM duckdb_tables() ORDER BY ALL")
    erased(built, client)
    assert rows(built.store, relations)
    assert built.data.store.stat().st_mode & 0o777 == 0o640
    assert rows(built.store, "FROM base.migrations ORDER BY version") == migrations
    assert (
        rows(built.store, "SELECT view_name, sql, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL") == views
    )
    assert rows(built.store, "SELECT table_name, sql, comment FROM duckdb_tables() ORDER BY ALL") == tables
    assert sorted(path.name for path in built.data.root.iterdir() if "erasing" in path.name) == []


def test_the_audit_says_how_many_and_not_who(built: BuiltStore, client: Client) -> None:
    erased(built, client)
    entry = read_audit(built.desk)[0]
    assert (entry.action, entry.subject, entry.person) == ("client.erased", "", "")
    assert entry.detail == {"by": "phone", "calls": 2, "recordings": 2}


def test_what_is_left_elsewhere_is_found(built: BuiltStore, client: Client) -> None:
    data = built.data
    left = {
        "calls.csv": b"1,+7 916 000-01-01,call\n",
        "export.jsonl": f'{{"text": "{SECRETS[0]}"}}'.encode(),
        "ascii.json": json.dumps(SECRETS[0]).encode(),
        "excel.txt": SECRETS[1].encode("utf-16-le"),
        "copy-under-another-name.bin": (built.inbox / "call-0.wav").read_bytes(),
        "9160000101.txt": b"nothing",
    }
    for name, content in left.items():
        (data.root / name).write_bytes(content)
    (data.root / "packed.zip").write_bytes(b"PK")
    (data.root / "fine.txt").write_text(OTHERS[0])
    with duckdb.connect(str(data.root / "copy.duckdb")) as con:
        con.execute("CREATE TABLE t AS SELECT 'x' AS a, [{'quote': ?}] AS b", [SECRETS[0]])
    report = erased(built, client)
    assert not report.is_proved
    assert sorted(path.name for path in report.search.found) == sorted([*left, "copy.duckdb"])
    assert [path.name for path in report.search.unopened] == ["packed.zip"]


def test_phrases_of_other_calls_prove_nothing(built: BuiltStore, client: Client) -> None:
    wanted = read_target(built.store, client).wanted
    assert wanted.common >= 1
    assert not any("чем могу помочь" in text for text in wanted.texts)
    assert SECRETS[0] in wanted.texts


def test_a_file_that_is_no_longer_the_recording_stays_and_is_named(built: BuiltStore, client: Client) -> None:
    (built.inbox / "call-0.wav").write_bytes(b"another client's call")
    report = erased(built, client)
    assert [item.path.name for item in report.left] == ["call-0.wav"]
    assert not report.is_proved
    assert (built.inbox / "call-0.wav").exists()
    assert rows(built.store, "SELECT count(*) FROM main.calls") == [(2,)]


def test_a_number_in_the_name_of_a_file_is_enough(built: BuiltStore) -> None:
    with built.store.writing() as con:
        con.execute("UPDATE base.call_facts SET client_phone_hash = NULL")
        con.execute(
            "UPDATE base.call_facts SET file_name = '2026-8(916)000-01-01.wav' WHERE call_id = ?", [built.erased[0]]
        )
    target = read_target(built.store, client_of_phone(CLIENT, KEY))
    assert [item.call_id for item in target.traces.calls] == [built.erased[0]]
    assert target.alike == 1  # the client's other call: only the last four digits are known


def test_somebody_unknown_is_searched_for_all_the_same(built: BuiltStore) -> None:
    (built.data.root / "notes.txt").write_text("call +7 (999) 000-00-01 back")
    client = client_of_phone("+79990000001", KEY)
    report = erased(built, client)
    assert (report.calls, report.is_proved) == (0, False)
    assert [path.name for path in report.search.found] == ["notes.txt"]
    assert rows(built.store, "SELECT count(*) FROM main.calls") == [(4,)]


def test_twice_is_once(built: BuiltStore, client: Client) -> None:
    erased(built, client)
    again = erased(built, client)
    assert (again.calls, again.is_proved) == (0, True)


def test_a_store_that_was_never_published_is_not_published(built: BuiltStore, client: Client) -> None:
    shutil.rmtree(built.data.published)
    assert erased(built, client).is_proved
    assert not built.data.published.exists()


def test_a_desk_that_was_never_made_is_not_made(built: BuiltStore, client: Client) -> None:
    for path in built.data.root.glob("desk.sqlite*"):
        path.unlink()
    assert erased(built, client).is_proved
    assert not built.data.desk.exists()


@pytest.mark.parametrize(
    "place",
    [
        "flows.erasing.erase_calls",
        "flows.erasing.publish",
        "pipeline.store.rewriting._take_over",
        "pipeline.store.rewriting.os.replace",
    ],
)
def test_whatever_fails_the_same_command_goes_on(
    built: BuiltStore, client: Client, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(place, fail)
        with pytest.raises(OSError, match="No space"):
            erased(built, client)
    assert rows(built.store, "SELECT count(*) FROM main.calls") == [(4,)]
    report = erased(built, client)
    assert (report.calls, report.is_proved) == (2, True)


KILLED = """
import os, signal, sys
from pathlib import Path
from flows import erasing
from pipeline.data_folder import DataFolder
from pipeline.store import Store
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
module, name = sys.argv[2].rsplit(".", 1)
import importlib
setattr(importlib.import_module(module), name, die)
data = DataFolder(Path(sys.argv[1]))
store = Store(data.store)
client = erasing.client_of_phone("+79160000101", b"key")
erasing.erase(store, data, client, erasing.read_target(store, client))
"""


@pytest.mark.kill
@pytest.mark.parametrize(
    "place", ["flows.erasing.erase_calls", "flows.erasing.publish", "pipeline.store.rewriting._take_over"]
)
def test_killed_in_the_middle_it_goes_on(built: BuiltStore, client: Client, place: str) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(built.data.root), place], check=False)
    assert ended.returncode == -9
    report = erased(built, client)
    assert (report.calls, report.is_proved) == (2, True)
    assert not list(built.data.root.glob("*erasing*"))
    assert "Мамонтов".encode() not in bytes_under(built.data.root)


def test_no_run_and_no_reader_may_be_there(built: BuiltStore, client: Client) -> None:
    target = read_target(built.store, client)
    with locked(built.data.run_lock, exclusive=True, timeout_s=1), pytest.raises(StoreError, match="busy"):
        erase(built.store, built.data, client, target)
    built.store.timeout_s = 0.2
    with locked(built.store.lock_path, exclusive=False, timeout_s=1), pytest.raises(StoreError, match="busy"):
        erase(built.store, built.data, client, target)
    assert rows(built.store, "SELECT count(*) FROM main.calls") == [(4,)]


def test_a_busy_desk_is_said(built: BuiltStore, client: Client) -> None:
    built.desk.timeout_s = 0.1
    other = sqlite3.connect(built.data.desk, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    from review.desk import erasing

    with pytest.raises(StoreError, match=r"desk\.sqlite"):
        erasing.erase_calls(built.desk, built.erased, ())
    other.execute("ROLLBACK")
    other.execute("BEGIN")
    other.execute("SELECT * FROM people").fetchall()
    started_s = time.monotonic()
    with pytest.raises(StoreError, match=r"desk\.sqlite"):
        erasing.erase_calls(built.desk, built.erased, ())
    assert time.monotonic() - started_s < 5
    other.close()


def test_a_desk_that_fails_in_the_middle_is_as_it_was(built: BuiltStore, monkeypatch: pytest.MonkeyPatch) -> None:
    from review.desk import erasing

    monkeypatch.setattr(erasing, "STATEMENTS", (*erasing.STATEMENTS[:2], "no_such_statement"))
    with pytest.raises(FileNotFoundError):
        erasing.erase_calls(built.desk, built.erased, ())
    with built.desk.reading() as con:
        assert con.execute("SELECT count(*) FROM claims").fetchone()[0] == 2


def test_a_full_disk_is_said_before_anything(built: BuiltStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.rewriting.shutil.disk_usage", lambda _: type("", (), {"free": 0}))
    with pytest.raises(StoreError, match="MiB more, then repeat"):
        refuse_full_disk(built.data.store, 3)


def test_a_damaged_database_under_the_data_folder_is_no_proof(built: BuiltStore, client: Client) -> None:
    (built.data.root / "broken.duckdb").write_bytes(b"no database")
    report = erased(built, client)
    assert (report.calls, report.is_proved) == (2, False)
    assert [path.name for path in report.search.unread] == ["broken.duckdb"]


@pytest.mark.parametrize(
    ("number", "key", "message"), [("hidden", KEY, "no number"), (CLIENT, None, "PRESCORE_PHONE_KEY")]
)
def test_a_number_needs_digits_and_the_key(number: str, key: bytes | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        client_of_phone(number, key)


def test_a_call_that_there_is_not(built: BuiltStore) -> None:
    with pytest.raises(InputError, match="no such call"):
        read_target(built.store, Client(call="none-such"))


def test_a_short_number_is_not_searched_for() -> None:
    assert number_pattern("101") is None
    assert number_pattern("79160000101") is not None
