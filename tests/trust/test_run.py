"""A run confirms at its end, and writes which verdicts no person gave."""

import json
from pathlib import Path

import pytest

from flows.batch import finish_run
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.settings import load_settings
from pipeline.store import Store
from pipeline.store.export import export
from pipeline.store.trust import allow
from tests.trust.calls import TRUST, add_calls, answered, give, rows
from tests.trust.conftest import NEW, OLD


@pytest.fixture
def order(tmp_path: Path) -> WorkOrder:
    settings = load_settings().model_copy(update={"trust": TRUST})
    return WorkOrder(settings, DataFolder(tmp_path / "data"))


def test_the_end_of_a_run_confirms_what_is_allowed(order: WorkOrder, tmp_path: Path) -> None:
    store = Store(order.data.store)
    add_calls(store, [*OLD, *NEW], answered({"needs": 0.5}))
    give(store, OLD, 0.5)
    finish_run(store, order, "run 1", {})
    assert rows(store, "SELECT count(*) FROM verdicts WHERE is_auto_confirmed") == [(0,)]
    with store.writing() as con:
        allow(con, "cqr", "needs", "boris", TRUST)
    for _ in range(2):
        finish_run(store, order, "run 1", {})
        assert rows(store, "SELECT count(*) FROM verdicts WHERE is_auto_confirmed") == [(12,)]
    out = tmp_path / "calls.jsonl"
    with store.reading() as con:
        export(con, "jsonl", out)
    marked = [
        criterion["is_auto_confirmed"]
        for line in out.read_text(encoding="utf-8").splitlines()
        for criterion in json.loads(line)["criteria"]
    ]
    assert (len(marked), sum(marked)) == (75, 12)
