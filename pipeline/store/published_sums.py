"""What belongs to no call, as sums over all calls: worked out from the files of the months, which are written first."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.store.published_relations import OPTIONS, Relation, quoted
from pipeline.store.rows import fetch


def write_sums(con: duckdb.DuckDBPyConnection, relations: Sequence[Relation], folder: Path) -> None:
    """What belongs to no call; views over the files that are written already, which hold what the snapshot does."""
    con.execute("ATTACH ':memory:' AS files")
    con.execute("USE files")
    con.execute("CREATE SCHEMA base")
    statements = {(row["schema"], row["name"]): row["sql"] for row in fetch(con, "published_views")}
    sums = [relation for relation in relations if not relation.key]
    for relation in relations:
        if relation.key:
            source = f"read_parquet('{quoted(folder / relation.file_name)}/*/*.parquet', hive_partitioning = false)"
            con.execute(f"CREATE VIEW files.{relation.schema}.{relation.name} AS FROM {source}")
        elif relation.schema == "base":
            con.execute(f"CREATE VIEW files.base.{relation.name} AS FROM store.base.{relation.name}")
    written = {(relation.schema, relation.name) for relation in relations if relation.key}
    make_views(con, [statement for name, statement in statements.items() if name not in written])
    for relation in sums:
        path = quoted(folder / f"{relation.file_name}.parquet")
        con.execute(f"COPY (FROM files.{relation.schema}.{relation.name}) TO '{path}' ({OPTIONS})")


def make_views(con: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    """Each once what it builds on is there; the catalogue does not say in which order they were made."""
    left: list[str] = []
    for statement in statements:
        try:
            con.execute(statement)
        except duckdb.CatalogException:
            if len(statements) == 1:
                raise
            left.append(statement)
    if left and len(left) < len(statements):
        make_views(con, left)
    elif left:
        make_views(con, left[:1])  # raises
