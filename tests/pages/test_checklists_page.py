"""Checklists: the list, reading a version, comparing two."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.changes import Changes, answers_of
from pipeline.data_folder import DataFolder
from pipeline.store import Store
from pipeline.store.results import read_results
from review.checklist_versions import read_shelf
from review.pages.checklist_compare import changes_of, read_changes
from tests.pages.people import logged_in
from tests.pages.runs import changed_checklist

RU = {"accept-language": "ru"}


def test_the_list_shows_versions_and_files(client: TestClient, nights: DataFolder) -> None:
    html = client.get("/checklists").text
    for shown in ("Call quality (CQR)", "version 2", "version 1", "now in the file cqr", "default", "Mystery call"):
        assert shown in html, shown
    assert html.index("Call quality (CQR)") < html.index("Consultative")
    shelf = read_shelf(Store(nights.store), "cqr")
    cqr = shelf.checklists[0]
    assert [(item.asked, item.file, item.call_count, item.current_count) for item in cqr.versions] == [
        ("2", None, 3, 3),
        ("1", "cqr", 3, 0),
    ]
    assert [sorted(item.untested) for item in cqr.versions] == [["closing", "listens", "objection"], []]
    assert shelf.named("mystery_call@file") is not None
    assert shelf.named("mystery_call@1") is None


def test_without_a_store_the_files_stand_alone(app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with logged_in(app, "supervisor") as supervisor:
        html = supervisor.get("/checklists").text
        assert "not used yet" in html
        assert "Re-runs" in html
        assert "Judge calls again" not in html
        monkeypatch.setattr("review.checklist_versions.CHECKLISTS", tmp_path)
        assert "There are no checklists" in supervisor.get("/checklists").text
        (tmp_path / "bad.yaml").write_text("id: 5\n")
        broken = supervisor.get("/checklists").text
        assert "The file bad.yaml cannot be read as a checklist." in broken
        assert "prescore checklist check configs/checklists/bad.yaml" in broken


def test_a_changed_file_is_a_version_that_waits(
    client: TestClient, nights: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "checklists"
    folder.mkdir()
    changed_checklist(folder / "cqr.yaml", threshold=60)
    monkeypatch.setattr("review.checklist_versions.CHECKLISTS", folder)
    assert "version in the file" in client.get("/checklists").text
    html = client.get("/checklists/cqr?version=file").text
    assert "a good call from 60" in html
    assert 'href="/checklists/cqr/compare?from=2&amp;to=file"' in html
    compared = client.get("/checklists/cqr/compare").text
    assert "No call has been judged by both versions yet" in compared
    assert 'href="/rescores?checklist=cqr%40file"' in compared
    assert "Threshold of a good call" in compared


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        (
            "en",
            [
                "Greeting",
                "A greeting word, own name",
                "Good morning, Northway.",
                "the client says anywhere",
                "“agreed”",
            ],
        ),
        (
            "ru",
            [
                "Дисциплина",
                "Поздоровался и назвал себя.",
                "клиент в любом месте разговора говорит: «дорого»",
                "до 60 %",
            ],
        ),
    ],
)
def test_a_version_is_read_in_the_readers_language(
    client: TestClient, nights: DataFolder, language: str, shown: list[str]
) -> None:
    html = client.get(f"/checklists/cqr?version=2&lang={language}").text
    for text in shown:
        assert text.lower() in html.lower(), text
    assert html.count('class="untested"') == 3
    assert 'href="?version=1"' in html
    newest = client.get("/checklists/cqr").text
    assert 'aria-current="true">' in newest
    first = client.get("/checklists/cqr?version=1").text
    assert "critical" in first
    assert "compare?from" not in first


def test_answers_are_compared_as_a_re_score_does(nights: DataFolder) -> None:
    store = Store(nights.store)
    after, before = read_shelf(store, "cqr").checklists[0].versions
    changes, moved = read_changes(store, before, after)
    expected = Changes()
    with store.reading() as con:
        rows = con.execute("SELECT content_sha256, stage_key, checklist_version FROM base.evaluations").fetchall()
        records = read_results(con, "evaluation", [(sha, key) for sha, key, _ in rows])
    of = {(sha, version): records[sha, key] for sha, key, version in rows}
    for sha in {sha for sha, _, _ in rows}:
        expected.add(answers_of(of[sha, before.version]), answers_of(of[sha, after.version]))
    assert changes is not None
    assert changes.calls == expected.calls == 3
    assert {key: dict(counts) for key, counts in changes.by_criterion.items()} == {
        key: dict(counts) for key, counts in expected.by_criterion.items()
    }
    assert (changes.cqr_calls, changes.passes_gained, changes.passes_lost, changes.call_types) == (
        expected.cqr_calls,
        expected.passes_gained,
        expected.passes_lost,
        expected.call_types,
    )
    assert changes.cqr_before == pytest.approx(expected.cqr_before)
    assert changes.cqr_after == pytest.approx(expected.cqr_after)
    assert len(moved) <= expected.cqr_calls
    assert read_changes(store, before, before) == (None, ())


def test_call_types_that_changed_are_counted() -> None:
    row = {"call_count": 2, "cqr_count": 1, "cqr_before_sum": 50.0, "cqr_after_sum": 60.0, "gained_count": 1}
    rows = [
        row | {"type_before": "spam", "type_after": "objection", "lost_count": 0},
        row | {"type_before": "spam", "type_after": "spam", "lost_count": 1},
    ]
    changes = changes_of(rows, [{"criterion_id": "a", "change": "up", "call_count": 3}], ["a"])
    assert (changes.calls, changes.call_types) == (4, {("spam", "objection"): 2})
    assert (changes.cqr_before, changes.passes_gained, changes.passes_lost) == (50.0, 2, 1)
    assert changes.by_criterion == {"a": {"up": 3}}


def test_two_versions_beside_each_other(client: TestClient, nights: DataFolder) -> None:
    html = client.get("/checklists/cqr/compare?from=1&to=2").text
    for shown in ("Threshold of a good call", "listens to the client", "removed", "In texts of other languages: 2",
                  "on calls that have both: 3", "not asked before"):  # fmt: skip
        assert shown in html, shown
    assert client.get("/checklists/cqr/compare").text.count("selected") == html.count("selected")
    same = client.get("/checklists/cqr/compare?from=2&to=2").text
    assert "Both versions are the same." in same
    assert "Choose two different versions." in same
    russian = client.get("/checklists/cqr/compare?from=1&to=2", headers=RU).text
    assert "Порог хорошего звонка" in russian


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/checklists/nope", "There is no such checklist"),
        ("/checklists/cqr?version=9", "There is no such version"),
        ("/checklists/cqr/compare?from=1&to=9", "There is no such version"),
        ("/checklists/cqr/compare?from=x&to=1", "There is no such version"),
        ("/checklists/nope/compare", "There is no such checklist"),
    ],
)
def test_what_there_is_not(client: TestClient, nights: DataFolder, address: str, says: str) -> None:
    response = client.get(address)
    assert (response.status_code, says in response.text) == (404, True)


@pytest.mark.parametrize("address", ["/checklists", "/checklists/cqr", "/checklists/cqr/compare"])
def test_who_may_read_checklists(app: FastAPI, nights: DataFolder, address: str) -> None:
    for role in ("supervisor", "head"):
        assert logged_in(app, role).get(address).status_code == 200  # type: ignore[arg-type]
    assert logged_in(app, "manager", manager="Анна").get(address).status_code == 403
    assert logged_in(app, "data").get(address).status_code == 403
    stranger = TestClient(app).get(address, follow_redirects=False)
    assert (stranger.status_code, stranger.headers["location"][:8]) == (303, "/log-in?")


def test_one_version_alone_is_compared_with_nothing(app: FastAPI, data: DataFolder) -> None:
    html = logged_in(app, "head").get("/checklists/consultative/compare").text
    assert "Nothing to compare yet" in html and 'name="from"' not in html
