"""The torture in its short form: kills of command, workers, page, flow and server, and the rows of an undisturbed run.

The flow and Prefect's server are killed once each, in the middle of a night that is held there: their nights are long.
"""

import os
import random
from pathlib import Path

import pytest

from tests.faults.night_kills import FLOW, SERVER, prefect_server, torture_night
from tests.faults.page_kills import torture_page
from tests.faults.run_kills import COMMAND, GROUP, WORKER, Night, make_night, torture_run
from tests.faults.tally import Kill, Round, table
from tests.held import Hold

pytestmark = pytest.mark.kill
SEED = int(os.environ.get("TORTURE_SEED", "5"))
UNTIL_S = 3.0  # while workers start and work


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return make_night(tmp_path_factory.mktemp("torture"), 4)


def test_the_command_and_its_workers(night: Night, tmp_path: Path) -> None:
    done = torture_run(night, tmp_path / "data", [COMMAND, GROUP, WORKER], random.Random(SEED), UNTIL_S)
    assert done.differing == ()
    assert 1 <= len(done.kills) <= 4 and done.runs == 4


def test_the_page_while_people_submit(night: Night, tmp_path: Path) -> None:
    done = torture_page(night.inbox.parent / "clean", tmp_path / "data", 2, random.Random(SEED), 0.5)
    assert done.differing == ()
    assert len(done.kills) == 2 and done.acknowledged >= 2


def test_the_flow_and_prefects_server(night: Night, tmp_path: Path) -> None:
    """The flow while it stores and works; its server while nothing but recognition is under way."""
    holds = [Hold(tmp_path / "with-flow", 4), Hold(tmp_path / "with-server", 1)]
    with prefect_server(tmp_path / "prefect") as server:
        done = torture_night(night, tmp_path / "data", server, [FLOW, SERVER], random.Random(SEED), 0.0, holds)
    assert done.differing == ()
    assert [kill.victim for kill in done.kills] == [FLOW, SERVER] and done.runs == 3


def test_the_table_has_a_row_for_each_kind_and_a_sum() -> None:
    rounds = [
        Round((Kill("a worker", 1.0, 2.0), Kill("a worker", 1.0, 4.0)), 2, 5.0),
        Round((Kill("the page", 1.0, 0.5),), 2, 3.0, ("a row",), 7),
        Round((), 1, 1.0),
    ]
    lines = table(rounds).splitlines()
    assert lines[2:] == [
        "| a worker | 2 | 2 | 0 | 0 | 3.0, 4.0 | 5.0, 5.0 |",
        "| the page | 1 | 2 | 7 | 1 | 0.5, 0.5 | 3.0, 3.0 |",
        "| (over before the kill) | 0 | 1 | 0 | 0 |  | 1.0, 1.0 |",
        "| **all** | 3 | 5 | 7 | 1 | 2.0, 4.0 | 3.0, 5.0 |",
    ]
