"""Every address of the application: nobody gets in without log-in, permission and, for a change, our own form."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from review.access import API, CSRF_HEADER, SAFE, Allowed
from review.desk.audit import read_audit
from review.permissions import OF_ROLE, ROLES, Permission
from tests.pages.people import logged_in

# Open to everybody, and why. Everything else depends on `may(...)`.
OPEN = {
    ("GET", "/log-in"): "where people log in",
    ("POST", "/log-in"): "checks the password; where the form comes from is checked in test_log_in.py",
    ("POST", "/log-out"): "ends the session there is; its form's token is checked in test_log_in.py",
    ("GET", "/log-in/oidc"): "begins a log-in at the provider",
    ("GET", "/log-in/oidc/back"): "ends it; what the provider says is checked in test_oidc.py",
    ("GET", "/health/live"): "for whoever restarts it; says ok",
    ("GET", "/health/ready"): "for whoever restarts it; names parts of the program that do not work",
    ("GET", "/vendor/{name}"): "libraries of the browser, no data",
}
# Whoever changes these lets people in: it is said twice what they ask for.
KEYS = {
    "/people": "manage_people",
    "/people/new": "manage_people",
    "/people/{person_id}": "manage_people",
    "/people/{person_id}/password": "manage_people",
    "/people/{person_id}/log-out": "manage_people",
    "/people/{person_id}/disable": "manage_people",
    "/people/{person_id}/enable": "manage_people",
    "/people/{person_id}/unbind": "manage_people",
    "/people/{person_id}/tokens": "manage_people",
    "/people/{person_id}/tokens/{token_id}/revoke": "manage_people",
    "/audit": "see_audit",
    "/metrics": "watch",
    "/account": "use_account",
    "/account/password": "use_account",
    "/account/sessions/end": "use_account",
    "/account/sessions/{number}/end": "use_account",
    "/account/blind": "review",
}


@dataclass(frozen=True)
class Door:
    method: str
    path: str
    permissions: frozenset[Permission]

    @property
    def address(self) -> str:
        return re.sub(r"{[^}]*}", "1", self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def asked_permissions(dependant: Dependant) -> Iterator[Permission]:
    """Those that `may` asks for anywhere below the route."""
    if isinstance(dependant.call, Allowed):
        yield dependant.call.permission
    for below in dependant.dependencies:
        yield from asked_permissions(below)


def doors_of(app: FastAPI) -> list[Door]:
    return [
        Door(method, route.path, frozenset(asked_permissions(route.dependant)))
        for route in iter_route_contexts(app.routes)
        if getattr(route, "dependant", None) is not None
        for method in sorted(route.methods or ())
    ]


@pytest.fixture
def doors(app: FastAPI) -> list[Door]:
    found = doors_of(app)
    assert len(found) > 20
    return found


def test_every_route_asks_who_it_is(doors: list[Door]) -> None:
    unguarded = {str(door) for door in doors if not door.permissions} - {" ".join(known) for known in OPEN}
    assert not unguarded, (
        f"{', '.join(sorted(unguarded))}: everybody may ask this. Give the route a parameter "
        '`person: Annotated[Person, Depends(may("PERMISSION"))]` of review/access.py; if it really is for everybody, '
        "say why in OPEN of this file"
    )


def test_what_is_open_is_still_there(doors: list[Door]) -> None:
    assert set(OPEN) <= {(door.method, door.path) for door in doors if not door.permissions}


def test_the_doors_of_the_house_ask_what_they_shall(doors: list[Door]) -> None:
    found = {door.path: set(door.permissions) for door in doors if door.path in KEYS}
    assert found == {path: {permission} for path, permission in KEYS.items()}


def test_only_routes_and_the_static_folder_are_served(app: FastAPI) -> None:
    others = [route for route in iter_route_contexts(app.routes) if getattr(route, "dependant", None) is None]
    assert [route.path for route in others] == ["/static"]


def test_nobody_gets_in_without_logging_in(app: FastAPI, doors: list[Door]) -> None:
    stranger = TestClient(app, follow_redirects=False, headers={"accept-language": "en"})
    for door in guarded(doors):
        response = stranger.request(door.method, door.address)
        if door.path.startswith(API):
            assert response.status_code == 401, door
            assert response.headers["www-authenticate"].startswith("Bearer"), door
        else:
            assert response.status_code == 303, door
            assert response.headers["location"].startswith("/log-in?next="), door


@pytest.mark.parametrize("role", ROLES)
def test_nobody_gets_in_without_the_permission(app: FastAPI, doors: list[Door], role: str) -> None:
    client = logged_in(app, role, manager="Anna" if role == "manager" else None)  # type: ignore[arg-type]
    client.follow_redirects = False
    for door in guarded(doors):
        missing = door.permissions - OF_ROLE[role]  # type: ignore[index]
        if missing:
            response = client.request(door.method, door.address)
            assert response.status_code == 403, f"{door}: {role} has no {', '.join(missing)}"


def test_a_change_needs_our_own_form(app: FastAPI, doors: list[Door]) -> None:
    client = logged_in(app, "administrator")
    client.follow_redirects = False
    token = client.headers.pop(CSRF_HEADER)
    changing = [door for door in guarded(doors) if door.method not in SAFE]
    assert changing
    for door in changing:
        for headers in ({}, {CSRF_HEADER: "x"}, {CSRF_HEADER: token, "sec-fetch-site": "cross-site"}):
            response = client.request(door.method, door.address, headers=headers)
            assert response.status_code == 403, f"{door} {headers}"


def test_refusals_are_in_the_audit_log(app: FastAPI) -> None:
    client = logged_in(app, "data")
    client.get("/audit")
    client.post("/account/blind", headers={CSRF_HEADER: "x"})
    client.post("/account/sessions/end", headers={CSRF_HEADER: "x"})
    found = [(entry.person, entry.action, entry.subject) for entry in read_audit(app.state.site.desk)]
    assert found == [
        ("data-1", "form.refused", "use_account"),
        ("data-1", "access.refused", "review"),
        ("data-1", "access.refused", "see_audit"),
    ]


def test_a_first_password_opens_the_account_alone(app: FastAPI, doors: list[Door]) -> None:
    client = logged_in(app, "administrator")
    client.follow_redirects = False
    with app.state.site.desk.writing() as con:
        con.execute("UPDATE people SET password_ends_s = 1e12")
    for door in guarded(doors):
        if "use_account" not in door.permissions and not door.path.startswith(API):
            response = client.request(door.method, door.address)
            assert (response.status_code, response.headers["location"]) == (303, "/account"), door


def guarded(doors: list[Door]) -> list[Door]:
    return [door for door in doors if door.permissions]
