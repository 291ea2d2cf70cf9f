"""Who asks: the session behind the cookie, what its person may do, and that a form comes from one of our own pages."""

import secrets
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from review.desk.people import Person
from review.desk.sessions import Session, find_session
from review.permissions import Permission
from review.refusals import Refusal
from review.site import Site, site_of

COOKIE = "prescore_session"
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SAME_SITE = frozenset({"same-origin", "none"})  # of Sec-Fetch-Site: our own page, or typed by the person


class LogInNeeded(Exception):
    """Nobody is logged in: the page leads to the log-in and back."""


def session_of(request: Request) -> Session | None:
    """The session that the cookie stands for, looked up once a request; `Site.respond` shows its person."""
    if not hasattr(request.state, "session"):
        site, token = site_of(request), request.cookies.get(COOKIE)
        limits = site.settings.review
        request.state.session = token and find_session(
            site.desk, token, idle_s=60 * limits.idle_minutes, longest_s=3600 * limits.session_hours
        )
    return request.state.session or None


def may(permission: Permission) -> Callable[[Request], Awaitable[Person]]:
    """A dependency: the logged-in person, who has that permission.

    Raises LogInNeeded when nobody is logged in; Refusal 403 when the permission is missing, or when a request that
    changes something does not carry its session's token.
    """

    async def allowed(request: Request) -> Person:
        session = session_of(request)
        if session is None:
            raise LogInNeeded
        if not session.person.may(permission):
            raise Refusal(403, "not_allowed")
        await check_origin(request, session)
        return session.person

    return allowed


async def check_origin(request: Request, session: Session) -> None:
    """Raises Refusal 403 for a changing request that no page of this session made."""
    if request.method in SAFE:
        return
    given = request.headers.get(CSRF_HEADER) or str((await request.form()).get(CSRF_FIELD, ""))
    from_here = request.headers.get("sec-fetch-site", "none") in SAME_SITE
    if not from_here or not secrets.compare_digest(given.encode(), session.csrf.encode()):
        raise Refusal(403, "form_expired")


def may_see(person: Person, manager: str | None) -> bool:
    """Whether the person may see a call of that manager: managers see their own and nothing of others."""
    return person.role != "manager" or (manager is not None and manager == person.manager)


def refuse_foreign_call(person: Person, manager: str | None) -> None:
    """Raises Refusal 404, as for a call that is not there, when the call is not the manager's own."""
    if not may_see(person, manager):
        raise Refusal(404, "no_such_call")


def to_log_in(request: Request, _: Exception) -> Response:
    """To the log-in, and from there back here. A fragment's request makes the whole page go there."""
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = str(request.url_for("show_log_in").include_query_params(next=target if request.method == "GET" else "/"))
    local = address.removeprefix(str(request.base_url).rstrip("/"))
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": local})
    return RedirectResponse(local, 303)


def set_session_cookie(site: Site, request: Request, response: Response, token: str) -> None:
    """The cookie ends with the browser; the desk knows when the session ends."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=site.secure_cookies(request), path="/")


def forget_session_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/")
