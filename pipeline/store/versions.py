"""Which checklist the configuration names, and which versions of which checklists have judged a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipeline.checklist import Checklist
from pipeline.errors import InputError
from pipeline.store.rows import append, fetch, utc_now


@dataclass(frozen=True, slots=True)
class JudgedVersion:
    """The newest evaluation of a call by one version of a checklist, with the verdicts given on that version."""

    evaluation_id: str
    checklist_id: str
    checklist_version: str
    version_number: int | None  # None where the version itself is not stored
    content_sha256: str
    stage_key: str
    is_current: bool
    call_type: str
    cqr: float | None
    passed: bool | None
    verdict_count: int
    evaluated_at: datetime


def read_versions(con: duckdb.DuckDBPyConnection, call_id: str) -> tuple[JudgedVersion, ...]:
    """What has judged the call: the default checklist first, then the newest; of each the current version first."""
    return tuple(JudgedVersion(**row) for row in fetch(con, "call_versions", call_id=call_id))


def choose_version(
    versions: Sequence[JudgedVersion], checklist_id: str | None, version_number: int | None = None
) -> JudgedVersion:
    """The current version of that checklist (of the first without a name), or the one of that number.

    Raises InputError that lists what there is.
    """
    if not versions:
        raise InputError("no checklist has judged this call yet; `prescore status` says what became of it")
    checklist_id = checklist_id or versions[0].checklist_id
    of_checklist = [item for item in versions if item.checklist_id == checklist_id]
    if not of_checklist:
        known = ", ".join(dict.fromkeys(item.checklist_id for item in versions))
        raise InputError(f'no checklist "{checklist_id}" has judged this call; there are: {known}')
    for item in of_checklist:
        if item.is_current if version_number is None else item.version_number == version_number:
            return item
    known = ", ".join(str(item.version_number) for item in of_checklist)
    raise InputError(f"version {version_number} of {checklist_id} has not judged this call; there are: {known}")


def write_default_checklist(con: duckdb.DuckDBPyConnection, checklist_id: str) -> None:
    """Remembers the checklist that `main.calls` shows; a row only when it is another one than before."""
    rows = fetch(con, "newest_default_checklist")
    if not rows or rows[0]["checklist_id"] != checklist_id:
        append(con, "default_checklists", [{"checklist_id": checklist_id, "chosen_at": utc_now()}])


def next_version_number(con: duckdb.DuckDBPyConnection, checklist: Checklist) -> tuple[int, bool]:
    """The number that the checklist's version has or would get, and whether it would be a new one."""
    numbers = {
        row["version"]: int(row["version_number"]) for row in fetch(con, "checklist_numbers", checklist_id=checklist.id)
    }
    if checklist.version in numbers:
        return numbers[checklist.version], False
    return max(numbers.values(), default=0) + 1, True
