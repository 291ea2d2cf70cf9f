import base64
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from joserfc.jwk import OctKey, RSAKey
from pydantic import ValidationError

from pipeline.data_folder import DataFolder
from pipeline.errors import ConfigurationError
from pipeline.review_settings import OidcSettings
from pipeline.settings import Settings
from review.app import create_app
from review.desk.audit import read_audit
from review.desk.database import Desk
from review.desk.people import (
    Person,
    add_person,
    bind_subject,
    change_person,
    find_person,
    read_people,
    read_ways_in,
)
from review.oidc import BEGUN_FOR_S, Provider
from tests.pages.openid_provider import CLIENT, SECRET, OpenIdProvider, serving
from tests.pages.people import PASSWORD

COOKIE = "prescore_oidc"


@pytest.fixture(scope="module")
def listening() -> Iterator[OpenIdProvider]:
    with serving() as provider:
        yield provider


@pytest.fixture
def provider(listening: OpenIdProvider) -> OpenIdProvider:
    """As it is when nobody has told it to lie."""
    fresh = OpenIdProvider(port=listening.port, key=listening.key)
    listening.__dict__.update(fresh.__dict__)
    return listening


@pytest.fixture
def oidc(provider: OpenIdProvider) -> dict[str, Any]:
    """More of the configuration; a test may change it before it takes `app`."""
    return {"issuer": provider.issuer, "client_id": CLIENT, "title": "Keycloak"}


def configured(data: DataFolder, settings: Settings, oidc: dict[str, Any]) -> FastAPI:
    review = settings.review.model_copy(update={"oidc": OidcSettings(**oidc)})
    changed = settings.model_copy(update={"review": review})
    return create_app(data, changed, secrets={"PRESCORE_OIDC_SECRET": SECRET})


@pytest.fixture
def app(data: DataFolder, settings: Settings, oidc: dict[str, Any]) -> FastAPI:
    return configured(data, settings, oidc)


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    found: Desk = app.state.site.desk
    return found


@pytest.fixture
def anna(desk: Desk) -> Person:
    return add_person(desk, Person("", "anna", "Anna", "head"), None)


@pytest.fixture
def browser(app: FastAPI) -> TestClient:
    return TestClient(app, follow_redirects=False, headers={"accept-language": "en"})


def log_in(browser: TestClient, provider: OpenIdProvider, next: str = "/calls") -> Response:
    """The whole way: the button, the provider, and back."""
    begun = browser.get("/log-in/oidc", params={"next": next})
    assert begun.status_code == 303, begun.text
    return browser.get(provider.authorize(begun.headers["location"]))


def said(response: Response) -> str:
    (found,) = re.findall(r'role="alert">(.*?)</p>', response.text)
    return str(found)


def is_refused(browser: TestClient, response: Response, status_code: int, message: str) -> None:
    assert response.status_code == status_code
    assert said(response).startswith(message)
    assert browser.get("/calls").status_code == 303
    assert browser.cookies.get(COOKIE) is None


def test_the_button(browser: TestClient, anna: Person) -> None:
    page = browser.get("/log-in?next=/calls").text
    assert 'href="/log-in/oidc?next=%2Fcalls"' in page
    assert "Log in with Keycloak" in page


def test_a_good_log_in(browser: TestClient, provider: OpenIdProvider, desk: Desk, anna: Person) -> None:
    response = log_in(browser, provider, "/calls?status=done")
    assert (response.status_code, response.headers["location"]) == (303, "/calls?status=done")
    assert browser.get("/calls").status_code == 200
    assert browser.cookies.get(COOKIE) is None
    assert read_ways_in(desk)[anna.person_id].subject == f"{provider.issuer} 1"
    (entry,) = read_audit(desk)
    assert (entry.action, entry.person, entry.detail) == ("log_in", "anna", {"method": "oidc"})
    assert log_in(browser, provider, "//evil.example").headers["location"] == "/"


def test_what_is_asked_for(browser: TestClient, provider: OpenIdProvider) -> None:
    begun = browser.get("/log-in/oidc")
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["scope"] == ["openid profile email"]
    assert asked["redirect_uri"] == ["http://testserver/log-in/oidc/back"]
    assert {len(asked[name][0]) for name in ("state", "nonce", "code_challenge")} == {43}
    assert SECRET not in begun.headers["location"]
    cookie = begun.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Max-Age=600"))
    again = parse_qs(urlsplit(browser.get("/log-in/oidc").headers["location"]).query)
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


