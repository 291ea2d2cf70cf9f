"""Webhooks against a real server: signed as documented, again until it answers, never lost."""

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.errors import ConfigurationError
from pipeline.review_settings import WebhookSettings
from pipeline.settings import Settings
from pipeline.store import Store
from review import webhook_sender
from review.app import create_app
from review.desk import webhooks
from review.desk.database import Desk
from review.desk.webhooks import Waiting, begin_attempt, due_deliveries, forget_settled, next_attempt, read_deliveries
from review.webhook_sender import Outlet, WebhookSender, outlet_for, signature
from tests.api.conftest import Program

SECRET = "correct-horse-battery-staple"
SECRETS = {"PRESCORE_WEBHOOK_SECRET": SECRET, "PRESCORE_PAGE": "https://calls.example.com/"}
DAY_S = 24 * 3600.0


class Receiver:
    """A CRM: keeps what it gets and answers with the next of `statuses`, 204 when there is none left."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook?key=hidden"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.got]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.close()


@pytest.fixture
def settings(settings: Settings, receiver: Receiver) -> Settings:
    review = settings.review.model_copy(update={"webhooks": (WebhookSettings(url=receiver.url),)})
    return settings.model_copy(update={"review": review})


@pytest.fixture
def app(data: DataFolder, settings: Settings) -> FastAPI:
    return create_app(data, settings, secrets=SECRETS)


@pytest.fixture
def sender(app: FastAPI) -> WebhookSender:
    """One that sends when it is told to."""
    return WebhookSender(app.state.site.desk, app.state.site.store, app.state.outlet)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The sender's clock, which only goes on when it is told to."""
    found = SimpleNamespace(now=time.time())
    monkeypatch.setattr(webhook_sender, "now_s", lambda: found.now)
    return found


