import os
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.data_folder import DataFolder
from pipeline.errors import StoreError
from pipeline.store import Store
from pipeline.store.rows import fetch
from pipeline.store.verdicts import Verdict, append_verdicts
from pipeline.store.versions import write_default_checklist
from review import listing as listing_module
from review import listing_rows
from review.listing import Listing
from tests.pages.scored_calls import ALL, add_call, draw_audit, submit

AS_MAIN_CALLS = ("manager", "direction", "started_at", "status", "failure_code", "language", "duration_s")


@pytest.fixture
def store(data: DataFolder) -> Store:
    return Store(data.store, timeout_s=5)


@pytest.fixture
def whole_reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many calls each reading of the store read; whole readings are -1."""
    found: list[int] = []
    read = listing_module.read_calls

    def counted(con: object, call_ids: list[str] | None, *rest: object) -> object:
        found.append(-1 if call_ids is None else len(call_ids))
        return read(con, call_ids, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(listing_module, "read_calls", counted)
    return found


def test_it_says_what_main_calls_says(calls: SimpleNamespace, store: Store) -> None:
    add_call(store, "sure")
    add_call(store, "doubt", answers={"needs": (True, 0.0, 0.3), "upsell": (False, None, 0.9)})
    add_call(store, "empty", scored=False)
    with store.reading() as con:
        evaluation = con.execute("SELECT min(evaluation_id) FROM base.evaluations WHERE scored").fetchall()[0][0]
    with store.writing() as con:
        append_verdicts(con, [Verdict(evaluation, "greeting", True, 0.0, "anna")])
    with store.reading() as con:
        rows = con.execute("FROM main.calls").fetchall()
        names = [column[0] for column in con.description or ()]
    expected = {row["call_id"]: row for row in (dict(zip(names, values, strict=True)) for values in rows)}
    listed = Listing().read(store, UTC)
    assert {call.call_id for call in listed.calls} == set(expected)
    for call in listed.calls:
        row, score = expected[call.call_id], call.score(None)
        assert {name: getattr(call, name) for name in AS_MAIN_CALLS} == {name: row[name] for name in AS_MAIN_CALLS}
        shown = (score.call_type, score.cqr, score.passed, score.call_type_confidence) if score else (None,) * 4
        assert shown == (row["call_type"], pytest.approx(row["cqr"]), row["passed"], row["call_type_confidence"])


def test_only_changed_calls_are_read_anew(store: Store, whole_reads: list[int]) -> None:
    first, second = add_call(store, "1"), add_call(store, "2", days=1)
    kept = Listing()
    assert [call.call_id for call in kept.read(store, UTC).calls] == [second, first]
    kept.read(store, UTC)
    assert whole_reads == [-1]
    submit(store, first, "anna", flags=("rescue",))
    reviewed = {call.call_id: call for call in kept.read(store, UTC).calls}
    assert (reviewed[first].reviewers, reviewed[first].flags, reviewed[second].reviewers) == (
        ("anna",),
        ("rescue",),
        (),
    )
    third = add_call(store, "3", days=2)
    assert [call.call_id for call in kept.read(store, UTC).calls] == [third, second, first]
    draw_audit(store, third, "needs")
    assert kept.read(store, UTC).calls[0].audited == ("needs",)
    assert whole_reads == [-1, 1, 1, 1]


def test_a_verdict_moves_the_score(store: Store) -> None:
    call_id = add_call(store, "1")
    kept = Listing()
    (before,) = kept.read(store, UTC).calls
    score = before.score("cqr")
    assert score is not None
    assert score.cqr == 100
    assert "greeting:1.000" in score.answers
    with store.writing(checkpoint=False) as con:
        append_verdicts(con, [Verdict(score.evaluation_id, "greeting", True, 0.5, "anna")])
    (after,) = kept.read(store, UTC).calls
    changed = after.score("cqr")
    assert changed is not None
    assert changed.cqr is not None
    assert changed.cqr < 100
    assert "greeting:0.500" in changed.answers
    assert after.call_id == call_id


def test_a_new_judgement_takes_the_place_of_the_old_one(store: Store, whole_reads: list[int]) -> None:
    add_call(store, "1", confidence=0.3)
    kept = Listing()
    kept.read(store, UTC)
    add_call(store, "1", confidence=0.8, judge="rules:2")
    (call,) = kept.read(store, UTC).calls
    assert [score.call_type_confidence for score in call.scores] == [0.8]
    assert whole_reads == [-1, 1]


def test_a_shorter_table_or_another_default_makes_everything_be_read(store: Store, whole_reads: list[int]) -> None:
    first, second = add_call(store, "1"), add_call(store, "2")
    kept = Listing()
    kept.read(store, UTC)
    with store.writing() as con:
        con.execute("DELETE FROM base.call_facts WHERE call_id = ?", [first])
        con.execute("DELETE FROM base.recordings WHERE call_id = ?", [first])
    assert [call.call_id for call in kept.read(store, UTC).calls] == [second]
    with store.writing() as con:
        write_default_checklist(con, "cqr")
    assert kept.read(store, UTC).default_checklist == "cqr"
    assert whole_reads == [-1, -1, -1]


def test_after_a_large_night_everything_is_read(
    store: Store, whole_reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_module, "MANY", 1)
    add_call(store, "1")
    kept = Listing()
    kept.read(store, UTC)
    for name in "23":
        add_call(store, name)
    assert len(kept.read(store, UTC).calls) == 3
    assert whole_reads == [-1, -1]


def test_after_a_while_everything_is_read(
    store: Store, whole_reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_call(store, "1")
    kept = Listing()
    kept.read(store, UTC)
    monkeypatch.setattr(listing_module, "WHOLE_EVERY_S", -1.0)
    kept.read(store, UTC)
    assert whole_reads == [-1]
    add_call(store, "2")
    kept.read(store, UTC)
    assert whole_reads == [-1, -1]


def test_a_file_that_was_only_touched_costs_no_reading_of_calls(store: Store, whole_reads: list[int]) -> None:
    add_call(store, "1")
    kept = Listing()
    before = kept.read(store, UTC)
    os.utime(store.path, ns=(1, 1))
    assert kept.read(store, UTC) is before
    assert whole_reads == [-1]


def test_while_somebody_writes_what_is_known_is_shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_call(store, "1")
    kept = Listing()
    known = kept.read(store, UTC)
    quick = Store(store.path, timeout_s=0.05)
    monkeypatch.setattr(listing_module, "QUICK_S", 0.01)
    with store.writing() as con:
        con.execute("DELETE FROM base.call_facts")
        con.execute("CREATE TABLE base.scratch AS SELECT 1 AS one")
        os.utime(store.path, ns=(1, 1))
        assert kept.read(quick, UTC) is known
        monkeypatch.setattr(listing_module, "STALE_S", 0.0)
        with pytest.raises(StoreError, match="busy"):
            kept.read(quick, UTC)
        with pytest.raises(StoreError, match="busy"):
            Listing().read(quick, UTC)


def test_without_a_store_there_is_nothing(tmp_path: Path) -> None:
    listed = Listing().read(Store(tmp_path / "none.duckdb"), UTC)
    assert (listed.calls, listed.has_store) == ((), False)
    assert listed.checklist("cqr") is None


def test_disputed_criteria_come_from_the_verdicts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_rows, "ENOUGH_VERDICTS", 4)
    for number in range(4):
        add_call(store, str(number), answers={"needs": (True, number % 2, 0.7), "closing": (True, number % 2, 0.7)})
    with store.reading() as con:
        rows = fetch(con, "page_score_facts", **ALL)
    verdicts = []
    for row in rows:
        zero = "needs:0.000" in row["answers"]
        verdicts.append(Verdict(row["evaluation_id"], "needs", True, 1.0 if zero else 0.0, "anna"))
        verdicts.append(Verdict(row["evaluation_id"], "closing", True, 0.0 if zero else 1.0, "anna"))
    with store.writing() as con:
        append_verdicts(con, verdicts)
    assert Listing().read(store, UTC).disputed == {("cqr", "needs")}
