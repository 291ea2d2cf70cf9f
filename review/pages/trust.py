"""How far the machine can be trusted: agreement, reliability, what changed, and what it may confirm by itself."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.errors import InputError
from pipeline.store.trust import allow, stop
from pipeline.store.trust_application import apply_rules
from review.access import may
from review.desk.audit import record
from review.desk.people import Person
from review.exports import export_table, refuse_export
from review.pages.checklist_choice import ChecklistChoice, choose_checklist
from review.pages.trust_agreement import ALL, GROUPINGS, NEWEST, Grouping
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
    checklist: str = "",
    verdicts: str = "",
    table: str = "",
    format: str = "",
) -> Response:
    """What is no grouping, criterion or checklist is left out. `format` and `table`: one of the tables as a file.

    `verdicts`: "all" measures all of them, however long that takes.
    """
    refuse_export(person, format)
    grouping: Grouping = next((name for name in GROUPINGS if name == by), "criterion")
    newest = ALL if verdicts == "all" else NEWEST
    page = read_page(site, person, grouping, criterion or None, choose_checklist(site, checklist), newest)
    if not format:
        return site.respond(request, "trust.html", page)
    if table not in TABLES:
        raise Refusal(404, "no_such_page")
    columns, rows = TABLES[table](page, site.words(request))
    return export_table(request, site, person, f"trust-{table}-{page.checklist_id}", columns, rows, format)


@router.post("/trust/{criterion_id}/allow")
def allow_criterion(
    request: Request, site: ThisSite, person: Reader, criterion_id: str, checklist: Annotated[str, Form()] = ""
) -> Response:
    """Lets the machine confirm the criterion where it is sure, once verdicts bear that out; applied at once."""
    refuse_to_decide(person)
    trust, choice = site.settings.trust, choose_checklist(site, checklist)
    checklist_id = choice.checklist_id
    try:
        with site.store.writing() as con:
            allow(con, checklist_id, criterion_id, person.login, trust)
            apply_rules(con, trust)
    except InputError as error:
        raise Refusal(409, "trust_not_changed", str(error)) from error
    site.figures.forget()
    record(site.desk, person, "trust.allowed", f"{checklist_id}.{criterion_id}", address_of(request))
    return to_rules(choice)


@router.post("/trust/{criterion_id}/stop")
def stop_criterion(
    request: Request,
    site: ThisSite,
    person: Reader,
    criterion_id: str,
    withdraw: Annotated[bool, Form()] = False,
    checklist: Annotated[str, Form()] = "",
) -> Response:
    """Stops the rule; with `withdraw` what it has confirmed is taken back."""
    refuse_to_decide(person)
    choice = choose_checklist(site, checklist)
    checklist_id = choice.checklist_id
    try:
        with site.store.writing() as con:
            count = stop(con, checklist_id, criterion_id, person.login, withdraw=withdraw)
    except InputError as error:
        raise Refusal(409, "trust_not_changed", str(error)) from error
    site.figures.forget()
    subject = f"{checklist_id}.{criterion_id}"
    record(site.desk, person, "trust.stopped", subject, address_of(request), withdrawn=count)
    return to_rules(choice)


def to_rules(choice: ChecklistChoice) -> Response:
    """Back to the rules of that checklist."""
    query = "?" + urlencode(choice.query) if choice.query else ""
    return RedirectResponse(f"/trust{query}#rules", 303)


def refuse_to_decide(person: Person) -> None:
    """Raises Refusal 403 for whoever may look and not decide."""
    if not may_decide_trust(person):
        raise Refusal(403, "not_allowed")
