import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.settings import Settings
from review.access import COOKIE, CSRF_HEADER
from review.app import create_app
from review.desk import log_in_attempts, people
from review.desk.audit import read_audit
from review.desk.database import Desk
from review.desk.log_in_attempts import (
    WRONG_OF_ADDRESS,
    WRONG_OF_BOTH,
    WRONG_OF_LOGIN,
    begin_attempt,
    place_of,
    succeed,
)
from review.desk.people import Person, add_person, change_person, check_password, find_person
from review.desk.sessions import find_session, open_session
from review.pages.log_in import local_address
from tests.pages.people import PASSWORD, logged_in

HOUR_S = 3600.0


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    found: Desk = app.state.site.desk
    return found


@pytest.fixture
def anna(desk: Desk) -> Person:
    return add_person(desk, Person("", "anna", "Anna", "administrator"), PASSWORD)


@pytest.fixture
def stranger(app: FastAPI, anna: Person) -> TestClient:
    """A browser that is not logged in, and follows no redirects."""
    return TestClient(app, follow_redirects=False, headers={"accept-language": "en"})


def log_in(browser: TestClient, login: str = "anna", password: str = PASSWORD, **more: str) -> object:
    return browser.post("/log-in", data={"login": login, "password": password, **more})


def actions(desk: Desk) -> list[str]:
    return [entry.action for entry in read_audit(desk)]


def test_in_and_out(stranger: TestClient, desk: Desk, anna: Person) -> None:
    assert stranger.get("/calls?status=done").headers["location"] == "/log-in?next=%2Fcalls%3Fstatus%3Ddone"
    response = stranger.post("/log-in", data={"login": "Anna", "password": PASSWORD, "next": "/calls?status=done"})
    assert (response.status_code, response.headers["location"]) == (303, "/calls?status=done")
    page = stranger.get("/calls")
    assert page.status_code == 200
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    assert stranger.get("/log-in?next=/calls").headers["location"] == "/calls"
    assert stranger.post("/log-out").status_code == 403
    assert stranger.post("/log-out", data={"csrf": "wrong"}).status_code == 403
    left = stranger.post("/log-out", data={"csrf": csrf[1]})
    assert (left.status_code, left.headers["location"]) == (303, "/log-in")
    assert left.headers["clear-site-data"] == '"cache"'
    assert stranger.get("/calls").status_code == 303
    assert stranger.post("/log-out").status_code == 303
    assert actions(desk) == ["log_out", "log_in"]


def test_a_copied_cookie_is_worth_nothing_after_logging_out(app: FastAPI) -> None:
    browser = logged_in(app)
    stolen = TestClient(app, cookies={COOKIE: browser.cookies[COOKIE]}, follow_redirects=False)
    assert stolen.get("/calls").status_code == 200
    browser.post("/log-out")
    assert stolen.get("/calls").status_code == 303


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("anna", "wrong"),
        ("anna", PASSWORD + "x"),
        ("anna", ""),
        ("nobody", PASSWORD),
        ("off", PASSWORD),
        ("oidc", PASSWORD),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(stranger: TestClient, desk: Desk, login: str, password: str) -> None:
    off = add_person(desk, Person("", "off", "Off", "head"), PASSWORD)
    change_person(desk, people.replace(off, disabled=True))
    add_person(desk, Person("", "oidc", "Oidc", "head"), None)
    response = stranger.post("/log-in", data={"login": login, "password": password})
    assert response.status_code == 401
    assert "set-cookie" not in response.headers
    said = re.findall(r'role="alert">(.*?)</p>', response.text)
    assert said == [
        "Login or password is wrong, or the first password is out of date. "
        "If you forgot it, an administrator gives you a new one."
    ]
    assert f'value="{login}"' in response.text
    assert 'type="password" value' not in response.text
    assert actions(desk) == ["log_in.failed"]


