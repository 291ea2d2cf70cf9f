"""`prescore trust` through the command's own entry."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.store import Store
from tests.command.conftest import Prescore, _on_fakes, data, prescore  # noqa: F401  the command's own fixtures
from tests.trust.calls import add_calls, answered, give, names_of
from tests.trust.conftest import NEW, OLD

VALUES = {"greeting": 1.0, "needs": 0.5, "politeness": 1.0}


@pytest.fixture
def live(data: Path) -> Store:  # noqa: F811
    store = Store(data / "calls.duckdb")
    add_calls(store, [*OLD, *NEW], answered(VALUES))
    give(store, OLD, 0.5)
    give(store, OLD[:5], 1.0, reviewer="boris")
    return store


def test_everything_is_off_at_first(prescore: Prescore, live: Store) -> None:  # noqa: F811
    assert "off: nobody has allowed" in prescore("trust", "status").out
    assert "nothing is allowed to be confirmed" in prescore("trust", "apply").out
    assert "no audit waits" in prescore("trust", "audits").out


def test_allow_confirms_and_stop_takes_back(prescore: Prescore, live: Store) -> None:  # noqa: F811
    said = prescore("trust", "allow", "greeting", "--by", "Clara")
    assert "greeting: waits: 0 verdicts, 236 more until the next test" in said.out
    assert "needs at least 59 verdicts without an error" in said.out

    give(live, OLD, 1.0, "greeting")
    prescore("trust", "stop", "greeting", "--by", "Clara")
    said = prescore("trust", "allow", "greeting", "--by", "Clara", "--after", "59")
    assert "greeting: 12 confirmed, 3 left for a person to check, 3 such audits wait" in said.out
    assert "greeting: 0 confirmed, 0 left" in prescore("trust", "apply").out

    status = prescore("trust", "status").out
    for shown in ("cqr.greeting", "running", "Clara", "95%", "60 verdicts, 0 wrong", "4.9%", "12", "0 of 3"):
        assert shown in status, shown
    assert "3 audits wait" in prescore("trust", "audits").out

    tomorrow = str(date.today() + timedelta(days=2))
    said = prescore("trust", "stop", "greeting", "--by", "Clara", "--withdraw", "--since", tomorrow)
    assert said.out == "greeting: stopped by Clara; 0 confirmations taken back\n"
    assert "12 confirmations taken back" in prescore("trust", "stop", "greeting", "--by", "C", "--withdraw").out
    assert "cqr.greeting stopped: by a person" in prescore("trust", "status").out


def test_it_says_why_it_stopped_or_paused(prescore: Prescore, live: Store, tmp_path: Path) -> None:  # noqa: F811
    give(live, OLD, 1.0, "greeting")
    config = tmp_path / "pipeline.yaml"
    text = (Path("configs") / "pipeline.yaml").read_text(encoding="utf-8")
    config.write_text(text.replace("max_waiting_audits: 30", "max_waiting_audits: 1"), encoding="utf-8")
    said = prescore("trust", "allow", "greeting", "--by", "Clara", "--after", "59", "--config", config)
    assert "paused: 3 audits wait for a verdict" in said.out
    add_calls(live, names_of("later", 1), answered(VALUES, judge="heads 2"))
    assert "stopped: another judge; what it confirmed stands" in prescore("trust", "apply").out


def test_agreement_in_every_grouping(prescore: Prescore, live: Store) -> None:  # noqa: F811
    said = prescore("trust", "agreement").out
    assert "needs" in said
    assert "last 25" in said
    for by, shown in (
        ("call-type", "objection"),
        ("supervisor", "boris"),
        ("version", "version 1"),
        ("judge", "heads 1"),
    ):
        assert shown in prescore("trust", "agreement", "--by", by).out
    people = prescore("trust", "agreement", "--between-supervisors", "--by", "supervisor").out
    assert "anna / boris" in people
    assert "0% (0..0)" in people
    assert "greeting" not in prescore("trust", "agreement", "--criterion", "needs", "--judge", "heads 1").out


def test_what_does_not_hold_is_said(prescore: Prescore, live: Store) -> None:  # noqa: F811
    for words, message in (
        (["agreement", "--checklist", "other"], "no verdicts to compare"),
        (["agreement", "--between-supervisors", "--checklist", "other"], "no calls that two people have scored"),
        (["allow", "nothing", "--by", "Clara"], 'has no criterion "nothing"'),
        (["stop", "needs", "--by", "Clara"], "nothing is to be stopped"),
        (["stop", "needs", "--by", "Clara", "--since", "2026-01-01"], "give --withdraw with it"),
    ):
        said = prescore("trust", *words)
        assert (said.code, message in said.errors) == (2, True), said
