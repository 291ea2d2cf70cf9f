"""Nights: the runs, what failed and why, another attempt, and the alarm."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.failures import read_open_failures
from pipeline.store.lock import locked
from pipeline.store.retrying import choose_retries
from pipeline.store.rows import append
from pipeline.store.runs import write_run_event
from review.app import create_app
from review.desk.audit import AuditFilter, read_audit
from review.listed import Listed
from review.pages.nights import Run, RunState, alarms_of
from tests.pages.people import logged_in
from tests.pages.runs import run_ids

NOW = datetime(2026, 11, 22, 12)


def open_codes(data: DataFolder) -> list[str]:
    with Store(data.store).reading() as con:
        return sorted(failure.code for failure in read_open_failures(con))


def failure_ids(html: str) -> list[str]:
    return re.findall(r'name="failure" value="(\w+)"', html)


def main_of(html: str) -> str:
    """What the page says, without what is new with each answer."""
    return html[html.index("<h1>") :].partition("</main>")[0]


def begin_run(data: DataFolder, run_id: str = "29990101-000000-aaaaaa", **counts: int) -> str:
    """A run that has begun and not ended."""
    with Store(data.store).writing() as con:
        write_run_event(con, run_id, "started", counts or {"recordings": 7})
    return run_id


def test_every_run_with_what_it_gave(client: TestClient, nights: DataFolder) -> None:
    html = client.get("/nights").text
    first, second, rescored = run_ids(nights)
    assert html.index(rescored) < html.index(second) < html.index(first)
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)[1:]
    assert ["re-run" in row for row in rows] == [True, False, False]
    numbers = [re.findall(r'class="number">(?:<b class="failed">)?([^<]+)', row)[:3] for row in rows]
    assert numbers == [["—", "3", "—"], ["7", "1", "—"], ["6", "3", "3"]]
    assert "The last processing went well" in html
    assert "Failed recordings that can be processed again: 3." in html


def test_a_run_says_what_failed_and_what_to_do(client: TestClient, nights: DataFolder) -> None:
    first, second, rescored = run_ids(nights)
    html = client.get(f"/nights/{first}").text
    for shown in (
        "no audio in the file",
        "Ask the telephone system for the recording again",
        "Deliver it again and try again.",
        "no use in trying again",
        "stands as failed",
        "Try all again: 3",
        "text.wav: is no audio",
        "speech recognition",
        "suggestions by checklist",
        "Анна",
    ):
        assert shown in html, shown
    assert len(failure_ids(html)) == 3
    assert "Nothing failed in this run." in client.get(f"/nights/{second}").text
    again = client.get(f"/nights/{rescored}").text
    assert "to judge again" in again
    assert "Re-run of" in again
    russian = client.get(f"/nights/{first}?lang=ru").text
    assert "в файле нет звука" in russian
    assert "Замените файл записью" in russian


def test_a_masked_reader_sees_no_file_names(app: FastAPI, nights: DataFolder) -> None:
    masked = logged_in(app, "supervisor", masked=True)
    html = masked.get(f"/nights/{run_ids(nights)[0]}").text
    assert "no audio in the file" in html
    assert "text.wav" not in html


def test_a_masked_role_sees_no_file_names(settings: Settings, nights: DataFolder) -> None:
    review = settings.review.model_copy(update={"masked_roles": ("supervisor",)})
    masked = logged_in(create_app(nights, settings.model_copy(update={"review": review})), "supervisor")
    assert "text.wav" not in masked.get(f"/nights/{run_ids(nights)[0]}").text


def test_one_failure_is_tried_again_then_the_rest(app: FastAPI, nights: DataFolder) -> None:
    head = logged_in(app, "head")
    run_id = run_ids(nights)[0]
    chosen = failure_ids(head.get(f"/nights/{run_id}").text)[0]
    response = head.post(f"/nights/{run_id}/retry", data={"failure": chosen}, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, f"/nights/{run_id}?retried=1#failures")
    assert len(open_codes(nights)) == 3
    html = head.get(f"/nights/{run_id}?retried=1").text
    assert "The next processing takes again: 1." in html
    assert "waits for the next processing" in html
    head.post(f"/nights/{run_id}/retry", data={"failure": chosen})
    head.post(f"/nights/{run_id}/retry")
    assert open_codes(nights) == ["no_speech"]
    assert "There is nothing to try again." in head.get(f"/nights/{run_id}?retried=0").text
    entries = read_audit(app.state.site.desk, AuditFilter(action="retry.requested"))
    assert [(entry.subject, entry.detail) for entry in entries] == [(run_id, {"count": 2}), (chosen, {"count": 1})]


def test_all_are_tried_again_where_they_lie(app: FastAPI, nights: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    head = logged_in(app, "head")
    lies = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: path.name != "text.wav" and lies(path))
    html = head.get("/nights").text
    assert "that can be processed again: 2." in html
    assert "1 more failed and are no longer in their place" in html
    run_id = run_ids(nights)[0]
    assert "recording not in its place" in head.get(f"/nights/{run_id}").text
    assert head.post("/nights/retry", follow_redirects=False).headers["location"] == "/nights?retried=2"
    assert "The next processing takes again: 2." in head.get("/nights?retried=2").text
    assert open_codes(nights) == ["no_speech", "not_audio"]


def test_a_later_attempt_settles_a_failure(client: TestClient, nights: DataFolder) -> None:
    run_id = run_ids(nights)[0]
    client.post(f"/nights/{run_id}/retry")
    with Store(nights.store).writing() as con:
        rows = con.execute("SELECT * REPLACE ('later' AS run_id, now()::TIMESTAMP + INTERVAL 1 HOUR AS failed_at, "
                           "uuid()::VARCHAR AS failure_id) FROM base.failures WHERE code = 'truncated'")  # fmt: skip
        names = [column[0] for column in rows.description or ()]
        append(con, "failures", [dict(zip(names, row, strict=True)) for row in rows.fetchall()])
    html = client.get(f"/nights/{run_id}").text
    assert html.count("waits for the next processing") == 2
    assert "processed again since" in html


def test_a_run_that_works_now_and_one_that_broke_off(client: TestClient, nights: DataFolder) -> None:
    run_id = begin_run(nights)
    with locked(nights.run_lock, exclusive=True, timeout_s=1):
        html = client.get("/nights").text
        assert "Working now: began" in html
        assert "The last processing" not in html
    html = client.get("/nights").text
    assert "The last processing broke off before its end" in html
    assert f'href="/nights/{run_id}"' in html
    assert "The run broke off before its end." in client.get(f"/nights/{run_id}").text


def test_a_re_run_that_works_is_no_night(client: TestClient, nights: DataFolder) -> None:
    begin_run(nights, to_rescore=5)
    with locked(nights.run_lock, exclusive=True, timeout_s=1):
        html = client.get("/nights").text
    assert "The last processing went well" in html
    assert ">working<" in html


def a_run(state: RunState = "finished", age_h: float = 5, done_count: int = 5, failed_count: int = 0) -> Run:
    began = NOW - timedelta(hours=age_h)
    return Run("r", began, NOW, False, 5, done_count, 0, failed_count, judged_count=5, audio_s=60.0, state=state)


@pytest.mark.parametrize(
    ("newest", "alarms"),
    [
        (None, ()),
        (a_run(), ()),
        (a_run(age_h=25.9), ()),
        (a_run(age_h=26.1), ("overdue",)),
        (a_run("running", 50), ()),
        (a_run("broken_off"), ("broken_off",)),
        (a_run("broken_off", 30), ("broken_off", "overdue")),
        (a_run(done_count=0, failed_count=4), ("all_failed",)),
        (a_run(done_count=1, failed_count=4), ()),
        (a_run(done_count=0, failed_count=0), ()),
    ],
)
def test_when_an_alarm_is_given(newest: Run | None, alarms: tuple[str, ...]) -> None:
    assert alarms_of(newest, NOW) == alarms


def test_every_alarm_has_words(client: TestClient, nights: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.pages.nights.alarms_of", lambda *_: ("broken_off", "all_failed", "overdue"))
    html = client.get("/nights").text
    for shown in ("broke off before its end", "managed not one recording", "for more than 26 hours"):
        assert shown in html, shown


def test_runs_and_calls_a_page_at_a_time(
    client: TestClient, nights: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.pages.nights.RUNS_ON_A_PAGE", 2)
    monkeypatch.setattr("review.pages.night.CALLS_ON_A_PAGE", 2)
    first, _, rescored = run_ids(nights)
    assert "Page 1 of 2" in client.get("/nights?page=x").text
    last = client.get("/nights?page=99").text
    assert "Page 2 of 2" in last
    assert f"/nights/{first}" in last
    pages = [client.get(f"/nights/{rescored}?page={page}").text for page in (1, 2)]
    calls = [re.findall(r'href="/calls/(\w+)"', html) for html in pages]
    assert [len(found) for found in calls] == [2, 1]
    assert not set(calls[0]) & set(calls[1])


def test_calls_that_are_listed_no_more_are_shown_alike(
    client: TestClient, nights: DataFolder, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rescored = run_ids(nights)[-1]
    listed = client.get(f"/nights/{rescored}#calls").text
    monkeypatch.setattr("review.pages.night.read_listed", lambda _: Listed())
    assert main_of(client.get(f"/nights/{rescored}#calls").text) == main_of(listed)
    assert len(set(re.findall(r'href="/calls/(\w+)"', listed))) == 3


def test_before_anything_ran(app: FastAPI, client: TestClient) -> None:
    assert "Nothing has run yet" in client.get("/nights").text
    assert client.get("/nights/any").status_code == 404
    assert client.post("/nights/retry", follow_redirects=False).headers["location"] == "/nights?retried=0"


def test_who_may_see_and_retry(app: FastAPI, nights: DataFolder) -> None:
    run_id = run_ids(nights)[0]
    supervisor = logged_in(app, "supervisor")
    assert failure_ids(supervisor.get(f"/nights/{run_id}").text) == []
    assert "Try all again" not in supervisor.get("/nights").text
    for address in ("/nights/retry", f"/nights/{run_id}/retry"):
        assert supervisor.post(address).status_code == 403
        assert logged_in(app, "head", f"h{len(address)}").post(address, headers={"x-csrf-token": ""}).status_code == 403
    manager = logged_in(app, "manager", manager="Анна")
    for address in ("/nights", f"/nights/{run_id}"):
        assert manager.get(address).status_code == 403
    assert supervisor.get("/nights/nope").status_code == 404
    assert len(open_codes(nights)) == 4


def test_the_command_chooses_the_same(nights: DataFolder) -> None:
    with Store(nights.store).reading() as con:
        chosen = choose_retries(con)
        assert [path.name for path in chosen.paths] == [item.file_name for item in chosen.failures]
        assert sorted(item.code for item in chosen.failures) == ["empty_file", "not_audio", "truncated"]
        assert [item.file_name for item in choose_retries(con, ["text.wav"]).failures] == ["text.wav"]
        assert choose_retries(con, run_id="none").failures == ()
