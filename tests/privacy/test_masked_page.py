from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.records import Evidence
from pipeline.settings import load_settings
from review.app import create_app
from review.masked import MaskedLines, read_lines
from tests.pages.people import logged_in
from tests.privacy.store import COMMENT, NOTE, SECRETS, BuiltStore, rows


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.desk.passwords.hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def app(built: BuiltStore) -> FastAPI:
    return create_app(built.data, load_settings())


@pytest.fixture
def masked(app: FastAPI) -> Iterator[TestClient]:
    with logged_in(app, "supervisor", login="masked", masked=True) as client:
        yield client


@pytest.fixture
def sees_all(app: FastAPI) -> Iterator[TestClient]:
    with logged_in(app, "supervisor") as client:
        yield client


def test_names_numbers_and_addresses_are_nowhere_on_the_page(masked: TestClient, built: BuiltStore) -> None:
    for call_id in built.erased:  # one reviewed with a note and comments, one that is to be answered
        html = masked.get(f"/calls/{call_id}").text
        for text in ("Ксенофонт", "Мамонтов", "Лебединую", "восемнадцать", "mamontov", "0101"):
            assert text not in html
        assert "[имя]" in html
        assert "[адрес]" in html


def test_others_see_what_was_said(sees_all: TestClient, built: BuiltStore) -> None:
    html = sees_all.get(f"/calls/{built.erased[0]}").text
    for text in ("Ксенофонт", "Лебединую", "0101", NOTE, COMMENT):
        assert text in html


def test_words_keep_their_times(masked: TestClient, built: BuiltStore) -> None:
    html = masked.get(f"/calls/{built.erased[0]}").text
    assert 'data-start="12.0" data-end="13.5">[имя]</span>' in html  # two words, one after the other


def evaluation_of(built: BuiltStore, call_id: str) -> str:
    ((found,),) = rows(
        built.store,
        "SELECT evaluation_id FROM base.evaluations JOIN base.recordings USING (content_sha256) WHERE call_id = ?",
        call_id,
    )
    return str(found)


def test_looking_for_a_name_finds_nothing(masked: TestClient, sees_all: TestClient, built: BuiltStore) -> None:
    address = f"/calls/{built.erased[0]}?words=мамонтов"
    assert "utterance client found" in sees_all.get(address).text
    assert "utterance client found" not in masked.get(address).text
    assert "utterance client found" in masked.get(f"/calls/{built.erased[0]}?words=отменить").text


def test_the_form_that_comes_back_is_masked_too(masked: TestClient, built: BuiltStore) -> None:
    call_id = built.erased[1]
    fields = {"evaluation": evaluation_of(built, call_id), "call_type": "objection"}
    answer = masked.post(f"/calls/{call_id}/draft", data=fields, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert "[имя]" in answer.text
    assert "Мамонтов" not in answer.text


def test_what_the_person_writes_stays_as_it_was_written(masked: TestClient, built: BuiltStore) -> None:
    call_id = built.erased[1]
    evaluation_id = evaluation_of(built, call_id)
    masked.post(f"/calls/{call_id}/draft", data={"evaluation": evaluation_id, "note": "Спросить Петра Ильича"})
    assert "Спросить Петра Ильича" in masked.get(f"/calls/{call_id}").text


def test_sound_and_outline_are_refused(masked: TestClient, sees_all: TestClient, built: BuiltStore) -> None:
    for part in ("audio", "peaks"):
        refused = masked.get(f"/calls/{built.erased[1]}/{part}")
        assert refused.status_code == 403
        assert "cannot hear this call" in refused.text
    assert sees_all.get(f"/calls/{built.erased[1]}/audio").status_code == 200
    page = masked.get(f"/calls/{built.erased[1]}").text
    assert "You cannot hear this call." in page
    assert "<audio" not in page


def test_a_role_may_be_masked(built: BuiltStore) -> None:
    settings = load_settings()
    review = settings.review.model_copy(update={"masked_roles": ("head",)})
    app = create_app(built.data, settings.model_copy(update={"review": review}))
    with logged_in(app, "head") as head:
        assert "Мамонтов" not in head.get(f"/calls/{built.erased[0]}").text


def test_a_removed_recording_says_so(sees_all: TestClient, built: BuiltStore) -> None:
    from pipeline.retention import remove_aged
    from tests.privacy.store import NOW

    remove_aged(built.store, built.data, 90, NOW)
    page = sees_all.get(f"/calls/{built.erased[0]}").text
    assert "The recording was removed." in page
    assert "kept for 90 days" in page
    assert "not in its place" not in page
    refused = sees_all.get(f"/calls/{built.erased[0]}/audio")
    assert refused.status_code == 404
    assert "older than recordings are kept" in refused.text


def test_an_erased_call_is_no_longer_on_the_page(sees_all: TestClient, built: BuiltStore) -> None:
    from flows.erasing import Client, erase, read_target

    client = Client(call=built.erased[0])
    assert sees_all.get(f"/calls/{built.erased[0]}").status_code == 200
    erase(built.store, built.data, client, read_target(built.store, client))
    assert sees_all.get(f"/calls/{built.erased[0]}").status_code == 404
    assert built.erased[0] not in sees_all.get("/calls").text


def test_nothing_that_was_kept_in_memory_outlives_an_erasure(sees_all: TestClient, built: BuiltStore) -> None:
    """The form's fragments come without the store: what they quote must be gone with the file that it was read from."""
    from flows.erasing import Client, erase, read_target

    call_id = built.erased[1]
    fields = {"evaluation": evaluation_of(built, call_id), "call_type": "objection"}
    headers = {"hx-request": "true"}
    assert "Мамонтов" in sees_all.get(f"/calls/{call_id}").text
    assert "Мамонтов" in sees_all.post(f"/calls/{call_id}/draft", data=fields, headers=headers).text
    client = Client(call=call_id)
    erase(built.store, built.data, client, read_target(built.store, client))
    for action in ("draft", "accept"):
        refused = sees_all.post(f"/calls/{call_id}/{action}", data=fields, headers=headers)
        assert refused.status_code == 404
        assert "Мамонтов" not in refused.text


def test_a_program_reads_the_transcript_masked(masked: TestClient, sees_all: TestClient, built: BuiltStore) -> None:
    for call_id in built.erased:
        address = f"/api/v1/calls/{call_id}?transcript=true"
        told = masked.get(address)
        assert told.status_code == 200
        for text in ("Ксенофонт", "Мамонтов", "Лебединую", "восемнадцать", "mamontov", "0101"):
            assert text not in told.text
        assert "[имя]" in told.text
        assert "Мамонтов" in sees_all.get(address).text


def test_a_quote_is_hidden_as_in_its_line() -> None:
    assert read_lines(None) == MaskedLines("en", (), ())
    lines = MaskedLines("en", (), ())
    assert lines.quote(Evidence(3, "my name is Kate")).quote == "my name is [name]"
    assert SECRETS
