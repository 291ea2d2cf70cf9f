from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from types import SimpleNamespace

import pytest

from pipeline.errors import InputError
from pipeline.store import Store
from pipeline.store.evaluations import write_checklist
from review.desk import database
from review.desk.applying import apply_waiting
from review.desk.claims import standing_claims, take_claim
from review.desk.database import Desk
from review.desk.drafts import Draft, GivenAnswer, change_draft, read_draft
from review.desk.people import Person
from review.desk.submissions import (
    Conflict,
    find_submission,
    submissions_of_call,
    submitted_today,
    undo,
    undoable,
)
from review.desk.submitted import UNDOABLE
from tests.desk.judged import EVALUATION, answered, hand_in, judge, rows, save_draft
from tests.store.builders import CHECKLIST, with_threshold

STANDING = "SELECT criterion_id, applicable, value, reviewer FROM base.current_verdicts ORDER BY ALL"
REVIEWED = "SELECT call_id, evaluation_id, reviewer FROM base.current_submissions ORDER BY call_id"


@contextmanager
def busy(store: Store):
    """Somebody writes into the store all the while."""
    with store.writing():
        yield


def test_a_submission_is_in_the_store_when_it_is_acknowledged(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    draft = answered(needs="1").with_flags(("conflict", "rescue")).with_note("Перезвонить")
    take_claim(desk, calls.a.call_id, anna, 20)
    done = hand_in(desk, store, anna, calls.a, draft)
    assert done.applied_s is not None and done.undone_s is None
    assert (done.login, done.name, done.call_type, done.cqr, done.passed) == ("anna", "Анна", "objection", 100.0, True)
    assert rows(store, STANDING) == [
        ("greeting", True, 1.0, "anna"),
        ("needs", True, 1.0, "anna"),
        ("politeness", True, 1.0, "anna"),
    ]
    assert rows(store, REVIEWED) == [(calls.a.call_id, calls.a.evaluation_id, "anna")]
    assert rows(store, "SELECT call_type, reviewer FROM base.current_call_type_verdicts") == [("objection", "anna")]
    assert rows(store, "SELECT flag, reviewer FROM flags ORDER BY flag") == [("conflict", "anna"), ("rescue", "anna")]
    assert rows(store, "SELECT note, reviewer FROM notes") == [("Перезвонить", "anna")]
    assert rows(store, "SELECT cqr, suggested_cqr FROM cqr_per_call WHERE verdict_count = 3") == [(100.0, 70.0)]
    ((cqr, blind, is_current, review_s),) = rows(store, "SELECT cqr, blind, is_current, review_s FROM reviews")
    assert (cqr, blind, is_current) == (100.0, False, True) and 0 <= review_s < 60
    assert standing_claims(desk) == {}


def test_not_enough_evidence_leaves_the_sum_and_is_no_pair(
    desk: Desk, store: Store, anna: Person, boris: Person, calls: SimpleNamespace
) -> None:
    done = hand_in(desk, store, anna, calls.a, answered(needs=None))
    assert done.cqr == 100.0
    assert rows(store, "SELECT cqr, verdict_count FROM cqr_per_call WHERE verdict_count > 0") == [(100.0, 3)]
    assert rows(store, "SELECT criterion_id FROM verdict_pairs ORDER BY ALL") == [("greeting",), ("politeness",)]
    hand_in(desk, store, boris, calls.a, known=[done.submission_id])
    assert rows(store, "SELECT criterion_id FROM supervisor_pairs ORDER BY ALL") == [("greeting",), ("politeness",)]


def test_the_same_answers_are_the_same_submission(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    draft = save_draft(desk, calls.a.evaluation_id, anna, answered())
    first = hand_in(desk, store, anna, calls.a, draft)
    again = hand_in(desk, store, anna, calls.a, read_draft(desk, calls.a.evaluation_id, anna))
    assert again == first
    assert rows(store, "SELECT count(*) FROM base.submissions") == [(1,)]


def test_other_answers_take_the_place_of_the_earlier_ones(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    first = hand_in(desk, store, anna, calls.a, answered(needs="0").with_flags(("conflict",)))
    second = hand_in(desk, store, anna, calls.a, answered(needs="1").with_flags(("rescue",)))
    assert find_submission(desk, first.submission_id).undone_s is not None
    assert [item.submission_id for item in submissions_of_call(desk, calls.a.call_id)] == [
        second.submission_id,
        first.submission_id,
    ]
    assert ("needs", True, 1.0, "anna") in rows(store, STANDING)
    assert rows(store, "SELECT flag FROM flags") == [("rescue",)]
    undo(desk, store, anna, second.submission_id)
    assert rows(store, STANDING) == []


def test_a_corrected_type_changes_what_is_answered(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    done = hand_in(desk, store, anna, calls.a, answered().with_call_type("spam"))
    assert done.call_type == "spam" and done.cqr == 75.0
    assert [row[0] for row in rows(store, STANDING)] == ["needs", "politeness"]  # greeting has no weight there
    assert rows(store, "SELECT call_type, cqr FROM cqr_per_call WHERE verdict_count > 0") == [("spam", 75.0)]


def test_what_is_missing_is_named(desk: Desk, store: Store, anna: Person, calls: SimpleNamespace) -> None:
    with pytest.raises(Conflict) as refused:
        hand_in(desk, store, anna, calls.a, Draft(answers=answered().answers[::2]))
    assert (refused.value.code, refused.value.criterion_ids) == ("missing", ("needs",))
    with pytest.raises(Conflict) as refused:
        hand_in(desk, store, anna, calls.a, blind=True)
    assert (refused.value.code, refused.value.criterion_ids) == ("missing", ("call_type",))
    assert hand_in(desk, store, anna, calls.a, answered().with_call_type("objection"), blind=True).blind


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (GivenAnswer(criterion_id="needs", state="valued", label="5"), 'criterion "needs": "5" is no label'),
        (GivenAnswer(criterion_id="upsell", state="not_enough"), 'criterion "upsell": not in checklist cqr'),
    ],
)
def test_answers_that_the_checklist_does_not_know_are_refused(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, answer: GivenAnswer, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        hand_in(desk, store, anna, calls.a, answered().with_answer(answer))


def test_a_call_that_somebody_else_has_is_refused(
    desk: Desk, store: Store, anna: Person, boris: Person, calls: SimpleNamespace
) -> None:
    take_claim(desk, calls.a.call_id, boris, 20)
    with pytest.raises(Conflict) as refused:
        hand_in(desk, store, anna, calls.a)
    assert (refused.value.code, refused.value.by) == ("claimed", "Борис")
    assert submissions_of_call(desk, calls.a.call_id) == ()


def test_an_ended_claim_stops_nobody(
    desk: Desk, store: Store, anna: Person, boris: Person, calls: SimpleNamespace
) -> None:
    take_claim(desk, calls.a.call_id, boris, -1)
    assert hand_in(desk, store, anna, calls.a).applied_s


def test_somebody_elses_submission_is_not_overwritten(
    desk: Desk, store: Store, anna: Person, boris: Person, calls: SimpleNamespace
) -> None:
    first = hand_in(desk, store, boris, calls.a)
    with pytest.raises(Conflict) as refused:
        hand_in(desk, store, anna, calls.a, answered(needs="0"))
    assert (refused.value.code, refused.value.by) == ("submitted", "Борис")
    assert refused.value.submission_id == first.submission_id
    hand_in(desk, store, anna, calls.a, answered(needs="0"), known=[first.submission_id])
    assert rows(store, "SELECT first_value, second_value FROM supervisor_pairs WHERE criterion_id = 'needs'") == [
        (0.0, 0.5)
    ]
    undo(desk, store, anna, undoable(desk, anna)[0].submission_id)
    assert ("needs", True, 0.5, "boris") in rows(store, STANDING)


def test_an_evaluation_that_is_no_longer_current_is_refused(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    newer = with_threshold(60)
    with store.writing() as con:
        write_checklist(con, newer)
        judge(con, "a", replace(EVALUATION, checklist_version=newer.version), "e2")
    with pytest.raises(Conflict, match="newer_version"):
        hand_in(desk, store, anna, calls.a)
    with pytest.raises(InputError, match="evaluation nowhere: not in the store; reload"):
        hand_in(desk, store, anna, replace(calls.a, evaluation_id="nowhere"))


def test_a_review_outlives_another_judge_and_not_another_version(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    hand_in(desk, store, anna, calls.a)
    with store.writing() as con:
        again = judge(con, "a", replace(EVALUATION, judge="ladder 2"), "e2")
    assert rows(store, REVIEWED) == [(calls.a.call_id, again, "anna")]
    newer = with_threshold(60)
    with store.writing() as con:
        write_checklist(con, newer)
        judge(con, "a", replace(EVALUATION, checklist_version=newer.version), "e3")
    assert rows(store, REVIEWED) == []
    assert rows(store, "SELECT is_current, version_number FROM reviews") == [(False, 1)]


def test_while_the_store_is_busy_a_submission_waits(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    with busy(store):
        first = hand_in(desk, store, anna, calls.a)
        second = hand_in(desk, store, anna, calls.b)
        undone = undo(desk, store, anna, second.submission_id)
    assert first.applied_s is None and undone.undone_s is not None
    assert rows(store, "SELECT count(*) FROM base.submissions") == [(0,)]
    assert apply_waiting(desk, store) == 0
    assert rows(store, REVIEWED) == [(calls.a.call_id, calls.a.evaluation_id, "anna")]
    assert find_submission(desk, first.submission_id).applied_s is not None


def test_undo_takes_everything_back_and_submitting_again_works(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    draft = answered().with_note("note").with_flags(("mystery",))
    first = hand_in(desk, store, anna, calls.a, draft)
    undone = undo(desk, store, anna, first.submission_id)
    assert undone.undone_s is not None and undo(desk, store, anna, first.submission_id) == undone
    for relation in ("base.current_verdicts", "base.current_call_type_verdicts", "base.current_submissions"):
        assert rows(store, f"SELECT count(*) FROM {relation}") == [(0,)]
    assert rows(store, "SELECT count(*) FROM flags") == rows(store, "SELECT count(*) FROM notes") == [(0,)]
    again = hand_in(desk, store, anna, calls.a, draft)
    assert again.submission_id != first.submission_id and again.submitted_s > undone.undone_s
    assert len(rows(store, STANDING)) == 3


def test_only_ones_own_last_ten_can_be_undone(
    desk: Desk, store: Store, anna: Person, boris: Person, calls: SimpleNamespace
) -> None:
    first = hand_in(desk, store, anna, calls.b)
    with pytest.raises(Conflict) as refused:
        undo(desk, store, boris, first.submission_id)
    assert (refused.value.code, refused.value.by) == ("not_yours", "Анна")
    with busy(store):
        for number in range(UNDOABLE):
            last = hand_in(desk, store, anna, calls.a, answered().with_note(f"{number}"))
    assert [item.submission_id for item in undoable(desk, anna)] == [last.submission_id]
    with pytest.raises(Conflict, match="too_old"):
        undo(desk, store, anna, first.submission_id)
    with pytest.raises(InputError, match="submission nowhere: there is none"):
        undo(desk, store, anna, "nowhere")


def test_todays_submissions_that_stand_are_counted(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    with busy(store):
        first = hand_in(desk, store, anna, calls.a)
        hand_in(desk, store, anna, calls.b)
    assert submitted_today(desk, anna, UTC) == 2
    with desk.writing() as con:
        con.execute("UPDATE submissions SET submitted_s = submitted_s - 86400 WHERE call_id = ?", [calls.b.call_id])
    assert submitted_today(desk, anna, UTC) == 1
    with busy(store):
        undo(desk, store, anna, first.submission_id)
    assert submitted_today(desk, anna, UTC) == 0


def test_the_reviewer_in_the_store_stays_when_the_login_changes(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    done = hand_in(desk, store, anna, calls.a)
    renamed = replace(anna, login="anna.petrova")
    with desk.writing() as con:
        con.execute("UPDATE people SET login = ? WHERE person_id = ?", [renamed.login, anna.person_id])
    undo(desk, store, renamed, done.submission_id)
    assert rows(store, STANDING) == []


def test_the_order_survives_a_clock_that_is_put_back(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hand_in(desk, store, anna, calls.a, answered(needs="0"))
    monkeypatch.setattr("review.desk.submissions.now_s", lambda: database.now_s() - 3600)
    second = hand_in(desk, store, anna, calls.a, answered(needs="1"))
    assert second.submitted_s > first.submitted_s
    assert ("needs", True, 1.0, "anna") in rows(store, STANDING)


def test_a_draft_stays_after_submitting(desk: Desk, store: Store, anna: Person, calls: SimpleNamespace) -> None:
    saved = change_draft(desk, calls.a.evaluation_id, anna, lambda _: answered())
    hand_in(desk, store, anna, calls.a, saved)
    assert read_draft(desk, calls.a.evaluation_id, anna) == saved != Draft()
    assert CHECKLIST.version == EVALUATION.checklist_version


def test_a_double_click_is_one_submission(desk: Desk, store: Store, anna: Person, calls: SimpleNamespace) -> None:
    with busy(store), ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: hand_in(desk, store, anna, calls.a).submission_id, range(4)))
    assert len(set(found)) == 1
    assert len(submissions_of_call(desk, calls.a.call_id)) == 1


def test_of_two_people_at_once_one_is_told_of_the_other(
    desk: Desk, store: Store, anna: Person, boris: Person, calls: SimpleNamespace
) -> None:
    def attempt(person: Person) -> str:
        try:
            return hand_in(desk, store, person, calls.a).login
        except Conflict as refused:
            return f"{refused.code} by {refused.by}"

    with busy(store), ThreadPoolExecutor(2) as pool:
        found = set(pool.map(attempt, [anna, boris]))
    assert found in ({"anna", "submitted by Анна"}, {"boris", "submitted by Борис"})


def test_the_caller_may_know_the_newest_evaluation(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace
) -> None:
    with pytest.raises(Conflict, match="newer_version"):
        hand_in(desk, store, anna, calls.a, newest_id="another")
    assert hand_in(desk, store, anna, calls.a, newest_id=calls.a.evaluation_id).applied_s