def test_over_tls_the_cookie_belongs_to_this_host_alone(app: FastAPI, provider: OpenIdProvider, anna: Person) -> None:
    browser = TestClient(app, base_url="https://calls.example.com", follow_redirects=False)
    begun = browser.get("/log-in/oidc")
    assert begun.headers["set-cookie"].startswith(f"__Host-{COOKIE}=")
    assert "Secure" in begun.headers["set-cookie"]
    address = provider.authorize(begun.headers["location"])
    assert address.startswith("https://calls.example.com/log-in/oidc/back?")
    assert browser.get(address).headers["set-cookie"].startswith("__Host-prescore_session=")


def test_a_provider_that_wants_the_secret_in_the_form(
    browser: TestClient, provider: OpenIdProvider, anna: Person
) -> None:
    provider.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert log_in(browser, provider).status_code == 303


def test_another_state_is_refused(browser: TestClient, provider: OpenIdProvider, anna: Person) -> None:
    address = provider.authorize(browser.get("/log-in/oidc").headers["location"])
    wrong = re.sub("state=[^&]*", "state=wrong", address)
    is_refused(browser, browser.get(wrong), 400, "This log-in took too long or was begun in another window")


@pytest.mark.parametrize(
    "cookie", ["", "x", base64.b64encode(b"[]").decode(), base64.b64encode(b'{"state":1}').decode()]
)
def test_a_browser_that_began_nothing_is_refused(
    browser: TestClient, provider: OpenIdProvider, anna: Person, cookie: str
) -> None:
    address = provider.authorize(browser.get("/log-in/oidc").headers["location"])
    browser.cookies.clear()
    browser.cookies.set(COOKIE, cookie)
    assert said(browser.get(address)).startswith("This log-in took too long")
    assert "/realm/token" not in provider.asked


def test_a_log_in_that_was_begun_long_ago_is_refused(
    browser: TestClient, provider: OpenIdProvider, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = provider.authorize(browser.get("/log-in/oidc").headers["location"])
    later = time.time() + BEGUN_FOR_S + 1
    monkeypatch.setattr("review.oidc.time.time", lambda: later)
    is_refused(browser, browser.get(address), 400, "This log-in took too long")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"iss": "https://another.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"sub": None},
        {"sub": ""},
        {"preferred_username": None},
        {"preferred_username": ["anna"]},
    ],
)
def test_an_id_token_that_does_not_hold_is_refused(
    browser: TestClient, provider: OpenIdProvider, anna: Person, desk: Desk, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    is_refused(browser, log_in(browser, provider), 400, "The other way of logging in sent an answer that does not hold")
    entry = read_audit(desk)[0]
    assert (entry.action, entry.detail) == ("log_in.failed", {"code": "refused", "method": "oidc"})


def test_a_token_for_several_that_was_made_for_us(browser: TestClient, provider: OpenIdProvider, anna: Person) -> None:
    provider.claims = {"aud": [CLIENT, "another-client"], "azp": CLIENT}
    assert log_in(browser, provider).status_code == 303


def test_a_key_that_is_not_the_providers_is_refused(
    browser: TestClient, provider: OpenIdProvider, anna: Person
) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    is_refused(browser, log_in(browser, provider), 400, "The other way of logging in sent an answer")


def test_a_public_key_taken_for_a_shared_secret_is_refused(
    browser: TestClient, provider: OpenIdProvider, anna: Person
) -> None:
    provider.header = {"alg": "HS256", "kid": "one"}
    provider.signs_with = OctKey.import_key(json.dumps(provider.key.as_dict(private=False)))  # type: ignore[assignment]
    is_refused(browser, log_in(browser, provider), 400, "The other way of logging in sent an answer")


@pytest.mark.parametrize("id_token", [None, "", "x.y.z", "eyJhbGciOiJub25lIn0.e30."])
def test_no_token_and_an_unsigned_one_are_refused(
    browser: TestClient, provider: OpenIdProvider, anna: Person, id_token: str | None
) -> None:
    provider.token_answer = (200, json.dumps({"access_token": "x", "id_token": id_token}).encode())
    is_refused(browser, log_in(browser, provider), 400, "The other way of logging in sent an answer")


@pytest.mark.parametrize(
    ("answer", "status_code", "message"),
    [
        ((400, b'{"error": "invalid_grant"}'), 400, "The other way of logging in sent an answer"),
        ((500, b"oops"), 502, "The other way of logging in does not answer"),
        ((200, b"no json"), 502, "The other way of logging in does not answer"),
    ],
)
def test_a_token_endpoint_that_fails(
    browser: TestClient,
    provider: OpenIdProvider,
    anna: Person,
    answer: tuple[int, bytes],
    status_code: int,
    message: str,
) -> None:
    provider.token_answer = answer
    is_refused(browser, log_in(browser, provider), status_code, message)


def test_a_code_is_good_once(browser: TestClient, provider: OpenIdProvider, anna: Person) -> None:
    begun = browser.get("/log-in/oidc")
    kept = browser.cookies[COOKIE]
    address = provider.authorize(begun.headers["location"])
    assert browser.get(address).status_code == 303
    browser.cookies.clear()
    browser.cookies.set(COOKIE, kept)
    assert said(browser.get(address)).startswith("The other way of logging in sent an answer")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"error": "access_denied"}, "The log-in was cancelled there."),
        ({"error": "server_error"}, "The other way of logging in sent an answer"),
        ({"code": "x", "iss": "https://another.example"}, "The other way of logging in sent an answer"),
        ({}, "The other way of logging in sent an answer"),
    ],
)
def test_other_answers(
    browser: TestClient, provider: OpenIdProvider, anna: Person, answer: dict[str, str], message: str
) -> None:
    asked = parse_qs(urlsplit(browser.get("/log-in/oidc").headers["location"]).query)
    response = browser.get("/log-in/oidc/back", params={"state": asked["state"][0], **answer})
    is_refused(browser, response, 400, message)


