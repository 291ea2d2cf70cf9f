"""A copy of the published files in object storage, and a small DuckDB of views over them, for a data team elsewhere.

Under the address lie `parquet/`, as in the folder `published/`, and `prescore.duckdb`. Only files that are not there
as they are here are copied, so that a night costs the months in which something was stored.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.errors import StoreError
from pipeline.object_storage import said, storage, storage_errors

MANIFEST = "_copied.json"  # sizes and times of the local files that were copied: an object's own time is another one
VIEWS = "prescore.duckdb"
Facts = Mapping[str, tuple[int, int]]  # size in bytes and time in ns, by the path in the folder


@dataclass(frozen=True)
class CopySummary:
    """Counts of files."""

    copied: int
    removed: int
    kept: int


def copy_published(parquet: Path, address: str) -> CopySummary:
    """Makes the objects under `address` (s3://bucket/folder) equal to the published folder `parquet`.

    Each object is replaced whole; while a copy is made, a reader may see new files of one view beside old ones of
    another. What is no longer published is removed. Safe to stop and to repeat.

    Raises StoreError when storage does not take it: what is published on this disk stands; ConfigurationError without
    the extra `s3`.
    """
    try:
        return _copy(parquet.resolve(), address.rstrip("/"))
    except storage_errors() as error:
        raise StoreError(
            f"{address}: the published files are not copied there: {said(error)}; those on this disk stand, and the "
            "next run copies what is missing"
        ) from error


def _copy(parquet: Path, address: str) -> CopySummary:
    place = f"{address.removeprefix('s3://')}/parquet"
    there = {name.removeprefix(f"{place}/"): int(facts["size"]) for name, facts in _listed(place).items()}
    here = facts_of(parquet)
    known = _manifest(f"{place}/{MANIFEST}")
    stands = {name for name, facts in here.items() if known.get(name) == facts and there.get(name) == facts[0]}
    for name in sorted(here.keys() - stands):
        storage().put_file(str(parquet / name), f"{place}/{name}")
    gone = sorted(there.keys() - here.keys() - {MANIFEST})
    if gone:
        storage().rm([f"{place}/{name}" for name in gone])
    if gone or here.keys() != stands or MANIFEST not in there:
        storage().pipe_file(f"{place}/{MANIFEST}", json.dumps(here).encode())
        _put_views(parquet, address)
    return CopySummary(len(here) - len(stands), len(gone), len(stands))


def facts_of(folder: Path) -> Facts:
    """Of each file in it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            stat = path.stat()
            found[str(path.relative_to(folder))] = (stat.st_size, stat.st_mtime_ns)
    return found


def _listed(place: str) -> Mapping[str, Mapping[str, int]]:
    try:
        found: Mapping[str, Mapping[str, int]] = storage().find(place, detail=True)
    except FileNotFoundError:  # s3fs says so of an empty folder, and of a bucket that is not there
        storage().ls(place.split("/", 1)[0])
        return {}
    return found


def _manifest(place: str) -> Facts:
    try:
        content = json.loads(storage().cat_file(place))
        return {str(name): (int(size), int(time_ns)) for name, (size, time_ns) in content.items()}
    except (FileNotFoundError, ValueError, AttributeError):  # not there, or not ours: everything is copied
        return {}


def _put_views(parquet: Path, address: str) -> None:
    """A database of views that read the copy; whoever opens it needs DuckDB's httpfs, or fsspec."""
    with tempfile.TemporaryDirectory(prefix="prescore-views-") as folder:
        path = Path(folder) / VIEWS
        with duckdb.connect(str(path)) as con:
            con.register_filesystem(storage())
            for entry in sorted(parquet.iterdir()):
                if entry.name.startswith("_"):
                    continue
                name, files = entry.stem, f"{address}/parquet/{entry.name}" + ("/*/*.parquet" if entry.is_dir() else "")
                literal = files.replace("'", "''")
                con.execute(f"CREATE VIEW {name} AS FROM read_parquet('{literal}')")  # names are the schema's own
        storage().put_file(str(path), f"{address.removeprefix('s3://')}/{VIEWS}")
