"""Who works at the page: everybody, and somebody new."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from review.access import may
from review.desk.audit import record
from review.desk.database import moment_of
from review.desk.passwords import generate_password
from review.desk.people import Person, PersonError, WaysIn, add_person, read_people, read_ways_in
from review.pages.person_form import PersonForm, TypedPerson
from review.pages.person_view import read_managers
from review.pages.person_view import respond as show_person
from review.permissions import ROLES
from review.site import Site, ThisSite, address_of

router = APIRouter()
Administrator = Annotated[Person, Depends(may("manage_people"))]


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """`password_ends`: while the password is an initial one, when it ends."""

    person: Person
    ways: WaysIn
    password_ends: datetime | None


@dataclass(frozen=True, slots=True)
class PeoplePage:
    people: tuple[ListedPerson, ...]


@dataclass(frozen=True, slots=True)
class NewPersonPage:
    """`failed`: the code of what does not hold, empty at first. `managers`: names under which calls stand."""

    form: PersonForm
    failed: str
    managers: tuple[str, ...]
    oidc_title: str
    roles: tuple[str, ...] = ROLES


@router.get("/people")
def show_people(request: Request, site: ThisSite, administrator: Administrator) -> Response:  # noqa: ARG001  checks
    ways = read_ways_in(site.desk)
    people = (listed(person, ways.get(person.person_id, WaysIn())) for person in read_people(site.desk))
    return site.respond(request, "people.html", PeoplePage(tuple(people)))


def listed(person: Person, ways: WaysIn) -> ListedPerson:
    ends = ways.password_ends_s
    return ListedPerson(person, ways, None if ends is None else moment_of(ends))


@router.get("/people/new")
def show_new_person(request: Request, site: ThisSite, administrator: Administrator) -> Response:  # noqa: ARG001
    return respond(request, site, PersonForm())


@router.post("/people/new")
def add(
    request: Request,
    site: ThisSite,
    administrator: Administrator,
    form: TypedPerson,
    way: Annotated[str, Form()] = "password",
) -> Response:
    """Adds the person and shows the initial password: once, so this answer is no redirect."""
    password = None if way == "oidc" and site.settings.review.oidc else generate_password()
    try:
        added = add_person(site.desk, form.person(), password, is_initial=True)
    except PersonError as error:
        return respond(request, site, form, error.code, 422)
    record(site.desk, administrator, "person.added", added.person_id, address_of(request), role=added.role)
    return show_person(request, site, administrator, added, done="added", password=password or "", status_code=201)


def respond(request: Request, site: Site, form: PersonForm, failed: str = "", status_code: int = 200) -> Response:
    oidc = site.settings.review.oidc
    page = NewPersonPage(form, failed, read_managers(site.store), oidc.title if oidc else "")
    return site.respond(request, "person_new.html", page, status_code)
