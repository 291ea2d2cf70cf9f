import shutil
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from review.desk.people import Person, add_person
from review.desk.tokens import create_token
from review.permissions import Role
from tests.pages.calls import build_store
from tests.pages.conftest import _cheap_hashes, _read_once, app, data, settings  # noqa: F401

BASE = "/api/v1"


class Program:
    """Asks with the token of a person of that role."""

    def __init__(self, page: FastAPI, role: Role, login: str = "", **more: Any) -> None:
        desk = page.state.site.desk
        login = login or f"{role}-program"
        self.person = add_person(desk, Person("", login, login.title(), role, **more), None)
        headers = {"authorization": f"Bearer {create_token(desk, self.person, 'CRM')}", "accept-language": "en"}
        self.client = TestClient(page, headers=headers)

    def ask(self, address: str, status: int = 200, method: str = "GET", **more: Any) -> Any:
        response = self.client.request(method, f"{BASE}/{address}", **more)
        assert response.status_code == status, response.text
        if status >= 400:
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["status"] == status
        return response.json() if response.content else None

    def answer(self, call_id: str, status: int = 201, label: str = "1", **more: Any) -> Any:
        """Submits that label for every criterion that the call's evaluation has."""
        evaluation = self.ask(f"calls/{call_id}")["evaluation"]
        answers = [{"criterion_id": item["criterion_id"], "label": label} for item in evaluation["criteria"]]
        body = {"evaluation_id": evaluation["evaluation_id"], "answers": answers, **more}
        return self.ask(f"calls/{call_id}/verdict", status, "POST", json=body)


@pytest.fixture(scope="session")
def built_calls(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The named calls of tests/pages, written once."""
    folder = tmp_path_factory.mktemp("built")
    built = DataFolder(folder / "data")
    return SimpleNamespace(store=built.store, names=build_store(built, folder / "inbox"))


@pytest.fixture
def calls(built_calls: SimpleNamespace, data: DataFolder) -> SimpleNamespace:  # noqa: F811
    """`calls.done` is a call id; the store is the test's own copy."""
    data.store.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(built_calls.store, data.store)
    return SimpleNamespace(**built_calls.names)


@pytest.fixture
def anna(app: FastAPI, data: DataFolder, calls: SimpleNamespace) -> Program:  # noqa: F811
    """A supervisor's program; there are calls."""
    return Program(app, "supervisor", "anna")


@pytest.fixture
def boris(app: FastAPI, anna: Program) -> Program:  # noqa: F811
    return Program(app, "supervisor", "boris")


@pytest.fixture
def boss(app: FastAPI, anna: Program) -> Program:  # noqa: F811
    return Program(app, "administrator", "boss")
