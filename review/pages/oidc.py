"""Log in by OpenID Connect: to the provider and back, and which person came back."""

import base64
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import TypeAdapter

from pipeline.errors import InputError
from pipeline.review_settings import OidcSettings
from review.access import OVER_TLS
from review.desk.audit import record
from review.desk.database import Desk
from review.desk.people import (
    LONGEST_NAME,
    Person,
    add_person,
    bind_subject,
    drop_initial_password,
    find_by_subject,
    find_person_by_id,
    find_person_id,
    is_bound,
)
from review.oidc import BEGUN_FOR_S, Begun, OidcError, Provider
from review.pages.log_in import START, enter, local_address, respond
from review.permissions import Role
from review.refusals import Refusal
from review.site import Site, ThisSite, address_of

log = logging.getLogger(__name__)
router = APIRouter(prefix="/log-in/oidc")
COOKIE = "prescore_oidc"
KEPT = TypeAdapter(Begun)


def provider_of(request: Request) -> Provider:
    """Raises Refusal 404 where none is configured."""
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise Refusal(404, "no_such_page")
    return provider


Configured = Annotated[Provider, Depends(provider_of)]


@router.get("")
def begin(request: Request, site: ThisSite, provider: Configured, next: str = START) -> Response:
    """Off to the provider; the browser keeps what proves on the way back that it was this one."""
    try:
        address, begun = provider.begin(way_back(request), local_address(next))
    except OidcError as error:
        return failed(request, site, error)
    response = RedirectResponse(address, 303)
    kept = base64.urlsafe_b64encode(KEPT.dump_json(begun)).decode()
    response.set_cookie(
        cookie_name(site, request),
        kept,
        max_age=int(BEGUN_FOR_S),
        httponly=True,
        samesite="lax",
        secure=site.secure_cookies(request),
    )
    return response


@router.get("/back")
def come_back(request: Request, site: ThisSite, provider: Configured) -> Response:
    """Who logged in at the provider logs in here, if they are known."""
    try:
        begun = begun_of(request.cookies.get(cookie_name(site, request), ""))
        claims = provider.finish(way_back(request), begun, request.query_params)
        person = person_of(site.desk, claims, provider.settings)
    except OidcError as error:
        response = failed(request, site, error)
    else:
        response = enter(request, site, person, begun.next, "oidc")
    response.delete_cookie(
        cookie_name(site, request), secure=site.secure_cookies(request), httponly=True, samesite="lax"
    )
    return response


def person_of(desk: Desk, claims: Mapping[str, Any], settings: OidcSettings) -> Person:
    """The person whose account that is: bound to it before, or having its login, or added now. Raises OidcError.

    An account is bound by issuer and sub at the first log-in: a login that changes hands at the provider opens nothing.
    """
    subject = f"{claims['iss']} {claims['sub']}"
    bound = find_by_subject(desk, subject)
    person = bound or named(desk, claims, settings) or added(desk, claims, settings)
    if person.disabled:
        raise OidcError("disabled", "the person is disabled here")
    if bound is None:
        bind_subject(desk, person, subject)
    drop_initial_password(desk, person)
    return person


def named(desk: Desk, claims: Mapping[str, Any], settings: OidcSettings) -> Person | None:
    """The person with the login that the claim says, whom no other account is bound to."""
    person = find_person_by_id(desk, find_person_id(desk, login_of(claims, settings)))
    if person is not None and is_bound(desk, person):
        raise OidcError("refused", "the login belongs to another account of the provider")
    return person


def added(desk: Desk, claims: Mapping[str, Any], settings: OidcSettings) -> Person:
    """Somebody new in the role that the configuration gives.

    Not a manager: whose calls are theirs is for an administrator to say, not for a name at the provider.
    """
    role = role_of(claims, settings)
    if role is None or role == "manager":
        raise OidcError("unknown", "nobody has that login, and no role is configured for them")
    login = login_of(claims, settings)
    name = str(claims.get("name") or login)[:LONGEST_NAME]
    try:
        person = add_person(desk, Person("", login, name, role), None)
    except InputError as error:
        raise OidcError("refused", f"claim {settings.login_claim}: makes no login") from error
    record(desk, None, "person.added", person.person_id, role=role, method="oidc")
    return person


def login_of(claims: Mapping[str, Any], settings: OidcSettings) -> str:
    """Raises OidcError when the claim is missing, or an address that the provider has not verified."""
    login = claims.get(settings.login_claim)
    if not isinstance(login, str) or not login:
        raise OidcError("refused", f"claim {settings.login_claim}: missing")
    if settings.login_claim == "email" and claims.get("email_verified") is not True:
        raise OidcError("refused", "claim email: the provider has not verified it")
    return login


def role_of(claims: Mapping[str, Any], settings: OidcSettings) -> Role | None:
    """The role of the first configured value that the claim holds."""
    found = claims.get(settings.role_claim) if settings.role_claim else None
    values = found if isinstance(found, list) else [found]
    return next((role for value, role in settings.roles.items() if value in values), None)


def begun_of(cookie: str) -> Begun:
    """What this browser kept. Raises OidcError when it kept nothing, or something else."""
    with suppress(ValueError):
        return KEPT.validate_json(base64.urlsafe_b64decode(cookie))
    raise OidcError("expired", "the browser has begun nothing")


def failed(request: Request, site: Site, error: OidcError) -> Response:
    """The log-in page, which says what to do; the cause goes to the operator's log."""
    log.warning("log-in by OpenID Connect: %s", error)
    record(site.desk, None, "log_in.failed", address=address_of(request), method="oidc", code=error.code)
    status_code = {"unavailable": 502, "unknown": 403, "disabled": 403}.get(error.code, 400)
    return respond(request, site, START, failed=f"oidc_{error.code}", status_code=status_code)


def way_back(request: Request) -> str:
    return str(request.url_for("come_back"))


def cookie_name(site: Site, request: Request) -> str:
    return OVER_TLS + COOKIE if site.secure_cookies(request) else COOKIE