def verify(secret: str, header: str, body: bytes, now_s: float, tolerance_s: float = 300) -> bool:
    """As docs/api.md tells receivers to."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    expected = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts["v1"]) and abs(now_s - int(parts["t"])) <= tolerance_s


def wait_until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_confirmed_call_is_told_and_signed(anna: Program, sender: WebhookSender, receiver, calls) -> None:
    done = anna.answer(calls.done, note="secret words")
    assert sender.send_due() == 1
    ((path, headers, body),) = receiver.got
    assert path == "/hook?key=hidden"
    assert verify(SECRET, headers["prescore-signature"], body, time.time())
    assert not verify("another secret of them", headers["prescore-signature"], body, time.time())
    assert not verify(SECRET, headers["prescore-signature"], body + b" ", time.time())
    assert not verify(SECRET, headers["prescore-signature"], body, time.time() + 3600)
    told = json.loads(body)
    assert (headers["prescore-event"], headers["prescore-delivery"]) == ("call.confirmed", told["delivery_id"])
    assert headers["content-type"] == "application/json"
    assert told.pop("delivery_id")
    assert told.pop("occurred_at").startswith("20")
    assert told == {
        "event": "call.confirmed",
        "submission_id": done["submission_id"],
        "call_id": calls.done,
        "journal_call_id": "1000",
        "call_type": "objection",
        "cqr": 100.0,
        "passed": True,
        "flags": [],
        "reviewer": "anna",
        "url": f"https://calls.example.com/calls/{calls.done}",
    }
    assert sender.send_due() == 0
    assert len(receiver.got) == 1


def test_a_flagged_call_is_told_apart(anna: Program, boss: Program, sender, receiver, calls) -> None:
    anna.answer(calls.done, flags=["rescue", "conflict"])
    assert sender.send_due() == 2
    assert {item["event"]: item["flags"] for item in receiver.messages} == {
        "call.confirmed": ["rescue", "conflict"],
        "call.flagged": ["rescue", "conflict"],
    }
    told = boss.ask("webhooks/deliveries")["deliveries"]
    assert {(item["state"], item["attempts"], item["last_error"]) for item in told} == {("delivered", 1, None)}
    assert {item["url"] for item in told} == {receiver.url.removesuffix("?key=hidden")}
    assert len(boss.ask("webhooks/deliveries?limit=1&offset=1")["deliveries"]) == 1
    assert boss.ask("webhooks/deliveries?limit=0", 422)["code"] == "invalid"


def test_an_address_is_told_only_of_its_events(data: DataFolder, settings: Settings, receiver, calls) -> None:
    only = (WebhookSettings(url=receiver.url, events=("call.flagged",)),)
    review = settings.review.model_copy(update={"webhooks": only})
    app = create_app(data, settings.model_copy(update={"review": review}), secrets=SECRETS)
    anna = Program(app, "supervisor", "anna")
    anna.answer(calls.done)
    assert read_deliveries(app.state.site.desk) == ()
    anna.answer(calls.gone, flags=["mystery"])
    assert [item.event for item in read_deliveries(app.state.site.desk)] == ["call.flagged"]


def test_it_is_told_again_after_growing_pauses(anna: Program, boss, sender, receiver, calls, clock) -> None:
    receiver.statuses = [500, 302, 404]
    anna.answer(calls.done)
    clock.now = time.time()
    assert sender.send_due() == 0
    (told,) = boss.ask("webhooks/deliveries")["deliveries"]
    assert (told["state"], told["attempts"], told["last_error"]) == ("waiting", 1, "http_500")
    assert told["next_attempt_at"]
    clock.now += 9
    assert sender.send_due() == 0
    assert len(receiver.got) == 1
    for pause_s, error in ((2, "http_302"), (61, "http_404")):
        clock.now += pause_s
        sender.send_due()
        assert boss.ask("webhooks/deliveries")["deliveries"][0]["last_error"] == error
    clock.now += 301
    assert sender.send_due() == 1
    (told,) = boss.ask("webhooks/deliveries")["deliveries"]
    assert (told["state"], told["attempts"], told["last_error"], told["next_attempt_at"]) == (
        "delivered", 4, None, None
    )  # fmt: skip
    assert len({body for _, _, body in receiver.got}) == 1
    assert {path for path, _, _ in receiver.got} == {"/hook?key=hidden"}  # no redirect was followed


def test_after_a_day_it_is_given_up_and_seen(
    app: FastAPI, anna: Program, boss: Program, sender: WebhookSender, receiver: Receiver, calls, clock, caplog
) -> None:
    receiver.statuses = [503] * 20
    anna.answer(calls.done)
    first_s = time.time()
    while (told := read_deliveries(app.state.site.desk)[0]).next_attempt_s is not None:
        clock.now = told.next_attempt_s
        sender.send_due()
    (told,) = boss.ask("webhooks/deliveries")["deliveries"]
    assert (told["state"], told["last_error"], told["attempts"]) == ("given_up", "http_503", 7)
    assert DAY_S / 2 < clock.now - first_s < DAY_S
    assert "given up" in caplog.text
    assert receiver.url not in caplog.text
    assert sender.send_due() == 0
    assert len(receiver.got) == 7


@pytest.mark.parametrize(
    ("attempts", "age_s", "after_s"),
    [(0, 0, 10), (1, 10, 60), (5, 9000, 43200), (5, 40000, 43200), (6, 53000, None), (6, 0, None)],
)
def test_pauses_grow_and_end(attempts: int, age_s: float, after_s: float | None) -> None:
    waiting = Waiting("d", "http://x", "call.confirmed", "{}", "c", 1000.0, attempts, 1000.0, False)
    found = next_attempt(waiting, 1000.0 + age_s)
    assert (None if found is None else found - 1000.0 - age_s) == after_s


def test_nobody_there_is_told_again_too(anna: Program, boss: Program, sender, receiver, calls) -> None:
    receiver.close()
    anna.answer(calls.done)
    assert sender.send_due() == 0
    (told,) = boss.ask("webhooks/deliveries")["deliveries"]
    assert (told["state"], told["last_error"]) == ("waiting", "ConnectError")


def test_an_address_that_fails_holds_up_no_other(data: DataFolder, settings: Settings, receiver, calls) -> None:
    dead = WebhookSettings(url="http://127.0.0.1:9/")
    review = settings.review.model_copy(update={"webhooks": (dead, *settings.review.webhooks)})
    app = create_app(data, settings.model_copy(update={"review": review}), secrets=SECRETS)
    anna = Program(app, "supervisor", "anna")
    anna.answer(calls.done)
    anna.answer(calls.gone)
    assert WebhookSender(app.state.site.desk, app.state.site.store, app.state.outlet).send_due() == 2
    assert sorted(item.attempts for item in read_deliveries(app.state.site.desk) if item.url == dead.url) == [0, 1]


def test_what_was_taken_back_is_not_told(anna: Program, boss: Program, sender, receiver, calls) -> None:
    done = anna.answer(calls.done)
    anna.ask(f"submissions/{done['submission_id']}", method="DELETE")
    assert sender.send_due() == 0
    (told,) = boss.ask("webhooks/deliveries")["deliveries"]
    assert (told["state"], told["last_error"], told["attempts"], receiver.got) == ("given_up", "undone", 0, [])


def test_an_address_that_is_gone_from_the_settings_is_not_told(anna: Program, app, boss, receiver, calls) -> None:
    anna.answer(calls.done)
    site = app.state.site
    WebhookSender(site.desk, site.store, Outlet(b"x", "", frozenset())).send_due()
    assert boss.ask("webhooks/deliveries")["deliveries"][0]["last_error"] == "not_configured"
    assert receiver.got == []


def test_it_is_told_when_the_store_has_it(anna: Program, app, sender, receiver, data: DataFolder, calls) -> None:
    evaluation = anna.ask(f"calls/{calls.done}")["evaluation"]
    answers = [{"criterion_id": item["criterion_id"], "label": "1"} for item in evaluation["criteria"]]
    body = {"evaluation_id": evaluation["evaluation_id"], "answers": answers}
    anna.ask(f"calls/{calls.done}/verdict", 422, "POST", json=body | {"answers": []})  # the evaluation is known now
    anna.answer(calls.gone)
    with Store(data.store).writing():
        assert not anna.ask(f"calls/{calls.done}/verdict", 201, "POST", json=body)["in_store"]
        waiting = due_deliveries(app.state.site.desk, time.time() + 1, 10)
        assert [item.call_id for item in waiting] == [calls.gone]
    assert sender.send_due() == 1


def test_of_two_senders_one_makes_the_attempt(anna: Program, app, sender, receiver, calls) -> None:
    anna.answer(calls.done)
    desk: Desk = app.state.site.desk
    (waiting,) = due_deliveries(desk, time.time() + 1, 10)
    assert begin_attempt(desk, waiting, waiting.body, time.time())
    assert not begin_attempt(desk, waiting, waiting.body, time.time())
    assert sender._send(None, waiting) is True  # type: ignore[arg-type]
    assert receiver.got == []


def test_nothing_is_told_of_what_was_not_accepted(anna: Program, app, calls, monkeypatch) -> None:
    monkeypatch.setattr(webhooks, "body_of", lambda *_: {}["nothing"])
    assert anna.answer(calls.done, 500)["code"] == "internal_error"
    assert read_deliveries(app.state.site.desk) == ()
    assert anna.ask(f"calls/{calls.done}")["submissions"] == []


def test_what_is_settled_is_forgotten_after_a_month(anna: Program, app, sender, receiver, calls) -> None:
    anna.answer(calls.done)
    desk: Desk = app.state.site.desk
    assert forget_settled(desk, time.time() + 40 * DAY_S) == 0  # it waits
    sender.send_due()
    assert forget_settled(desk, time.time() + 29 * DAY_S) == 0
    assert forget_settled(desk, time.time() + 40 * DAY_S) == 1
    assert read_deliveries(desk) == ()


def test_the_running_page_tells(app: FastAPI, receiver: Receiver, calls: SimpleNamespace) -> None:
    with TestClient(app):
        Program(app, "supervisor", "anna").answer(calls.done)
        wait_until(lambda: receiver.got)


def test_the_thread_outlives_whatever_happens(app: FastAPI, anna: Program, receiver, calls, monkeypatch) -> None:
    from pipeline.errors import StoreError

    errors: list[Exception] = [StoreError("busy"), ZeroDivisionError()]
    real = webhook_sender.due_deliveries

    def failing(*values: Any) -> Any:
        if errors:
            raise errors.pop()
        return real(*values)

    monkeypatch.setattr(webhook_sender, "due_deliveries", failing)
    sender = WebhookSender(app.state.site.desk, app.state.site.store, app.state.outlet, every_s=0.02)
    anna.answer(calls.done)
    sender.start()
    wait_until(lambda: receiver.got)
    sender.stop()
    sender.send_due()
    assert len(receiver.got) == 1


def test_when_it_ends_the_rest_waits(anna: Program, sender: WebhookSender, receiver: Receiver, calls) -> None:
    anna.answer(calls.done)
    sender.start()
    sender.stop()
    before = len(receiver.got)
    assert sender.send_due() == 0
    assert len(receiver.got) == before


KILLED = """
import sys, os, signal
from pathlib import Path
from pipeline.data_folder import DataFolder
from pipeline.store import Store
from review import webhook_sender
from review.desk.database import Desk
from review.webhook_sender import Outlet, WebhookSender
data, url = DataFolder(Path(sys.argv[1])), sys.argv[2]
def post(*_):
    os.kill(os.getpid(), signal.SIGKILL)
