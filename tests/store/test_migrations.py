from pathlib import Path

import duckdb
import pytest

from pipeline.errors import StoreError
from pipeline.store import Store
from pipeline.store.migrations import load_migrations, migrate, pending

FIRST = "CREATE SCHEMA base; CREATE TABLE base.migrations (version INT, name TEXT, sha256 TEXT, applied_at TIMESTAMP);"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text(FIRST)
    (tmp_path / "0002_second.sql").write_text("CREATE TABLE base.second (a INT);")
    return tmp_path


@pytest.fixture(autouse=True)
def _fresh() -> None:
    load_migrations.cache_clear()


def applied(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in con.execute("SELECT name FROM base.migrations ORDER BY version").fetchall()]


def test_each_is_applied_once(folder: Path) -> None:
    with duckdb.connect() as con:
        assert migrate(con, Path("db"), folder) == 2
        assert migrate(con, Path("db"), folder) == 0
        assert applied(con) == ["first", "second"]


def test_a_broken_migration_leaves_what_came_before(folder: Path) -> None:
    (folder / "0003_third.sql").write_text("CREATE TABLE base.third (a INT); SELECT * FROM nowhere;")
    with duckdb.connect() as con:
        with pytest.raises(StoreError, match=r"db: migration 0003_third failed: .*nowhere"):
            migrate(con, Path("db"), folder)
        assert applied(con) == ["first", "second"]
        assert con.execute("SELECT * FROM duckdb_tables() WHERE table_name = 'third'").fetchall() == []


def test_an_edited_file_is_refused(folder: Path) -> None:
    with duckdb.connect() as con:
        migrate(con, Path("db"), folder)
        (folder / "0002_second.sql").write_text("CREATE TABLE base.second (a INT, b INT);")
        load_migrations.cache_clear()
        with pytest.raises(StoreError, match=r"migration 0002_second was edited.*new migration"):
            pending(con, Path("db"), folder)


def test_a_newer_database_is_refused(folder: Path) -> None:
    with duckdb.connect() as con:
        migrate(con, Path("db"), folder)
        (folder / "0002_second.sql").unlink()
        load_migrations.cache_clear()
        with pytest.raises(StoreError, match=r"has version 2, this program knows 1; update Prescore"):
            migrate(con, Path("db"), folder)


@pytest.mark.parametrize("name", ["0004_gap.sql", "third.sql", "0003_Third.sql"])
def test_file_names_are_checked(folder: Path, name: str) -> None:
    (folder / name).write_text("SELECT 1")
    with pytest.raises(StoreError, match="expected a name like 0003_what_it_does"):
        load_migrations(folder)


def test_a_strange_database_is_refused(new_store: Store) -> None:
    new_store.path.parent.mkdir()
    with duckdb.connect(str(new_store.path)) as con:
        con.execute("CREATE TABLE theirs (a INT)")
    with pytest.raises(StoreError, match="not Prescore's"), new_store.reading():
        pass


def test_an_older_store_is_brought_up_to_date_by_reading(new_store: Store) -> None:
    new_store.path.parent.mkdir()
    duckdb.connect(str(new_store.path)).close()
    with new_store.reading() as con:
        assert applied(con) == [migration.name for migration in load_migrations()]
