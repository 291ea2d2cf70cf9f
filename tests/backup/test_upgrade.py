"""From the first released schema, with rows in it, to this one: step by step, nothing lost, every view works."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flows.backup import make_backup
from flows.restoring import restore
from pipeline.data_folder import DataFolder
from pipeline.store import Store
from pipeline.store.calls import read_calls
from pipeline.store.migrations import FOLDER, load_migrations, migrate
from pipeline.store.publish import publish
from review.desk.copying import known_desk_version
from review.desk.database import FOLDER as DESK_FOLDER
from review.desk.database import Desk, statements
from review.desk.people import find_person
from tests.backup.conftest import CONFIG
from tests.store.builders import sha_of

HERE = Path(__file__).resolve().parent
ROWS = HERE / "first_store.sql"
Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Path]:
    """A store of the first schema, and a desk of the first schema."""
    data = DataFolder(tmp_path / "data")
    data.root.mkdir()
    with duckdb.connect(str(data.store), config={"storage_compatibility_version": "v1.5.0"}) as con:
        migrate(con, data.store, steps(tmp_path / "0001", 1))
        con.execute(ROWS.read_text(encoding="utf-8"))
    with sqlite3.connect(data.desk) as desk:
        for statement in statements((DESK_FOLDER / "migrations" / "0001_desk.sql").read_text(encoding="utf-8")):
            desk.execute(statement)
        desk.executescript((HERE / "first_desk.sql").read_text(encoding="utf-8"))
        desk.execute("PRAGMA user_version = 1")
    yield data.root
    load_migrations.cache_clear()


def steps(folder: Path, count: int) -> Path:
    """A folder with the first migrations alone."""
    folder.mkdir()
    for path in sorted(FOLDER.glob("*.sql"))[:count]:
        shutil.copy(path, folder)
    return folder


def columns_of(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    sql = (
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() "
        "JOIN duckdb_tables() USING (schema_name, table_name) "
        "WHERE schema_name = 'base' AND table_name <> 'migrations' GROUP BY ALL"
    )
    return dict(con.execute(sql).fetchall())


def rows_in(con: duckdb.DuckDBPyConnection, columns: dict[str, list[str]]) -> Rows:
    found = {}
    for table, names in columns.items():
        listed = ", ".join(f'"{name}"' for name in names)
        found[table] = sorted(con.execute(f'SELECT {listed} FROM base."{table}"').fetchall(), key=repr)
    return found


def test_step_by_step_every_row_stays(first: Path, tmp_path: Path) -> None:
    store = DataFolder(first).store
    with duckdb.connect(str(store)) as con:
        columns = columns_of(con)
        before = rows_in(con, columns)
        assert all(before.values()), "a table of the first schema has no row to be lost"
        for count in range(2, len(load_migrations(FOLDER)) + 1):
            assert migrate(con, store, steps(tmp_path / f"{count:04d}", count)) == 1
            assert rows_in(con, columns) == before, f"migration {count:04d} changed rows"


def test_at_once_every_view_works_and_knows_the_calls(first: Path) -> None:
    with Store(DataFolder(first).store).reading() as con:
        views = [name for (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
        assert len(views) > 15
        for schema in ("main", "base"):
            sql = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = ?"
            for (name,) in con.execute(sql, [schema]).fetchall():
                con.execute(f'SELECT * FROM {schema}."{name}"').fetchall()
        calls = dict(con.execute("SELECT file_name, status FROM main.calls WHERE file_name IS NOT NULL").fetchall())
        assert {calls["a.wav"], calls["b.wav"]} == {"done"}
        assert [call.manager for call in read_calls(con, [sha_of("a.wav")])] == [None]
        said = con.execute("SELECT text FROM main.utterances ORDER BY call_id, utterance_index LIMIT 2").fetchall()
        assert said == [("Добрый день, it's us",), ("Дорого",)]
        answered = con.execute("SELECT count(*) FROM main.verdicts WHERE reviewer = 'anna'").fetchall()
        assert answered == [(3,)]


def test_the_upgraded_store_is_published(first: Path) -> None:
    data = DataFolder(first)
    publish(Store(data.store), data.published)
    with duckdb.connect(str(data.published / "snapshot.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM main.calls").fetchall() == [(5,)]


def test_the_desk_keeps_its_rows(first: Path) -> None:
    desk = Desk(DataFolder(first).desk)
    before = desk_rows(desk.path)
    person = find_person(desk, "anna")
    assert person is not None and person.role == "supervisor"
    with sqlite3.connect(desk.path) as con:
        assert con.execute("PRAGMA user_version").fetchone() == (known_desk_version(),)
    after = desk_rows(desk.path)
    for table, rows in before.items():
        assert rows, f"{table} had no row to be lost"
        assert [row[: len(rows[0])] for row in after[table]] == rows


def desk_rows(path: Path) -> Rows:
    with sqlite3.connect(path) as con:
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = [name for (name,) in con.execute(sql)]
        return {name: con.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def test_a_backup_by_a_newer_program_leaves_the_old_store_as_it_is_and_a_restore_upgrades_it(
    first: Path, tmp_path: Path
) -> None:
    data = DataFolder(first)
    made = make_backup(data, Store(data.store), CONFIG, tmp_path / "backups")
    assert (made.manifest.store_version, made.manifest.desk_version) == (1, 1)
    with duckdb.connect(str(data.store), read_only=True) as con:
        assert con.execute("SELECT max(version) FROM base.migrations").fetchall() == [(1,)]
    new = DataFolder(tmp_path / "new")
    assert restore(made.folder, new).migrations == len(load_migrations()) - 1
    with Store(new.store).reading() as con:
        assert con.execute("SELECT count(*) FROM main.calls").fetchall() == [(5,)]
