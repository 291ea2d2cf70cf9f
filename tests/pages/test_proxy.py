"""Behind a proxy with TLS: its word counts, nobody else's."""

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from review import server
from review.desk.audit import read_audit
from review.desk.people import Person, add_person
from tests.pages.people import PASSWORD

FORWARDED = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}
NAME = "calls.example.com"


def served(app: FastAPI, monkeypatch: pytest.MonkeyPatch, host: str = "127.0.0.1", proxy: str | None = None) -> ASGIApp:
    """What `serve` would serve."""
    configs: list[uvicorn.Config] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, **_: configs.append(self.config))
    server.serve(app, host, 0, proxy)
    configs[0].load()
    return configs[0].loaded_app  # type: ignore[no-any-return]


def log_in(application: ASGIApp, base_url: str, asks_from: str = "127.0.0.1") -> tuple[int, str]:
    """The status and the cookie."""
    browser = TestClient(application, base_url=base_url, client=(asks_from, 50000), follow_redirects=False)  # type: ignore[arg-type]
    response = browser.post("/log-in", data={"login": "anna", "password": PASSWORD}, headers=FORWARDED)
    return response.status_code, response.headers.get("set-cookie", "")


@pytest.fixture(autouse=True)
def anna(app: FastAPI) -> Person:
    return add_person(app.state.site.desk, Person("", "anna", "Anna", "head"), PASSWORD)


def test_the_proxy_says_who_asks_and_that_tls_was_used(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    application = served(app, monkeypatch, proxy=NAME)
    status_code, cookie = log_in(application, f"http://{NAME}")
    assert status_code == 303
    assert cookie.startswith("__Host-prescore_session=")
    assert read_audit(app.state.site.desk)[0].address == "203.0.113.7"


def test_nobody_else_is_believed(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(served(app, monkeypatch, proxy=NAME), f"http://{NAME}", asks_from="10.0.0.9")
    assert read_audit(app.state.site.desk)[0].address == "10.0.0.9"


def test_without_a_proxy_no_such_header_counts(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    status_code, cookie = log_in(served(app, monkeypatch), "http://localhost")
    assert status_code == 303
    assert cookie.startswith("prescore_session=")
    assert read_audit(app.state.site.desk)[0].address == "127.0.0.1"


@pytest.mark.parametrize("name", ["evil.example", "calls.example.com.evil.example"])
def test_another_name_is_refused(app: FastAPI, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    application = served(app, monkeypatch, proxy=NAME)
    assert log_in(application, f"http://{name}")[0] == 400
    assert log_in(application, "http://127.0.0.1")[0] == 303
