"""Doors to the desk's database: each unit of work is one short connection; writers wait for each other."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors import StoreError
from pipeline.review_settings import WebhookSettings

FOLDER = Path(__file__).resolve().parent
BUSY_S = 5.0
CLAIM_MINUTES = 20.0
CLOCK_SLIP_S = 60.0  # a clock that is put back by no more changes nothing
# The disk has no room, the folder cannot be written, or the disk itself fails; all else that is operational is waiting.
DISK_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
Row = dict[str, Any]


class DiskError(StoreError):
    """The desk's disk is full or cannot be written: what was begun is undone, what was stored before stays."""


@lru_cache
def query(name: str) -> str:
    """The statement in `review/desk/queries/NAME.sql`."""
    return (FOLDER / "queries" / f"{name}.sql").read_text(encoding="utf-8")


@lru_cache
def load_migrations(folder: Path = FOLDER / "migrations") -> tuple[str, ...]:
    """The numbered files in order; the database keeps how many it has as its `user_version`."""
    return tuple(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql")))


class Desk:
    """The database at `path`, made when it is first written. `told`: who else learns of what is submitted.

    `claim_minutes`: as long as a claim can last; one that would end later was taken before the clock was put back.
    `wake_applier`: set while a thread brings submissions into the store; it makes the thread look at once.
    """

    def __init__(
        self,
        path: Path,
        timeout_s: float = BUSY_S,
        told: Sequence[WebhookSettings] = (),
        claim_minutes: float = CLAIM_MINUTES,
    ) -> None:
        self.path = path
        self.timeout_s = timeout_s
        self.told = tuple(told)
        self.claim_minutes = claim_minutes
        self.wake_applier: Callable[[], None] | None = None
        self._is_current = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment. Raises StoreError when the file is damaged or newer than this program."""
        with self._connected() as con:
            con.execute("BEGIN")
            try:
                yield con
            finally:
                con.rollback()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: on the disk when this returns, undone on any exception. Raises StoreError like `reading`."""
        with self._connected() as con:
            con.execute("BEGIN IMMEDIATE")
            try:
                yield con
                con.execute("COMMIT")
            except BaseException:
                con.rollback()
                raise

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            con = sqlite3.connect(self.path, timeout=self.timeout_s, isolation_level=None)
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: cannot be opened ({error}); check that the data folder exists") from error
        try:
            con.row_factory = sqlite3.Row
            con.execute("PRAGMA foreign_keys = ON")
            con.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut
            if not self._is_current:
                self._bring_up_to_date(con)
            yield con
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in DISK_CODES:
                raise DiskError(
                    f"{self.path}: cannot be written ({error}); free some space or mend the folder, then repeat"
                ) from error
            raise StoreError(f"{self.path}: {error}; end the program that holds it, then repeat") from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError):
                raise
            raise StoreError(f"{self.path}: damaged ({error}); bring a backup of it back") from error
        finally:
            con.close()

    def _bring_up_to_date(self, con: sqlite3.Connection) -> None:
        con.execute("PRAGMA journal_mode = WAL")
        con.execute("BEGIN IMMEDIATE")
        try:
            known = load_migrations()
            applied = int(con.execute("PRAGMA user_version").fetchone()[0])
            if applied > len(known):
                raise StoreError(
                    f"{self.path}: its schema has version {applied}, this program knows {len(known)}; "
                    "update Prescore to the version that wrote it"
                )
            for sql in known[applied:]:
                for statement in statements(sql):
                    con.execute(statement)
            con.execute(f"PRAGMA user_version = {len(known)}")
            con.execute("COMMIT")
        except BaseException:
            con.rollback()
            raise
        self._is_current = True


def statements(sql: str) -> list[str]:
    """The statements of a file, one by one: `executescript` would commit before the first. Triggers stay whole."""
    found, open_lines = [], ""
    for line in sql.splitlines(keepends=True):
        open_lines += line
        if sqlite3.complete_statement(open_lines):
            found.append(open_lines)
            open_lines = ""
    return found


def fetch(con: sqlite3.Connection, name: str, /, **parameters: Any) -> list[Row]:
    """The rows of a named query, column name to value."""
    return [dict(row) for row in con.execute(query(name), parameters).fetchall()]


def execute(con: sqlite3.Connection, name: str, /, **parameters: Any) -> int:
    """Runs a named statement; returns how many rows it changed."""
    return con.execute(query(name), parameters).rowcount


def execute_many(con: sqlite3.Connection, name: str, /, rows: Sequence[Row]) -> None:
    con.executemany(query(name), rows)


def now_s() -> float:
    """Now in seconds since 1970, UTC, as the desk writes it."""
    return time.time()


def latest_s(now: float) -> float:
    """Up to when a stored moment can be believed: one after that comes from before the clock was put back."""
    return now + CLOCK_SLIP_S


def is_within(since_s: float, lasts_s: float, now: float) -> bool:
    """Whether what began at that stored moment still lasts; nothing lasts that began in a time yet to come."""
    return since_s <= latest_s(now) and now - since_s <= lasts_s


def moment_of(seconds: float) -> datetime:
    """A time of the desk as pages show times: UTC, naive, like those of the store."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
