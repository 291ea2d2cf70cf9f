"""Where the rows of each month lie in the tables of a snapshot, so that a month costs what that month holds.

Rows are stored as the nights go by: those of a month lie together, but for what came later, a verdict or another
judgement. Of each table and month the first and the last row are known, and only what lies between is looked at.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from pipeline.store.published_relations import UNDATED, Relation, text_list
from pipeline.store.rows import fetch, query

Span = Sequence[int]  # the first rowid and the last
Spans = Mapping[str, Mapping[str, Span]]  # by table and month


@dataclass(frozen=True, slots=True)
class Place:
    """Rows of each table: those of some months, which lie in these spans, and all from a certain one on."""

    months: Collection[str]
    spans: Spans
    new_from: Mapping[str, int] | None = None

    def condition(self, table: str) -> str:
        """In SQL. Overlapping spans become one."""
        spans = self.spans.get(table, {})
        found = sorted((first, last) for month, (first, last) in spans.items() if month in self.months)
        merged: list[list[int]] = []
        for first, last in found:
            if merged and first <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], last)
            else:
                merged.append([first, last])
        asked = [f"rowid BETWEEN {first} AND {last}" for first, last in merged]
        if self.new_from is not None:
            asked.append(f"rowid >= {self.new_from[table]}")
        return " OR ".join(asked) or "false"


def new_months(con: duckdb.DuckDBPyConnection, tables: Sequence[Relation], first_rows: Mapping[str, int]) -> set[str]:
    """Months of calls with rows from those on."""
    con.execute("CREATE OR REPLACE TEMP TABLE new_keys (kind VARCHAR, key VARCHAR)")
    for table in tables:
        con.execute(
            f"INSERT INTO new_keys SELECT DISTINCT '{table.key}', {table.key} FROM store.base.{table.name} "  # noqa: S608
            "WHERE rowid >= $first_row",
            {"first_row": first_rows[table.name]},
        )
    return {str(row["month"]) for row in fetch(con, "publish_new_months")}


def moved_months(con: duckdb.DuckDBPyConnection, first_rows: Mapping[str, int]) -> set[str]:
    """Months that calls have left with facts from that row on, and those that they came to."""
    rows = fetch(con, "publish_moved_months", first_row=first_rows["call_facts"])
    return {str(row["month"]) for row in rows}


def find_months(con: duckdb.DuckDBPyConnection, tables: Sequence[Relation], place: Place | None) -> Spans:
    """Makes `KEY_months`, the month of each key, and says where the months lie: those of the place, or all."""
    _look_at(con, tables, None if place is None or UNDATED in place.months else place)  # undated: in no other month
    con.execute(query("publish_months"))
    _look_at(con, tables, place)
    spans: dict[str, dict[str, Span]] = {}
    for table in tables:
        rows = _rows(table, f"{table.key}_months", None if place is None else place.months, "LEFT")
        found = con.execute(f"SELECT month, min(stored_row), max(stored_row) FROM ({rows}) GROUP BY month")  # noqa: S608
        spans[table.name] = {str(month): (int(first), int(last)) for month, first, last in found.fetchall()}
    return spans


def look_at_months(con: duckdb.DuckDBPyConnection, tables: Sequence[Relation], place: Place) -> None:
    """From now on `rows_with_month` gives the rows of these months; `KEY_months_here` are their keys."""
    _look_at(con, tables, place)
    for key in {table.key for table in tables}:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {key}_months_here AS "
            f"FROM {key}_months WHERE month IN ({text_list(sorted(place.months))})"
        )


def rows_with_month(table: Relation, months: Collection[str]) -> str:
    """The statement for a table's rows of these months."""
    if UNDATED in months:  # among them what belongs to no known call
        rows = _rows(table, f"{table.key}_months", months, "LEFT")
    else:
        rows = _rows(table, f"{table.key}_months_here", None, "")
    return f"SELECT * EXCLUDE (stored_row) FROM ({rows})"  # noqa: S608  names are the catalogue's own


def _rows(table: Relation, keys: str, months: Collection[str] | None, join: str) -> str:
    month = f"coalesce(m.month, '{UNDATED}')"
    where = "true" if months is None else f"{month} IN ({text_list(sorted(months))})"
    both = f"looked_at_{table.name} AS r {join} JOIN {keys} AS m USING ({table.key})"
    return f"SELECT r.*, {month} AS month FROM {both} WHERE {where}"  # noqa: S608  names are the catalogue's own


def _look_at(con: duckdb.DuckDBPyConnection, tables: Iterable[Relation], place: Place | None) -> None:
    """Makes `looked_at_TABLE`: the rows there; all of them without a place."""
    for table in tables:
        where = "true" if place is None else place.condition(table.name)
        con.execute(
            f"CREATE OR REPLACE TEMP VIEW looked_at_{table.name} AS "  # noqa: S608  names are the catalogue's own
            f"SELECT rowid AS stored_row, * FROM store.base.{table.name} WHERE {where}"
        )
