"""How far the machine can be trusted: agreement, reliability, what changed, and what it may confirm by itself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.errors import InputError
from pipeline.store.trust import allow, stop
from pipeline.store.trust_application import apply_rules
from review.access import may
from review.desk.audit import record
from review.desk.people import Person
from review.exports import export_table, refuse_export
from review.pages.trust_agreement import GROUPINGS, Grouping
from review.pages.trust_tables import TABLES
from review.pages.trust_view import may_decide_trust, read_page
from review.refusals import Refusal
from review.site import ThisSite, address_of

router = APIRouter()
Reader = Annotated[Person, Depends(may("see_trust"))]


@router.get("/trust")
def show_trust(
    request: Request,
    site: ThisSite,
    person: Reader,
    by: str = "criterion",
    criterion: str = "",
    table: str = "",
    format: str = "",
) -> Response:
    """A grouping or criterion that is none is left out. `format` and `table`: one of the tables as a file."""
    refuse_export(person, format)
    grouping: Grouping = next((name for name in GROUPINGS if name == by), "criterion")
    page = read_page(site, person, grouping, criterion or None)
    if not format:
        return site.respond(request, "trust.html", page)
    if table not in TABLES:
        raise Refusal(404, "no_such_page")
    columns, rows = TABLES[table](page, site.words(request))
    return export_table(request, site, person, f"trust-{table}-{page.checklist_id}", columns, rows, format)


@router.post("/trust/{criterion_id}/allow")
def allow_criterion(request: Request, site: ThisSite, person: Reader, criterion_id: str) -> Response:
    """Lets the machine confirm the criterion where it is sure, once verdicts bear that out; applied at once."""
    refuse_to_decide(person)
    trust, checklist_id = site.settings.trust, site.settings.checklist
    try:
        with site.store.writing() as con:
            allow(con, checklist_id, criterion_id, person.login, trust)
            apply_rules(con, trust)
    except InputError as error:
        raise Refusal(409, "trust_not_changed", str(error)) from error
    site.figures.forget()
    record(site.desk, person, "trust.allowed", f"{checklist_id}.{criterion_id}", address_of(request))
    return RedirectResponse("/trust#rules", 303)


@router.post("/trust/{criterion_id}/stop")
def stop_criterion(
    request: Request, site: ThisSite, person: Reader, criterion_id: str, withdraw: Annotated[bool, Form()] = False
) -> Response:
    """Stops the rule; with `withdraw` what it has confirmed is taken back."""
    refuse_to_decide(person)
    checklist_id = site.settings.checklist
    try:
        with site.store.writing() as con:
            count = stop(con, checklist_id, criterion_id, person.login, withdraw=withdraw)
    except InputError as error:
        raise Refusal(409, "trust_not_changed", str(error)) from error
    site.figures.forget()
    subject = f"{checklist_id}.{criterion_id}"
    record(site.desk, person, "trust.stopped", subject, address_of(request), withdrawn=count)
    return RedirectResponse("/trust#rules", 303)


def refuse_to_decide(person: Person) -> None:
    """Raises Refusal 403 for whoever may look and not decide."""
    if not may_decide_trust(person):
        raise Refusal(403, "not_allowed")
