from datetime import date, timedelta

import pytest

from review.call_facts import CallFacts
from review.need import REASONS, NeedFacts, Reason, need, urgency
from review.waiting import build_team, in_order, is_newcomer

SHARE = 0.3
MONDAY = date(2026, 10, 5)
CALM = NeedFacts(type_confidence=0.9, unsure_share=0.1, reviewed_ever=True, reviewed_in_week=3, calls_in_week=10)


def codes(facts: NeedFacts, *, blind: bool = False) -> list[str]:
    return [reason.code for reason in need(facts, SHARE, blind=blind)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"audited": ("greeting",)}, ["audit"]),
        ({"flags": ("rescue", "conflict")}, ["rescue"]),
        ({"flags": ("good_example",)}, []),
        ({"critical_confidence": 0.2}, ["critical"]),
        ({"is_newcomer": True}, ["newcomer"]),
        ({"type_confidence": 0.54}, ["unsure"]),
        ({"type_confidence": 0.55}, []),
        ({"unsure_share": 0.4}, ["unsure"]),
        ({"unsure_share": 0.39}, []),
        ({"unsure_share": None, "type_confidence": None}, []),
        ({"disputed": ("needs",)}, ["disagreement"]),
        ({"reviewed_ever": False}, ["never_reviewed"]),
        ({"reviewed_in_week": 2}, ["below_share"]),
        ({"reviewed_in_week": 0, "calls_in_week": 1, "reviewed_ever": False}, ["never_reviewed", "below_share"]),
        ({"reviewed_ever": None, "reviewed_in_week": None, "calls_in_week": None}, []),
        ({"critical_confidence": 0.9, "type_confidence": 0.1, "audited": ("a",)}, ["audit", "critical", "unsure"]),
    ],
)
def test_each_fact_has_its_reason(facts: dict[str, object], expected: list[str]) -> None:
    given = {name: getattr(CALM, name) for name in NeedFacts.__dataclass_fields__}
    assert codes(NeedFacts(**(given | facts))) == expected


def test_all_at_once_come_in_the_documented_order() -> None:
    everything = NeedFacts(("a",), ("rescue",), 0.5, 0.1, 0.9, ("needs",), True, False, 0, 5)
    assert codes(everything) == list(REASONS)
    assert codes(everything, blind=True) == ["audit", "rescue", "newcomer", "never_reviewed", "below_share"]


def test_a_reason_carries_what_tells_how_strong_it_is() -> None:
    reasons = {
        item.code: item for item in need(NeedFacts(("a", "b"), (), 0.5, 0.1, 0.9, ("needs",), True, False, 1, 5), SHARE)
    }
    assert reasons["audit"].count == 2
    assert reasons["critical"].share == 0.5
    assert (reasons["unsure"].share, reasons["unsure"].criteria) == (0.1, ("call_type",))
    assert (reasons["below_share"].count, reasons["below_share"].total) == (1, 5)


def test_the_strongest_reason_decides_then_how_many_there_are() -> None:
    audit, unsure, newcomer = Reason("audit"), Reason("unsure"), Reason("newcomer")
    assert sorted([(), (unsure,), (audit,), (newcomer, unsure), (newcomer,)], key=urgency) == [
        *((audit,), (newcomer, unsure), (newcomer,), (unsure,)),
        (),
    ]


def call(name: str, manager: str | None, day: date | None, **more: object) -> CallFacts:
    monday = None if day is None else day - timedelta(day.weekday())
    facts = dict.fromkeys(("direction", "started_at", "duration_s", "language", "failure_code"))
    return CallFacts(name, name, manager, day=day, monday=monday, **{"status": "done"} | facts | more)  # type: ignore[arg-type]


def test_a_newcomer_is_somebody_who_was_not_there_from_the_start() -> None:
    old, new = call("1", "Old", MONDAY), call("2", "New", MONDAY + timedelta(30))
    last, later = call("3", "New", MONDAY + timedelta(36)), call("4", "New", MONDAY + timedelta(37))
    team = build_team([later, last, new, old, call("5", None, MONDAY), call("6", "Undated", None)])
    assert [is_newcomer(item, team, 7) for item in (old, new, last, later)] == [False, True, True, False]
    assert not is_newcomer(new, team, 0)
    assert not is_newcomer(call("7", None, MONDAY), team, 7)
    assert not is_newcomer(call("6", "Undated", None), team, 7)


def test_mystery_calls_are_in_no_count_and_not_in_the_queue() -> None:
    calls = [
        call("1", "A", MONDAY),
        call("2", "A", MONDAY, flags=("mystery",)),
        call("3", "A", MONDAY, status="failed"),
    ]
    waiting = in_order(calls, frozenset(), SHARE, 7, blind=False)
    assert [item.call.call_id for item in waiting] == ["1"]
    assert waiting[0].reasons[-1].total == 1


def test_a_reviewed_call_waits_only_for_its_audits() -> None:
    calls = [
        call("1", "A", MONDAY, reviewers=("anna",)),
        call("2", "A", MONDAY, reviewers=("anna",), audited=("needs",)),
    ]
    waiting = in_order(calls, frozenset(), SHARE, 7, blind=False)
    assert [(item.call.call_id, [reason.code for reason in item.reasons]) for item in waiting] == [("2", ["audit"])]


def test_a_call_without_score_or_date_waits_too() -> None:
    (waiting,) = in_order([call("1", None, None)], frozenset(), SHARE, 7, blind=False)
    assert waiting.reasons == ()


def test_what_is_the_same_still_is_not_considered_again() -> None:
    calls = [call(name, name[0], MONDAY) for name in ("a1", "a2", "b1", "b2")]
    first = {item.call.call_id: item for item in in_order(calls, frozenset(), SHARE, 7, blind=False)}
    changed = [call("a1", "a", MONDAY, reviewers=("anna",)), *calls[1:]]
    again = in_order(changed, frozenset(), SHARE, 7, blind=False, known=first.values())
    assert again == in_order(changed, frozenset(), SHARE, 7, blind=False)
    assert [item.call.call_id for item in again if item is first[item.call.call_id]] == ["b1", "b2"]
