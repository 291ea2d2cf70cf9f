"""The published files in a bucket: what a data team elsewhere reads, and what a night copies anew."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from flows.batch import run_batch
from flows.erasing import Client, erase, read_target
from flows.publishing import copy_again
from flows.workshop import WorkOrder
from pipeline.errors import StoreError
from pipeline.object_storage import storage
from pipeline.published_copy import VIEWS, CopySummary, copy_published, facts_of
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.publish import PARQUET, SNAPSHOT
from tests.flow_runs.recordings import mono_call, stereo_call
from tests.remote.conftest import Bucket


@pytest.fixture
def copied(order: WorkOrder, bucket: Bucket) -> WorkOrder:
    """Orders that copy to the bucket."""
    address = f"s3://{bucket.name}/prescore"
    return replace(order, settings=order.settings.model_copy(update={"published_copy": address}))


@pytest.fixture
def night(copied: WorkOrder, tmp_path: Path) -> WorkOrder:
    """After a night of one call."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    stereo_call(folder / "stereo-1.wav", 1)
    run_batch(copied, [folder], None, None, 0)
    return copied


def objects(bucket: Bucket) -> dict[str, str]:
    """The ETag of each object of the copy."""
    found = storage().find(f"{bucket.name}/prescore", detail=True)
    return {name.removeprefix(f"{bucket.name}/prescore/"): str(facts["ETag"]) for name, facts in found.items()}


def opened(bucket: Bucket, folder: Path) -> duckdb.DuckDBPyConnection:
    """The database of views, fetched as somebody elsewhere would; fsspec reads the files for it."""
    path = folder / "theirs.duckdb"
    storage().get_file(f"{bucket.name}/prescore/{VIEWS}", str(path))
    con = duckdb.connect(str(path), read_only=True)
    con.register_filesystem(storage())
    return con


def test_views_over_the_copy_show_what_is_published(night: WorkOrder, bucket: Bucket, tmp_path: Path) -> None:
    with opened(bucket, tmp_path) as theirs, duckdb.connect(str(night.data.published / SNAPSHOT)) as ours:
        for view in ("calls", "utterances", "suggestions"):
            columns = ", ".join(str(row[0]) for row in ours.execute(f"DESCRIBE main.{view}").fetchall())
            rows = ours.execute(f"SELECT {columns} FROM main.{view} ORDER BY ALL").fetchall()
            assert rows
            assert theirs.execute(f"SELECT {columns} FROM {view} ORDER BY ALL").fetchall() == rows
        (months,) = theirs.execute("SELECT list(DISTINCT month) FROM calls").fetchall()
        names = {row[0] for row in theirs.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()}
    assert months != ([],)
    assert {"base_criteria", "base_recordings", "cqr_per_manager_week"} <= names


def test_only_what_changed_is_copied(night: WorkOrder, bucket: Bucket) -> None:
    parquet, address = night.data.published / PARQUET, str(night.settings.published_copy)
    before, files = objects(bucket), len(facts_of(parquet.resolve()))
    assert copy_published(parquet, address) == CopySummary(copied=0, removed=0, kept=files)
    assert objects(bucket) == before

    name = f"{PARQUET}/base_criteria.parquet"
    bucket.remove(f"prescore/{name}")
    bucket.put(f"prescore/{PARQUET}/of_old.parquet", b"x")
    assert copy_published(parquet, address) == CopySummary(copied=1, removed=1, kept=files - 1)
    assert objects(bucket)[name] == before[name]
    assert f"{PARQUET}/of_old.parquet" not in objects(bucket)


def test_the_next_night_is_copied_too(night: WorkOrder, bucket: Bucket, tmp_path: Path) -> None:
    mono_call(tmp_path / "inbox" / "mono-1.wav", 3)
    run_batch(night, [tmp_path / "inbox"], None, None, 0)
    with opened(bucket, tmp_path) as theirs:
        assert theirs.execute("SELECT count(*) FROM calls").fetchall() == [(2,)]


def test_what_is_erased_leaves_the_copy(night: WorkOrder, bucket: Bucket, tmp_path: Path) -> None:
    store = Store(night.data.store)
    client = Client(call="stereo-1.wav")
    erase(store, night.data, client, read_target(store, client))
    copy_again(night)
    with opened(bucket, tmp_path) as theirs:
        assert theirs.execute("SELECT count(*) FROM utterances").fetchall() == [(0,)]
    for name in objects(bucket):
        assert "stereo-1" not in storage().cat_file(f"{bucket.name}/prescore/{name}").decode("latin-1"), name


def test_storage_that_takes_nothing_loses_no_night(copied: WorkOrder, tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    stereo_call(folder / "stereo-1.wav", 1)
    away = copied.settings.model_copy(update={"published_copy": "s3://no-such-bucket/prescore"})
    with pytest.raises(StoreError, match=r"the published files are not copied there: .*the next run copies"):
        run_batch(replace(copied, settings=away), [folder], None, None, 0)
    with duckdb.connect(str(copied.data.published / SNAPSHOT), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM calls WHERE status = 'done'").fetchall() == [(1,)]
    assert run_batch(copied, [folder], None, None, 0).processed == 0


@pytest.mark.parametrize("address", ["/srv/copy", "s3://", "s3://key:secret@bucket/x"])
def test_an_address_that_is_none(settings: Settings, address: str) -> None:
    with pytest.raises(ValueError, match="published_copy"):
        Settings.model_validate(settings.model_dump() | {"published_copy": address})
