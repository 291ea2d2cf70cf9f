import re
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from pipeline.data_folder import DataFolder
from pipeline.errors import InputError
from pipeline.store.lock import locked
from review.desk.audit import read_audit
from review.desk.database import Desk
from review.desk.people import (
    Person,
    PersonError,
    add_person,
    change_person,
    check_password,
    find_person,
    find_person_by_id,
    read_people,
    read_ways_in,
    replace,
)
from review.desk.tokens import create_token, find_token
from review.permissions import OF_ROLE, PERMISSIONS, ROLES
from tests.pages.people import PASSWORD, logged_in

FORM = {"login": "olga", "name": "Olga S.", "role": "supervisor", "manager": "", "daily_plan": "30", "blind": "on"}


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    found: Desk = app.state.site.desk
    return found


@pytest.fixture
def olga(client: TestClient, desk: Desk) -> Person:
    return add_person(desk, Person("", "olga", "Olga", "supervisor"), PASSWORD)


def secret(response: Response) -> str:
    found = re.search(r'<output class="secret">(.*?)</output>', response.text)
    assert found is not None
    return found[1]


def alerts(response: Response) -> list[str]:
    return re.findall(r'role="alert">(.*?)</p>', response.text)


def test_everybody_is_listed_with_what_they_may(client: TestClient, desk: Desk, olga: Person) -> None:
    add_person(desk, Person("", "kate", "<b>Kate</b>", "manager", manager="Kate O'Neil", masked=True), None)
    gone = add_person(desk, Person("", "petr", "Petr", "head"), PASSWORD, is_initial=True)
    change_person(desk, replace(gone, disabled=True))
    create_token(desk, olga, "CRM")
    html = client.get("/people").text
    rows = {re.search(r"<td>(\S+)</td>", row)[1]: row for row in re.findall(r"<tr .*?</tr>", html, re.DOTALL)}  # type: ignore[index]
    assert list(rows) == ["administrator-1", "kate", "olga", "petr"]
    assert "&lt;b&gt;Kate" in rows["kate"]
    assert "nothing yet" in rows["kate"]
    assert "Kate O&#39;Neil" in rows["kate"]
    assert "tokens: 1" in rows["olga"]
    assert "initial password, until" in rows["petr"]
    assert "disabled" in rows["petr"]


def test_a_person_is_added_with_a_password_that_is_shown_once(app: FastAPI, client: TestClient, desk: Desk) -> None:
    assert "Add a person" in client.get("/people/new").text
    response = client.post("/people/new", data=FORM)
    assert response.status_code == 201
    assert response.headers["cache-control"] == "no-store"
    password = secret(response)
    added = find_person(desk, "olga")
    expected = Person(added.person_id, "olga", "Olga S.", "supervisor", blind=True, daily_plan=30)
    assert added == expected
    assert password not in client.get(f"/people/{added.person_id}").text
    (entry, *_) = read_audit(desk)
    assert (entry.action, entry.subject, entry.detail) == ("person.added", added.person_id, {"role": "supervisor"})
    browser = TestClient(app, headers={"accept-language": "en"})
    page = browser.post("/log-in", data={"login": "olga", "password": password})
    assert page.url.path == "/account"
    assert "is known to somebody else" in page.text


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"login": "О лга"}, "The login does not fit"),
        ({"login": "Administrator-1"}, "Somebody has this login already"),
        ({"name": " "}, "Give a name of 1 to 100 characters"),
        ({"name": "a\u202eb"}, "Give a name of 1 to 100 characters"),
        ({"role": "king"}, "Choose a role from the list"),
        ({"role": "manager"}, "needs the name under which their calls stand"),
        ({"manager": "Olga"}, "needs the name under which their calls stand"),
        ({"daily_plan": "0"}, "Give a plan of 1 to 1000"),
        ({"daily_plan": "many"}, "Give a plan of 1 to 1000"),
    ],
)
def test_what_does_not_hold_is_said_and_the_form_stays(
    client: TestClient, desk: Desk, changed: dict[str, str], message: str
) -> None:
    response = client.post("/people/new", data=FORM | changed)
    assert response.status_code == 422
    assert message in alerts(response)[0]
    assert 'name="daily_plan" value="30"' in response.text or "daily_plan" in changed
    assert 'value="on" checked' in response.text
    assert len(read_people(desk)) == 1


