"""Judging calls again from the page: counted first, done by a process of its own, watched, stopped."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.changes import Answer, Answers, Changes
from pipeline.checklist import load_checklist
from pipeline.data_folder import DataFolder
from pipeline.errors import InputError
from pipeline.rescore_progress import Planned, ProgressWriter, read_progress
from pipeline.settings import ROOT
from pipeline.store import Store
from pipeline.store.lock import locked
from review.checklist_versions import read_shelf
from review.desk.audit import AuditFilter, read_audit
from review.processes import BEHIND_THE_PAGE, Process, identity_of, interrupt, start_process
from review.rescores import RescoreRequest, command_of, find_rescore, read_rescores, start_rescore
from tests.flow_runs.conftest import FAKES
from tests.pages.people import logged_in

HTMX = {"hx-request": "true"}
PLANNED = Planned("run", 2, False, 4, 1, 2)
Ready = Callable[[], bool]


def wait_for(ready: Ready, longest_s: float = 60.0) -> None:
    """Looks less and less often: each look is a page, and takes the core from what is waited for."""
    start_s = time.monotonic()
    while not ready():
        passed_s = time.monotonic() - start_s
        assert passed_s < longest_s, "waited in vain"
        time.sleep(max(0.02, passed_s / 10))


def progress_lines(*, judged: int = 2, finished: bool = False, error: str = "") -> str:
    """What a re-score would have written."""
    file = StringIO()
    writer = ProgressWriter(file)
    writer.planned(PLANNED)
    if judged:
        writer.judged(judged)
    if finished:
        changes = Changes()
        before = Answers("objection", 50.0, False, {"needs": Answer(True, 0.0)})
        changes.add(before, Answers("spam", 100.0, True, {"needs": Answer(True, 1.0), "gone": Answer(True, 1.0)}))
        writer.finished(judged, [("internal_error", "call x: judging it broke")], changes)
    if error:
        writer.broke(error)
    return file.getvalue()


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """In place of the command a script of Python, whose `progress` is the file that it writes."""

    def scripted(script: str) -> None:
        def command(data: DataFolder, own: Path, request: RescoreRequest) -> list[str]:
            lines = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # as the command does
            lines += f"from pathlib import Path; progress = Path({str(own.with_suffix('.progress'))!r})\n"
            return [sys.executable, "-S", "-c", lines + script]

        monkeypatch.setattr("review.rescores.command_of", command)

    return scripted


@pytest.fixture
def head(app: FastAPI, nights: DataFolder) -> TestClient:
    return logged_in(app, "head")


def start(client: TestClient, **form: str) -> str:
    """The address where it is watched."""
    response = client.post("/rescores", data={"checklist": "cqr@2"} | form, follow_redirects=False)
    assert response.status_code == 303, response.text
    return str(response.headers["location"])


def state(client: TestClient, address: str) -> str:
    found = re.search(r'class="badge \w*">([^<]+)<', client.get(address, headers=HTMX).text)
    assert found is not None
    return found[1]


def test_how_many_calls_it_means_is_counted_first(head: TestClient, nights: DataFolder) -> None:
    empty = head.get("/rescores").text
    assert "Count the calls" in empty
    assert "Calls to be judged" not in empty
    counted = head.get("/rescores?checklist=transactional@file").text
    for shown in ("Calls to be judged: 3", "all calls", "fit: 8", "without a transcript: 5", "Start the re-run"):
        assert shown in counted, shown
    narrow = head.get("/rescores?checklist=transactional@file&since=2026-10-05&manager=Анна", headers=HTMX).text
    assert narrow.lstrip().startswith('<div id="count"')
    assert "Calls to be judged: 2" in narrow
    assert "since 2026-10-05, manager Анна" in narrow
    assert (
        "Calls to be judged: 1"
        in head.get("/rescores?checklist=transactional@file&since=2026-10-05&manager=Борис").text
    )
    done = head.get("/rescores?checklist=cqr@2").text
    for shown in ("Nothing to judge", "judged by this version already: 3", "Run it all the same"):
        assert shown in done, shown
    assert "Change the conditions" in head.get("/rescores?checklist=cqr@2&since=2030-01-01").text
    wrong = head.get("/rescores?checklist=cqr@2&since=5.10.2026&type=sale").text
    assert "The day “5.10.2026” was not understood" in wrong
    assert "Start the re-run" not in wrong


def test_without_a_store_there_is_nothing_to_judge(app: FastAPI) -> None:
    counted = logged_in(app, "head").get("/rescores?checklist=cqr@file").text
    assert "Nothing to judge" in counted
    assert "Start the re-run" not in counted


def test_the_whole_way_with_the_real_command(app: FastAPI, nights: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESCORE_MODELS", FAKES)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    head = logged_in(app, "head")
    address = start(head, checklist="transactional@file", manager="Анна")
    wait_for(lambda: "hx-trigger" not in head.get(address, headers=HTMX).text, 300)  # it stands behind everybody else
    html = head.get(address).text
    assert state(head, address) == "finished", html
    for shown in ("this is a new version 1", "2 of 2", "Calls judged: 2.", "manager Анна", "Compare versions"):
        assert shown in html, shown
    (version,) = read_shelf(Store(nights.store), "cqr").checklist("transactional").versions  # type: ignore[union-attr]
    assert (version.number, version.file, version.call_count) == (1, "transactional", 2)
    assert "finished" in head.get("/rescores").text
    entry = read_audit(app.state.site.desk, AuditFilter(action="rescore.started"))[0]
    assert (entry.person, entry.subject) == ("head-1", address.rpartition("/")[2])
    assert "Анна" not in json.dumps(entry.detail, ensure_ascii=False)


def test_one_at_a_time_and_stopped_on_request(
    app: FastAPI, head: TestClient, nights: DataFolder, scripted: Callable[[str], None]
) -> None:
    scripted(f"progress.write_text({progress_lines()!r})\nimport time; time.sleep(60)")
    address = start(head)
    wait_for(lambda: state(head, address) == "judging")
    html = head.get(address).text
    for shown in ("2 of 4", "Calls a second", "Time left", "judged by this version before: 1", 'hx-trigger="every 2s"',
                  '<noscript><meta http-equiv="refresh"'):  # fmt: skip
        assert shown in html, shown
    again = head.post("/rescores", data={"checklist": "cqr@2"})
    assert (again.status_code, "Another run works with the data now" in again.text) == (409, True)
    assert f'href="{address}">Watch it' in head.get("/rescores?checklist=cqr@1").text

    (rescore,) = read_rescores(nights)
    assert os.getsid(rescore.process.pid) == rescore.process.pid  # the page's end does not reach it
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, rescore.process.pid) == max(own, BEHIND_THE_PAGE)
    supervisor = logged_in(app, "supervisor")
    assert "Stop" not in supervisor.get(address).text
    assert supervisor.post(f"{address}/stop").status_code == 403
    head.post(f"{address}/stop")
    wait_for(lambda: state(head, address) == "stopped")
    html = head.get(address).text
    assert "Stopped by head-1. What was judged until then is stored." in html
    assert "/rescores?checklist=cqr%402&amp;since=" in html
    head.post(f"{address}/stop")
    assert len(read_audit(app.state.site.desk, AuditFilter(action="rescore.stopped"))) == 1


@pytest.mark.parametrize(
    ("script", "shown_state", "shown"),
    [
        (
            f"progress.write_text({progress_lines(error='cqr.yaml: gone')!r})",
            "failed",
            "cqr.yaml: gone",
        ),
        ("print('Killed for its memory'); raise SystemExit(137)", "broken off", "Killed for its memory"),
        (f"progress.write_text({progress_lines(judged=0)!r} + '{{\"event\": ')", "broken off", "0 of 4"),
        (f"progress.write_text({progress_lines(judged=4, finished=True)!r})", "finished", "Could not be judged: 1"),
    ],
)
def test_every_end_says_what_happened(
    head: TestClient, scripted: Callable[[str], None], script: str, shown_state: str, shown: str
) -> None:
    scripted(script)
    address = start(head)
    wait_for(lambda: state(head, address) == shown_state)
    html = head.get(address).text
    assert shown in html
    assert "hx-trigger" not in html
    assert shown_state in head.get("/rescores").text
    if shown_state == "finished":
        for text in ("Mean CQR: 50.0 before, 100.0 after", "Call type: objection → spam, calls: 1", "not asked before"):
            assert text in html, text


def test_while_a_night_works_nothing_starts(head: TestClient, nights: DataFolder) -> None:
    with locked(nights.run_lock, exclusive=True, timeout_s=1):
        assert "Another run works with the data now." in head.get("/rescores?checklist=cqr@2").text
        assert head.post("/rescores", data={"checklist": "cqr@2"}).status_code == 409
    assert read_rescores(nights) == ()


def test_who_may_start_and_what_is_refused(app: FastAPI, head: TestClient, nights: DataFolder) -> None:
    supervisor = logged_in(app, "supervisor")
    assert "The head of sales or an administrator starts" in supervisor.get("/rescores?checklist=cqr@2").text
    assert supervisor.post("/rescores", data={"checklist": "cqr@2"}).status_code == 403
    manager = logged_in(app, "manager", manager="Анна")
    for address in ("/rescores", "/rescores/20261122-100000-abcdef"):
        assert manager.get(address).status_code == 403
    forged = head.post("/rescores", data={"checklist": "cqr@2"}, headers={"x-csrf-token": "forged"})
    assert forged.status_code == 403
    assert head.post("/rescores", data={"checklist": "cqr@9"}).status_code == 404
    assert head.post("/rescores", data={"checklist": "cqr@2", "since": "today"}).status_code == 400
    for name in ("20261122-100000-abcdef", "nobody", "..%2F..%2Fdesk"):
        assert head.get(f"/rescores/{name}").status_code == 404
    assert not nights.rescores.exists()


def test_without_a_store(app: FastAPI) -> None:
    head = logged_in(app, "head")
    assert "Nothing was judged again from here yet." in head.get("/rescores?checklist=cqr@file").text


def test_the_command_says_everything(nights: DataFolder) -> None:
    own = nights.rescores / "20261122-100000-abcdef"
    request = RescoreRequest("cqr@2", "2026-10-05", "--data=x", "spam")
    program, *words = command_of(nights, own, request)
    assert program == str(Path(sys.executable).with_name("prescore"))
    assert words[2:] == [
        "rescore",
        f"--checklist={own}.checklist.yaml",
        "--since=2026-10-05",
        "--manager=--data=x",
        "--type=spam",
        f"--progress-file={own}.progress",
    ]


def test_the_frozen_checklist_is_the_same_version(
    nights: DataFolder, app: FastAPI, scripted: Callable[[str], None]
) -> None:
    scripted("")
    site = app.state.site
    for name in ("cqr", "transactional", "mystery_call"):
        checklist = load_checklist(name)
        wait_for(lambda: not any(item.is_working for item in read_rescores(nights)))
        rescore = start_rescore(nights, site.settings, RescoreRequest(name), checklist, "me")
        frozen = nights.rescores / f"{rescore.rescore_id}.checklist.yaml"
        assert load_checklist(frozen).version == checklist.version


def test_a_damaged_file_is_passed_over(nights: DataFolder) -> None:
    nights.rescores.mkdir(parents=True)
    (nights.rescores / "20261122-100000-abcdef.json").write_text("{")
    assert find_rescore(nights, "20261122-100000-abcdef") is None
    assert read_rescores(nights) == ()


def test_a_process_is_known_by_its_start() -> None:
    own = Process(os.getpid(), identity_of(os.getpid()) or "")
    assert own.is_running
    assert not Process(os.getpid(), "another start").is_running
    ended = subprocess.Popen([sys.executable, "-S", "-c", ""])
    wait_for(lambda: identity_of(ended.pid) is None)  # ended, and nobody has asked how
    ended.wait()
    assert not interrupt(Process(ended.pid, "x"))


def test_a_process_that_ends_meanwhile_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def gone(*_: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr("review.processes.os.kill", gone)
    monkeypatch.setattr("review.processes.os.setpriority", gone)
    assert not interrupt(Process(os.getpid(), identity_of(os.getpid()) or ""))
    assert start_process([sys.executable, "-S", "-c", ""], tmp_path / "log").pid


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"prescore: No such file or directory; `make setup` installs"):
        start_process([str(tmp_path / "prescore")], tmp_path / "log")


def test_progress_is_nothing_before_it_begins(tmp_path: Path) -> None:
    progress = read_progress(tmp_path / "none")
    assert (progress.calls_per_second, progress.left_s, progress.planned) == (None, None, None)