webhook_sender.post = post
WebhookSender(Desk(data.desk), Store(data.store), Outlet(sys.argv[3].encode(), "", frozenset([url]))).send_due()
"""


@pytest.mark.kill
def test_a_killed_sender_is_followed_by_another(anna: Program, data, sender, receiver, calls, clock) -> None:
    anna.answer(calls.done)
    command = [sys.executable, "-c", KILLED, str(data.root), receiver.url, SECRET]
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run(command, check=False, cwd=root, env=os.environ | {"PYTHONPATH": str(root)})
    assert ended.returncode == -signal.SIGKILL
    clock.now = time.time()
    assert sender.send_due() == 0  # it may be on its way: nobody else sends it before its time
    clock.now += 10 + webhooks.LEASE_S
    assert sender.send_due() == 1
    (message,) = receiver.messages
    assert message["journal_call_id"] == "1000"


@pytest.mark.parametrize(("given", "found"), [("", "is not set"), ("short", "has 5 characters")])
def test_without_a_secret_the_page_does_not_start(data, settings: Settings, given: str, found: str) -> None:
    with pytest.raises(ConfigurationError, match=f"PRESCORE_WEBHOOK_SECRET {found}; set it to"):
        create_app(data, settings, secrets={"PRESCORE_WEBHOOK_SECRET": given} if given else {})


def test_an_address_without_a_host_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="names no host"):
        outlet_for([WebhookSettings(url="https:///hook")], SECRETS)


def test_nobody_to_tell_needs_no_secret() -> None:
    assert outlet_for([], {}) is None


def test_the_signature_is_what_it_was() -> None:
    """Receivers rely on it."""
    expected = "t=1760000000,v1=" + hmac.new(b"s", b'1760000000.{"a":1}', hashlib.sha256).hexdigest()
    assert signature(b"s", b'{"a":1}', 1760000000) == expected
