"""Submissions as the desk keeps them, and reading them."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from pipeline.errors import InputError
from pipeline.frozen import Frozen
from pipeline.records import CallType
from pipeline.store.submissions import GivenVerdict, SubmittedReview
from review.desk.database import Desk, Row, fetch
from review.desk.drafts import Draft
from review.desk.people import Person

UNDOABLE = 10  # of a person's last submissions


class Content(Frozen):
    """The column `content`: what was handed in, and what followed from it by the checklist of that moment.

    `login`: the reviewer in the store, which stays when the person's login changes. `started_s`: since when they had
    the call without a break; None without a claim.
    """

    draft: Draft
    blind: bool
    login: str
    call_type: CallType
    cqr: float | None
    passed: bool | None
    verdicts: tuple[GivenVerdict, ...]
    started_s: float | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """`applied_s` None: waits for the store. `undone_s`: when the person took it back, or handed in other answers.

    `name`: of the person, as it is now. `cqr` and `passed` by their answers.
    """

    submission_id: str
    call_id: str
    evaluation_id: str
    person_id: str
    login: str
    name: str
    draft: Draft
    blind: bool
    call_type: CallType
    cqr: float | None
    passed: bool | None
    submitted_s: float
    applied_s: float | None
    undone_s: float | None


def undoable(desk: Desk, person: Person) -> tuple[Submission, ...]:
    """Those of the person's last ten submissions that stand, the newest first."""
    with desk.reading() as con:
        return tuple(submission_of(row) for row in last_submissions(con, person) if row["undone_s"] is None)


def find_submission(desk: Desk, submission_id: str) -> Submission:
    """Raises InputError when there is no such submission."""
    with desk.reading() as con:
        return submission_in(con, submission_id)


def submissions_of_call(desk: Desk, call_id: str) -> tuple[Submission, ...]:
    """Everybody's, the undone ones too, the newest first."""
    with desk.reading() as con:
        return tuple(submission_of(row) for row in fetch(con, "submissions_of_call", call_id=call_id))


def submitted_today(desk: Desk, person: Person, timezone: tzinfo) -> int:
    """How many of the person's submissions since midnight on that clock stand."""
    midnight = datetime.now(timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    with desk.reading() as con:
        (row,) = fetch(con, "count_submissions", person_id=person.person_id, since_s=midnight.timestamp())
    return int(row["submission_count"])


def submission_in(con: sqlite3.Connection, submission_id: str) -> Submission:
    """Within a unit of work. Raises InputError when there is no such submission."""
    rows = fetch(con, "submission", submission_id=submission_id)
    if not rows:
        raise InputError(f"submission {submission_id}: there is none; reload the page")
    return submission_of(rows[0])


def last_submissions(con: sqlite3.Connection, person: Person) -> list[Row]:
    """Those that may be undone, the undone ones among them."""
    return fetch(con, "last_submissions", person_id=person.person_id, limit=UNDOABLE)


def submission_of(row: Mapping[str, Any]) -> Submission:
    content = Content.model_validate_json(row["content"])
    return Submission(
        submission_id=row["submission_id"],
        call_id=row["call_id"],
        evaluation_id=row["evaluation_id"],
        person_id=row["person_id"],
        login=content.login,
        name=row["name"],
        draft=content.draft,
        blind=content.blind,
        call_type=content.call_type,
        cqr=content.cqr,
        passed=content.passed,
        submitted_s=row["submitted_s"],
        applied_s=row["applied_s"],
        undone_s=row["undone_s"],
    )


def review_of(row: Mapping[str, Any]) -> SubmittedReview:
    """The submission as the store takes it."""
    content = Content.model_validate_json(row["content"])
    return SubmittedReview(
        submission_id=row["submission_id"],
        call_id=row["call_id"],
        evaluation_id=row["evaluation_id"],
        reviewer=content.login,
        blind=content.blind,
        call_type=content.call_type,
        cqr=content.cqr,
        passed=content.passed,
        verdicts=content.verdicts,
        flags=content.draft.flags,
        note=content.draft.note,
        started_at=_moment(content.started_s),
        submitted_at=datetime.fromtimestamp(row["submitted_s"], UTC).replace(tzinfo=None),
        withdrawn_at=_moment(row["undone_s"]),
    )


def _moment(seconds: float | None) -> datetime | None:
    """UTC, naive, as the store writes it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