def test_managers_are_chosen_from_those_that_have_calls(
    client: TestClient, calls: SimpleNamespace, data: DataFolder, app: FastAPI
) -> None:
    assert '<option value="Ольга Смирнова">' in client.get("/people/new").text
    app.state.site.store.timeout_s = 0.05
    with locked(data.store.with_name("calls.duckdb.lock"), exclusive=True, timeout_s=1):
        assert "<datalist" in client.get("/people/new").text


def test_a_person_is_changed(client: TestClient, desk: Desk, olga: Person) -> None:
    address = f"/people/{olga.person_id}"
    assert 'value="Olga"' in client.get(address).text
    form = FORM | {"role": "manager", "manager": "Ольга", "masked": "on", "login": "other"}
    response = client.post(address, data=form)
    assert response.history[0].status_code == 303
    assert "The changes are saved" in response.text
    changed = find_person(desk, "olga")
    assert (changed.role, changed.manager, changed.masked, changed.blind) == ("manager", "Ольга", True, True)
    entry = read_audit(desk)[0]
    assert (entry.action, entry.subject_login) == ("person.changed", "olga")
    assert entry.detail == {"fields": ["name", "role", "manager", "blind", "masked", "daily_plan"]}
    assert alerts(client.post(address, data=form | {"manager": ""}))
    assert find_person(desk, "olga") == changed


def test_the_last_administrator_stays(client: TestClient, desk: Desk) -> None:
    (me,) = read_people(desk)
    for response in (
        client.post(f"/people/{me.person_id}", data=FORM | {"login": me.login}),
        client.post(f"/people/{me.person_id}/disable"),
    ):
        assert response.status_code == 422
        assert "Nobody would be left" in alerts(response)[0]
    assert read_people(desk) == (me,)


def test_who_is_disabled_is_out_at_once(app: FastAPI, client: TestClient, desk: Desk) -> None:
    browser = logged_in(app, "supervisor", "petr")
    petr = find_person(desk, "petr")
    token = create_token(desk, petr, "CRM")
    assert "is disabled and logged out" in client.post(f"/people/{petr.person_id}/disable").text
    assert browser.get("/account", follow_redirects=False).status_code == 303
    assert find_token(desk, token) is None
    assert check_password(desk, "petr", PASSWORD) is None
    assert "may log in again" in client.post(f"/people/{petr.person_id}/enable").text
    assert check_password(desk, "petr", PASSWORD) is not None
    assert browser.get("/account", follow_redirects=False).status_code == 303
    assert [entry.action for entry in read_audit(desk)] == ["person.enabled", "person.disabled"]


def test_a_new_first_password_ends_the_old_one(app: FastAPI, client: TestClient, desk: Desk) -> None:
    browser = logged_in(app, "supervisor", "petr")
    petr = find_person(desk, "petr")
    password = secret(client.post(f"/people/{petr.person_id}/password"))
    assert browser.get("/account", follow_redirects=False).status_code == 303
    assert check_password(desk, "petr", PASSWORD) is None
    assert check_password(desk, "petr", password) == petr
    assert read_ways_in(desk)[petr.person_id].password_ends_s is not None
    assert read_audit(desk)[0].action == "password.given"


def test_a_first_password_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    add_person(desk, Person("", "petr", "Petr", "head"), PASSWORD, is_initial=True)
    assert check_password(desk, "petr", PASSWORD) is not None
    later = 8 * 24 * 3600 + read_ways_in(desk)[find_person(desk, "petr").person_id].password_ends_s  # type: ignore[operator]
    monkeypatch.setattr("review.desk.people.now_s", lambda: later)
    assert check_password(desk, "petr", PASSWORD) is None