def test_the_audit_names_who_is_known_and_never_what_was_typed(stranger: TestClient, desk: Desk, anna: Person) -> None:
    log_in(stranger, password="wrong")
    log_in(stranger, login="my secret typed here")
    unknown, known = read_audit(desk)
    assert (known.subject, known.subject_login, known.person) == (anna.person_id, "anna", "")
    assert unknown.subject == ""


def test_each_log_in_gets_a_token_that_nobody_gave(stranger: TestClient, desk: Desk, anna: Person) -> None:
    stranger.cookies[COOKIE] = "given-by-somebody-else"
    log_in(stranger)
    first = stranger.cookies.get(COOKIE, domain="testserver.local")
    assert first != "given-by-somebody-else"
    assert find_session(desk, "given-by-somebody-else", HOUR_S, HOUR_S) is None


def test_logging_in_anew_ends_the_session_that_the_browser_had(app: FastAPI, desk: Desk) -> None:
    browser = logged_in(app, login="anna")
    before = browser.cookies[COOKIE]
    response = browser.post("/log-in", data={"login": "anna", "password": PASSWORD}, follow_redirects=False)
    assert response.cookies[COOKIE] != before
    assert find_session(desk, before, HOUR_S, HOUR_S) is None


def test_the_cookie_on_this_machine(stranger: TestClient, anna: Person) -> None:
    cookie = log_in(stranger).headers["set-cookie"]  # type: ignore[attr-defined]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=lax", cookie)


def test_the_cookie_over_tls_belongs_to_this_host_alone(app: FastAPI, anna: Person) -> None:
    browser = TestClient(app, base_url="https://calls.example.com", follow_redirects=False)
    response = log_in(browser)
    cookie = response.headers["set-cookie"]  # type: ignore[attr-defined]
    assert re.fullmatch(rf"__Host-{COOKIE}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=lax; Secure", cookie)
    assert browser.get("/calls").status_code == 200
    assert browser.get("/calls").headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    token = browser.cookies[f"__Host-{COOKIE}"]
    planted = TestClient(app, base_url="https://calls.example.com", follow_redirects=False, cookies={COOKIE: token})
    assert planted.get("/calls").status_code == 303
    assert "secure" in browser.get("/log-in?lang=ru").headers.get("set-cookie", "secure").lower()


def test_without_tls_the_page_says_why_nobody_stays_logged_in(app: FastAPI, anna: Person) -> None:
    browser = TestClient(app, base_url="http://10.0.0.5:8000", headers={"accept-language": "en"})
    assert "This address is not encrypted" in browser.get("/log-in").text
    at_home = TestClient(app, base_url="http://localhost:8000", headers={"accept-language": "en"})
    assert "This address is not encrypted" not in at_home.get("/log-in").text


@pytest.mark.parametrize(("chosen", "is_secure"), [(True, True), (False, False)])
def test_secure_cookies_can_be_chosen(data: DataFolder, settings: Settings, chosen: bool, is_secure: bool) -> None:
    review = settings.review.model_copy(update={"secure_cookies": chosen})
    app = create_app(data, settings.model_copy(update={"review": review}))
    add_person(app.state.site.desk, Person("", "anna", "Anna", "head"), PASSWORD)
    browser = TestClient(app, base_url="https://calls.example.com", follow_redirects=False)
    assert ("Secure" in log_in(browser).headers["set-cookie"]) == is_secure  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "http://testserver.evil.example"},
    ],
)
def test_another_site_cannot_log_somebody_in(stranger: TestClient, headers: dict[str, str]) -> None:
    response = stranger.post("/log-in", data={"login": "anna", "password": PASSWORD}, headers=headers)
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "headers", [{}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": "http://testserver"}]
)
def test_our_own_form_logs_in(stranger: TestClient, headers: dict[str, str]) -> None:
    response = stranger.post("/log-in", data={"login": "anna", "password": PASSWORD}, headers=headers)
    assert response.status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        *("https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"),
        *("/\t/evil.example", "/\n/evil.example", "/ /evil.example", "javascript:alert(1)", "evil.example", ""),
        *("http://[", "//[", "/a\\b", "/\x00", "@evil.example"),
    ],
)
def test_a_log_in_leads_to_no_foreign_site(target: str) -> None:
    assert local_address(target) == "/"


