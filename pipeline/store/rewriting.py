"""The database written anew without the rows of some calls, and put in the place of the old one.

Deleting rows would leave them in the blocks of the file: DuckDB marks blocks as free and fills them with zeros never.
"""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import duckdb

from pipeline.errors import StoreError
from pipeline.files_on_disk import sync_folder
from pipeline.store.connection import WRITING, Store
from pipeline.store.migrations import migrate
from pipeline.store.rows import fetch, utc_now

WORK = ".erasing"  # the new file's ending until it takes the old one's place
SPARE = 1.2
MIB = 2**20


def rewrite_without(
    store: Store,
    keys: Mapping[str, Sequence[str]],
    call_count: int,
    before_swap: Callable[[Path], None] = lambda _: None,
    copies: int = 1,
    erasure_id: str | None = None,
) -> None:
    """Puts a file without the rows whose columns hold one of `keys` in the store's place, by one rename.

    Nobody reads or writes meanwhile. `before_swap` gets the new file, e.g. to publish it: whatever it raises leaves the
    store as it was, and so does a `kill -9`. `copies`: how many files of this size have to fit on the disk.
    `erasure_id`: under which `base.erasures` remembers it; a new one without it.

    Raises StoreError when the store is missing or busy, or the disk too full.
    """
    with store.closed() as path:
        refuse_full_disk(path, copies)
        fresh = path.with_name(path.name + WORK)
        remove_work(fresh)
        try:
            _copy(path, fresh, keys, call_count, erasure_id or uuid4().hex)
            before_swap(fresh)
            _take_over(path, fresh)
            os.replace(fresh, path)  # noqa: PTH105  this is the moment
            sync_folder(path.parent)
        finally:
            remove_work(fresh)


def refuse_full_disk(path: Path, copies: int) -> None:
    """Raises StoreError unless so many files of this size fit beside it."""
    needed, free = int(path.stat().st_size * SPARE * copies), shutil.disk_usage(path.parent).free
    if free < needed:
        raise StoreError(
            f"{path}: has to be written anew to be rid of what is erased, and the disk has {free // MIB} MiB left; "
            f"free {-(-(needed - free) // MIB)} MiB more, then repeat"
        )


def remove_work(fresh: Path) -> None:
    """What a killed rewriting has left, and the lock that a publication of the new file makes."""
    for path in (fresh, *(fresh.with_name(fresh.name + ending) for ending in (".wal", ".lock"))):
        path.unlink(missing_ok=True)
    shutil.rmtree(fresh.with_name(fresh.name + ".tmp"), ignore_errors=True)


def _copy(stored: Path, fresh: Path, keys: Mapping[str, Sequence[str]], call_count: int, erasure_id: str) -> None:
    with duckdb.connect(str(fresh), config=dict(WRITING)) as con:
        migrate(con, fresh)
        con.execute("ATTACH '{}' AS stored (READ_ONLY)".format(str(stored).replace("'", "''")))
        con.execute("DELETE FROM base.migrations")
        for table in fetch(con, "stored_tables", database="stored", keys=list(keys)):
            _copy_table(con, table["table_name"], table["key_columns"] or [], keys)
        recordings = len(keys.get("content_sha256", ()))
        con.execute("INSERT INTO base.erasures VALUES (?, ?, ?, ?)", [erasure_id, call_count, recordings, utc_now()])
        con.execute("DETACH stored")
        con.execute("CHECKPOINT")


def _copy_table(
    con: duckdb.DuckDBPyConnection, table: str, key_columns: Sequence[str], keys: Mapping[str, Sequence[str]]
) -> None:
    """In the order in which the rows stand. The names are the catalogue's own; every value is a parameter."""
    theirs = [f'coalesce("{column}" IN (SELECT unnest(${column}::VARCHAR[])), false)' for column in key_columns]
    kept = f" WHERE NOT ({' OR '.join(theirs)})" if theirs else ""
    con.execute(
        f'INSERT INTO base."{table}" BY NAME SELECT * FROM stored.base."{table}"{kept}',  # noqa: S608
        {column: list(keys[column]) for column in key_columns} or None,
    )


def _take_over(path: Path, fresh: Path) -> None:
    """Rights and owner of the old file, and the new one on the disk."""
    facts = path.stat()
    fresh.chmod(facts.st_mode & 0o7777)
    if (fresh.stat().st_uid, fresh.stat().st_gid) != (facts.st_uid, facts.st_gid):
        os.chown(fresh, facts.st_uid, facts.st_gid)
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
