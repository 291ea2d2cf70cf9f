"""/metrics and /health of the real application: who may ask, and what is said."""

import json
import sqlite3
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from pipeline.data_folder import DataFolder
from pipeline.settings import ROOT
from pipeline.store import Store
from pipeline.store.lock import locked
from pipeline.store.runs import write_run_event
from review.desk.people import Person, add_person
from review.desk.tokens import create_token
from review.permissions import ROLES
from tests.desk.judged import hand_in, write_judged
from tests.pages.conftest import _cheap_hashes, _read_once  # noqa: F401
from tests.pages.people import logged_in
from tests.watching.conftest import Watcher

LOCAL = ("127.0.0.1", 50_000)
RULES = ROOT / "docs" / "alerts" / "prescore.rules.yml"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def local(app: FastAPI) -> Iterator[TestClient]:
    """A program on the same machine; the page's threads work."""
    with TestClient(app, client=LOCAL) as client:
        yield client


@pytest.fixture
def calls(data: DataFolder) -> SimpleNamespace:
    data.prepare()
    return SimpleNamespace(**write_judged(Store(data.store), ("a", "b")))


def figures(client: TestClient, **headers: str) -> Figures:
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_only_this_machine_asks_without_a_token(app: FastAPI) -> None:
    assert TestClient(app, client=LOCAL).get("/metrics").status_code == 200
    assert TestClient(app, client=("::1", 1)).get("/metrics").status_code == 200
    stranger = TestClient(app, client=("10.0.0.9", 1), follow_redirects=False)
    assert stranger.get("/metrics").headers["location"].startswith("/log-in")
    assert stranger.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_on_this_machine_asks_for_others(app: FastAPI, header: str) -> None:
    through = TestClient(app, client=LOCAL, headers={header: "10.0.0.9"}, follow_redirects=False)
    assert through.get("/metrics").status_code == 303


@pytest.mark.parametrize("role", ROLES)
def test_tokens_of_data_and_administrators_open_it(app: FastAPI, role: Any) -> None:
    desk = app.state.site.desk
    person = add_person(desk, Person("", "prometheus", "P", role, manager="A" if role == "manager" else None), None)
    headers = {"authorization": f"Bearer {create_token(desk, person, 'prometheus')}"}
    client = TestClient(app, headers=headers, follow_redirects=False)
    assert client.get("/metrics").status_code == (200 if role in ("data", "administrator") else 403)
    assert client.get("/people").status_code != 200  # a token is for the API and for this alone


def test_requests_are_counted_by_the_template_of_their_route(app: FastAPI, calls: SimpleNamespace) -> None:
    person = logged_in(app, "administrator")
    person.get(f"/calls/{calls.a.call_id}")
    person.get("/managers/Ксения")
    person.get("/nowhere/Ксения")
    person.request("KSENIA", "/calls")
    known = figures(TestClient(app, client=LOCAL))
    count = "http_server_request_duration_seconds_count"
    labels = {(dict(key)["http_route"], dict(key)["http_request_method"]) for name, key in known if name == count}
    assert ("/calls/{call_id}", "GET") in labels
    assert ("(none)", "GET") in labels
    assert any(method == "_OTHER" for _, method in labels)
    assert "Ксения" not in str(known) and calls.a.call_id not in str(known)


def test_the_state_of_store_and_desk(app: FastAPI, calls: SimpleNamespace, data: DataFolder) -> None:
    with Store(data.store).writing() as con:
        write_run_event(con, "run-1", "started", {"recordings": 5})
        write_run_event(con, "run-1", "finished", {"done": 3, "no_speech": 1, "failed": 1})
        write_run_event(con, "run-2", "started", {"to_rescore": 5})
        write_run_event(con, "run-2", "finished", {"rescored": 5})
    person = add_person(app.state.site.desk, Person("", "anna", "Anna", "supervisor"), None)
    with locked(app.state.site.store.lock_path, exclusive=True, timeout_s=1):  # a night stores a shard
        hand_in(app.state.site.desk, app.state.site.store, person, calls.a)
    data.last_backup.write_text(json.dumps({"made_at": "2026-11-22T03:00:00+00:00", "size_bytes": 1}))
    known = figures(TestClient(app, client=LOCAL))
    assert known["prescore_last_night_calls", (("outcome", "failed"),)] == 1
    assert known["prescore_last_night_end_timestamp_seconds", ()] > 1.7e9
    assert known["prescore_calls", (("status", "waiting"),)] == 0
    assert known["prescore_calls", (("status", "done"),)] == 2
    assert known["prescore_outbox_pending", (("box", "submissions"),)] == 1
    assert 0 < known["prescore_outbox_oldest_age_seconds", (("box", "submissions"),)] < 60
    assert known["prescore_outbox_pending", (("box", "webhooks"),)] == 0
    assert known["prescore_disk_free_bytes", ()] > 0
    assert known["prescore_last_backup_timestamp_seconds", ()] == 1795316400
    assert known["process_cpu_seconds_total", ()] > 0


