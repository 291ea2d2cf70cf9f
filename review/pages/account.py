"""My account: who I am here, my password, where I am logged in, blind mode."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from review.access import limits_of, may, session_of, set_session_cookie
from review.desk.audit import record
from review.desk.database import moment_of
from review.desk.log_in_attempts import begin_attempt, succeed
from review.desk.passwords import LONGEST, SHORTEST, WeakPassword
from review.desk.people import Person, WaysIn, change_person, check_password, read_ways_in, set_password
from review.desk.sessions import end_session, end_sessions_of, open_session, read_sessions
from review.pages.log_in import left
from review.site import Site, ThisSite, address_of

router = APIRouter(prefix="/account")
Owner = Annotated[Person, Depends(may("use_account"))]
DONE = ("password", "session_ended", "blind_on", "blind_off")


@dataclass(frozen=True, slots=True)
class ShownSession:
    number: int
    opened: datetime
    last_used: datetime
    address: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """`must_choose_password`: nothing else is open before. `may_be_blind`: who gives no verdicts has no blind mode."""

    ways: WaysIn
    sessions: tuple[ShownSession, ...]
    must_choose_password: bool
    may_be_blind: bool
    done: str
    failed: str
    shortest: int = SHORTEST
    longest: int = LONGEST


@router.get("")
def show_account(request: Request, site: ThisSite, owner: Owner, done: str = "") -> Response:
    return respond(request, site, owner, done=done if done in DONE else "")


@router.post("/password")
def change_password(
    request: Request,
    site: ThisSite,
    owner: Owner,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Needs the old password, guessed no faster here than at the log-in; other browsers are logged out."""
    failed, status_code = check_old(site, request, owner, old)
    if not failed and new != again:
        failed, status_code = "differ", 422
    if not failed and new == old:
        failed, status_code = "same", 422
    if not failed:
        try:
            set_password(site.desk, owner, new)
        except WeakPassword as error:
            failed, status_code = error.code, 422
    if failed:
        return respond(request, site, owner, failed=failed, status_code=status_code)
    record(site.desk, owner, "password.changed", owner.person_id, address_of(request))
    response = RedirectResponse("/account?done=password", 303)
    set_session_cookie(site, request, response, open_session(site.desk, owner, address_of(request)))
    return response


def check_old(site: Site, request: Request, owner: Person, old: str) -> tuple[str, int]:
    """What is wrong with the old password and the status of the answer; an empty code when nothing is."""
    attempt = begin_attempt(site.desk, owner.login, address_of(request))
    if attempt is None:
        return "blocked", 429
    if check_password(site.desk, owner.login, old) is None:
        record(site.desk, owner, "password.refused", owner.person_id, address_of(request))
        return "wrong", 403
    succeed(site.desk, attempt)
    return "", 200


@router.post("/sessions/{number}/end")
def end_one(request: Request, site: ThisSite, owner: Owner, number: int) -> Response:
    if end_session(site.desk, owner, number):
        record(site.desk, owner, "sessions.ended", owner.person_id, address_of(request), count=1)
    return RedirectResponse("/account?done=session_ended", 303)


@router.post("/sessions/end")
def log_out_everywhere(request: Request, site: ThisSite, owner: Owner) -> Response:
    """This browser too."""
    count = end_sessions_of(site.desk, owner)
    record(site.desk, owner, "sessions.ended", owner.person_id, address_of(request), count=count)
    return left(request, site)


@router.post("/blind")
def switch_blind_mode(
    request: Request,
    site: ThisSite,
    owner: Annotated[Person, Depends(may("review"))],
    blind: Annotated[str, Form()] = "",
) -> Response:
    changed = replace(owner, blind=blind == "on")
    change_person(site.desk, changed)
    code = "blind_on" if changed.blind else "blind_off"
    record(site.desk, owner, f"account.{code}", owner.person_id, address_of(request))
    return RedirectResponse(f"/account?done={code}", 303)


def respond(
    request: Request, site: Site, owner: Person, done: str = "", failed: str = "", status_code: int = 200
) -> Response:
    session, limits = session_of(request), limits_of(site)
    this = session.token_hash if session else ""
    sessions = tuple(
        ShownSession(found.number, moment_of(found.created_s), moment_of(found.seen_s), found.address, found.is_this)
        for found in read_sessions(site.desk, owner, limits.idle_s, limits.longest_s, this)
    )
    page = AccountPage(
        ways=read_ways_in(site.desk).get(owner.person_id, WaysIn()),
        sessions=sessions,
        must_choose_password=session is not None and session.must_choose_password,
        may_be_blind=owner.may("review"),
        done=done,
        failed=failed,
    )
    return site.respond(request, "account.html", page, status_code)
