"""What people handed in on the review page: each submission once, with its verdicts, flags and note."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from pipeline.records import CallType
from pipeline.store.rows import append, fetch
from pipeline.store.verdicts import (
    CallTypeVerdict,
    Origin,
    Verdict,
    append_call_type_verdict,
    append_verdicts,
    withdraw_submitted,
)


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """`value` is 0..1 whatever the scale; None while `applicable`: not enough evidence."""

    criterion_id: str
    applicable: bool
    value: float | None
    comment: str = ""
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class SubmittedReview:
    """One person's answers to one evaluation, handed in together. Times are UTC, naive.

    `submission_id`: 32 hexadecimal digits; `cqr` and `passed` by these answers; `started_at` None: not known.
    `withdrawn_at`: when the person took all of it back.
    """

    submission_id: str
    call_id: str
    evaluation_id: str
    reviewer: str
    blind: bool
    call_type: CallType
    cqr: float | None
    passed: bool | None
    verdicts: tuple[GivenVerdict, ...]
    flags: tuple[str, ...]
    note: str
    started_at: datetime | None
    submitted_at: datetime
    withdrawn_at: datetime | None = None


def append_reviews(con: duckdb.DuckDBPyConnection, reviews: Sequence[SubmittedReview]) -> frozenset[str]:
    """Adds what the store does not have of them; a second time changes nothing, in whatever order and part.

    Returns the ids of those that it has now: not where the evaluation is not in the store.
    """
    known = {(row["submission_id"], row["withdrawn"]) for row in _known(con, reviews)}
    asked = [review.evaluation_id for review in reviews]
    evaluations = {row["evaluation_id"] for row in fetch(con, "known_evaluations", ids=asked)}
    possible = [review for review in reviews if review.evaluation_id in evaluations]
    for review in possible:
        if (review.submission_id, False) not in known:
            _append(con, review)
        if review.withdrawn_at is not None and (review.submission_id, True) not in known:
            _withdraw(con, review, review.withdrawn_at)
    return frozenset(review.submission_id for review in possible)


def newest_evaluation(con: duckdb.DuckDBPyConnection, evaluation_id: str) -> str | None:
    """The current evaluation of the same recording by the same checklist; None when there is no such evaluation."""
    rows = fetch(con, "newest_evaluation", evaluation_id=evaluation_id)
    return str(rows[0]["evaluation_id"]) if rows else None


def read_submission_ids(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Every submission that ever came in."""
    return frozenset(row["submission_id"] for row in fetch(con, "submission_ids"))


def _known(con: duckdb.DuckDBPyConnection, reviews: Sequence[SubmittedReview]) -> list[dict[str, Any]]:
    return fetch(con, "known_submissions", ids=[review.submission_id for review in reviews])


def _append(con: duckdb.DuckDBPyConnection, review: SubmittedReview) -> None:
    origin = Origin(review.submission_id, review.submitted_at)
    append_verdicts(con, _verdicts(review), origin)
    append_call_type_verdict(con, _call_type(review), origin)
    append(con, "submissions", [_head(review, review.submitted_at, withdrawn=False)])
    own = _own(review) | {"submitted_at": review.submitted_at}
    append(con, "flags", [own | {"flag": flag} for flag in review.flags])
    append(con, "notes", [own | {"note": review.note}] if review.note else [])


def _withdraw(con: duckdb.DuckDBPyConnection, review: SubmittedReview, withdrawn_at: datetime) -> None:
    """Flags and notes stand and fall with their submission."""
    withdraw_submitted(con, _verdicts(review), _call_type(review), Origin(review.submission_id, withdrawn_at))
    append(con, "submissions", [_head(review, withdrawn_at, withdrawn=True)])


def _verdicts(review: SubmittedReview) -> list[Verdict]:
    return [
        Verdict(
            evaluation_id=review.evaluation_id,
            criterion_id=given.criterion_id,
            applicable=given.applicable,
            value=given.value,
            reviewer=review.reviewer,
            comment=given.comment,
            override_reason=given.override_reason,
            blind=review.blind,
        )
        for given in review.verdicts
    ]


def _call_type(review: SubmittedReview) -> CallTypeVerdict:
    return CallTypeVerdict(review.evaluation_id, review.call_type, review.reviewer)


def _head(review: SubmittedReview, submitted_at: datetime, *, withdrawn: bool) -> dict[str, Any]:
    return _own(review) | {
        "blind": review.blind,
        "call_type": review.call_type,
        "cqr": review.cqr,
        "passed": review.passed,
        "verdict_count": len(review.verdicts),
        "started_at": review.started_at,
        "withdrawn": withdrawn,
        "submitted_at": submitted_at,
    }


def _own(review: SubmittedReview) -> dict[str, Any]:
    return {
        "submission_id": review.submission_id,
        "call_id": review.call_id,
        "evaluation_id": review.evaluation_id,
        "reviewer": review.reviewer,
    }
