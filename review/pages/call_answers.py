"""What a reviewer does to a call: answer, accept what is sure, submit, take back. A draft is kept whatever happens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated
from urllib.parse import quote, urlencode

import duckdb
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.checklist import Checklist
from pipeline.errors import InputError
from pipeline.records import Evaluation
from pipeline.store import Store
from review.access import may
from review.desk.audit import record
from review.desk.claims import take_claim
from review.desk.drafts import Draft, change_draft
from review.desk.people import Person
from review.desk.submissions import Conflict, find_submission, submit, undo
from review.pages.answer_form import CALL_TYPE, changes_of
from review.pages.call import PROBLEM, Sound, sound_of
from review.pages.call_reading import Judged, read_judged, read_places, read_shown
from review.pages.checklist_view import SURE_FROM
from review.pages.queue import next_address
from review.pages.review_form import Problem, ReviewForm, build_review
from review.pages.standing import has_seen, read_standing
from review.refusals import Refusal
from review.scoring import accept_sure
from review.site import Site, ThisSite, address_of, kept_query

router = APIRouter()
Reviewer = Annotated[Person, Depends(may("review"))]
Fields = Mapping[str, Sequence[str]]
EVALUATION, BLIND, KNOWN = "evaluation", "blind", "known"  # fields
KEPT = 512  # evaluations in memory
CONFLICT = 409


@dataclass(frozen=True)
class AskedEvaluation:
    """What is answered: an evaluation of the call, with the checklist that it was made by."""

    judged: Judged
    checklist: Checklist
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class FragmentPage:
    """What a part of the page needs to show itself; named as in `CallPage`."""

    call_id: str
    review: ReviewForm
    sound: Sound
    query: str


async def read_fields(request: Request) -> Fields:
    """The fields of the form, each with all its values."""
    form = await request.form()
    return {key: [str(value) for value in form.getlist(key)] for key in form}


FormFields = Annotated[Fields, Depends(read_fields)]


@router.post("/calls/{call_id}/take")
def take_call(request: Request, site: ThisSite, person: Reviewer, call_id: str) -> Response:
    """Claims the call for the person, unless somebody else has it: the page says who."""
    take_claim(site.desk, call_id, person, site.settings.review.claim_minutes)
    return to_call(request, call_id)


@router.post("/calls/{call_id}/draft")
def save_answers(request: Request, site: ThisSite, person: Reviewer, call_id: str, fields: FormFields) -> Response:
    """Saves what the form holds, one criterion or all, and claims the call; the answer is the score as it stands."""
    asked = answered(site.store, call_id, value(fields, EVALUATION))
    draft = save(site, person, asked, fields)
    if not request.headers.get("hx-request"):
        take_claim(site.desk, call_id, person, site.settings.review.claim_minutes)
        return to_call(request, call_id)
    if CALL_TYPE in fields:
        return respond_form(request, site, person, call_id, asked, fields, draft)
    return respond_fragment(request, site, "_review_bar.html", form_of(site, person, call_id, asked, fields, draft))


@router.post("/calls/{call_id}/accept")
def accept_suggestions(
    request: Request, site: ThisSite, person: Reviewer, call_id: str, fields: FormFields
) -> Response:
    """Takes over every suggestion that is sure and has no answer yet. Somebody who may not see them gets none."""
    asked = answered(site.store, call_id, value(fields, EVALUATION))
    save(site, person, asked, fields)
    draft = change_draft(
        site.desk,
        asked.judged.evaluation_id,
        person,
        lambda stored: (
            stored if is_hidden(person, fields) else accept_sure(asked.checklist, asked.evaluation, stored, SURE_FROM)
        ),
    )
    if request.headers.get("hx-request"):
        return respond_form(request, site, person, call_id, asked, fields, draft)
    take_claim(site.desk, call_id, person, site.settings.review.claim_minutes)
    return to_call(request, call_id)


@router.post("/calls/{call_id}/submit")
def submit_answers(request: Request, site: ThisSite, person: Reviewer, call_id: str, fields: FormFields) -> Response:
    """Hands the answers in and leads to the next call; when that cannot be, the page says why and keeps the draft."""
    asked = answered(site.store, call_id, value(fields, EVALUATION))
    evaluation_id = asked.judged.evaluation_id
    draft = save(site, person, asked, fields)
    hidden = is_hidden(person, fields)
    blind = hidden and not has_seen(site.desk, person, call_id)
    try:
        submission = submit(
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
        )
    except Conflict as conflict:
        return to_call(request, call_id, evaluation=evaluation_id, problem=conflict.code)
    address, codes = address_of(request), {"submission": submission.submission_id, "evaluation": evaluation_id}
    record(site.desk, person, "verdict.submitted", call_id, address, blind=blind, **codes)
    return RedirectResponse(next_address(site, person, request), 303)


@router.post("/submissions/{submission_id}/undo")
def take_back(request: Request, site: ThisSite, person: Reviewer, submission_id: str) -> Response:
    """Takes one of the person's last submissions back and leads to its call, where the answers wait as a draft."""
    try:
        before = find_submission(site.desk, submission_id)
        undone = undo(site.desk, site.store, person, submission_id)
    except InputError as error:
        raise Refusal(404, "no_such_submission") from error
    except Conflict as conflict:
        raise Refusal(CONFLICT, f"undo_{conflict.code}") from conflict
    if before.undone_s is None:
        codes = {"submission": submission_id, "evaluation": undone.evaluation_id}
        record(site.desk, person, "verdict.undone", undone.call_id, address_of(request), **codes)
    return RedirectResponse(f"/calls/{quote(undone.call_id, safe='')}?evaluation={undone.evaluation_id}", 303)


