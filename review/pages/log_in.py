"""Log in and out."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from review.access import check_origin, forget_session_cookie, session_of, set_session_cookie
from review.desk.audit import record
from review.desk.log_in_attempts import is_blocked, record_attempt
from review.desk.people import check_password
from review.desk.sessions import close_session, open_session
from review.refusals import Refusal
from review.site import ThisSite, address_of

router = APIRouter()


@dataclass(frozen=True, slots=True)
class LogInPage:
    """`failed`: the key of what went wrong, empty at first; `has_people`: whether anybody was added yet."""

    next: str
    login: str
    failed: str
    has_people: bool


@router.get("/log-in")
def show_log_in(request: Request, site: ThisSite, next: str = "/") -> Response:
    if session_of(request) is not None:
        return RedirectResponse(local_address(next), 303)
    return site.respond(request, "log_in.html", LogInPage(local_address(next), "", "", site.has_people()))


@router.post("/log-in")
def log_in(
    request: Request,
    site: ThisSite,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Opens a session. Too many wrong tries, for one login or from one address, close the door for a while."""
    address = address_of(request)
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Refusal(403, "form_expired")
    if is_blocked(site.desk, login, address):
        record(site.desk, None, "log_in.blocked", address=address)
        return refuse(request, site, LogInPage(local_address(next), login, "blocked", True), 429)
    person = check_password(site.desk, login, password)
    record_attempt(site.desk, login, address, succeeded=person is not None)
    if person is None:
        record(site.desk, None, "log_in.failed", address=address)
        return refuse(request, site, LogInPage(local_address(next), login, "wrong", site.has_people()), 401)
    record(site.desk, person, "log_in", address=address)
    response = RedirectResponse(local_address(next), 303)
    set_session_cookie(site, request, response, open_session(site.desk, person))
    return response


@router.post("/log-out")
async def log_out(request: Request, site: ThisSite) -> Response:
    session = session_of(request)
    response = RedirectResponse("/log-in", 303)
    if session is not None:
        await check_origin(request, session)
        close_session(site.desk, session.token_hash)
        record(site.desk, session.person, "log_out", address=address_of(request))
    forget_session_cookie(response)
    return response


def refuse(request: Request, site: ThisSite, page: LogInPage, status_code: int) -> Response:
    return site.respond(request, "log_in.html", page, status_code)


def local_address(target: str) -> str:
    """The address if it is one of ours, else the first page: a log-in leads to no foreign site."""
    parts = urlsplit(target.replace("\\", "/"))
    is_ours = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//")
    return target if is_ours and "\\" not in target and target.isprintable() else "/"