def test_an_administrator_logs_somebody_out(app: FastAPI, client: TestClient, desk: Desk) -> None:
    browser = logged_in(app, "supervisor", "petr")
    petr = find_person(desk, "petr")
    assert "browsers: 1" in client.get(f"/people/{petr.person_id}").text
    assert "is logged out everywhere" in client.post(f"/people/{petr.person_id}/log-out").text
    assert browser.get("/account", follow_redirects=False).status_code == 303
    assert read_audit(desk)[0].detail == {"count": 1}


def test_tokens_are_shown_once_and_revoked(client: TestClient, desk: Desk, olga: Person) -> None:
    address = f"/people/{olga.person_id}"
    response = client.post(f"{address}/tokens", data={"title": " CRM <1> "})
    assert response.status_code == 201
    token = secret(response)
    assert find_token(desk, token) == olga
    page = client.get(address).text
    assert token not in page
    assert "CRM &lt;1&gt;" in page
    (token_id,) = re.findall(r"/tokens/(\w+)/revoke", page)
    assert "The token was revoked" in client.post(f"{address}/tokens/{token_id}/revoke").text
    assert find_token(desk, token) is None
    client.post(f"{address}/tokens/{token_id}/revoke")
    assert [entry.action for entry in read_audit(desk)] == ["token.revoked", "token.created"]
    for title in ("", " ", "x" * 81):
        response = client.post(f"{address}/tokens", data={"title": title})
        assert response.status_code == 422
        assert alerts(response) == ["Say in 1 to 80 characters what uses the token."]


def test_somebody_elses_token_is_not_revoked_by_a_made_up_address(client: TestClient, desk: Desk, olga: Person) -> None:
    me = find_person(desk, "administrator-1")
    token = create_token(desk, me, "mine")
    (token_id,) = re.findall(r"/tokens/(\w+)/revoke", client.get(f"/people/{me.person_id}").text)
    client.post(f"/people/{olga.person_id}/tokens/{token_id}/revoke")
    assert find_token(desk, token) == me


def test_an_account_at_the_provider_is_forgotten(client: TestClient, desk: Desk, olga: Person) -> None:
    with desk.writing() as con:
        con.execute("UPDATE people SET oidc_subject = 'x y' WHERE login = 'olga'")
    assert "Forget the account" in client.get(f"/people/{olga.person_id}").text
    assert "was forgotten" in client.post(f"/people/{olga.person_id}/unbind").text
    assert read_ways_in(desk)[olga.person_id].subject is None


def test_nobody_of_that_id(client: TestClient) -> None:
    response = client.get("/people/nobody")
    assert response.status_code == 404
    assert "There is no such person" in response.text


def test_one_changes_ones_own_password_elsewhere(client: TestClient, desk: Desk) -> None:
    (me,) = read_people(desk)
    page = client.get(f"/people/{me.person_id}?done=nonsense").text
    assert "This is you." in page
    assert "New initial password" not in page


def test_changing_somebody_who_is_gone(desk: Desk) -> None:
    with pytest.raises(PersonError, match='login "gone": nobody has it'):
        change_person(desk, Person("gone", "gone", "Gone", "head"))
    with pytest.raises(InputError, match="prescore user list"):
        find_person(desk, "gone")
    assert find_person_by_id(desk, "gone") is None


def test_roles_hold_what_the_issue_says() -> None:
    assert OF_ROLE["administrator"] == set(PERMISSIONS)
    assert OF_ROLE["manager"] == {"use_account", "start", "see_calls", "hear"}
    assert OF_ROLE["data"] == {"use_account", "start", "export", "watch"}
    assert [role for role in ROLES if "manage_people" in OF_ROLE[role]] == ["administrator"]
    assert [role for role in ROLES if "see_audit" in OF_ROLE[role]] == ["administrator"]
    assert [role for role in ROLES if "see_managers" in OF_ROLE[role]] == ["head", "administrator"]
    assert [role for role in ROLES if "review" in OF_ROLE[role]] == ["supervisor", "head", "administrator"]
