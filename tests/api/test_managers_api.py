"""Managers' figures: those of the page."""

from types import SimpleNamespace

import pytest
from fastapi import FastAPI

from pipeline.data_folder import DataFolder
from tests.api.conftest import Program
from tests.pages.team import team_store

ANNA = "Анна Белова"


@pytest.fixture
def head(app: FastAPI, data: DataFolder) -> Program:
    """A head of sales whose team has ten weeks behind it."""
    data.store.write_bytes(team_store()[0])
    return Program(app, "head", "head")


def test_every_manager_is_told_with_intervals(head: Program) -> None:
    told = head.ask("managers?from=2026-10-01&period=month")
    assert told["period"] == {"first": "2026-10-01", "last": "2026-10-31"}
    assert (told["checklist_id"], told["listened_plan"]) == ("cqr", 0.3)
    names = [item["manager"] for item in told["managers"]]
    assert names == sorted(names)
    (anna,) = [item for item in told["managers"] if item["manager"] == ANNA]
    now = anna["now"]
    assert now["cqr"]["low"] < now["cqr"]["value"] < now["cqr"]["high"]
    assert now["cqr"]["count"] == now["scored"] <= now["conversations"] <= now["calls"]
    assert now["heard_share"] == pytest.approx(now["heard"] / now["conversations"])
    assert anna["before"]["calls"] > 0
    assert told["everybody"]["calls"] == sum(item["now"]["calls"] for item in told["managers"])


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("", "2026-11-01", "2026-11-30"),
        ("?period=week&from=2026-10-07", "2026-10-05", "2026-10-11"),
        ("?period=quarter", "2026-10-01", "2026-12-31"),
        ("?from=2026-10-03&to=2026-10-04", "2026-10-03", "2026-10-04"),
    ],
)
def test_the_period_is_the_pages(head: Program, query: str, first: str, last: str) -> None:
    assert head.ask(f"managers{query}")["period"] == {"first": first, "last": last}


@pytest.mark.parametrize(
    "query", ["to=2026-10-04", "period=week&from=2026-10-03&to=2026-10-04", "period=year", "from=x", "sort=cqr"]
)
def test_a_period_that_cannot_be_meant_is_refused(head: Program, query: str) -> None:
    assert head.ask(f"managers?{query}", 422)["code"] == "invalid"
    assert head.ask(f"managers/{ANNA}?{query}", 422)["code"] == "invalid"


def test_a_manager_is_told_with_weeks_criteria_types_and_examples(head: Program) -> None:
    told = head.ask(f"managers/{ANNA}?period=quarter&from=2026-10-01")
    assert (told["manager"], told["threshold"]) == (ANNA, 80)
    assert len(told["weeks"]) >= 10
    assert {item["criterion_id"] for item in told["criteria"]} >= {"greeting", "closing"}
    assert sum(item["share"]["value"] for item in told["call_types"]) == pytest.approx(1)
    assert told["best"][0]["cqr"] >= told["worst"][0]["cqr"]
    assert told["best"][0]["url"].endswith(f"/calls/{told['best'][0]['call_id']}")
    assert told["best"][0]["started_at"].endswith("Z")
    assert head.ask(f"calls/{told['best'][0]['call_id']}")["manager"] == ANNA


def test_a_name_may_hold_anything(head: Program) -> None:
    assert head.ask("managers/Kate%20O'Neil%20%26%20Co")["manager"] == "Kate O'Neil & Co"
    assert head.ask("managers/nobody/at/all", 404)["code"] == "no_such_manager"


def test_a_manager_asks_for_their_own_figures_alone(app: FastAPI, head: Program) -> None:
    anna = Program(app, "manager", "anna", manager=ANNA)
    assert anna.ask(f"managers/{ANNA}")["figures"]["manager"] == ANNA
    assert anna.ask("managers/Дарья Ежова", 404)["code"] == "no_such_manager"
    assert anna.ask("managers", 403)["code"] == "not_allowed"


def test_calls_without_a_manager_come_last(boss: Program, calls: SimpleNamespace) -> None:
    assert boss.ask("managers")["managers"][-1]["manager"] is None
