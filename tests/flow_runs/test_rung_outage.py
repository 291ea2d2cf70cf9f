"""A night on which the instruct model's server is down, and the night after."""

import logging
from pathlib import Path

import pytest

from flows.batch import run_batch
from flows.workshop import workshop_of
from pipeline.prescoring import rules_judge
from pipeline.settings import Settings
from tests.flow_runs.judged import evaluations_of, judged_order, judges_of
from tests.flow_runs.recordings import stereo_call
from tests.model_adapters.served import Reply, serve


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Two calls of which the rules alone are not sure."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    for number in (1, 2):
        stereo_call(folder / f"stereo-{number}.wav", number)
    return folder


@pytest.mark.parametrize("workers", [0, 1], ids=["in this process", "in a worker"])
def test_a_server_that_is_down_costs_no_call_and_is_made_up_for(
    settings: Settings, inbox: Path, tmp_path: Path, workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with serve([Reply(status=500)]) as server:
        order = judged_order(settings, tmp_path / "data", server.base_url)
        store = order.data.store
        night = run_batch(order, [inbox], None, None, workers)
    assert (night.done, night.failed) == (2, [])
    assert night.left_out == {"instruct": 2}
    assert all(judge.startswith("rules:") for judge in judges_of(store))
    if workers == 0:
        warnings = [record.getMessage() for record in caplog.records if "left out" in record.getMessage()]
        assert len(warnings) == 1 and "status 500; look into the server's log" in warnings[0]

    with serve([Reply("{}")]) as server:
        later = judged_order(settings, order.data.root, server.base_url)
        again = run_batch(later, [inbox], None, None, 0)
        assert (again.done, set(again.stage_s), again.left_out) == (2, {"evaluation"}, {})
        assert len(server.asked) > 0
        whole = workshop_of(later).judge.identity
        assert sorted(judges_of(store)) == sorted([rules_judge().identity, whole] * 2)
        third = run_batch(later, [inbox], None, None, 0)
    assert third.plan.tasks == ()


def test_what_was_judged_without_the_rung_is_what_a_judge_without_it_says(
    settings: Settings, inbox: Path, tmp_path: Path
) -> None:
    with serve([Reply(status=503)]) as server:
        down = judged_order(settings, tmp_path / "down", server.base_url)
        run_batch(down, [inbox], None, None, 0)
        never = judged_order(settings, tmp_path / "never", server.base_url, ("rules",))
        run_batch(never, [inbox], None, None, 0)
    assert evaluations_of(down.data.store) == evaluations_of(never.data.store) != []
