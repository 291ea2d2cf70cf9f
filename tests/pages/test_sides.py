"""The sides swapped from the page, by the real command with fakes for the models."""

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.known_files import remove_copies
from pipeline.settings import ROOT
from pipeline.store import Store
from pipeline.store.show import read_call
from review.desk.audit import AuditFilter, read_audit
from tests.flow_runs.conftest import FAKES
from tests.pages.people import logged_in
from tests.pages.test_rescores_page import HTMX, wait_for

NAME = "mono-1.wav"


@pytest.fixture
def anna(app: FastAPI, nights: DataFolder, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("PRESCORE_MODELS", FAKES)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return logged_in(app, "supervisor", "anna")


def read_roles(data: DataFolder) -> tuple[str, list[str]]:
    """The call's id, and who speaks, in order."""
    with Store(data.store).reading() as con:
        stored = read_call(con, NAME)
    assert stored.analysed is not None
    return stored.call.call_id, [item.role for item in stored.analysed.dialogue.utterances]


def second_in(html: str) -> str:
    found = re.search(r'name="agent_at" value="([\d.]+)"', html)
    assert found is not None
    return found[1]


def swap(client: TestClient, call_id: str) -> str:
    """The page that stands there then."""
    agent_at = second_in(client.get(f"/calls/{call_id}").text)
    response = client.post(f"/calls/{call_id}/sides?manager=A", data={"agent_at": agent_at}, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, f"/calls/{call_id}?manager=A")
    return client.get(f"/calls/{call_id}").text


def test_the_call_is_judged_again_and_the_page_comes_anew(app: FastAPI, anna: TestClient, nights: DataFolder) -> None:
    call_id, before = read_roles(nights)
    html = swap(anna, call_id)
    assert "The sides are being swapped" in html and "Swap the sides" not in html
    address = f"/calls/{call_id}/sides"
    assert f'hx-get="{address}"' in anna.get(address, headers=HTMX).text
    wait_for(lambda: anna.get(address, headers=HTMX).headers.get("hx-refresh") == "true", 300)
    other = {"agent": "client", "client": "agent"}
    assert read_roles(nights) == (call_id, [other[role] for role in before])
    html = anna.get(f"/calls/{call_id}").text
    assert "Swap the sides" in html and "being swapped" not in html and "was not judged again" not in html
    assert [entry.subject for entry in read_audit(app.state.site.desk, AuditFilter(action="sides.swapped"))] == [
        call_id
    ]
    log = next(nights.sides.glob("*.log")).read_text(encoding="utf-8")
    assert "judged again with the sides as you say" in log
    with Store(nights.store).reading() as con:
        sha = read_call(con, NAME).call.content_sha256
    assert remove_copies(nights, [str(sha)]) == 3
    assert [path.name for path in nights.sides.iterdir()] == ["start.lock"]


def test_what_did_not_come_about_is_said(anna: TestClient, nights: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.sides.command_of", lambda *_: ["false"])
    call_id, before = read_roles(nights)
    swap(anna, call_id)
    wait_for(lambda: "was not judged again" in anna.get(f"/calls/{call_id}").text)
    assert "Swap the sides" in anna.get(f"/calls/{call_id}").text
    assert read_roles(nights)[1] == before


def test_it_is_refused_to_who_may_not_and_for_what_is_no_second(
    app: FastAPI, anna: TestClient, nights: DataFolder
) -> None:
    call_id, _ = read_roles(nights)
    address = f"/calls/{call_id}/sides"
    manager = logged_in(app, "manager", manager="Анна")
    assert manager.post(address, data={"agent_at": "1"}).status_code == 403
    assert anna.post("/calls/0123456789abcdef/sides", data={"agent_at": "1"}).status_code == 404
    for wrong in ("", "-1", "nan", "inf", "soon"):
        assert anna.post(address, data={"agent_at": wrong}).status_code in (400, 422), wrong
    assert anna.get(address, follow_redirects=False).headers["location"] == f"/calls/{call_id}"
    assert not nights.sides.exists()
