"""What docs/data_team/ gives the data team works over what a run publishes: by the real tools, in their environment."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.data_team.conftest import FILES, TOOLS, run_tool

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (TOOLS / "dbt").exists(), reason="the data team's tools are missing: make data-team"),
]


def test_the_marts_are_built(snapshot: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(FILES / "dbt", tmp_path / "dbt"))
    marts = tmp_path / "marts.duckdb"
    said = run_tool(snapshot, TOOLS / "dbt", "build", "--profiles-dir", ".", cwd=project, PRESCORE_MARTS=str(marts))
    assert "ERROR=0" in said and "WARN=0" in said
    with duckdb.connect(str(marts), read_only=True) as con:
        managers = con.sql(
            "SELECT manager, month::VARCHAR, scored_count, reviewed_count FROM manager_month ORDER BY ALL"
        )
        assert managers.fetchall() == [
            ("Anna", "2026-10-01", 1, 1),
            ("Anna", "2026-11-01", 1, 0),
            ("Boris", "2026-11-01", 1, 0),
        ]
        kept = con.sql("SELECT criterion_id, verdict_count, kept_count FROM machine_against_people ORDER BY ALL")
        assert kept.fetchall() == [("greeting", 1, 1), ("needs", 1, 0), ("politeness", 1, 1)]
        (needs,) = con.sql(
            "SELECT sum(call_count), sum(verdict_count) FROM criterion_month WHERE criterion_id = 'needs'"
        ).fetchall()
        assert needs == (3, 1)


def test_the_notebook_runs(snapshot: Path, tmp_path: Path) -> None:
    notebook = Path(shutil.copy(FILES / "example.ipynb", tmp_path))
    run_tool(snapshot, TOOLS / "jupyter-execute", "--inplace", notebook, cwd=tmp_path)
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    printed = ["".join("".join(output["data"]["text/plain"]) for output in cell["outputs"]) for cell in cells]
    assert "done" in printed[0]
    assert "Anna" in printed[1] and "Boris" in printed[1]
    assert "needs" in printed[2]
    assert "needs" in printed[5]


def test_the_notebook_is_kept_without_outputs() -> None:
    cells = json.loads((FILES / "example.ipynb").read_text())["cells"]
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells)


def test_superset_would_be_answered(snapshot: Path, tmp_path: Path) -> None:
    """Superset speaks to DuckDB by SQLAlchemy through duckdb-engine: tables and columns found, a query answered."""
    said = run_tool(snapshot, TOOLS / "python", "-c", _ASKS, cwd=tmp_path)
    assert said.splitlines() == ["True", "True", "[('Anna', 2), ('Boris', 1)]", "refused"]


_ASKS = """
import os
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool
engine = create_engine("duckdb:///" + os.environ["PRESCORE_SNAPSHOT"] + "?access_mode=read_only", poolclass=NullPool)
looked = inspect(engine)
print("calls" in looked.get_view_names(schema="main"))
print("cqr" in {column["name"] for column in looked.get_columns("calls", schema="main")})
with engine.connect() as con:
    print(con.execute(text("SELECT manager, count(*) FROM calls GROUP BY 1 ORDER BY 1")).fetchall())
    try:
        con.execute(text("CREATE TABLE t (i INTEGER)"))
    except Exception:
        print("refused")
"""
