"""The schema grows by numbered files; each is applied with its record in one transaction, once, and then frozen."""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import duckdb

from pipeline.errors import StoreError

FOLDER = Path(__file__).resolve().parent.parent / "sql" / "migrations"
FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


@lru_cache
def load_migrations(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """The files of the folder in order. Raises StoreError when a name does not fit or a number is missing or double."""
    found = []
    for number, path in enumerate(sorted(folder.glob("*.sql")), start=1):
        match = FILE_NAME.fullmatch(path.name)
        if match is None or int(match[1]) != number:
            raise StoreError(f"{path}: expected a name like {number:04d}_what_it_does.sql; rename it")
        found.append(Migration(number, match[2], path.read_text(encoding="utf-8")))
    return tuple(found)


def migrate(con: duckdb.DuckDBPyConnection, path: Path, folder: Path = FOLDER) -> int:
    """Applies what is missing, each file whole or not at all; returns how many were applied.

    Raises StoreError, with nothing done, when the database is newer or an applied file was edited; and when a
    migration fails, with everything before it kept.
    """
    missing = pending(con, path, folder)
    for migration in missing:
        con.begin()
        try:
            con.execute(migration.sql)
            con.execute(
                "INSERT INTO base.migrations VALUES (?, ?, ?, ?)",
                [migration.version, migration.name, migration.sha256, datetime.now(UTC).replace(tzinfo=None)],
            )
            con.commit()
        except duckdb.Error as error:
            with suppress(duckdb.Error):  # a failed commit has rolled back already
                con.rollback()
            raise StoreError(f"{path}: migration {migration.version:04d}_{migration.name} failed: {error}") from error
    return len(missing)


def pending(con: duckdb.DuckDBPyConnection, path: Path, folder: Path = FOLDER) -> tuple[Migration, ...]:
    """The migrations that the database lacks. Raises StoreError when it is newer or an applied file was edited."""
    known = load_migrations(folder)
    applied = _applied(con, path)
    for version, name, sha256 in applied:
        if version > len(known):
            raise StoreError(
                f"{path}: its schema has version {applied[-1][0]}, this program knows {len(known)}; "
                "update Prescore to the version that wrote it"
            )
        if known[version - 1].sha256 != sha256:
            raise StoreError(
                f"{path}: migration {version:04d}_{name} was edited after it was applied here; "
                "restore the file and put the change into a new migration"
            )
    return known[len(applied) :]


def _applied(con: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[int, str, str]]:
    try:
        return con.execute("SELECT version, name, sha256 FROM base.migrations ORDER BY version").fetchall()
    except duckdb.CatalogException:  # a new file; asking the catalogue first would cost 15 ms on every connection
        tables = con.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
    if tables != [(0,)]:
        raise StoreError(f"{path}: a DuckDB database, but not Prescore's: choose another place with --data")
    return []
