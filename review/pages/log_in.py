"""Log in and out."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from review.access import (
    check_origin,
    forget_session_cookie,
    is_from_here,
    limits_of,
    session_of,
    set_session_cookie,
)
from review.desk.audit import record
from review.desk.log_in_attempts import begin_attempt, succeed
from review.desk.people import Person, check_password, find_person_id
from review.desk.sessions import close_session, forget_sessions, open_session
from review.refusals import Refusal
from review.site import Site, ThisSite, address_of, places_of

router = APIRouter()
OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")  # a path of this host: nothing that a browser reads as another host
START = "/"
FORGOTTEN = {"Clear-Site-Data": '"cache"'}  # of pages; the language's cookie and the player's speed stay


@dataclass(frozen=True, slots=True)
class LogInPage:
    """`failed`: the key of what went wrong, empty at first; `has_people`: whether anybody was added yet.

    `other_way`: the title of the OpenID provider, empty without one. `needs_tls`: the browser will not keep the cookie.
    """

    next: str
    login: str
    failed: str
    has_people: bool
    other_way: str
    needs_tls: bool


@router.get("/log-in")
def show_log_in(request: Request, site: ThisSite, next: str = START) -> Response:
    session = session_of(request)
    if session is not None:
        return RedirectResponse(first_address(next, session.person), 303)
    return respond(request, site, next)


@router.post("/log-in")
def log_in(
    request: Request,
    site: ThisSite,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = START,
) -> Response:
    """Opens a session. Too many wrong tries, for one login or from one address, close the door for a while."""
    if not is_from_here(request):
        raise Refusal(403, "form_expired")
    address, login = address_of(request), login.strip()
    attempt = begin_attempt(site.desk, login, address)
    if attempt is None:
        record(site.desk, None, "log_in.blocked", find_person_id(site.desk, login), address)
        return respond(request, site, next, login, "blocked", 429)
    person = check_password(site.desk, login, password)
    if person is None:
        record(site.desk, None, "log_in.failed", find_person_id(site.desk, login), address)
        return respond(request, site, next, login, "wrong", 401)
    succeed(site.desk, attempt)
    return enter(request, site, person, next, "password")


def enter(request: Request, site: Site, person: Person, next: str, method: str) -> Response:
    """A new session with a token that nobody knew before; the one that this browser had ends."""
    before, limits = session_of(request), limits_of(site)
    if before is not None:
        close_session(site.desk, before.token_hash)
    forget_sessions(site.desk, limits.idle_s, limits.longest_s)
    record(site.desk, person, "log_in", person.person_id, address_of(request), method=method)
    response = RedirectResponse(first_address(next, person), 303)
    set_session_cookie(site, request, response, open_session(site.desk, person, address_of(request)))
    return response


@router.post("/log-out")
async def log_out(request: Request, site: ThisSite) -> Response:
    session = session_of(request)
    if session is not None:
        await check_origin(request, session)
        close_session(site.desk, session.token_hash)
        record(site.desk, session.person, "log_out", session.person.person_id, address_of(request))
    return left(request, site)


def left(request: Request, site: Site) -> Response:
    """To the log-in, with nothing of the session left in the browser."""
    response = RedirectResponse("/log-in", 303, FORGOTTEN)
    forget_session_cookie(site, request, response)
    return response


def respond(
    request: Request, site: Site, next: str, login: str = "", failed: str = "", status_code: int = 200
) -> Response:
    oidc = site.settings.review.oidc
    page = LogInPage(
        next=local_address(next),
        login=login,
        failed=failed,
        has_people=site.has_people(),
        other_way=oidc.title if oidc else "",
        needs_tls=site.secure_cookies(request) and request.url.scheme != "https",
    )
    return site.respond(request, "log_in.html", page, status_code)


def first_address(target: str, person: Person) -> str:
    """Where the link led; else the first place where this person may go."""
    address = local_address(target)
    if address != START:
        return address
    places = places_of(person)
    return places[0].address if places else "/account"


def local_address(target: str) -> str:
    """The address if it is one of ours, else the first page: a log-in leads to no foreign site."""
    return target if OURS.fullmatch(target) else START
