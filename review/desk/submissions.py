"""Handing in: what a person submits is on the disk before it is acknowledged, and goes into the store from here, once.

The desk's SQLite file decides who was first and what stands; `applying` brings it into the store. Nothing is
overwritten: of somebody else's work the person is told, their own earlier submission is taken back and stays in the
history.
"""

import sqlite3
from collections.abc import Collection, Sequence
from uuid import uuid4

from pipeline.checklist import Checklist
from pipeline.errors import InputError, PrescoreError, StoreError
from pipeline.records import Evaluation
from pipeline.store import Store
from pipeline.store.submissions import GivenVerdict, newest_evaluation
from review.desk.applying import QUICK_S, apply_waiting
from review.desk.audit import Origin, record_in
from review.desk.claims import latest_end_s
from review.desk.database import Desk, execute, fetch, now_s
from review.desk.drafts import Draft
from review.desk.people import Person
from review.desk.submitted import (
    Content,
    Submission,
    find_submission,
    last_submissions,
    submission_in,
    submission_of,
    submissions_of_call,
    submitted_today,
    undoable,
)
from review.desk.webhooks import announce
from review.scoring import DraftScore, refuse_foreign_answers, score_draft, value_of

NOWHERE = Origin()
STEP_S = 0.001  # between two events of one call, whatever the clock says

__all__ = [
    "Conflict",
    "Submission",
    "find_submission",
    "submissions_of_call",
    "submit",
    "submitted_today",
    "undo",
    "undoable",
]


class Conflict(PrescoreError):
    """It cannot be submitted, or undone, as things stand; nothing was changed.

    `code`: claimed or submitted (`by` the name of somebody else), newer_version, missing (`criterion_ids`, `call_type`
    where the type has to be chosen); of an undo not_yours, too_old. `submission_id`: of the other's submission.
    """

    def __init__(
        self, code: str, by: str = "", criterion_ids: Sequence[str] = (), submission_id: str | None = None
    ) -> None:
        super().__init__(f"{code} {by or ' '.join(criterion_ids)}".strip())
        self.code = code
        self.by = by
        self.criterion_ids = tuple(criterion_ids)
        self.submission_id = submission_id


def submit(
    desk: Desk, store: Store, person: Person, call_id: str, evaluation_id: str,
    checklist: Checklist, evaluation: Evaluation, draft: Draft, *, blind: bool, known: Collection[str] = (),
    newest_id: str | None = None, origin: Origin = NOWHERE,
) -> Submission:  # fmt: skip
    """Hands the draft in, lets the claim go, and has it brought into the store; the draft stays.

    The same answers handed in again are the same submission. Other answers of the same person take the earlier ones'
    place. `known`: ids of others' submissions that the person has seen and judges beside, as in a calibration.
    `newest_id`: of the call's current evaluation, where the caller has just read it; else the store is asked.
    `origin`: for the audit log, which says of each submission once that it was made.

    Raises Conflict; InputError for answers that the checklist does not know.
    """
    refuse_foreign_answers(checklist, draft)
    if (standing := _own(desk, evaluation_id, person, draft)) is not None:
        return standing
    score = score_draft(checklist, evaluation, draft, blind=blind)
    if score.missing:
        raise Conflict("missing", criterion_ids=score.missing)
    _refuse_outdated(store, evaluation_id, newest_id)
    content = Content(
        draft=draft,
        blind=blind,
        login=person.login,
        call_type=score.call_type,
        cqr=score.cqr,
        passed=score.passed,
        verdicts=_verdicts(checklist, draft, score),
    )
    submission_id = _keep(desk, person, call_id, evaluation_id, content, frozenset(known), origin)
    return _hand_on(desk, store, call_id, submission_id)


def undo(desk: Desk, store: Store, person: Person, submission_id: str, origin: Origin = NOWHERE) -> Submission:
    """Takes one of the person's last ten submissions back; what was undone already stays so. `origin`: as above.

    Raises Conflict not_yours or too_old; InputError when there is no such submission.
    """
    with desk.writing() as con:
        found = submission_in(con, submission_id)
        if found.person_id != person.person_id:
            raise Conflict("not_yours", by=found.name)
        if found.undone_s is None:
            if submission_id not in {row["submission_id"] for row in last_submissions(con, person)}:
                raise Conflict("too_old")
            execute(con, "undo_submission", submission_id=submission_id, undone_s=_next_moment(con, found.call_id))
            codes = {"submission": submission_id, "evaluation": found.evaluation_id, **origin.detail}
            record_in(con, person, "verdict.undone", found.call_id, origin.address, **codes)
    return _hand_on(desk, store, found.call_id, submission_id)


