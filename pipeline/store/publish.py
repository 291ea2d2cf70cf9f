"""The published copy: the data team opens it as long as it likes, and no run ever waits for that."""

import shutil
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from pipeline.files_on_disk import flush, sync_folder
from pipeline.store.connection import Store, disk_errors
from pipeline.store.copying import copy_published
from pipeline.store.lock import locked
from pipeline.store.published_months import write_parquet
from pipeline.store.rows import utc_now

SNAPSHOT = "snapshot.duckdb"
PARQUET = "parquet"  # a link to the newest folder parquet-TIME: one rename replaces all files at once
WORK = ".work-"


def publish(store: Store, out_dir: Path) -> datetime:
    """Publishes `snapshot.duckdb` and `parquet/`, files per view of people and per table, in `out_dir`.

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
    copy_published(store, work / SNAPSHOT)
    write_parquet(work / SNAPSHOT, work / PARQUET, out_dir / PARQUET, store.path)
    flush(work)
    (work / SNAPSHOT).replace(out_dir / SNAPSHOT)
    _swap(work / PARQUET, out_dir, now)


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
