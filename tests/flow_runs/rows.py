"""Every row of a store but what differs from run to run: when it was, which run it was, and drawn ids."""

import json
from pathlib import Path
from typing import Any

from pipeline.store import Store

DIFFERS = frozenset(
    {
        "run_id", "failure_id", "processing_s",
        "registered_at", "first_seen", "seen", "created_at", "published_at", "failed_at", "requested_at", "chosen_at",
    }
)  # fmt: skip
LEFT_OUT = frozenset({"migrations", "run_events"})


def rows_of(store: Path) -> dict[str, list[str]]:
    """Rows of each base table as sorted JSON."""
    with Store(store).reading() as con:
        names = con.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'base'").fetchall()
        tables = sorted({name for (name,) in names} - LEFT_OUT)
        return {table: sorted(_rows(con, table)) for table in tables}


def count_rows(store: Path, table: str) -> int:
    """0 while there is no store."""
    if not store.exists():
        return 0
    with Store(store).reading() as con:
        return int(con.sql(f"SELECT count(*) FROM base.{table}").fetchall()[0][0])


def differences(first: dict[str, list[str]], second: dict[str, list[str]]) -> list[str]:
    """The rows that only one of the two stores has: nothing when they hold the same."""
    found = []
    for table in sorted({*first, *second}):
        ours, theirs = first.get(table, []), second.get(table, [])
        found += [f"{table}: - {row}" for row in ours if ours.count(row) != theirs.count(row)]
        found += [f"{table}: + {row}" for row in theirs if ours.count(row) != theirs.count(row)]
    return found


def _rows(con: Any, table: str) -> list[str]:
    cursor = con.execute(f"SELECT * FROM base.{table}")
    names = [column[0] for column in cursor.description]
    return [
        json.dumps(
            {name: value for name, value in zip(names, row, strict=True) if name not in DIFFERS},
            ensure_ascii=False,
            default=str,
        )
        for row in cursor.fetchall()
    ]