def test_a_provider_that_is_down(browser: TestClient, provider: OpenIdProvider, anna: Person) -> None:
    provider.is_down = True
    response = browser.get("/log-in/oidc")
    is_refused(browser, response, 502, "The other way of logging in does not answer")


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://another.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_describes_another_one(
    browser: TestClient, provider: OpenIdProvider, anna: Person, description: dict[str, Any]
) -> None:
    provider.description = description
    is_refused(browser, browser.get("/log-in/oidc"), 400, "The other way of logging in sent an answer")


def test_what_the_provider_says_of_itself_is_asked_once(
    browser: TestClient, provider: OpenIdProvider, anna: Person
) -> None:
    for _ in range(3):
        log_in(browser, provider)
    assert provider.asked.count("/realm/.well-known/openid-configuration") == 1


def test_an_unknown_person_is_told_whom_to_ask(browser: TestClient, provider: OpenIdProvider, desk: Desk) -> None:
    is_refused(browser, log_in(browser, provider), 403, "You are known there, but not here. Ask an administrator")
    assert read_people(desk) == ()


def test_a_disabled_person_stays_out(browser: TestClient, provider: OpenIdProvider, desk: Desk, anna: Person) -> None:
    change_person(desk, replace(anna, disabled=True))
    is_refused(browser, log_in(browser, provider), 403, "Your access here is switched off.")


@pytest.mark.parametrize(
    ("value", "role"),
    [
        (["staff", "qa-lead"], "head"),
        ("qa", "supervisor"),
        (["qa", "qa-lead"], "supervisor"),
        ("admins", "administrator"),
    ],
)
def test_somebody_new_gets_the_role_that_is_configured(
    data: DataFolder, settings: Settings, provider: OpenIdProvider, oidc: dict[str, Any], value: object, role: str
) -> None:
    roles = {"qa": "supervisor", "qa-lead": "head", "admins": "administrator", "sales": "manager"}
    app = configured(data, settings, oidc | {"role_claim": "groups", "roles": roles})
    browser = TestClient(app, follow_redirects=False, headers={"accept-language": "en"})
    provider.person = {"sub": "7", "preferred_username": "new.one", "name": "N" * 200, "groups": value}
    assert log_in(browser, provider).status_code == 303
    added = find_person(app.state.site.desk, "new.one")
    assert (added.role, added.name) == (role, "N" * 100)
    assert read_ways_in(app.state.site.desk)[added.person_id].has_password is False
    actions = [(entry.action, entry.detail) for entry in read_audit(app.state.site.desk)]
    assert actions == [("log_in", {"method": "oidc"}), ("person.added", {"method": "oidc", "role": role})]


