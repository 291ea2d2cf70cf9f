"""Views worked out from the Parquet files of the tables: for some months, each once and stored, or sums over all.

They live in a catalogue of their own, which is empty again for the next months.
"""

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline.store.published_relations import UNDATED, Relation, quoted, text_list
from pipeline.store.rows import fetch

Statements = Mapping[tuple[str, str], str]  # by schema and name


def write_month_views(
    con: duckdb.DuckDBPyConnection, relations: Sequence[Relation], folder: Path, months: Collection[str]
) -> None:
    """Writes each view with rows of calls, for these months, from what is written of the tables.

    A view that others build on is worked out once: they read its file, or what is kept of it in memory.
    """
    views = {relation.name: relation for relation in relations if relation.key and relation.schema == "main"}

    def keep(schema: str, name: str) -> None:
        if schema == "base":
            con.execute(f"CREATE TABLE base.kept AS FROM base.{name}")
            con.execute(f"DROP VIEW base.{name}")
            con.execute(f"ALTER TABLE base.kept RENAME TO {name}")
        elif name in views:
            write_months(con, views[name], _with_month(views[name], months), folder, months)
            if files := views[name].files(folder, months):
                con.execute(f"CREATE OR REPLACE VIEW main.{name} AS FROM {_reading(files)}")

    with _catalogue(con):
        for table in relations:
            if table.schema == "base":
                _show_table(con, table, table.files(folder, months))
        make_views(con, _statements(con), keep)


def write_sums(con: duckdb.DuckDBPyConnection, relations: Sequence[Relation], folder: Path) -> None:
    """Writes what belongs to no call: tables as they are, and views over the files of all months."""
    written = {(relation.schema, relation.name): relation for relation in relations if relation.key}
    with _catalogue(con):
        for relation in relations:
            if relation.schema == "base":
                _show_table(con, relation, relation.files(folder))
            elif relation.key:
                con.execute(f"CREATE VIEW main.{relation.name} AS FROM {_reading(relation.files(folder))}")
        make_views(con, {name: sql for name, sql in _statements(con).items() if name not in written})
        for relation in relations:
            if not relation.key:
                path = quoted(folder / f"{relation.file_name}.parquet")
                con.execute(f"COPY (FROM {relation.schema}.{relation.name}) TO '{path}' ({relation.options})")


def write_months(
    con: duckdb.DuckDBPyConnection, relation: Relation, rows: str, folder: Path, months: Collection[str]
) -> None:
    """A file for each month among the rows, beside those that are there; `rows`: a statement, with a column `month`."""
    target = folder / relation.file_name
    if len(months) > 1:
        partitions = "PARTITION_BY (month), OVERWRITE_OR_IGNORE"
        con.execute(f"COPY ({rows}) TO '{quoted(target)}' ({relation.options}, {partitions})")
        return
    (month,) = months
    file = target / f"month={month}" / "data_0.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    alone = f"SELECT * EXCLUDE (month) FROM ({rows})"  # noqa: S608  names are the catalogue's own
    (found,) = con.execute(f"COPY ({alone}) TO '{quoted(file)}' ({relation.options})").fetchall()
    if not found[0]:
        shutil.rmtree(file.parent)


def add_to_months(con: duckdb.DuckDBPyConnection, relation: Relation, rows: str, folder: Path) -> None:
    """One more file for each month among the rows; `rows` as in `write_months`. No file that is there is touched."""
    target = quoted(folder / relation.file_name)
    con.execute(f"COPY ({rows}) TO '{target}' ({relation.options}, PARTITION_BY (month), APPEND)")


def make_views(
    con: duckdb.DuckDBPyConnection, statements: Statements, then: Callable[[str, str], None] = lambda *_: None
) -> None:
    """Each once what it builds on is there, which the catalogue does not say; then what is told its schema and name."""
    left: dict[tuple[str, str], str] = {}
    for (schema, name), statement in statements.items():
        try:
            con.execute(statement)
        except duckdb.CatalogException:
            if len(statements) == 1:
                raise
            left[schema, name] = statement
        else:
            then(schema, name)
    if left:
        make_views(con, left if len(left) < len(statements) else dict([next(iter(left.items()))]), then)


@contextmanager
def _catalogue(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute("ATTACH ':memory:' AS files")
    con.execute("USE files")
    con.execute("CREATE SCHEMA base")
    try:
        yield
    finally:
        con.execute("USE memory")
        con.execute("DETACH files")


def _show_table(con: duckdb.DuckDBPyConnection, table: Relation, files: Sequence[Path]) -> None:
    """What is written of it; where nothing is, no row of it or, of a table without months, all."""
    source = _reading(files) if files else f"store.base.{table.name}{' LIMIT 0' if table.key else ''}"
    con.execute(f"CREATE VIEW base.{table.name} AS FROM {source}")


def _reading(files: Sequence[Path]) -> str:
    return f"read_parquet([{text_list(files)}], hive_partitioning = false)"


def _with_month(view: Relation, months: Collection[str]) -> str:
    if len(months) == 1:
        return f"SELECT *, {text_list(months)} AS month FROM main.{view.name}"  # noqa: S608  our own
    joined = f"main.{view.name} AS r LEFT JOIN {view.key}_months_here AS m USING ({view.key})"
    return f"SELECT r.*, coalesce(m.month, '{UNDATED}') AS month FROM {joined}"  # noqa: S608  the catalogue's own


def _statements(con: duckdb.DuckDBPyConnection) -> Statements:
    """That made the views of the snapshot."""
    return {(row["schema"], row["name"]): row["sql"] for row in fetch(con, "published_views")}
