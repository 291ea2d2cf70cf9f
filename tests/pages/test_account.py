import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from review.desk.audit import read_audit
from review.desk.database import Desk
from review.desk.log_in_attempts import WRONG_OF_BOTH
from review.desk.people import check_password, find_person, read_ways_in
from review.desk.sessions import open_session, read_sessions
from tests.pages.people import PASSWORD, logged_in

NEW = "another horse entirely"
HOUR_S = 3600.0


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    found: Desk = app.state.site.desk
    return found


@pytest.fixture
def browser(app: FastAPI) -> TestClient:
    return logged_in(app, "supervisor", "olga")


def change(browser: TestClient, old: str = PASSWORD, new: str = NEW, again: str = NEW) -> Response:
    return browser.post("/account/password", data={"old": old, "new": new, "again": again})


def sessions(desk: Desk) -> int:
    return len(read_sessions(desk, find_person(desk, "olga"), HOUR_S, HOUR_S))


def test_everybody_sees_their_own_account(app: FastAPI, browser: TestClient) -> None:
    page = browser.get("/account").text
    assert all(word in page for word in ("Olga", "olga", "supervisor", "calls a day: 25", "this browser"))
    manager = logged_in(app, "manager", "kate", manager="Kate O'Neil").get("/account").text
    assert "Kate O&#39;Neil" in manager
    assert "Blind mode" not in manager


def test_the_password_is_changed_with_the_old_one_and_other_browsers_are_out(
    app: FastAPI, browser: TestClient, desk: Desk
) -> None:
    olga = find_person(desk, "olga")
    before = browser.cookies["prescore_session"]
    open_session(desk, olga)
    response = change(browser)
    assert "The password is changed" in response.text
    assert browser.cookies.get("prescore_session", domain="testserver.local") != before
    assert sessions(desk) == 1
    assert check_password(desk, "olga", NEW) == olga
    assert check_password(desk, "olga", PASSWORD) is None
    assert [entry.action for entry in read_audit(desk)] == ["password.changed"]


@pytest.mark.parametrize(
    ("typed", "status_code", "message"),
    [
        ({"old": "wrong"}, 403, "The password now is wrong."),
        ({"again": NEW + "x"}, 422, "The two new passwords differ."),
        ({"new": PASSWORD, "again": PASSWORD}, 422, "The new password is the old one."),
        ({"new": "short", "again": "short"}, 422, "The new password is too short."),
        ({"new": "x" * 129, "again": "x" * 129}, 422, "The new password is too long."),
        ({"new": "olga olga olga", "again": "olga olga olga"}, 422, "is made of names, common words"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    browser: TestClient, desk: Desk, typed: dict[str, str], status_code: int, message: str
) -> None:
    response = change(browser, **typed)
    assert response.status_code == status_code
    assert message in response.text
    assert check_password(desk, "olga", PASSWORD) is not None
    assert sessions(desk) == 1


def test_the_old_password_is_guessed_no_faster_than_at_the_door(browser: TestClient, desk: Desk) -> None:
    for _ in range(WRONG_OF_BOTH):
        assert change(browser, old="wrong").status_code == 403
    response = change(browser)
    assert response.status_code == 429
    assert "Too many wrong tries" in response.text
    assert read_audit(desk)[0].action == "password.refused"


def test_a_first_password_must_be_changed_before_anything_else(browser: TestClient, desk: Desk) -> None:
    with desk.writing() as con:
        con.execute("UPDATE people SET password_ends_s = unixepoch() + 3600")
    assert browser.get("/calls", follow_redirects=False).headers["location"] == "/account"
    fragment = browser.get("/calls", headers={"hx-request": "true"})
    assert (fragment.status_code, fragment.headers["hx-redirect"]) == (401, "/account")
    assert "is known to somebody else" in browser.get("/account").text
    assert (
        browser.post("/account/blind", data={"blind": "on"}, follow_redirects=False).headers["location"] == "/account"
    )
    change(browser)
    assert read_ways_in(desk)[find_person(desk, "olga").person_id].password_ends_s is None
    assert browser.get("/calls").url.path == "/calls"
    assert "is known to somebody else" not in browser.get("/account").text


def test_a_browser_elsewhere_is_logged_out(browser: TestClient, desk: Desk) -> None:
    open_session(desk, find_person(desk, "olga"), "10.0.0.7")
    page = browser.get("/account").text
    assert "10.0.0.7" in page
    (number,) = re.findall(r"/account/sessions/(\d+)/end", page)
    assert "That browser is logged out" in browser.post(f"/account/sessions/{number}/end").text
    assert sessions(desk) == 1
    browser.post(f"/account/sessions/{number}/end")
    assert [entry.action for entry in read_audit(desk)] == ["sessions.ended"]


def test_somebody_elses_browser_is_not(app: FastAPI, browser: TestClient, desk: Desk) -> None:
    logged_in(app, "head", "petr")
    petr = find_person(desk, "petr")
    (session,) = read_sessions(desk, petr, HOUR_S, HOUR_S)
    browser.post(f"/account/sessions/{session.number}/end")
    assert len(read_sessions(desk, petr, HOUR_S, HOUR_S)) == 1


def test_log_out_everywhere(browser: TestClient, desk: Desk) -> None:
    open_session(desk, find_person(desk, "olga"))
    response = browser.post("/account/sessions/end")
    assert response.url.path == "/log-in"
    assert sessions(desk) == 0
    assert read_audit(desk)[0].detail == {"count": 2}


def test_blind_mode_is_for_oneself_to_choose(browser: TestClient, desk: Desk) -> None:
    assert "Blind mode is on." in browser.post("/account/blind", data={"blind": "on"}).text
    assert find_person(desk, "olga").blind
    assert "Blind mode is off." in browser.post("/account/blind", data={"blind": ""}).text
    assert not find_person(desk, "olga").blind
    assert [entry.action for entry in read_audit(desk)] == ["account.blind_off", "account.blind_on"]


def test_without_a_password_there_is_none_to_change(browser: TestClient, desk: Desk) -> None:
    with desk.writing() as con:
        con.execute("UPDATE people SET password_hash = NULL")
    assert "log in by OpenID Connect" in browser.get("/account").text
    assert change(browser).status_code == 403
