import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.errors import ConfigurationError, InputError
from pipeline.settings import Settings
from pipeline.store.lock import locked
from review import app as app_module
from review.app import create_app
from review.languages import choose_language
from review.security import HEADERS
from tests.pages.people import logged_in

LANGUAGES = ("en", "ru")


@pytest.mark.parametrize("address", ["/", "/nowhere", "/calls/x", "/calls/x/audio", "/static/page.css", "/static/none"])
def test_every_answer_carries_the_headers(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert headers["cache-control"] == ("no-cache" if address.startswith("/static") else "no-store")


def test_pages_name_nothing_outside_the_server(client: TestClient, calls: SimpleNamespace) -> None:
    for address in ("/", f"/calls/{calls.done}", "/static/page.css", "/static/player.js"):
        text = client.get(address).text
        assert "//" not in text.replace("// ", ""), address
        assert " style=" not in text
        assert " onclick=" not in text


@pytest.mark.parametrize(
    "address", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/docs", "/openapi.json"]
)
def test_nothing_else_is_served(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert "There is no such page" in response.text


def test_a_refusal_leads_to_where_its_button_says(app: FastAPI) -> None:
    supervisor = logged_in(app, "supervisor").get("/calls/unknown").text
    assert '<a class="button quiet" href="/calls">To the list of calls</a>' in supervisor
    data_team = logged_in(app, "data").get("/calls").text  # which it may not see
    assert '<a class="button quiet" href="/">To the start page</a>' in data_team
    assert "To the list of calls" not in data_team


def test_the_page_only_reads(client: TestClient) -> None:
    response = client.post("/")
    assert response.status_code == 405
    assert "This page only shows" in response.text


@pytest.mark.parametrize(
    ("linked", "remembered", "accepted", "expected"),
    [
        ("en", "ru", "ru", "en"),
        ("xx", "en", "ru", "en"),
        (None, None, "pl, en-GB;q=0.8, ru;q=0.9", "ru"),
        (None, None, "en;q=0, ru;q=broken", "ru"),
        (None, None, "", "ru"),
    ],
)
def test_which_language(linked: str | None, remembered: str | None, accepted: str, expected: str) -> None:
    assert choose_language(LANGUAGES, linked, remembered, accepted) == expected
    assert choose_language(("pl",), linked, remembered, "en") == "pl"


def test_the_language_is_switched_by_link_and_kept(client: TestClient, calls: SimpleNamespace) -> None:
    english = client.get("/calls?status=done")
    assert '<html lang="en">' in english.text
    assert 'href="?status=done&amp;lang=ru"' in english.text
    russian = client.get("/calls?status=done&lang=ru")
    assert '<html lang="ru">' in russian.text
    assert "ниже нормы" in russian.text
    assert "httponly" in russian.headers["set-cookie"].lower()
    assert "Подсказка" in client.get(f"/calls/{calls.done}").text
    assert "приветствие и представление" in client.get(f"/calls/{calls.done}").text
    assert "set-cookie" not in client.get("/?lang=xx").headers


def test_a_locked_store(
    calls: SimpleNamespace, data: DataFolder, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "STORE_TIMEOUT_S", 0.1)
    client = logged_in(create_app(data, settings))
    with locked(data.store.with_name("calls.duckdb.lock"), exclusive=True, timeout_s=1):
        for address in ("/", f"/calls/{calls.done}", f"/calls/{calls.done}/audio"):
            response = client.get(address)
            assert response.status_code == 503
            assert response.headers["retry-after"] == "5"
            assert "cannot be read just now" in response.text
            assert "the store is busy" in response.text  # for the operator
    assert client.get("/").status_code == 200


def test_a_damaged_store(client: TestClient, data: DataFolder) -> None:
    data.store.write_bytes(b"no database" * 1000)
    response = client.get("/")
    assert response.status_code == 503
    assert "published/snapshot.duckdb" in response.text


def test_an_error_of_ours_is_a_page_too(
    calls: SimpleNamespace, data: DataFolder, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("the client said a secret")

    monkeypatch.setattr("review.pages.call_list.read_call_list", fail)
    client = logged_in(create_app(data, settings), raise_server_exceptions=False)
    response = client.get("/calls?lang=en")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.text
    assert "secret" not in response.text
    assert response.headers["x-frame-options"] == "DENY"


def test_a_parameter_that_cannot_be_read(client: TestClient, calls: SimpleNamespace) -> None:
    assert client.get("/?page=%00&manager=%ff%00").status_code == 200
    assert client.get("/calls/%00").status_code == 404


def test_a_parameter_of_another_kind(data: DataFolder, settings: Settings) -> None:
    app = create_app(data, settings)

    @app.get("/number")
    def number(value: int) -> int:
        return value

    response = TestClient(app).get("/number?value=x&lang=en")
    assert response.status_code == 400
    assert "The request was not understood" in response.text


def test_logs_hold_no_names(client: TestClient, calls: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="review"):
        client.get("/?manager=Ольга Смирнова")
        client.get(f"/calls/{calls.failed}/audio")
    records = [record for record in caplog.records if record.name.startswith("review")]
    said = [record.getMessage() for record in records]
    assert said == ["request", f"/calls/{calls.failed}/audio: not_audio", "request"]
    told = " ".join(str(vars(record)) for record in records)
    assert "Смирнова" not in told and "%D0" not in told


def test_a_time_zone_that_is_none(data: DataFolder, settings: Settings) -> None:
    journal = settings.ingest.journal.model_copy(update={"timezone": "Mars/Olympus"})
    broken = settings.model_copy(update={"ingest": settings.ingest.model_copy(update={"journal": journal})})
    with pytest.raises(ConfigurationError, match='"Mars/Olympus"; use a name like'):
        create_app(data, broken)


def test_a_folder_that_cannot_be_written_is_named_at_the_start(settings: Settings) -> None:
    with pytest.raises(InputError, match=r"/proc/none: cannot be written .*choose another folder with --data"):
        create_app(DataFolder(Path("/proc/none")), settings)