def test_a_foreign_address_is_forgotten_on_the_way(stranger: TestClient) -> None:
    assert 'name="next" value="/"' in stranger.get("/log-in?next=//evil.example").text
    response = stranger.post("/log-in", data={"login": "anna", "password": PASSWORD, "next": "//evil.example"})
    assert response.headers["location"] == "/"


@pytest.mark.parametrize("target", ["/", "/calls/x?checklist=cqr&page=2#u3", "/calls/%2F", "/звонки", "/a//b", "/@x"])
def test_our_own_addresses_are_kept(target: str) -> None:
    assert local_address(target) == target


def test_a_fragment_makes_the_whole_page_log_in(stranger: TestClient) -> None:
    response = stranger.get("/calls?status=done", headers={"hx-request": "true"})
    assert (response.status_code, response.headers["hx-redirect"]) == (401, "/log-in?next=%2Fcalls%3Fstatus%3Ddone")
    assert stranger.post("/next").headers["location"] == "/log-in?next=%2F"


def test_guessing_one_login_closes_its_door(stranger: TestClient, desk: Desk) -> None:
    for _ in range(WRONG_OF_BOTH):
        assert log_in(stranger, password="wrong").status_code == 401  # type: ignore[attr-defined]
    blocked = log_in(stranger)
    assert blocked.status_code == 429  # type: ignore[attr-defined]
    assert "Too many wrong tries" in blocked.text  # type: ignore[attr-defined]
    assert actions(desk)[0] == "log_in.blocked"
    assert log_in(stranger, login="nobody").status_code == 401  # type: ignore[attr-defined]


