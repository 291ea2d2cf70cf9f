"""Whoever waits for the night is told, and nothing depends on their listening."""

import http.server
import json
import logging
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from flows.batch import RunSummary
from flows.notification import message, notify
from flows.planning import RunPlan


@pytest.fixture
def summary() -> RunSummary:
    plan = RunPlan("20261122-000000-abcdef", (), 5, 1, ("calls.csv: line 2: a problem",), 0)
    return RunSummary(plan, done=3, no_speech=1, failed=[("truncated", "secret.wav: is cut off")])


@pytest.fixture
def listener() -> Iterator[Any]:
    """A chat system on this machine: `received` bodies, answers with `status`."""
    state = SimpleNamespace(received=[], status=204, url="")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.received.append((self.headers["Content-Type"], json.loads(body)))
            self.send_response(state.status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/hook"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def test_delivered_with_counts_and_no_names(listener: Any, summary: RunSummary) -> None:
    assert notify(listener.url, summary) is True
    ((content_type, body),) = listener.received
    assert content_type == "application/json"
    assert (
        body
        == message(summary)
        == {
            "text": "Prescore 20261122-000000-abcdef: 3 done, 1 failed",
            "run_id": "20261122-000000-abcdef",
            "done": 3,
            "no_speech": 1,
            "failed": 1,
        }
    )


def test_a_refusal_is_logged_and_harms_nothing(
    listener: Any, summary: RunSummary, caplog: pytest.LogCaptureFixture
) -> None:
    listener.status = 500
    assert notify(listener.url, summary) is False
    assert caplog.messages == ["the notification was not delivered: HTTPError"]


def test_nobody_there(summary: RunSummary, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert notify(f"http://127.0.0.1:{port}/", summary) is False
    assert caplog.messages == ["the notification was not delivered: URLError"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1:80"])
def test_what_is_no_http_address_is_not_opened(url: str, summary: RunSummary, caplog: pytest.LogCaptureFixture) -> None:
    assert notify(url, summary) is False
    assert caplog.messages == ["PRESCORE_WEBHOOK is no http address; nothing sent"]


@pytest.mark.parametrize("url", [None, ""])
def test_no_address_is_no_mistake(url: str | None, summary: RunSummary, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert notify(url, summary) is False
    assert caplog.messages == []
