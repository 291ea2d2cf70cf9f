"""Rows of the store as lists show them: all calls, or some; a query for each kind of fact, none for each call."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import duckdb

from pipeline.checklist import Checklist
from pipeline.store.failures import read_open_failures
from pipeline.store.rows import fetch
from review.call_facts import CallFacts, build_call, build_scores, failed_with
from review.filters import DOES_NOT_APPLY, NOT_ENOUGH
from review.need import DOUBTFUL_BELOW
from review.pages.checklist_view import SURE_FROM
from review.pages.period import day_of
from review.waiting import Before
from review.window import EVERYTHING, Window

ENOUGH_VERDICTS = 20  # before a criterion can be called disputed
LOW_KAPPA, LOW_NEAR_SHARE = 0.6, 0.85
COUNTED = (
    *("call_facts", "recordings", "transcriptions", "conversation_metrics", "evaluations", "failures", "retries"),
    *("verdicts", "call_type_verdicts", "audits", "submissions"),
)
Marks = dict[str, int]  # how many rows each table has
Row = dict[str, Any]


def read_marks(con: duckdb.DuckDBPyConnection) -> Marks:
    return {row["name"]: int(row["row_count"]) for row in fetch(con, "page_marks")}


def read_changed(con: duckdb.DuckDBPyConnection, marks: Marks) -> frozenset[str]:
    """The calls of which a table has rows beyond its mark."""
    known = {name: marks[name] for name in COUNTED}
    return frozenset(row["call_id"] for row in fetch(con, "page_changed", **known))


def read_calls(
    con: duckdb.DuckDBPyConnection,
    call_ids: list[str] | None,
    zone: tzinfo,
    marks: Marks,
    window: Window = EVERYTHING,
    first_suggestion: int | None = None,
) -> list[CallFacts]:
    """Those calls, or all, as far as the window holds them; and whatever the date those that wait for an audit.

    `marks`: tables without a row are not asked. `first_suggestion`: where those of the window begin.
    """
    found = fetch(con, "page_call_facts", call_ids=call_ids, since=window.since, until=window.until)
    audits = by_call(fetch(con, "page_waiting_audits", call_ids=call_ids) if marks["audits"] else [])
    if outside := sorted(set(audits) - {row["call_id"] for row in found}):
        found += fetch(con, "page_call_facts", call_ids=outside, since=None, until=None)
        first_suggestion = None
    owners = {row["content_sha256"]: row["call_id"] for row in found if row["content_sha256"]}
    rows = {row["call_id"]: row for row in found}  # a call may have two recordings
    is_part = call_ids is not None or window.since is not None or window.until is not None
    shas = list(owners) if is_part else None
    scores = build_scores(read_scores(con, shas, first_suggestion), owners, read_default(con))
    failures = read_failed(con) if marks["failures"] else {}
    asked = list(rows) if is_part else None
    people = by_call(fetch(con, "page_review_facts", call_ids=asked) if marks["submissions"] else [])
    return [
        build_call(
            row,
            scores.get(call_id, ()),
            failures.get(row["content_sha256"]),
            people.get(call_id, ()),
            tuple(audit["criterion_id"] for audit in audits.get(call_id, ())),
            zone,
        )
        for call_id, row in rows.items()
    ]


def read_failed(con: duckdb.DuckDBPyConnection) -> dict[str, Row]:
    """Recordings that are failed now, and why: the newest failure that stands open."""
    return failed_with(read_open_failures(con))


def read_scores(
    con: duckdb.DuckDBPyConnection, shas: list[str] | None, first_suggestion: int | None = None
) -> list[Row]:
    """What each checklist says of those recordings, or of all."""
    return fetch(
        con,
        "page_score_facts",
        shas=shas,
        first_suggestion=first_suggestion or 0,
        sure_from=SURE_FROM,
        doubtful_below=DOUBTFUL_BELOW,
        does_not_apply=DOES_NOT_APPLY,
        not_enough=NOT_ENOUGH,
    )


def read_first_suggestion(con: duckdb.DuckDBPyConnection, window: Window, calls: Sequence[CallFacts]) -> int:
    """From where on all suggestions of those calls, and of later ones, are in their table; to look at no others."""
    if window.since is None:
        return 0
    shas = [call.content_sha256 for call in calls if call.content_sha256 is not None]
    return int(fetch(con, "page_first_suggestion", shas=shas)[0]["first_row"])


def read_before(con: duckdb.DuckDBPyConnection, zone: tzinfo) -> Before:
    """What is known of the managers from all calls, those outside of the window too."""
    rows = fetch(con, "page_managers_known")
    first_days = {row["manager"]: day_of(row["first_at"], zone) for row in rows if row["first_at"] is not None}
    return Before(first_days, frozenset(row["manager"] for row in rows if row["is_reviewed"]))


def by_call(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["call_id"], []).append(row)
    return found


def read_newest_checklists(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, Checklist | None]:
    """Those checklists in their newest version; None where no version is stored."""
    newest = {row["checklist_id"]: row["content"] for row in fetch(con, "page_newest_checklists")}
    return {name: Checklist.model_validate_json(newest[name]) if name in newest else None for name in names}


def read_default(con: duckdb.DuckDBPyConnection) -> str | None:
    """The checklist that the configuration names."""
    rows = fetch(con, "newest_default_checklist")
    return rows[0]["checklist_id"] if rows else None


def read_disputed(
    con: duckdb.DuckDBPyConnection, calls: Sequence[CallFacts], first_suggestion: int
) -> frozenset[tuple[str, str]]:
    """(checklist, criterion) on which people and machine have agreed too little on those calls."""
    rows = fetch(
        con,
        "page_disputed",
        shas=[call.content_sha256 for call in calls if call.content_sha256 is not None],
        first_suggestion=first_suggestion,
        enough=ENOUGH_VERDICTS,
        low_kappa=LOW_KAPPA,
        low_near=LOW_NEAR_SHARE,
    )
    return frozenset((row["checklist_id"], row["criterion_id"]) for row in rows)