@lru_cache(maxsize=KEPT)
def answered(store: Store, call_id: str, evaluation_id: str) -> AskedEvaluation:
    """The evaluation without a quoted word: it never changes, so a click need not open the store for it.

    Raises Refusal 404 when it is none of that call's, or cannot be answered because its checklist is not stored.
    """
    with store.reading() as con:
        asked = read_asked(con, call_id, evaluation_id)
    bare = tuple(replace(item, evidence=()) for item in asked.evaluation.suggestions)
    call_type = replace(asked.evaluation.call_type, evidence=())
    return replace(asked, evaluation=replace(asked.evaluation, suggestions=bare, call_type=call_type))


def read_asked(con: duckdb.DuckDBPyConnection, call_id: str, evaluation_id: str) -> AskedEvaluation:
    """The evaluation with its evidence. Raises Refusal 404 like `answered`."""
    judged = read_judged(con, call_id, evaluation_id)
    shown = None if judged is None else read_shown(con, judged)
    if judged is None or shown is None or shown.checklist is None:
        raise Refusal(404, "no_such_evaluation")
    return AskedEvaluation(judged, shown.checklist, shown.evaluation)


def save(site: Site, person: Person, asked: AskedEvaluation, fields: Fields) -> Draft:
    """The stored draft with what the form changes. Raises Refusal 400 for what no form of ours holds."""
    try:
        return change_draft(site.desk, asked.judged.evaluation_id, person, changes_of(fields, asked.checklist))
    except InputError as error:
        raise Refusal(400, "bad_request", str(error)) from error


def form_of(
    site: Site, person: Person, call_id: str, asked: AskedEvaluation, fields: Fields, draft: Draft
) -> ReviewForm:
    """The form as it stands after a change, with the claim that the change took or found."""
    evaluation_id = asked.judged.evaluation_id
    standing = read_standing(
        site.desk, person, call_id, evaluation_id, is_current=True, blind=is_hidden(person, fields), beside=False
    )
    unknown = [item for item in standing.submissions if item.submission_id not in fields.get(KNOWN, ())]
    claim = None if unknown else take_claim(site.desk, call_id, person, site.settings.review.claim_minutes)
    return build_review(
        call_id,
        evaluation_id,
        asked.checklist,
        asked.evaluation,
        draft,
        version_number=asked.judged.version_number,
        blind=is_hidden(person, fields),
        known=fields.get(KNOWN, ()),
        claim=claim if claim is not None and claim.person_id != person.person_id else None,
        problem=Problem("submitted", unknown[0].name) if unknown else None,
    )


def is_hidden(person: Person, fields: Fields) -> bool:
    """Whether the form hides the suggestions: for a person who works blind whatever it says, else as it says."""
    return person.blind or value(fields, BLIND) == "1"


def respond_form(
    request: Request, site: Site, person: Person, call_id: str, asked: AskedEvaluation, fields: Fields, draft: Draft
) -> Response:
    """The whole form anew, with its evidence."""
    with site.store.reading() as con:
        whole = read_asked(con, call_id, asked.judged.evaluation_id)
        sound = sound_of(read_places(con, call_id))
    form = form_of(site, person, call_id, whole, fields, draft)
    return respond_fragment(request, site, "_review.html", form, sound)


def respond_fragment(request: Request, site: Site, template: str, form: ReviewForm, sound: Sound = "none") -> Response:
    """A part of the page for htmx; 409 where somebody else was there first: the draft is saved, the page says who."""
    page = FragmentPage(form.call_id, form, sound, urlencode(kept_query(request)))
    return site.respond(request, template, page, CONFLICT if form.claim or form.problem else 200)


def to_call(request: Request, call_id: str, **more: str) -> Response:
    """Back to the page with the parameters that it had, and `more`."""
    query = urlencode(
        [*((key, value) for key, value in kept_query(request) if key not in (*more, PROBLEM)), *more.items()]
    )
    return RedirectResponse(f"/calls/{quote(call_id, safe='')}{'?' if query else ''}{query}", 303)


def value(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")
