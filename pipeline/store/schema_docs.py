"""docs/schema.md from the comments in the migrations: `python -m pipeline.store.schema_docs` writes it."""

from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import StoreError
from pipeline.settings import ROOT
from pipeline.store.migrations import migrate
from pipeline.store.rows import fetch

SCHEMA_PAGE = ROOT / "docs" / "schema.md"
INTRODUCTION = """\
# Schema of the store

Generated from the comments in `pipeline/sql/migrations/` by `python -m pipeline.store.schema_docs`; do not edit.

Open `published/snapshot.duckdb`, never `calls.duckdb` itself. The views in `main` are for people: they show the
current state. The tables in `base` hold every fact ever stored and are only added to. Times of day are UTC.
"""
HEADINGS = {"main": "Views for people (`main`)", "base": "Tables and inner views (`base`)"}


def render_schema() -> str:
    """The page. Raises StoreError when a table, view or column has no comment."""
    with duckdb.connect() as con:
        migrate(con, Path("schema of the documentation"))
        columns = fetch(con, "schema_columns")
    sections = [INTRODUCTION]
    for schema, in_schema in groupby(columns, key=lambda row: row["schema_name"]):
        sections.append(f"## {HEADINGS[schema]}\n")
        for name, of_relation in groupby(in_schema, key=lambda row: row["relation_name"]):
            sections.append(_section(f"{schema}.{name}", list(of_relation)))
    return "\n".join(sections)


def _section(name: str, columns: list[dict[str, Any]]) -> str:
    missing = [name] if columns[0]["relation_comment"] is None else []
    missing += [f"{name}.{column['column_name']}" for column in columns if column["column_comment"] is None]
    if missing:
        raise StoreError(f"no comment on {', '.join(missing)}; add COMMENT ON in the migration that makes it")
    lines = [
        f"### {name} ({columns[0]['kind']})",
        "",
        columns[0]["relation_comment"],
        "",
        "| column | type | meaning |",
        "|---|---|---|",
        *(f"| {c['column_name']} | {c['data_type']} | {c['column_comment'].replace('|', '/')} |" for c in columns),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    SCHEMA_PAGE.parent.mkdir(parents=True, exist_ok=True)
    SCHEMA_PAGE.write_text(render_schema(), encoding="utf-8")
