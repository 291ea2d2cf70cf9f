"""Every refusal is a problem with a code, whoever refuses."""

from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.errors import ConfigurationError
from tests.api.conftest import Program

REFUSALS = [
    ("GET", "queue", "manager"),
    ("GET", "queue", "data"),
    ("POST", "queue/next", "manager"),
    ("POST", "calls/1/verdict", "manager"),
    ("DELETE", "submissions/1", "manager"),
    ("GET", "calls", "data"),
    ("GET", "calls/1", "data"),
    ("GET", "managers", "supervisor"),
    ("GET", "managers/Anna", "supervisor"),
    ("GET", "managers/Anna", "data"),
    ("GET", "webhooks/deliveries", "supervisor"),
    ("GET", "webhooks/deliveries", "head"),
]


@pytest.mark.parametrize(("method", "address", "role"), REFUSALS)
def test_a_role_without_the_permission_is_refused(app: FastAPI, method: str, address: str, role: str) -> None:
    program = Program(app, role, manager="Olga" if role == "manager" else None)  # type: ignore[arg-type]
    body = {"json": {"evaluation_id": "1"}} if method == "POST" else {}
    assert program.ask(address, 403, method, **body)["code"] == "not_allowed"


def test_a_stranger_learns_how_to_get_in(app: FastAPI) -> None:
    stranger = TestClient(app, headers={"accept-language": "en"})
    response = stranger.get("/api/v1/calls")
    assert (response.status_code, response.headers["content-type"]) == (401, "application/problem+json")
    assert response.headers["www-authenticate"] == 'Bearer realm="prescore"'
    assert response.json()["type"] == "/api/v1/docs#problem-log_in_needed"
    response = stranger.get("/api/v1/calls", headers={"authorization": "Bearer prescore_x"})
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_addresses_and_methods_that_there_are_not(app: FastAPI) -> None:
    program = Program(app, "supervisor")
    assert program.ask("nothing", 404)["code"] == "no_such_address"
    assert program.ask("calls", 405, "PUT")["code"] == "method_not_allowed"
    assert "GET" in program.client.put("/api/v1/calls").headers["allow"]
    assert program.client.get("/nothing").headers["content-type"].startswith("text/html")


def test_the_words_are_in_the_asked_language(app: FastAPI) -> None:
    program = Program(app, "supervisor")
    assert "Такого звонка нет" in program.ask("calls/1", 404, headers={"accept-language": "ru"})["title"]
    assert "no such call" in program.ask("calls/1", 404)["title"]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"evaluation_id": 1}', '{"evaluation_id": "1", "x": 1}'])
def test_a_body_that_does_not_hold_is_refused(app: FastAPI, body: str) -> None:
    program = Program(app, "supervisor")
    headers = {"content-type": "application/json"}
    problem = program.ask("calls/1/verdict", 422, "POST", content=body, headers=headers)
    assert (problem["code"], bool(problem["errors"])) == ("invalid", True)


def test_words_of_a_call_come_back_in_no_error(app: FastAPI) -> None:
    body = {"evaluation_id": "1", "note": ["secret words"]}
    text = str(Program(app, "supervisor").ask("calls/1/verdict", 422, "POST", json=body))
    assert "secret" not in text


@pytest.mark.parametrize("error", [ZeroDivisionError("secret"), ConfigurationError("secret")])
def test_what_breaks_says_nothing_of_the_inside(
    app: FastAPI, anna: Program, calls: SimpleNamespace, error: Exception, monkeypatch, caplog
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("review.api.calls.own_calls", broken)
    problem = anna.ask("calls", 500)
    assert problem["code"] == "internal_error"
    assert "secret" not in str(problem)
    assert "GET /calls: " in caplog.text


def test_a_code_without_words_is_told_itself(app: FastAPI, anna: Program, monkeypatch) -> None:
    from review.refusals import Refusal

    def refuse(*_: object) -> None:
        raise Refusal(418, "teapot")

    monkeypatch.setattr("review.api.calls.own_calls", refuse)
    assert anna.ask("calls", 418)["title"] == "teapot"
