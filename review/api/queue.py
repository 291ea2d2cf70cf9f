"""The queue: what waits for a person, and the next call of it, claimed."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from review.access import may
from review.api.asked import PagedQuery, TakeQuery, usable_filters
from review.api.problems import ProblemRoute, may_answer
from review.api.schemas import CallSummary, Told, aware_s, page_url, summary_of
from review.desk.audit import record
from review.desk.claims import standing_claims
from review.desk.people import Person, read_people
from review.desk_work import read_queue, take_next
from review.pages.call_rows import RowMaker
from review.site import ThisSite, address_of

router = APIRouter(route_class=ProblemRoute, tags=["queue"])
Reviewer = Annotated[Person, Depends(may("review"))]


class WaitingReason(Told):
    """Why a call needs a person."""

    code: str = Field(
        description="audit, rescue, critical, newcomer, unsure, disagreement, never_reviewed or below_share.",
        examples=["critical"],
    )
    share: float | None = Field(description="The confidence or share that tells how strong it is, 0..1.")
    criterion_ids: list[str] = Field(description="Which criteria it is about; call_type: the call type.")


class QueuedCall(CallSummary):
    """A call that waits. Without a reason it is beyond the plan."""

    reasons: list[WaitingReason] = Field(description="The strongest first.")


class QueuePart(Told):
    """A part of the queue, the most urgent first."""

    total: int = Field(description="How many wait and fit the filters.", examples=[214])
    needed: int = Field(description="How many of them have a reason.", examples=[37])
    calls: list[QueuedCall] = Field(description="Those between `offset` and `offset + limit`.")


class TakenCall(Told):
    """A call that nobody else gets until the claim ends; a submission ends it, asking again renews it."""

    call_id: str = Field(examples=["9f2c4e01aa7b53d8"])
    claim_ends_at: datetime = Field(description="UTC.", examples=["2026-10-05T08:02:00Z"])
    url: str = Field(description="The page of the call.", examples=["https://calls.example.com/calls/9f2c4e01aa7b53d8"])


@router.get("/queue", summary="What waits for a person", responses=may_answer(422))
def show_waiting(
    request: Request, site: ThisSite, person: Reviewer, asked: Annotated[PagedQuery, Query()]
) -> QueuePart:
    """The calls that need a person, in the order in which they are handed out. Claims nothing."""
    queue = read_queue(site, person, usable_filters(site, person, asked))
    names = {item.login: item.name for item in read_people(site.desk)}
    maker = RowMaker(person, names, queue.claims, queue.filters.checklist, "")
    calls = []
    for item in queue.waiting[asked.rows]:
        summary = summary_of(maker.row(item.call), request, queue.filters.checklist)
        reasons = [
            WaitingReason(code=reason.code, share=reason.share, criterion_ids=list(reason.criteria))
            for reason in item.reasons
        ]
        calls.append(QueuedCall(**dict(summary), reasons=reasons))
    return QueuePart(total=len(queue.waiting), needed=sum(bool(item.reasons) for item in queue.waiting), calls=calls)


@router.post(
    "/queue/next",
    summary="Take the next call",
    response_model=TakenCall,
    responses=may_answer(422) | {204: {"description": "Nothing is left that fits and that nobody else holds."}},
)
def take_waiting(
    request: Request, site: ThisSite, person: Reviewer, asked: Annotated[TakeQuery, Query()]
) -> TakenCall | Response:
    """Claims the most urgent call that nobody else holds. Asking again gives the same call, unless `after` names it."""
    call_id = take_next(site, person, usable_filters(site, person, asked), asked.after)
    claim = standing_claims(site.desk).get(call_id) if call_id is not None else None
    if claim is None:
        return Response(status_code=204)
    record(site.desk, person, "call.taken", claim.call_id, address_of(request), via="api")
    return TakenCall(call_id=claim.call_id, claim_ends_at=aware_s(claim.ends_s), url=page_url(request, claim.call_id))