def _own(desk: Desk, evaluation_id: str, person: Person, draft: Draft) -> Submission | None:
    """The person's standing submission of the same answers."""
    with desk.reading() as con:
        return _same(fetch(con, "standing_submissions", evaluation_id=evaluation_id), person, draft)


def _same(standing: Sequence[dict[str, object]], person: Person, draft: Draft) -> Submission | None:
    for found in map(submission_of, standing):
        if found.person_id == person.person_id and found.draft.says_the_same(draft):
            return found
    return None


def _keep(
    desk: Desk, person: Person, call_id: str, evaluation_id: str, content: Content, known: frozenset[str],
    origin: Origin,
) -> str:  # fmt: skip
    """One transaction of the desk: whoever comes first is first. Returns the id under which it now stands."""
    with desk.writing() as con:
        standing = fetch(con, "standing_submissions", evaluation_id=evaluation_id)
        if (same := _same(standing, person, content.draft)) is not None:
            return same.submission_id
        started_s = _refuse_others_claim(desk, con, call_id, person)
        for row in standing:
            if row["person_id"] == person.person_id:
                execute(con, "undo_submission", submission_id=row["submission_id"], undone_s=_next_moment(con, call_id))
            elif row["submission_id"] not in known:
                raise Conflict("submitted", by=row["name"], submission_id=row["submission_id"])
        submission_id, submitted_s = uuid4().hex, _next_moment(con, call_id)
        execute(
            con,
            "add_submission",
            submission_id=submission_id,
            call_id=call_id,
            evaluation_id=evaluation_id,
            person_id=person.person_id,
            content=content.model_copy(update={"started_s": started_s}).model_dump_json(),
            submitted_s=submitted_s,
        )
        announce(con, desk.told, submission_id, call_id, content, submitted_s)
        codes = {"submission": submission_id, "evaluation": evaluation_id, **origin.detail}
        record_in(con, person, "verdict.submitted", call_id, origin.address, blind=content.blind, **codes)
        execute(con, "release_claim", call_id=call_id, person_id=person.person_id)
    return submission_id


def _refuse_others_claim(desk: Desk, con: sqlite3.Connection, call_id: str, person: Person) -> float | None:
    """Since when the person has the call; None without a claim, or with one from a time yet to come."""
    now = now_s()
    for row in fetch(con, "claim", call_id=call_id):
        is_believed = row["ends_s"] <= latest_end_s(now, desk.claim_minutes)
        if row["person_id"] == person.person_id:
            return float(min(row["claimed_s"], now)) if is_believed else None
        if is_believed and row["ends_s"] > now:
            raise Conflict("claimed", by=row["name"])
    return None


def _refuse_outdated(store: Store, evaluation_id: str, newest_id: str | None) -> None:
    """Asks the store if it is free: while a run writes, what was shown a moment ago counts as current.

    Raises Conflict when there is a newer evaluation by the checklist; InputError when there is no such evaluation.
    """
    if newest_id is None:
        try:
            with store.reading(timeout_s=QUICK_S) as con:
                newest_id = newest_evaluation(con, evaluation_id)
        except StoreError:
            return
        if newest_id is None:
            raise InputError(f"evaluation {evaluation_id}: not in the store; reload the call and answer again")
    if newest_id != evaluation_id:
        raise Conflict("newer_version")


def _verdicts(checklist: Checklist, draft: Draft, score: DraftScore) -> tuple[GivenVerdict, ...]:
    """What the answers to the criteria of that call type say; answers that another type left behind say nothing."""
    found = []
    for criterion_id in score.applicable:
        answer = draft.answer_to(criterion_id)
        if answer is not None:
            found.append(
                GivenVerdict(
                    criterion_id=criterion_id,
                    applicable=answer.state != "not_applicable",
                    value=value_of(checklist.criterion(criterion_id), answer),
                    comment=answer.comment,
                    override_reason=answer.override_reason,
                )
            )
    return tuple(found)


def _hand_on(desk: Desk, store: Store, call_id: str, submission_id: str) -> Submission:
    """Into the store, by the page's own thread; where none works, here, unless the store is busy."""
    if desk.wake_applier is not None:
        desk.wake_applier()
    else:
        apply_waiting(desk, store, QUICK_S, call_id)
    return find_submission(desk, submission_id)


def _next_moment(con: sqlite3.Connection, call_id: str) -> float:
    """Now, but after everything that happened to the call: the order survives a clock that was put back."""
    (row,) = fetch(con, "last_event_of_call", call_id=call_id)
    return max(now_s(), (row["last_s"] or 0.0) + STEP_S)
