"""One person as an administrator sees them: what they may, how they get in, their tokens."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.errors import InputError
from review.access import may
from review.desk.audit import record
from review.desk.passwords import generate_password
from review.desk.people import (
    Person,
    PersonError,
    bind_subject,
    change_person,
    find_person_by_id,
    set_password,
)
from review.desk.sessions import end_sessions_of
from review.desk.tokens import create_token, revoke_token
from review.pages.person_form import TypedPerson, changed_fields, form_of
from review.pages.person_view import DONE, respond
from review.refusals import Refusal
from review.site import Site, ThisSite, address_of

router = APIRouter(prefix="/people/{person_id}")


def shown_person(site: ThisSite, person_id: str, _: Annotated[Person, Depends(may("manage_people"))]) -> Person:
    """The person that the address names. Raises Refusal 404."""
    found = find_person_by_id(site.desk, person_id)
    if found is None:
        raise Refusal(404, "no_such_person")
    return found


Administrator = Annotated[Person, Depends(may("manage_people"))]
Shown = Annotated[Person, Depends(shown_person)]


@router.get("")
def show_person(
    request: Request, site: ThisSite, administrator: Administrator, shown: Shown, done: str = ""
) -> Response:
    return respond(request, site, administrator, shown, done=done if done in DONE else "")


@router.post("")
def change(request: Request, site: ThisSite, administrator: Administrator, shown: Shown, form: TypedPerson) -> Response:
    """Everything but login and password; whoever is logged in is so with the new rights from the next click."""
    changed = replace(form.person(shown.person_id, disabled=shown.disabled), login=shown.login)
    return write(request, site, administrator, shown, changed, "changed")


@router.post("/disable")
def disable(request: Request, site: ThisSite, administrator: Administrator, shown: Shown) -> Response:
    return write(request, site, administrator, shown, replace(shown, disabled=True), "disabled")


@router.post("/enable")
def enable(request: Request, site: ThisSite, administrator: Administrator, shown: Shown) -> Response:
    return write(request, site, administrator, shown, replace(shown, disabled=False), "enabled")


def write(request: Request, site: Site, administrator: Person, before: Person, after: Person, done: str) -> Response:
    try:
        change_person(site.desk, after)
    except PersonError as error:
        return respond(request, site, administrator, before, form=form_of(after), failed=error.code, status_code=422)
    fields = changed_fields(before, after)
    record(site.desk, administrator, f"person.{done}", after.person_id, address_of(request), fields=fields)
    return back(after, done)


@router.post("/password")
def give_password(request: Request, site: ThisSite, administrator: Administrator, shown: Shown) -> Response:
    """A new initial password, shown this once; whoever is logged in with the old one is out."""
    password = generate_password()
    set_password(site.desk, shown, password, is_initial=True)
    record(site.desk, administrator, "password.given", shown.person_id, address_of(request))
    return respond(request, site, administrator, shown, done="password", password=password)


@router.post("/log-out")
def log_out_everywhere(request: Request, site: ThisSite, administrator: Administrator, shown: Shown) -> Response:
    count = end_sessions_of(site.desk, shown)
    record(site.desk, administrator, "sessions.ended", shown.person_id, address_of(request), count=count)
    return back(shown, "logged_out")


@router.post("/unbind")
def unbind(request: Request, site: ThisSite, administrator: Administrator, shown: Shown) -> Response:
    """Forgets which account at the OpenID provider is theirs: they got another one there."""
    bind_subject(site.desk, shown, None)
    record(site.desk, administrator, "person.unbound", shown.person_id, address_of(request))
    return back(shown, "unbound")


@router.post("/tokens")
def add_token(
    request: Request,
    site: ThisSite,
    administrator: Administrator,
    shown: Shown,
    title: Annotated[str, Form()] = "",
) -> Response:
    """A token that may do what this person may, shown this once."""
    try:
        token = create_token(site.desk, shown, title)
    except InputError:
        return respond(request, site, administrator, shown, failed="token_title", status_code=422)
    record(site.desk, administrator, "token.created", shown.person_id, address_of(request))
    return respond(request, site, administrator, shown, done="token", token=token, status_code=201)


@router.post("/tokens/{token_id}/revoke")
def revoke(request: Request, site: ThisSite, administrator: Administrator, shown: Shown, token_id: str) -> Response:
    if revoke_token(site.desk, shown, token_id):
        record(site.desk, administrator, "token.revoked", shown.person_id, address_of(request))
    return back(shown, "revoked")


def back(shown: Person, done: str) -> Response:
    return RedirectResponse(f"/people/{shown.person_id}?done={done}", 303)