def test_a_busy_store_leaves_the_figures_as_they_were(app: FastAPI, calls: SimpleNamespace) -> None:
    client = TestClient(app, client=LOCAL)
    before = figures(client)
    with locked(app.state.site.store.lock_path, exclusive=True, timeout_s=1):
        now = figures(client)
    done = ("prescore_calls", (("status", "done"),))
    assert now[done] == before[done] == 2


def test_live_and_ready(local: TestClient, calls: SimpleNamespace) -> None:
    assert local.get("/health/live").json() == {"status": "ok"}
    assert local.get("/health/ready").json() == {"status": "ok"}


def test_ready_without_a_store_and_while_a_night_writes(app: FastAPI, data: DataFolder) -> None:
    assert app.state.health.store_is_readable()
    write_judged(Store(data.store), ("a",))
    with locked(app.state.site.store.lock_path, exclusive=True, timeout_s=1):
        assert app.state.health.store_is_readable()


def test_what_does_not_work_is_named_in_general_terms(
    app: FastAPI, local: TestClient, data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.store.write_bytes(b"no database" * 1000)
    monkeypatch.setattr("review.health.LEAST_FREE_BYTES", 1 << 60)
    app.state.health.applier_is_alive = lambda: False
    with sqlite3.connect(data.desk) as con:
        con.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(app.state.site.desk, "timeout_s", 0.1)
        response = TestClient(app).get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {"status": "failing", "failing": ["store", "desk", "disk", "applier"]}
    assert str(data.root) not in response.text


def test_the_thread_that_applies_is_seen(app: FastAPI) -> None:
    with TestClient(app):
        assert app.state.health.applier_is_alive()
        alive = app.state.health.applier_is_alive
    assert not alive()


def test_verdicts_and_outboxes_are_told_to_opentelemetry(
    watcher: Watcher, app: FastAPI, local: TestClient, calls: SimpleNamespace
) -> None:
    person = add_person(app.state.site.desk, Person("", "anna", "Anna", "supervisor"), None)
    hand_in(app.state.site.desk, app.state.site.store, person, calls.a)
    deadline = time.monotonic() + 30  # a busy machine leaves it to the thread
    while "prescore.verdicts.applied" not in (told := watcher.figures()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert told["prescore.verdicts.applied"] == [({}, 3)]
    assert ({"prescore.outbox.box": "submissions"}, 0) in told["prescore.outbox.pending"]
    assert ({"prescore.outbox.box": "webhooks"}, 0.0) in told["prescore.outbox.age"]


def test_the_alert_rules_ask_for_figures_that_there_are(app: FastAPI, calls: SimpleNamespace, data: DataFolder) -> None:
    import re

    with Store(data.store).writing() as con:
        write_run_event(con, "run-1", "started", {"recordings": 5})
        write_run_event(con, "run-1", "finished", {"done": 3, "no_speech": 1, "failed": 1})
    data.last_backup.write_text(json.dumps({"made_at": "2026-11-22T03:00:00+00:00"}))
    client = TestClient(app, client=LOCAL)
    client.get("/health/live")
    known = figures(client)
    names, labels = {name for name, _ in known}, {f"{key}={value}" for _, pairs in known for key, value in pairs}
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]:
        assert {"alert", "expr", "labels", "annotations"} <= rule.keys()
        assert rule["annotations"]["action"]
        for name in re.findall(r"\b(?:prescore|http_server)_[a-z_]+\b", rule["expr"]):
            assert name in names, f"{rule['alert']}: nothing tells {name}"
        for key, value in re.findall(r'(part|outcome|status|box)="(\w+)"', rule["expr"]):
            assert f"{key}={value}" in labels, f"{rule['alert']}: no {key} is {value}"
    operator = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")
    assert all(f"`{rule['alert']}`" in operator for rule in group["rules"])
