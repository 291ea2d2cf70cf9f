"""Calls with all that is known of them, as files for other programs."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from uuid import uuid4

import duckdb

from pipeline.errors import InputError
from pipeline.store.rows import query

Format = Literal["jsonl", "csv", "parquet"]
TABLES = ("calls", "utterances", "suggestions", "metrics")
ROWS_AT_ONCE = 500


def export(con: duckdb.DuckDBPyConnection, format_: Format, out: Path) -> int:
    """Writes every call to `out`, whole or not at all; returns how many calls there are.

    - jsonl: a file, one call a line with its utterances, criteria and metrics nested.
    - csv and parquet: a folder with calls, utterances, suggestions and metrics as one flat file each, joined by
      call_id; or, where `out` ends in .csv or .parquet, one file of utterances with the facts of their call.

    Raises InputError when `out` is in the way: a folder where a file is to be written, or a file for a folder.
    """
    if format_ == "jsonl":
        with _replacing(out, is_folder=False) as work:
            _write_lines(con, work)
    elif out.suffix == f".{format_}":
        with _replacing(out, is_folder=False) as work:
            _write_flat(con, "export_rows", format_, work)
    else:
        with _replacing(out, is_folder=True) as work:
            work.mkdir()
            for name in TABLES:
                _write_flat(con, f"export_{name}", format_, work / f"{name}.{format_}")
    return int(con.sql("SELECT count(*) FROM main.calls").fetchall()[0][0])


def _write_lines(con: duckdb.DuckDBPyConnection, out: Path) -> None:
    cursor = con.execute(query("export_lines"))
    with out.open("w", encoding="utf-8") as file:
        while lines := cursor.fetchmany(ROWS_AT_ONCE):
            file.writelines(f"{line}\n" for (line,) in lines)


def _write_flat(con: duckdb.DuckDBPyConnection, name: str, format_: Format, out: Path) -> None:
    relation = con.sql(query(name))
    if format_ == "csv":
        relation.write_csv(str(out), header=True)
    else:
        relation.write_parquet(str(out), compression="zstd")


@contextmanager
def _replacing(out: Path, *, is_folder: bool) -> Iterator[Path]:
    """A work path beside `out` that takes its place at the end, or vanishes when an exception is raised."""
    if out.exists() and out.is_dir() != is_folder:
        expected, found = ("a folder", "a file") if is_folder else ("a file", "a folder")
        raise InputError(f"{out}: {expected} is to be written here, and {found} is in the way; choose another path")
    if is_folder and out.exists() and not _is_export(out):
        raise InputError(f"{out}: the folder holds other files, which an export would remove; choose another path")
    out.parent.mkdir(parents=True, exist_ok=True)
    work = out.with_name(f".{out.name}.{uuid4().hex}")
    try:
        yield work
        if is_folder and out.exists():
            old = out.with_name(f".{out.name}.{uuid4().hex}.old")
            out.rename(old)
            work.rename(out)
            shutil.rmtree(old)
        else:
            work.replace(out)
    except BaseException:
        if is_folder:
            shutil.rmtree(work, ignore_errors=True)
        else:
            work.unlink(missing_ok=True)
        raise


def _is_export(folder: Path) -> bool:
    return all(path.stem in TABLES and path.suffix in {".csv", ".parquet"} for path in folder.iterdir())
