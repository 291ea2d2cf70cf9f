"""What `prescore doctor` says of the judge's models, the adopted heads and the last backup."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows.checks import Finding, examine
from flows.workshop import WorkOrder
from pipeline.learning.files import save_version
from pipeline.learning.versions import HeadEvent
from pipeline.settings import JudgeSettings, LocalInstructSettings, NliSettings, ServedInstructSettings
from pipeline.store import Store
from pipeline.store.heads import append_event
from tests.learning.heads import constant_heads


def with_judge(order: WorkOrder, judge: JudgeSettings) -> WorkOrder:
    settings = order.settings
    profile = settings.active.model_copy(update={"judge": judge})
    return WorkOrder(settings.model_copy(update={"profiles": {settings.profile: profile}}), order.data, order.models)


def finding(order: WorkOrder, what: str) -> Finding | None:
    return next((item for item in examine(order) if item.what == what), None)


@contextmanager
def listing(status: int, body: str) -> Iterator[str]:
    """A server whose list of models is that."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def served(order: WorkOrder, address: str) -> WorkOrder:
    instruct = ServedInstructSettings(backend="openai", base_url=address, model="small")
    return with_judge(order, JudgeSettings(rungs=("heads", "instruct"), instruct=instruct))


@pytest.mark.parametrize(
    ("status", "body", "level", "said"),
    [
        (200, '{"data": [{"id": "small"}]}', "ok", "has small"),
        (200, '{"data": [{"id": "large"}]}', "problem", "has no small"),
        (401, "{}", "problem", "answers 401"),
        (200, "no list", "note", "does not say which models it has"),
    ],
)
def test_a_served_model_is_asked_for(order: WorkOrder, status: int, body: str, level: str, said: str) -> None:
    with listing(status, body) as address:
        found = finding(served(order, address), "model of the rung instruct")
    assert found is not None
    assert (found.level, said in found.found) == (level, True)
    assert bool(found.remedy) == (level == "problem")


def test_a_server_that_is_down(order: WorkOrder) -> None:
    found = finding(served(order, "http://127.0.0.1:9/v1"), "model of the rung instruct")
    assert found is not None
    assert (found.level, "does not answer (ConnectError)" in found.found) == ("problem", True)


def test_models_of_this_machine(order: WorkOrder, tmp_path: Path) -> None:
    nli = NliSettings(model=str(tmp_path))
    instruct = LocalInstructSettings(backend="transformers", model="nobody/such-a-model")
    judge = JudgeSettings(rungs=("heads", "nli", "instruct"), nli=nli, instruct=instruct)
    here, missing = (finding(with_judge(order, judge), f"model of the rung {name}") for name in ("nli", "instruct"))
    assert here is not None and here.level == "ok"
    assert missing is not None and (missing.level, bool(missing.remedy)) == ("note", True)


def test_a_model_that_is_not_asked_is_not_looked_at(order: WorkOrder) -> None:
    judge = JudgeSettings(rungs=("heads",), nli=NliSettings(model="nobody/such-a-model"))
    assert finding(with_judge(order, judge), "model of the rung nli") is None


def test_adopted_heads(order: WorkOrder) -> None:
    assert finding(order, "judge's heads") is None  # no store yet
    chosen = save_version(constant_heads(), order.data.heads)
    with Store(order.data.store).writing() as con:
        append_event(con, HeadEvent("adopted", chosen.version, "learn"))
    found = finding(order, "judge's heads")
    assert found is not None
    assert (found.level, chosen.version in found.found) == ("ok", True)
    chosen.path.write_bytes(b"altered")
    found = finding(order, "judge's heads")
    assert found is not None
    assert (found.level, "were altered" in found.found) == ("problem", True)
    chosen.path.unlink()
    found = finding(order, "judge's heads")
    assert found is not None
    assert "are missing" in found.found


@pytest.mark.parametrize(("days", "level"), [(None, "note"), (1, "ok"), (3, "note")])
def test_the_last_backup(order: WorkOrder, days: int | None, level: str) -> None:
    with Store(order.data.store).writing():
        pass
    if days is not None:
        made_at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        order.data.last_backup.write_text(json.dumps({"made_at": made_at}))
    found = finding(order, "backup")
    assert found is not None
    assert (found.level, bool(found.remedy)) == (level, level == "note")
