"""What a reviewer does to a call: answer, accept what is sure, submit, take back. A draft is kept whatever happens."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.errors import InputError
from review.access import may
from review.desk.audit import Origin
from review.desk.claims import take_claim
from review.desk.drafts import change_draft
from review.desk.people import Person
from review.desk.submissions import Conflict, find_submission, submit, undo
from review.desk_work import is_listed_as_current
from review.pages.answer_form import CALL_TYPE
from review.pages.asked_evaluation import KNOWN, FormFields, answered, is_hidden, save, take_for, value
from review.pages.call_fragments import CONFLICT, respond_bar, respond_form
from review.pages.call_links import EVALUATION, PROBLEM, VERSION
from review.pages.checklist_view import SURE_FROM
from review.pages.queue import next_address
from review.pages.standing import has_seen
from review.refusals import Refusal
from review.scoring import accept_sure
from review.site import ThisSite, address_of, kept_query

router = APIRouter()
Reviewer = Annotated[Person, Depends(may("review"))]


@router.post("/calls/{call_id}/take")
def take_call(request: Request, site: ThisSite, person: Reviewer, call_id: str) -> Response:
    """Claims the call for the person, unless somebody else has it: the page says who."""
    take_claim(site.desk, call_id, person, site.settings.review.claim_minutes)
    return to_call(request, call_id)


@router.post("/calls/{call_id}/draft")
def save_answers(request: Request, site: ThisSite, person: Reviewer, call_id: str, fields: FormFields) -> Response:
    """Saves what the form holds, one criterion or all, and claims the call; the answer is the score as it stands."""
    asked = answered(site, call_id, value(fields, EVALUATION))
    draft = save(site, person, asked, fields)
    if is_whole_page(request):
        take_for(site, person, asked, fields)
        return to_call(request, call_id)
    respond = respond_form if CALL_TYPE in fields else respond_bar
    return respond(request, site, person, asked, fields, draft)


@router.post("/calls/{call_id}/accept")
def accept_suggestions(
    request: Request, site: ThisSite, person: Reviewer, call_id: str, fields: FormFields
) -> Response:
    """Takes over every suggestion that is sure and has no answer yet. Somebody who may not see them gets none."""
    asked = answered(site, call_id, value(fields, EVALUATION))
    draft = save(site, person, asked, fields)
    if not is_hidden(person, fields):
        draft = change_draft(
            site.desk,
            asked.judged.evaluation_id,
            person,
            lambda stored: accept_sure(asked.checklist, asked.evaluation, stored, SURE_FROM),
        )
    if is_whole_page(request):
        take_for(site, person, asked, fields)
        return to_call(request, call_id)
    return respond_form(request, site, person, asked, fields, draft)


@router.post("/calls/{call_id}/submit")
def submit_answers(request: Request, site: ThisSite, person: Reviewer, call_id: str, fields: FormFields) -> Response:
    """Hands the answers in and leads to the next call; when that cannot be, the page says why and keeps the draft."""
    asked = answered(site, call_id, value(fields, EVALUATION))
    evaluation_id = asked.judged.evaluation_id
    draft = save(site, person, asked, fields)
    blind = is_hidden(person, fields) and not has_seen(site.desk, person, call_id)
    try:
        submit(
            site.desk,
            site.store,
            person,
            call_id,
            evaluation_id,
            asked.checklist,
            asked.evaluation,
            draft,
            blind=blind,
            known=fields.get(KNOWN, ()),
            newest_id=evaluation_id if is_listed_as_current(site, call_id, evaluation_id) else None,
            origin=Origin(address_of(request)),
        )
    except Conflict as conflict:
        if conflict.code == "newer_version":  # the answers go on there
            query = {"checklist": asked.judged.checklist_id, PROBLEM: conflict.code}
            return to_call(request, call_id, leave=(EVALUATION, VERSION), **query)
        return to_call(request, call_id, evaluation=evaluation_id, problem=conflict.code)
    return RedirectResponse(next_address(site, person, request), 303)


@router.post("/submissions/{submission_id}/undo")
def take_back(request: Request, site: ThisSite, person: Reviewer, submission_id: str) -> Response:
    """Takes one of the person's last submissions back and leads to its call, where the answers wait as a draft.

    The call is claimed for the person, as while they answered it: nobody else is handed it in between.
    """
    try:
        before = find_submission(site.desk, submission_id)
        undone = undo(site.desk, site.store, person, submission_id, Origin(address_of(request)))
    except InputError as error:
        raise Refusal(404, "no_such_submission") from error
    except Conflict as conflict:
        raise Refusal(CONFLICT, f"undo_{conflict.code}") from conflict
    if before.undone_s is None:
        take_claim(site.desk, undone.call_id, person, site.settings.review.claim_minutes)
    return RedirectResponse(f"/calls/{quote(undone.call_id, safe='')}?evaluation={undone.evaluation_id}", 303)


def is_whole_page(request: Request) -> bool:
    """Whether the browser sent the form itself and wants a page back."""
    return not request.headers.get("hx-request")


def to_call(request: Request, call_id: str, leave: Sequence[str] = (), **more: str) -> Response:
    """Back to the page with the parameters that it had, but for those to `leave`, and `more`."""
    kept = [(key, value) for key, value in kept_query(request) if key not in (*more, *leave, PROBLEM)]
    query = urlencode([*kept, *more.items()])
    return RedirectResponse(f"/calls/{quote(call_id, safe='')}{'?' if query else ''}{query}", 303)
