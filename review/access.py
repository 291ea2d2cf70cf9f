"""Who asks: the session behind a cookie or the token of a program, what they may do, and where a form comes from."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from review.desk.audit import record
from review.desk.people import Person
from review.desk.sessions import Session, find_session
from review.desk.tokens import find_token
from review.permissions import Permission
from review.refusals import Refusal
from review.site import Site, address_of, site_of

COOKIE = "prescore_session"
OVER_TLS = "__Host-"  # a cookie of that name comes from this very host over TLS, never from a neighbour of its domain
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SAME_SITE = frozenset({"same-origin", "none"})  # of Sec-Fetch-Site: our own page, or typed by the person
API, METRICS = "/api/", "/metrics"
LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"})


class LogInNeeded(Exception):
    """Nobody is logged in: the page leads to the log-in and back."""


class PasswordNeeded(LogInNeeded):
    """Logged in with an initial password: the page leads to where another is chosen."""


@dataclass(frozen=True)
class Limits:
    """How long a session may be unused, and how old it may get."""

    idle_s: float
    longest_s: float


def limits_of(site: Site) -> Limits:
    chosen = site.settings.review
    return Limits(60.0 * chosen.idle_minutes, 3600.0 * chosen.session_hours)


def session_of(request: Request) -> Session | None:
    """The session that the cookie stands for, looked up once a request; `Site.respond` shows its person."""
    if not hasattr(request.state, "session"):
        site = site_of(request)
        token, limits = request.cookies.get(cookie_name(site, request)), limits_of(site)
        request.state.session = token and find_session(
            site.desk, token, idle_s=limits.idle_s, longest_s=limits.longest_s
        )
    return request.state.session or None


@dataclass(frozen=True)
class Allowed:
    """The dependency that `may` gives; tests read from it what a route asks for."""

    permission: Permission

    async def __call__(self, request: Request) -> Person:
        if is_for_programs(request):
            return await self._program(request)
        session = await run_in_threadpool(session_of, request)
        if session is None:
            raise LogInNeeded
        if session.must_choose_password and self.permission != "use_account":
            raise PasswordNeeded
        await self._refuse_others(request, session.person)
        try:
            await check_origin(request, session)
        except Refusal:
            await note_refusal(request, session.person, "form.refused", self.permission)
            raise
        return note_change(request, session.person)

    async def _program(self, request: Request) -> Person:
        """A token speaks for itself: no browser sends it by accident, so no form token is needed."""
        request.state.session = None  # a cookie beside it counts for nothing
        scheme, _, token = request.headers["authorization"].partition(" ")
        person = await run_in_threadpool(find_token, site_of(request).desk, token.strip())
        if scheme.lower() != "bearer" or person is None:
            raise LogInNeeded
        await self._refuse_others(request, person)
        return note_change(request, person)

    async def _refuse_others(self, request: Request, person: Person) -> None:
        if not person.may(self.permission):
            await note_refusal(request, person, "access.refused", self.permission)
            raise Refusal(403, "not_allowed")


@dataclass(frozen=True)
class AllowedOrLocal(Allowed):
    """Like `may`, and without log-in for a program on this very machine that no proxy has asked for somebody else."""

    async def __call__(self, request: Request) -> Person | None:  # type: ignore[override]
        return None if is_local(request) else await super().__call__(request)


def note_change(request: Request, person: Person) -> Person:
    """Whoever changes something shall see it in the figures."""
    if request.method not in SAFE:
        site_of(request).figures.wrote(person.person_id)
    return person


async def note_refusal(request: Request, person: Person, action: str, permission: Permission) -> None:
    """Whoever tries doors that are not theirs is seen in the audit log."""
    desk = site_of(request).desk
    await run_in_threadpool(record, desk, person, action, permission, address_of(request))


def may(permission: Permission) -> Callable[[Request], Awaitable[Person]]:
    """A dependency: the logged-in person, who has that permission. Under /api/ also the person of a bearer token.

    Raises LogInNeeded when nobody is logged in; Refusal 403 when the permission is missing, or when a request that
    changes something does not carry its session's token.
    """
    return Allowed(permission)


def is_for_programs(request: Request) -> bool:
    path = request.url.path
    return (path.startswith(API) or path == METRICS) and "authorization" in request.headers


def is_local(request: Request) -> bool:
    """Whether a program on this machine asks for itself: a proxy here would say for whom it asks."""
    return address_of(request) in LOOPBACK and FORWARDED.isdisjoint(request.headers.keys())


async def check_origin(request: Request, session: Session) -> None:
    """Raises Refusal 403 for a changing request that no page of this session made."""
    if request.method in SAFE:
        return
    given = request.headers.get(CSRF_HEADER) or str((await request.form()).get(CSRF_FIELD, ""))
    if not is_from_here(request) or not secrets.compare_digest(given.encode(), session.csrf.encode()):
        raise Refusal(403, "form_expired")


def is_from_here(request: Request) -> bool:
    """Whether the browser says that our own page made the request; browsers too old for Sec-Fetch-Site say Origin."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in SAME_SITE
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def may_see(person: Person, manager: str | None) -> bool:
    """Whether the person may see a call of that manager: managers see their own and nothing of others."""
    return person.role != "manager" or (manager is not None and manager == person.manager)


def refuse_foreign_call(person: Person, manager: str | None) -> None:
    """Raises Refusal 404, as for a call that is not there, when the call is not the manager's own."""
    if not may_see(person, manager):
        raise Refusal(404, "no_such_call")


def to_log_in(request: Request, reason: Exception) -> Response:
    """To the log-in, and from there back here. A fragment's request makes the whole page go there; programs get 401."""
    if request.url.path.startswith(API) or is_for_programs(request):
        return unauthorised(request)
    if isinstance(reason, PasswordNeeded):
        local = request.app.url_path_for("show_account")
    else:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        address = request.url_for("show_log_in").include_query_params(next=target if request.method == "GET" else "/")
        local = f"{address.path}?{address.query}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": local})
    return RedirectResponse(local, 303)


def unauthorised(request: Request) -> Response:
    """As RFC 6750 has it: with an error only where a token was given."""
    given = "authorization" in request.headers
    challenge = 'Bearer realm="prescore"' + (', error="invalid_token"' if given else "")
    detail = "the token is unknown or was revoked" if given else "send a token: Authorization: Bearer TOKEN"
    return JSONResponse({"detail": detail}, 401, {"WWW-Authenticate": challenge})


def cookie_name(site: Site, request: Request) -> str:
    return OVER_TLS + COOKIE if site.secure_cookies(request) else COOKIE


def set_session_cookie(site: Site, request: Request, response: Response, token: str) -> None:
    """The cookie ends with the browser; the desk knows when the session ends."""
    response.set_cookie(
        cookie_name(site, request),
        token,
        httponly=True,
        samesite="lax",
        secure=site.secure_cookies(request),
        path="/",
    )


def forget_session_cookie(site: Site, request: Request, response: Response) -> None:
    response.delete_cookie(
        cookie_name(site, request), path="/", secure=site.secure_cookies(request), httponly=True, samesite="lax"
    )