def test_the_door_opens_again_after_a_while(stranger: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(WRONG_OF_BOTH + 1):
        log_in(stranger, password="wrong")
    later = log_in_attempts.now_s() + log_in_attempts.WINDOW_S + 1
    monkeypatch.setattr(log_in_attempts, "now_s", lambda: later)
    assert log_in(stranger).status_code == 303  # type: ignore[attr-defined]


def test_success_clears_what_was_counted(stranger: TestClient) -> None:
    for _ in range(2):
        for _ in range(WRONG_OF_BOTH - 1):
            log_in(stranger, password="wrong")
        assert log_in(stranger).status_code == 303  # type: ignore[attr-defined]


def wrong(desk: Desk, login: str, address: str, count: int) -> int:
    """How many of that many wrong tries were let through."""
    return sum(begin_attempt(desk, login, address) is not None for _ in range(count))


def test_guessing_from_everywhere_does_not_keep_its_owner_out(desk: Desk) -> None:
    at_home = begin_attempt(desk, "anna", "10.0.0.2")
    assert at_home is not None
    succeed(desk, at_home)
    let_through = sum(wrong(desk, "anna", f"203.0.113.{number}", 10) for number in range(20))
    assert let_through == WRONG_OF_LOGIN
    assert begin_attempt(desk, "anna", "203.0.113.200") is None
    assert begin_attempt(desk, "anna", "10.0.0.2") is not None


def test_guessing_in_an_office_does_not_lock_the_office_out(desk: Desk) -> None:
    known = begin_attempt(desk, "anna", "10.0.0.1")
    assert known is not None
    succeed(desk, known)
    assert sum(wrong(desk, f"guess{number}", "10.0.0.1", 5) for number in range(40)) == WRONG_OF_ADDRESS
    assert begin_attempt(desk, "newcomer", "10.0.0.1") is None
    assert begin_attempt(desk, "anna", "10.0.0.1") is not None
    assert begin_attempt(desk, "newcomer", "10.0.0.9") is not None


def test_many_tries_at_once_gain_nothing(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as pool:
        attempts = list(pool.map(lambda _: begin_attempt(desk, "anna", "10.0.0.1"), range(40)))
    assert sum(attempt is not None for attempt in attempts) == WRONG_OF_BOTH


def test_what_is_typed_as_a_login_is_not_kept(desk: Desk) -> None:
    begin_attempt(desk, "my password, by mistake", "10.0.0.1")
    begin_attempt(desk, "x" * 100_000, "10.0.0.1")
    with desk.reading() as con:
        assert {row["login"] for row in con.execute("SELECT login FROM log_in_attempts")} == {""}


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_one_subscriber_is_one_place(address: str, place: str) -> None:
    assert place_of(address) == place


def test_a_session_ends_when_it_is_unused_or_old(desk: Desk, anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    started = 1_000_000.0
    clock = {"now": started}
    monkeypatch.setattr("review.desk.sessions.now_s", lambda: clock["now"])
    token = open_session(desk, anna)
    for clock["now"] in (started + 3000, started + 6000):
        assert find_session(desk, token, HOUR_S, 2 * HOUR_S) is not None
    clock["now"] = started + 7300
    assert find_session(desk, token, HOUR_S, 2 * HOUR_S) is None
    other = open_session(desk, anna)
    clock["now"] += 3601
    assert find_session(desk, other, HOUR_S, 2 * HOUR_S) is None
    clock["now"] -= 3601
    assert find_session(desk, other, HOUR_S, 2 * HOUR_S) is None


def test_old_sessions_are_swept_out_at_a_log_in(stranger: TestClient, desk: Desk, anna: Person) -> None:
    open_session(desk, anna)
    with desk.writing() as con:
        con.execute("UPDATE sessions SET seen_s = 0")
    log_in(stranger)
    with desk.reading() as con:
        assert con.execute("SELECT count(*) FROM sessions").fetchone()[0] == 1


def test_a_busy_desk_keeps_nobody_from_reading(app: FastAPI, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = logged_in(app)
    with desk.writing() as con:
        con.execute("UPDATE sessions SET seen_s = seen_s - 100")
    desk.timeout_s = 0.05
    with desk.writing():
        assert browser.get("/account").status_code == 200


def test_a_role_taken_away_counts_from_the_next_click(app: FastAPI, desk: Desk) -> None:
    add_person(desk, Person("", "other", "Other", "administrator"), PASSWORD)
    browser = logged_in(app, login="anna")
    assert browser.get("/people").status_code == 200
    change_person(desk, people.replace(find_person(desk, "anna"), role="supervisor"))
    assert browser.get("/people").status_code == 403
    change_person(desk, people.replace(find_person(desk, "anna"), disabled=True))
    assert browser.get("/account", follow_redirects=False).status_code == 303


def test_outdated_hashes_are_renewed_at_the_log_in(desk: Desk, anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def stored() -> str:
        with desk.reading() as con:
            return str(con.execute("SELECT password_hash FROM people").fetchone()[0])

    before = stored()
    assert check_password(desk, "anna", PASSWORD) == anna
    assert stored() == before
    monkeypatch.setattr(people, "is_outdated", lambda _: True)
    assert check_password(desk, "anna", PASSWORD) == anna
    assert stored() != before
    assert check_password(desk, "anna", PASSWORD) == anna


def test_a_body_that_is_too_large_or_of_unknown_length_is_refused(stranger: TestClient) -> None:
    large = stranger.post("/log-in", data={"login": "x" * 1_100_000, "password": "x"})
    assert large.status_code == 413
    assert large.headers["x-frame-options"] == "DENY"
    endless = stranger.post("/log-in", content=iter([b"login=x"]))
    assert endless.status_code == 411


def test_the_page_says_how_the_first_person_is_added(app: FastAPI) -> None:
    page = TestClient(app, headers={"accept-language": "en"}).get("/log-in").text
    assert "prescore user add LOGIN --role administrator" in page
    logged_in(app)
    assert "prescore user add" not in TestClient(app).get("/log-in").text


def test_the_csrf_token_differs_between_sessions(app: FastAPI, desk: Desk) -> None:
    browser, other = logged_in(app, login="anna"), logged_in(app, login="olga")
    browser.headers[CSRF_HEADER] = other.headers[CSRF_HEADER]
    assert browser.post("/log-out").status_code == 403
