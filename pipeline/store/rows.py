"""Statements by name, and rows in bulk. Rows travel as one JSON text: fast on every DuckDB, and free of pandas."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
from pydantic_core import to_json

Row = dict[str, Any]
QUERIES = Path(__file__).resolve().parent.parent / "sql" / "queries"


@lru_cache
def query(name: str) -> str:
    """The statement in `pipeline/sql/queries/NAME.sql`."""
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def utc_now() -> datetime:
    """Now as the store writes it: UTC, naive."""
    return datetime.now(UTC).replace(tzinfo=None)


def fetch_among(con: duckdb.DuckDBPyConnection, name: str, /, stage: str, shas: list[str], **more: Any) -> list[Row]:
    """Like `fetch`, for a query about results of a stage: it looks only between the first and the last of them.

    Without that a query for a few recordings would read the payloads of all: keys are random, so no zone map helps.
    Where stage keys are asked for, rows of other keys lie outside: a second evaluation stands far behind the first.
    """
    (between,) = fetch(con, "stage_rows", stage=stage, shas=shas, keys=more.get("keys"))
    return [] if between["first_row"] is None else fetch(con, name, stage=stage, shas=shas, **more, **between)


def append(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds the rows, column name to value, to a table of `base`. All rows have the same columns; JSON is given as text.

    A list parameter costs up to 50 ms a row on DuckDB 1.5; one JSON text costs microseconds.
    """
    if not rows:
        return
    columns = [(column[0], str(column[1])) for column in con.execute(f"FROM base.{table} LIMIT 0").description or ()]
    kinds = {name: "VARCHAR" if kind == "JSON" else kind for name, kind in columns if name in rows[0]}
    names = ", ".join(f'"{name}"' for name in kinds)
    structure = to_json([kinds]).decode().replace("'", "''")
    con.execute(  # the names are the catalogue's own; every value is in the parameter
        f"INSERT INTO base.{table} ({names}) SELECT unnest(from_json($rows, '{structure}'), max_depth := 2)",
        {"rows": to_json(rows).decode()},
    )


def fetch(con: duckdb.DuckDBPyConnection, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
    """The rows of a named query, column name to value."""
    cursor = con.execute(query(name), parameters or None)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
