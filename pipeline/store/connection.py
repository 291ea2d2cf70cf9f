"""Doors to the database: each unit of work is one short connection under the sidecar lock."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from pipeline.errors import StoreError
from pipeline.store import migrations
from pipeline.store.lock import POLL_S, locked

# Tools built on DuckDB 1.5 open the file; nothing is fetched from the network behind the user's back.
WRITING: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.5.0",
    "autoinstall_known_extensions": "false",
}
STORED_NOTHING = "nothing of this step was stored"
DISK_REASONS = ("No space left", "Read-only file system", "Permission denied", "Input/output error", "Could not write")
READING: dict[str, str | bool | int | float | list[str]] = {"autoinstall_known_extensions": "false"}


class Store:
    """The database at `path`. Nobody holds it open: a lingering reader would block every writer.

    A unit of work started inside another one of the same store waits for it, and so ends in StoreError.
    """

    def __init__(self, path: Path, timeout_s: float = 30.0) -> None:
        self.path = path
        self.timeout_s = timeout_s
        self._is_current = False

    @property
    def lock_path(self) -> Path:
        return self.path.with_name(self.path.name + ".lock")

    @contextmanager
    def reading(self, *, timeout_s: float | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection, shared with other readers. `timeout_s`: another than the store's own.

        Raises StoreError when there is no store yet, when it is busy, damaged or newer than this program.
        """
        if not self.path.exists():
            raise StoreError(f"{self.path}: there is no store yet; `prescore run FOLDER` makes it")
        if not self._is_current:
            self._bring_up_to_date(timeout_s)
        with self._locked(exclusive=False, timeout_s=timeout_s), self._connected(True, timeout_s) as con:
            yield con

    @contextmanager
    def writing(
        self, *, checkpoint: bool = True, timeout_s: float | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction, alone: committed at the end, rolled back on any exception.

        Without `checkpoint` what is committed stays in the write-ahead log until a later writer folds it in: closing
        rewrites the last 100,000 rows of a table, payloads and all (1.3 s on 600 MB), too much for each of many shards.

        Creates the store, or brings it up to date, first. Raises StoreError when it is busy, damaged or newer than
        this program.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with disk_errors(self.path, STORED_NOTHING), self._locked(exclusive=True, timeout_s=timeout_s):
            self._make_missing()
            with self._connected(False, timeout_s) as con:
                migrations.migrate(con, self.path)
                self._is_current = True
                if not checkpoint:
                    con.execute("PRAGMA disable_checkpoint_on_shutdown")
                con.begin()
                try:
                    yield con
                    con.commit()
                except BaseException:
                    _roll_back(con)
                    raise

    @contextmanager
    def unchanged(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection to a store of whatever version, which is left as it is: for looking and copying.

        Raises StoreError when there is no store, or when it is busy or damaged.
        """
        if not self.path.exists():
            raise StoreError(f"{self.path}: there is no store yet; `prescore run FOLDER` makes it")
        with self._locked(exclusive=False), self._connected(True) as con:
            yield con

    @contextmanager
    def closed(self) -> Iterator[Path]:
        """The path of the file, whole and checkpointed, while nobody may open it: for copying it."""
        if not self.path.exists():
            raise StoreError(f"{self.path}: there is no store yet; `prescore run FOLDER` makes it")
        with self._locked(exclusive=True):
            with self._connected(False) as con:
                migrations.migrate(con, self.path)
                con.execute("CHECKPOINT")
            yield self.path

    def _make_missing(self) -> None:
        """A new store appears whole: a full disk or a `kill -9` meanwhile must not leave half a file in its place."""
        if self.path.exists():
            return
        new = self.path.with_name(f"{self.path.name}.new")
        for left in (new, new.with_name(f"{new.name}.wal")):
            left.unlink(missing_ok=True)
        with closing(connect(new, read_only=False, timeout_s=0)) as con:
            migrations.migrate(con, self.path)
            con.execute("CHECKPOINT")
        new.replace(self.path)

    def _bring_up_to_date(self, timeout_s: float | None) -> None:
        with self._locked(exclusive=False, timeout_s=timeout_s), self._connected(True, timeout_s) as con:
            is_current = not migrations.pending(con, self.path)
        if not is_current:
            with self.writing():  # a migration is worth waiting for
                pass
        self._is_current = True

    @contextmanager
    def _locked(self, *, exclusive: bool, timeout_s: float | None = None) -> Iterator[None]:
        waited_s = self.timeout_s if timeout_s is None else timeout_s
        with locked(self.lock_path, exclusive=exclusive, timeout_s=waited_s):
            yield

    @contextmanager
    def _connected(self, read_only: bool, timeout_s: float | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        waited_s = self.timeout_s if timeout_s is None else timeout_s
        con = connect(self.path, read_only=read_only, timeout_s=waited_s)
        try:
            yield con
        finally:
            con.close()


@contextmanager
def disk_errors(path: Path, state: str) -> Iterator[None]:
    """A full disk, or a folder that cannot be written, said plainly. `state`: what that means for what is stored.

    DuckDB has no class of its own for them: opening, writing and committing each raise another. Raises StoreError.
    """
    try:
        yield
    except (duckdb.Error, OSError, StoreError) as error:
        if not any(reason in str(error) for reason in DISK_REASONS):
            raise
        found = "; ".join(str(error).splitlines()[:1]).removeprefix(f"{path}: ").partition("; ")[0]
        raise StoreError(
            f"{path}: cannot be written ({found}); {state}: free some space or mend the folder, then repeat"
        ) from error


def connect(path: Path, *, read_only: bool, timeout_s: float) -> duckdb.DuckDBPyConnection:
    """A connection to the file, waiting while another program has it open.

    Raises StoreError that names that program, or says that the file is damaged.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only, config=dict(READING if read_only else WRITING))
        except duckdb.Error as error:
            message = str(error)
            if "Conflicting lock" not in message:
                raise StoreError(
                    f"{path}: cannot be opened as a DuckDB database: {message}; if it is damaged, move it away and "
                    "copy published/snapshot.duckdb, the last published state, to its place"
                ) from error
            if time.monotonic() >= deadline:
                holder = message.partition("held in ")[2].partition(". See")[0] or "another program"
                raise StoreError(
                    f"{path}: held open by {holder}; close the file there (to look at the data, open "
                    "published/snapshot.duckdb instead), then repeat"
                ) from error
        time.sleep(POLL_S)


def _roll_back(con: duckdb.DuckDBPyConnection) -> None:
    """Undoes what the unit of work did; DuckDB has done so itself where the commit failed."""
    try:
        con.rollback()
    except duckdb.Error:  # no transaction is active any more
        return
