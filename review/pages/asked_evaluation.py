"""The evaluation that a form answers, and what the form changes in the person's draft of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from pipeline.checklist import Checklist
from pipeline.errors import InputError
from pipeline.records import Evaluation
from pipeline.store.evaluations import read_checklist
from pipeline.store.heads import read_measured_heads
from review.desk.claims import Claim, take_claim
from review.desk.drafts import Draft, change_draft
from review.desk.people import Person
from review.desk.submissions import Submission, submissions_of_call
from review.pages.answer_form import changes_of
from review.pages.call_reading import Judged, read_judged, read_places, read_record
from review.recordings import Place
from review.refusals import Refusal
from review.site import Site

BLIND, KNOWN = "blind", "known"  # fields
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class AskedEvaluation:
    """What is answered: an evaluation of the call, with the checklist that it was made by.

    `places`: where its recording was when the call was opened. `measured`: names of the heads by whose answers a
    criterion counts as tested.
    """

    call_id: str
    judged: Judged
    checklist: Checklist
    evaluation: Evaluation
    places: tuple[Place, ...]
    measured: frozenset[str]


async def read_fields(request: Request) -> Fields:
    """The fields of the form, each with all its values."""
    form = await request.form()
    return {key: [str(value) for value in form.getlist(key)] for key in form}


FormFields = Annotated[Fields, Depends(read_fields)]


def answered(site: Site, call_id: str, evaluation_id: str) -> AskedEvaluation:
    """The evaluation; it never changes, so a click need not open the store for it.

    Raises Refusal 404 when it is none of that call's, or cannot be answered because its checklist is not stored.
    """
    asked = site.asked.find((call_id, evaluation_id))
    if isinstance(asked, AskedEvaluation):
        return asked
    with site.store.reading() as con:
        judged = read_judged(con, site.records.rows, call_id, evaluation_id)
        checklist = None if judged is None else read_checklist(con, judged.checklist_id, judged.checklist_version)
        if judged is None or checklist is None:
            raise Refusal(404, "no_such_evaluation")
        evaluation = read_record(con, site.records, judged)
        places = read_places(con, call_id, site.records.rows)
        measured = read_measured_heads(con)
        return keep_asked(site, AskedEvaluation(call_id, judged, checklist, evaluation, places, measured))


def keep_asked(site: Site, asked: AskedEvaluation) -> AskedEvaluation:
    """For the first answer to a page. Within `Store.reading`, like `KeptWithStore.keep`."""
    site.asked.keep((asked.call_id, asked.judged.evaluation_id), asked)
    return asked


def save(site: Site, person: Person, asked: AskedEvaluation, fields: Fields) -> Draft:
    """The stored draft with what the form changes. Raises Refusal 400 for what no form of ours holds."""
    try:
        return change_draft(site.desk, asked.judged.evaluation_id, person, changes_of(fields, asked.checklist))
    except InputError as error:
        raise Refusal(400, "bad_request", str(error)) from error


def take_for(
    site: Site, person: Person, asked: AskedEvaluation, fields: Fields
) -> tuple[Claim | None, Submission | None]:
    """The claim that stands, taken or renewed for the person; or the submission that was there before the form knew."""
    for item in submissions_of_call(site.desk, asked.call_id):
        is_standing = item.evaluation_id == asked.judged.evaluation_id and item.undone_s is None
        if is_standing and item.submission_id not in fields.get(KNOWN, ()):
            return None, item
    return take_claim(site.desk, asked.call_id, person, site.settings.review.claim_minutes), None


def is_hidden(person: Person, fields: Fields) -> bool:
    """Whether the form hides the suggestions: for a person who works blind whatever it says, else as it says."""
    return person.blind or value(fields, BLIND) == "1"


def value(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")
