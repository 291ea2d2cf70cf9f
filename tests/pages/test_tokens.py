"""Programs that ask with a token: only under /api/, and only as their person."""

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from pipeline.errors import InputError
from review.access import COOKIE, CSRF_HEADER, may
from review.desk import tokens
from review.desk.database import Desk
from review.desk.people import Person, add_person, change_person, replace
from review.desk.tokens import PREFIX, create_token, find_token, read_tokens, revoke_token
from tests.pages.people import PASSWORD, logged_in

REVIEW, PEOPLE = Depends(may("review")), Depends(may("manage_people"))


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    found: Desk = app.state.site.desk
    return found


@pytest.fixture
def olga(desk: Desk) -> Person:
    return add_person(desk, Person("", "olga", "Olga", "supervisor"), PASSWORD)


@pytest.fixture
def api(app: FastAPI) -> FastAPI:
    """The application with addresses of its own for these tests."""

    @app.api_route("/api/trial", methods=["GET", "POST"])
    def trial(person: Person = REVIEW) -> str:
        return person.login

    @app.post("/trial")
    def page(person: Person = REVIEW) -> str:
        return person.login

    @app.get("/api/people-trial")
    def people(person: Person = PEOPLE) -> str:
        return person.login

    return app


def bearer(token: str, scheme: str = "Bearer") -> dict[str, str]:
    return {"authorization": f"{scheme} {token}"}


def test_a_token_asks_and_changes_as_its_person(api: FastAPI, desk: Desk, olga: Person) -> None:
    program = TestClient(api, headers=bearer(create_token(desk, olga, "CRM")))
    assert program.get("/api/trial").json() == "olga"
    assert program.post("/api/trial").json() == "olga"
    assert program.get("/api/people-trial").status_code == 403
    assert TestClient(api).get("/api/trial", headers=bearer(create_token(desk, olga, "x"), "bearer")).status_code == 200


def test_a_token_opens_no_page(api: FastAPI, desk: Desk, olga: Person) -> None:
    program = TestClient(api, headers=bearer(create_token(desk, olga, "CRM")), follow_redirects=False)
    assert program.post("/trial").status_code == 303
    assert program.get("/calls").status_code == 303


@pytest.mark.parametrize(
    "headers", [{}, bearer("x"), bearer(""), bearer(PREFIX), bearer("x", "Basic"), {"authorization": "Bearer"}]
)
def test_without_a_good_token_programs_get_401(api: FastAPI, desk: Desk, headers: dict[str, str]) -> None:
    response = TestClient(api).get("/api/trial", headers=headers)
    assert response.status_code == 401
    assert set(response.json()) == {"detail"}
    challenge = 'Bearer realm="prescore"' + (', error="invalid_token"' if headers else "")
    assert response.headers["www-authenticate"] == challenge


def test_a_good_token_in_another_scheme_is_refused(api: FastAPI, desk: Desk, olga: Person) -> None:
    headers = bearer(create_token(desk, olga, "CRM"), "Basic")
    assert TestClient(api).get("/api/trial", headers=headers).status_code == 401


def test_a_cookie_beside_a_token_counts_for_nothing(api: FastAPI, desk: Desk, olga: Person) -> None:
    browser = logged_in(api, "administrator")
    assert browser.get("/api/people-trial").status_code == 200
    assert browser.get("/api/people-trial", headers=bearer("wrong")).status_code == 401
    assert browser.get("/api/people-trial", headers=bearer(create_token(desk, olga, "x"))).status_code == 403


def test_a_page_may_ask_with_its_session_and_its_form_token(api: FastAPI) -> None:
    browser = logged_in(api, "head")
    assert browser.post("/api/trial").status_code == 200
    token = browser.headers.pop(CSRF_HEADER)
    assert browser.post("/api/trial").status_code == 403
    stolen = TestClient(api, headers=bearer(browser.cookies[COOKIE]))
    assert stolen.get("/api/trial").status_code == 401
    assert TestClient(api, headers=bearer(token)).get("/api/trial").status_code == 401


def test_revoked_and_disabled(api: FastAPI, desk: Desk, olga: Person) -> None:
    first, second = create_token(desk, olga, "a"), create_token(desk, olga, "b")
    newest, oldest = read_tokens(desk, olga)
    assert (newest.title, oldest.title) == ("b", "a")
    assert revoke_token(desk, olga, oldest.token_id)
    assert not revoke_token(desk, olga, oldest.token_id)
    assert find_token(desk, first) is None
    assert find_token(desk, second) == olga
    assert [token.title for token in read_tokens(desk, olga)] == ["b"]
    change_person(desk, replace(olga, disabled=True))
    assert find_token(desk, second) is None
    change_person(desk, olga)
    assert find_token(desk, second) == olga


def test_only_its_hash_is_stored(desk: Desk, olga: Person) -> None:
    token = create_token(desk, olga, "CRM")
    assert token.startswith(PREFIX)
    assert len(token) == len(PREFIX) + 43
    desk_bytes = b"".join(path.read_bytes() for path in desk.path.parent.glob("desk.sqlite*"))
    assert b"CRM" in desk_bytes
    assert token.encode() not in desk_bytes
    assert token.removeprefix(PREFIX).encode() not in desk_bytes


def test_its_last_use_is_known_to_the_minute(desk: Desk, olga: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = {"now": 1000.0}
    monkeypatch.setattr(tokens, "now_s", lambda: clock["now"])
    token = create_token(desk, olga, "CRM")
    assert read_tokens(desk, olga)[0].last_used_s is None
    for clock["now"], known in ((1010.0, 1010.0), (1060.0, 1010.0), (1100.0, 1100.0)):
        find_token(desk, token)
        assert read_tokens(desk, olga)[0].last_used_s == known
    clock["now"] = 2000.0
    desk.timeout_s = 0.05
    with desk.writing():
        assert find_token(desk, token) == olga


@pytest.mark.parametrize("title", ["", "  ", "x" * 81])
def test_a_token_says_what_uses_it(desk: Desk, olga: Person, title: str) -> None:
    with pytest.raises(InputError, match=r"title of the token: \d+ characters; say in 1-80 what uses it"):
        create_token(desk, olga, title)
