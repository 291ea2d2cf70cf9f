"""The evaluation that a form answers, and what the form changes in the person's draft of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated

import duckdb
from fastapi import Depends, Request

from pipeline.checklist import Checklist
from pipeline.errors import InputError
from pipeline.records import Evaluation
from pipeline.store import Store
from pipeline.store.evaluations import read_checklist
from review.desk.claims import Claim, take_claim
from review.desk.drafts import Draft, change_draft
from review.desk.people import Person
from review.desk.submissions import Submission, submissions_of_call
from review.pages.answer_form import changes_of
from review.pages.call_reading import Judged, read_judged, read_record
from review.refusals import Refusal
from review.site import Site

EVALUATION, BLIND, KNOWN = "evaluation", "blind", "known"  # fields
KEPT = 512  # evaluations in memory
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class AskedEvaluation:
    """What is answered: an evaluation of the call, with the checklist that it was made by."""

    call_id: str
    judged: Judged
    checklist: Checklist
    evaluation: Evaluation


async def read_fields(request: Request) -> Fields:
    """The fields of the form, each with all its values."""
    form = await request.form()
    return {key: [str(value) for value in form.getlist(key)] for key in form}


FormFields = Annotated[Fields, Depends(read_fields)]


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
    checklist = None if judged is None else read_checklist(con, judged.checklist_id, judged.checklist_version)
    if judged is None or checklist is None:
        raise Refusal(404, "no_such_evaluation")
    return AskedEvaluation(call_id, judged, checklist, read_record(con, judged))


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