@pytest.mark.parametrize(
    ("person", "message"),
    [
        ({"groups": ["sales"]}, "You are known there, but not here."),
        ({"groups": ["others"]}, "You are known there, but not here."),
        ({"groups": None}, "You are known there, but not here."),
        ({}, "You are known there, but not here."),
        ({"groups": ["qa"], "preferred_username": "no login"}, "The other way of logging in sent an answer"),
    ],
)
def test_who_gets_no_role_is_not_added(
    data: DataFolder,
    settings: Settings,
    provider: OpenIdProvider,
    oidc: dict[str, Any],
    person: dict[str, Any],
    message: str,
) -> None:
    app = configured(data, settings, oidc | {"role_claim": "groups", "roles": {"qa": "supervisor", "sales": "manager"}})
    browser = TestClient(app, follow_redirects=False, headers={"accept-language": "en"})
    provider.person = {"sub": "7", "preferred_username": "new", "name": "Manager of somebody else's calls", **person}
    assert said(log_in(browser, provider)).startswith(message)
    assert read_people(app.state.site.desk) == ()


def test_a_login_that_changes_hands_at_the_provider_opens_nothing(
    browser: TestClient, provider: OpenIdProvider, desk: Desk, anna: Person
) -> None:
    assert log_in(browser, provider).status_code == 303
    provider.person = {"sub": "2", "preferred_username": "anna"}
    assert said(log_in(browser, provider)).startswith("The other way of logging in sent an answer")
    bind_subject(desk, anna, None)
    assert log_in(browser, provider).status_code == 303


def test_a_person_renamed_at_the_provider_stays_the_same_here(
    browser: TestClient, provider: OpenIdProvider, desk: Desk, anna: Person
) -> None:
    log_in(browser, provider)
    provider.person = {"sub": "1", "preferred_username": "anna.married"}
    assert log_in(browser, provider).status_code == 303
    assert read_people(desk) == (anna,)


@pytest.mark.parametrize(("verified", "status_code"), [(True, 303), (False, 400), (None, 400), ("true", 400)])
def test_an_address_that_nobody_verified_is_no_login(
    data: DataFolder,
    settings: Settings,
    provider: OpenIdProvider,
    oidc: dict[str, Any],
    verified: object,
    status_code: int,
) -> None:
    app = configured(data, settings, oidc | {"login_claim": "email"})
    add_person(app.state.site.desk, Person("", "anna@office.example", "Anna", "head"), None)
    provider.person = {"sub": "1", "email": "anna@office.example", "email_verified": verified}
    browser = TestClient(app, follow_redirects=False, headers={"accept-language": "en"})
    assert log_in(browser, provider).status_code == status_code


def test_who_comes_by_the_provider_needs_no_first_password(
    browser: TestClient, provider: OpenIdProvider, desk: Desk
) -> None:
    anna = add_person(desk, Person("", "anna", "Anna", "head"), PASSWORD, is_initial=True)
    log_in(browser, provider)
    assert browser.get("/calls").status_code == 200
    ways = read_ways_in(desk)[anna.person_id]
    assert (ways.has_password, ways.password_ends_s) == (False, None)


def test_a_new_person_can_be_added_without_a_password(
    browser: TestClient, provider: OpenIdProvider, desk: Desk
) -> None:
    add_person(desk, Person("", "anna", "Anna", "administrator"), None)
    log_in(browser, provider)
    page = browser.get("/people/new").text
    assert "Through Keycloak only" in page
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    form = {"csrf": csrf, "login": "olga", "name": "Olga", "role": "head", "daily_plan": "5", "way": "oidc"}
    added = browser.post("/people/new", data=form)
    assert added.status_code == 201
    assert "output" not in added.text
    assert read_ways_in(desk)[find_person(desk, "olga").person_id].has_password is False


def test_without_a_provider_there_is_no_such_page(data: DataFolder, settings: Settings) -> None:
    browser = TestClient(create_app(data, settings), headers={"accept-language": "en"})
    for address in ("/log-in/oidc", "/log-in/oidc/back"):
        assert browser.get(address).status_code == 404
    assert "Log in with" not in browser.get("/log-in").text


def test_a_configuration_that_is_not_safe_is_refused(data: DataFolder, settings: Settings) -> None:
    settled = OidcSettings(issuer="https://login.example.com", client_id=CLIENT)
    with pytest.raises(ConfigurationError, match="give the client's secret as PRESCORE_OIDC_SECRET"):
        Provider(settled, None)
    with pytest.raises(ConfigurationError, match=r"review.oidc.issuer: http://login.example.com; .* https://"):
        Provider(settled.model_copy(update={"issuer": "http://login.example.com"}), SECRET)
    with pytest.raises(ValidationError):
        OidcSettings(issuer="https://login.example.com", client_id=CLIENT, roles={"x": "king"})  # type: ignore[dict-item]
