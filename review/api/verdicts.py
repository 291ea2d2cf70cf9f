"""Handing in a verdict, and taking it back: the same rules as on the page, and the same desk behind it."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Request
from pydantic import Field, model_validator

from pipeline.errors import InputError
from pipeline.frozen import Frozen
from pipeline.records import CallType
from review.access import may
from review.api.problems import ProblemRoute, may_answer
from review.api.schemas import Told, aware_s, page_url
from review.desk.audit import Origin
from review.desk.drafts import LONGEST_TEXT, Draft, Flag, GivenAnswer, OverrideReason, State
from review.desk.people import Person
from review.desk.submissions import Submission, submit, undo
from review.pages.asked_evaluation import answered
from review.pages.standing import has_seen
from review.refusals import Refusal
from review.site import ThisSite, address_of

router = APIRouter(route_class=ProblemRoute, tags=["verdicts"])
Reviewer = Annotated[Person, Depends(may("review"))]
MOST_ANSWERS = 500
EXAMPLE: dict[str, Any] = {
    "evaluation_id": "5d0c7be2f1a94e63",
    "call_type": "objection",
    "answers": [
        {"criterion_id": "greeting", "label": "1"},
        {"criterion_id": "objection", "state": "not_applicable", "override_reason": "does_not_apply"},
    ],
    "flags": ["rescue"],
    "note": "Call back on Monday",
}


class AnswerGiven(Frozen):
    """An answer to one criterion."""

    criterion_id: str = Field(max_length=200, examples=["greeting"])
    state: State = Field("valued", description="not_applicable or not_enough (evidence) come without a label.")
    label: str | None = Field(None, max_length=200, description="Of the criterion's own scale.", examples=["0.5"])
    comment: str = Field("", max_length=LONGEST_TEXT)
    override_reason: OverrideReason | None = Field(None, description="Why it differs from the suggestion.")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.state == "valued") != (self.label is not None):
            raise ValueError("give a label with the state valued, and only then")
        return self

    @property
    def answer(self) -> GivenAnswer:
        return GivenAnswer(
            criterion_id=self.criterion_id,
            state=self.state,
            label=self.label,
            comment=self.comment,
            override_reason=self.override_reason or "",
        )


class VerdictGiven(Frozen):
    """A person's answers to every criterion of the call's type. GET /calls/{call_id} says what can be answered."""

    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    evaluation_id: str = Field(max_length=200, description="What was judged; a newer one in between is a conflict.")
    call_type: CallType | None = Field(None, description="Without it the suggested one; who works blind gives it.")
    answers: tuple[AnswerGiven, ...] = Field((), max_length=MOST_ANSWERS)
    flags: tuple[Flag, ...] = Field((), max_length=10)
    note: str = Field("", max_length=LONGEST_TEXT)
    beside: tuple[str, ...] = Field((), max_length=100, description="Ids of others' submissions to stand beside.")

    @property
    def draft(self) -> Draft:
        """Raises ValidationError when a criterion or a flag is given twice."""
        return Draft(
            call_type=self.call_type,
            answers=tuple(given.answer for given in self.answers),
            flags=self.flags,
            note=self.note,
        )


class SubmissionReceipt(Told):
    """What is on the disk now."""

    submission_id: str
    call_id: str
    evaluation_id: str
    call_type: str = Field(examples=["objection"])
    cqr: float | None = Field(description="By the given answers, 0..100.", examples=[77.3])
    passed: bool | None
    blind: bool = Field(description="Whether no suggestion was ever shown to the person.")
    submitted_at: datetime = Field(description="UTC.")
    in_store: bool = Field(description="False: it goes into the figures as soon as the store is free.")
    undone_at: datetime | None = Field(description="When it was taken back; UTC.")
    url: str = Field(description="The page of the call.")


@router.post(
    "/calls/{call_id}/verdict", status_code=201, summary="Submit a verdict", responses=may_answer(404, 409, 422)
)
def submit_verdict(
    request: Request, site: ThisSite, person: Reviewer, call_id: str, given: VerdictGiven
) -> SubmissionReceipt:
    """Hands the answers in for the person; `call_id` is the whole call id. No claim is needed; another's refuses it.

    The same answers again are the same submission, so that a lost answer can be asked for again. Other answers of the
    same person take the place of the earlier ones. Nothing of anybody else is overwritten: 409 says whose it is.
    """
    asked = answered(site, call_id, given.evaluation_id)
    blind = person.blind and not has_seen(site.desk, person, call_id)
    submission = submit(
        site.desk,
        site.store,
        person,
        call_id,
        given.evaluation_id,
        asked.checklist,
        asked.evaluation,
        given.draft,
        blind=blind,
        known=given.beside,
        origin=Origin(address_of(request), "api"),
    )
    return receipt(submission, request)


@router.delete("/submissions/{submission_id}", summary="Take a verdict back", responses=may_answer(404, 409, 422))
def undo_verdict(request: Request, site: ThisSite, person: Reviewer, submission_id: str) -> SubmissionReceipt:
    """Takes one of the person's last ten submissions back; it stays in the history. Twice is the same as once."""
    try:
        undone = undo(site.desk, site.store, person, submission_id, Origin(address_of(request), "api"))
    except InputError as error:
        raise Refusal(404, "no_such_submission") from error
    return receipt(undone, request)


def receipt(submission: Submission, request: Request) -> SubmissionReceipt:
    return SubmissionReceipt(
        submission_id=submission.submission_id,
        call_id=submission.call_id,
        evaluation_id=submission.evaluation_id,
        call_type=submission.call_type,
        cqr=submission.cqr,
        passed=submission.passed,
        blind=submission.blind,
        submitted_at=aware_s(submission.submitted_s),
        in_store=submission.applied_s is not None,
        undone_at=None if submission.undone_s is None else aware_s(submission.undone_s),
        url=page_url(request, submission.call_id),
    )
