"""The versions of checklists that evaluations were made by, frozen as they were published."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipeline.checklist import Checklist
from pipeline.store.rows import fetch


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """One published version. `checklist.version` may differ from `version` where the schema has since grown."""

    checklist_id: str
    version: str
    number: int
    published_at: datetime  # UTC, naive
    checklist: Checklist


def read_versions(con: duckdb.DuckDBPyConnection, checklist_id: str | None = None) -> tuple[StoredVersion, ...]:
    """Every stored version of one checklist, or of all, oldest first."""
    return tuple(
        StoredVersion(
            checklist_id=row["checklist_id"],
            version=row["version"],
            number=int(row["version_number"]),
            published_at=row["published_at"],
            checklist=Checklist.model_validate_json(row["content"]),
        )
        for row in fetch(con, "checklist_versions", checklist_id=checklist_id)
    )
