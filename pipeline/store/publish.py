"""The published copy: the data team opens it as long as it likes, and no run ever waits for that."""

import shutil
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import duckdb

from pipeline.files_on_disk import flush, sync_folder
from pipeline.store.connection import Store, disk_errors
from pipeline.store.lock import locked
from pipeline.store.rows import fetch, utc_now

SNAPSHOT = "snapshot.duckdb"
PARQUET = "parquet"  # a link to the newest folder parquet-TIME: one rename replaces all files at once
WORK = ".work-"
VECTORS = "base.utterance_vectors"  # half of the time that all files take, and a re-score leaves them as they are
CONTENT = "prescore_content"  # key in a file's metadata: which vectors it holds
ROW_GROUP = 8192  # rows, held in memory by each thread: of vectors 60 MB, and not the 900 MB of the usual 122,880


def publish(store: Store, out_dir: Path) -> datetime:
    """Publishes `snapshot.duckdb` and `parquet/`, a file per view of people and per table, in `out_dir`.

    Each is made beside the old one and takes its place by one rename: a reader sees the old or the new, whole, and
    keeps what it has open. A crash leaves the old ones and a work folder that the next publication removes.

    Returns when it was published (UTC). Raises StoreError when the store is missing or busy, while another publication
    into the folder is under way, or when the disk is full.
    """
    with disk_errors(out_dir, "what was published before stays"):
        return _replace_published(store, out_dir)


def _replace_published(store: Store, out_dir: Path) -> datetime:
    out_dir.mkdir(parents=True, exist_ok=True)
    with locked(out_dir / ".publish.lock", exclusive=True, timeout_s=store.timeout_s):
        _remove_work(out_dir)
        now = utc_now()
        try:
            _publish(store, out_dir, now)
        finally:  # on a full disk it would keep everybody else from writing
            _remove_work(out_dir)
    return now


def _publish(store: Store, out_dir: Path, now: datetime) -> None:
    work = out_dir / f"{WORK}{uuid4().hex}"
    work.mkdir()
    with store.closed() as path:
        shutil.copyfile(path, work / SNAPSHOT)
    write_parquet(work / SNAPSHOT, work / PARQUET, out_dir / PARQUET)
    flush(work)
    (work / SNAPSHOT).replace(out_dir / SNAPSHOT)
    _swap(work / PARQUET, out_dir, now)


def write_parquet(snapshot: Path, folder: Path, last: Path) -> None:
    """Writes each view of main, and each table of base but the migrations as `base_NAME`, into the folder.

    The file of the vectors is taken over from the folder `last`, if it is there, when the table has not changed.
    """
    folder.mkdir()
    with duckdb.connect(str(snapshot), read_only=True) as con:
        for row in fetch(con, "published_relations"):
            relation, file = f"{row['schema_name']}.{row['name']}", folder / f"{row['file_name']}.parquet"
            content = fetch(con, "vectors_content")[0]["content"] if relation == VECTORS else ""
            if not content or not _taken_over(con, last / file.name, file, content):
                _write_file(con, relation, file, content)


def _write_file(con: duckdb.DuckDBPyConnection, relation: str, file: Path, content: str) -> None:
    """`content` is kept in the file, to be compared with at the next publication."""
    path = str(file).replace("'", "''")
    con.execute(
        f"COPY (FROM {relation}) TO '{path}' "  # the name is the catalogue's own
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}, KV_METADATA {{{CONTENT}: '{content}'}})"
    )


def _taken_over(con: duckdb.DuckDBPyConnection, last: Path, file: Path, content: str) -> bool:
    """Whether the last published file has that content and now has the new name too."""
    try:
        found = fetch(con, "parquet_content", file=str(last), key=CONTENT)
        if [row["content"] for row in found] != [content]:
            return False
        file.hardlink_to(last.resolve())
    except (OSError, duckdb.Error):  # no such file yet, or a file system without links
        return False
    return True


def _swap(new: Path, out_dir: Path, now: datetime) -> None:
    """Points the link to the new folder. The last one is kept for readers that are just opening its files."""
    target = out_dir / f"{PARQUET}-{now:%Y%m%dT%H%M%S%f}"
    new.rename(target)
    link = out_dir / PARQUET
    previous = link.resolve() if link.is_symlink() else None
    staged = out_dir / f"{WORK}link-{uuid4().hex}"
    staged.symlink_to(target.name)
    staged.replace(link)
    sync_folder(out_dir)
    for folder in out_dir.glob(f"{PARQUET}-*"):
        if folder not in (target, previous) and folder.resolve() != previous:
            shutil.rmtree(folder)


def _remove_work(out_dir: Path) -> None:
    for left in out_dir.glob(f"{WORK}*"):
        if left.is_symlink():
            left.unlink()
        else:
            shutil.rmtree(left)
