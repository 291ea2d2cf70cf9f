"""`prescore learn`, `prescore heads` and the flow `learn`."""

from pathlib import Path

import pytest

from flows.learn import learn
from flows.learning import read_heads
from flows.workshop import WorkOrder
from pipeline.store import Store
from tests.command.conftest import Prescore, _on_fakes, prescore  # noqa: F401  the command's own fixtures
from tests.learning.conftest import SMALL
from tests.learning.heads import constant_heads, teach
from tests.learning.test_learning import DONE, Learner


@pytest.fixture
def data(order: WorkOrder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the store; few verdicts are enough, and nothing is learned for long."""
    monkeypatch.setattr("flows.learning.learner", lambda _encoder: Learner(constant_heads()))
    config = order.data.root / "pipeline.yaml"
    text = (Path("configs") / "pipeline.yaml").read_text(encoding="utf-8")
    for key in ("min_calls", "min_held_out"):
        text = text.replace(f"{key}: {60 if key == 'min_calls' else 15}", f"{key}: {getattr(SMALL, key)}")
    config.write_text(text, encoding="utf-8")
    return order.data.root


def test_learn_then_list_use_and_roll_back(prescore: Prescore, data: Path, store: Store) -> None:  # noqa: F811
    config = ("--config", data / "pipeline.yaml")
    teach(store, 3, DONE)
    said = prescore("learn", *config)
    assert "3 calls with 12 verdicts; heads in use: shipped" in said.out
    assert "nothing learned: 3 calls with verdicts; 13 more are needed" in said.out
    teach(store, 17, DONE, first=3)
    said = prescore("learn", "--dry-run", *config)
    assert "dry run, nothing kept; would be adopted" in said.out
    said = prescore("learn", *config)
    for shown in ("On 5 held-out calls", "kappa now", "greeting", "adopted: no criterion is worse", "prescore rescore"):
        assert shown in said.out, shown
    said = prescore("heads", "list")
    assert "adopted by prescore learn: no criterion is worse" in said.out
    assert "heads in use: shipped" in prescore("heads", "rollback", "--by", "Anna", "--reason", "trial").out
    version = next(line.split()[0] for line in prescore("heads", "list").out.splitlines() if " rolled_back" in line)
    assert f"heads in use: {version}" in prescore("heads", "use", version[:5], "--by", "Anna").out
    said = prescore("heads", "use", version, "--by", "Anna")
    assert (said.code, "in use already" in said.errors) == (2, True)
    (data / "heads" / f"{version}.npz").unlink()
    said = prescore("rescore", "--dry-run")
    assert (said.code, "are missing; bring it back from a backup" in said.errors) == (4, True)


def test_a_bad_day_is_said(prescore: Prescore, data: Path) -> None:  # noqa: F811
    said = prescore("learn", "--since", "yesterday")
    assert (said.code, "--since yesterday: is no day" in said.errors) == (2, True)


def test_the_flow_learns_and_reports(
    order: WorkOrder, data: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    teach(store, 20, DONE)
    shown: dict[str, list] = {}
    monkeypatch.setenv("PRESCORE_MODELS", order.models)
    monkeypatch.setattr("flows.learn.create_table_artifact", lambda rows, key, description: shown.update({key: rows}))
    monkeypatch.setattr("flows.learn.get_run_logger", lambda: __import__("logging").getLogger("test"))
    counts = learn.fn(data=str(data), config=str(data / "pipeline.yaml"))
    assert counts == {"calls_with_verdicts": 20, "verdicts": 80, "held_out": 5, "adopted": 1}
    assert {row["criterion"] for row in shown["prescore-heads"]} == {*DONE, "call_type"}
    assert shown["prescore-learning"][0]["decision"].startswith("adopted")
    assert read_heads(order).events[-1].actor == "flow learn"
