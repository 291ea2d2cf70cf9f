"""A call that waits for an answer, and the browser of a supervisor who gives it."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from review.desk.database import Desk
from review.desk.drafts import Draft, read_draft
from review.desk.people import find_person
from tests.pages.calls import CHECKLIST

HTMX = {"hx-request": "true"}


@dataclass(frozen=True)
class AskedCall:
    """`calls`: the named calls, of which `done` is asked; `client`: of the supervisor anna."""

    app: FastAPI
    calls: SimpleNamespace
    evaluation_id: str
    client: TestClient

    @property
    def call_id(self) -> str:
        return str(self.calls.done)

    @property
    def address(self) -> str:
        return f"/calls/{self.call_id}"

    @property
    def desk(self) -> Desk:
        desk: Desk = self.app.state.site.desk
        return desk

    def post(self, what: str, client: TestClient | None = None, *, htmx: bool = True, **fields: Any) -> Any:
        """Sends a part of the form, where a field's name is given with __ for -."""
        form = {"evaluation": self.evaluation_id, **{name.replace("__", "-"): value for name, value in fields.items()}}
        headers = HTMX if htmx else {}
        return (client or self.client).post(
            f"{self.address}/{what}", data=form, headers=headers, follow_redirects=False
        )

    def answer(self, criterion_id: str, value: str) -> None:
        """Saves one answer of anna's."""
        reply = self.client.post(
            f"{self.address}/draft",
            data={"evaluation": self.evaluation_id, f"answer-{criterion_id}": value},
            headers=HTMX,
        )
        assert reply.status_code == 200

    def draft(self, login: str = "anna") -> Draft:
        return read_draft(self.desk, self.evaluation_id, find_person(self.desk, login))

    def submit(self, client: TestClient | None = None, query: str = "", **fields: Any) -> Any:
        """Every criterion answered with its best label, and sent without a script, as the button does."""
        form = {f"answer-{item.id}": f"={item.scale[-1]}" for item in CHECKLIST.criteria}
        form |= {"evaluation": self.evaluation_id} | {name.replace("__", "-"): value for name, value in fields.items()}
        return (client or self.client).post(f"{self.address}/submit{query}", data=form, follow_redirects=False)
