"""The torture in its short form: kills of the command, its workers and the page, and the rows of an undisturbed run.

The flow and Prefect's server are killed by `make torture` alone: a flow without its server ends by timeouts of minutes.
"""

import os
import random
from pathlib import Path

import pytest

from tests.faults.page_kills import torture_page
from tests.faults.run_kills import COMMAND, GROUP, WORKER, Night, make_night, torture_run
from tests.faults.tally import Kill, Round, table

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
