"""People who look at the pages in tests: logged in through the desk, each with a browser of their own."""

from fastapi import FastAPI
from fastapi.testclient import TestClient

from review.access import COOKIE, CSRF_HEADER
from review.desk.people import Person, add_person
from review.desk.sessions import find_session, open_session
from review.permissions import Role

PASSWORD = "correct horse battery"


def logged_in(app: FastAPI, role: Role = "administrator", login: str = "", **more: object) -> TestClient:
    """A browser in English whose person has that role; its requests carry the session's token."""
    raises = bool(more.pop("raise_server_exceptions", True))
    desk = app.state.site.desk
    login = login or f"{role}-1"
    person = add_person(desk, Person("", login, login.title(), role, **more), PASSWORD)  # type: ignore[arg-type]
    token = open_session(desk, person)
    session = find_session(desk, token, 3600, 3600)
    assert session is not None
    headers = {"accept-language": "en", CSRF_HEADER: session.csrf}
    return TestClient(app, raise_server_exceptions=raises, headers=headers, cookies={COOKIE: token})
