"""Taking a call, submitting a verdict, taking it back: as on the page, with the same conflicts."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from fastapi import FastAPI

from pipeline.data_folder import DataFolder
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from pipeline.store.show import read_call
from review.desk.audit import AuditFilter, read_audit
from review.desk.submissions import submissions_of_call
from tests.api.conftest import Program
from tests.pages.calls import CHECKLIST


def judge_anew(data: DataFolder, call_id: str) -> None:
    """A new version of the checklist has judged the call."""
    newer = type(CHECKLIST).model_validate(CHECKLIST.model_dump() | {"threshold": 60})
    with Store(data.store).writing() as con:
        stored = read_call(con, call_id)
        record = replace(stored.evaluations[0].evaluation, checklist_version=newer.version)
        write_checklist(con, newer)
        result = StageResult(stored.call.content_sha256 or "", "evaluation", "again", record, 0.1, 12.0, "d")
        write_results(con, [result], "again")


def test_the_queue_is_told_with_reasons(anna: Program, calls: SimpleNamespace) -> None:
    told = anna.ask("queue")
    assert (told["total"], told["needed"]) == (2, 2)
    assert {item["call_id"] for item in told["calls"]} == {calls.done, calls.gone}
    assert told["calls"][0]["reasons"][0]["code"] == "critical"
    assert len(anna.ask("queue?limit=1&offset=1")["calls"]) == 1
    assert anna.ask("queue?type=spam")["total"] == 0
    assert anna.ask("queue?checklist=x", 422)["code"] == "filter_refused"


def test_two_people_take_different_calls(anna: Program, boris: Program, app: FastAPI) -> None:
    first, second = (program.ask("queue/next", method="POST") for program in (anna, boris))
    assert first["call_id"] != second["call_id"]
    assert anna.ask("queue/next", method="POST")["call_id"] == first["call_id"]
    seen = {item["call_id"]: (item["held_by"], item["held_by_me"]) for item in anna.ask("queue")["calls"]}
    assert seen == {first["call_id"]: (None, True), second["call_id"]: ("Boris", False)}
    told = anna.ask(f"calls/{second['call_id']}")
    assert (told["held_by"], told["may_answer"], told["held_until"] is None) == ("Boris", False, False)
    assert anna.ask(f"queue/next?after={first['call_id']}", 204, "POST") is None  # it is let go, and no other is left
    assert anna.ask("queue/next", method="POST")["call_id"] == first["call_id"]
    assert anna.ask("queue/next?type=spam", 204, "POST") is None
    assert anna.ask("queue/next?answer=x", 422, "POST")["code"] == "invalid"
    (entry, *_) = read_audit(app.state.site.desk, AuditFilter(action="call.taken", subject=second["call_id"]))
    assert (entry.person, entry.detail) == ("boris", {"via": "api"})


def test_a_verdict_is_submitted_and_taken_back(anna: Program, app: FastAPI, calls: SimpleNamespace) -> None:
    done = anna.answer(calls.done, flags=["rescue"], note="call back")
    assert (done["cqr"], done["passed"], done["call_type"], done["in_store"]) == (100, True, "objection", True)
    assert (done["blind"], done["undone_at"]) == (False, None)
    (kept,) = submissions_of_call(app.state.site.desk, calls.done)
    assert (kept.login, kept.draft.flags, kept.draft.note) == ("anna", ("rescue",), "call back")
    (entry,) = read_audit(app.state.site.desk, AuditFilter(action="verdict.submitted"))
    assert (entry.subject, entry.detail["via"], entry.detail["submission"]) == (
        calls.done, "api", done["submission_id"]
    )  # fmt: skip
    assert anna.ask("queue")["total"] == 1
    undone = anna.ask(f"submissions/{done['submission_id']}", method="DELETE")
    assert undone["undone_at"]
    assert anna.ask(f"submissions/{done['submission_id']}", method="DELETE") == undone
    assert len(read_audit(app.state.site.desk, AuditFilter(action="verdict.undone"))) == 1
    assert anna.ask("queue")["total"] == 2


def test_the_same_answers_again_are_the_same_submission(anna: Program, app: FastAPI, calls) -> None:
    first, second = anna.answer(calls.done), anna.answer(calls.done)
    assert first["submission_id"] == second["submission_id"]
    assert anna.answer(calls.done, label="0")["submission_id"] != first["submission_id"]
    assert sum(item.undone_s is None for item in submissions_of_call(app.state.site.desk, calls.done)) == 1


def test_every_state_can_be_answered(anna: Program, calls: SimpleNamespace) -> None:
    evaluation = anna.ask(f"calls/{calls.done}")["evaluation"]
    answers = [{"criterion_id": item["criterion_id"], "label": "1"} for item in evaluation["criteria"]]
    answers[4] |= {"state": "not_applicable", "label": None, "override_reason": "does_not_apply", "comment": "none"}
    answers[6] |= {"state": "not_enough", "label": None}
    body = {"evaluation_id": evaluation["evaluation_id"], "answers": answers}
    assert anna.ask(f"calls/{calls.done}/verdict", 201, "POST", json=body)["cqr"] == 100
    verdicts = {
        item["criterion_id"]: item["verdicts"][0] for item in anna.ask(f"calls/{calls.done}")["evaluation"]["criteria"]
    }
    assert (verdicts["objection"]["state"], verdicts["objection"]["comment"]) == ("not_applicable", "none")
    assert (verdicts["objection"]["override_reason"], verdicts["upsell"]["state"]) == ("does_not_apply", "not_enough")


def test_nothing_of_somebody_else_is_overwritten(anna: Program, boris: Program, calls: SimpleNamespace) -> None:
    done = anna.answer(calls.done)
    problem = boris.answer(calls.done, 409, label="0")
    assert (problem["code"], problem["by"], problem["submission_id"]) == ("submitted", "Anna", done["submission_id"])
    assert boris.answer(calls.done, label="0", beside=[done["submission_id"]])["cqr"] == 0
    problem = boris.ask(f"submissions/{done['submission_id']}", 409, "DELETE")
    assert (problem["code"], problem["by"]) == ("not_yours", "Anna")


def test_a_claimed_call_is_left_alone(anna: Program, boris: Program) -> None:
    taken = anna.ask("queue/next", method="POST")["call_id"]
    problem = boris.answer(taken, 409)
    assert (problem["code"], problem["by"]) == ("claimed", "Anna")
    assert anna.answer(taken)["cqr"] == 100


def test_a_newer_evaluation_is_answered_instead(anna: Program, data: DataFolder, calls: SimpleNamespace) -> None:
    old = anna.ask(f"calls/{calls.done}")["evaluation"]
    judge_anew(data, calls.done)
    answers = [{"criterion_id": item["criterion_id"], "label": "1"} for item in old["criteria"]]
    body = {"evaluation_id": old["evaluation_id"], "answers": answers}
    assert anna.ask(f"calls/{calls.done}/verdict", 409, "POST", json=body)["code"] == "newer_version"
    told = anna.ask(f"calls/{calls.done}?evaluation={old['evaluation_id']}")
    assert (told["evaluation"]["is_current"], told["may_answer"]) == (False, False)
    assert anna.ask(f"calls/{calls.done}")["evaluation"]["evaluation_id"] != old["evaluation_id"]


@pytest.mark.parametrize(
    ("answers", "where"),
    [
        ([{"criterion_id": "greeting"}], "body.answers.0"),
        ([{"criterion_id": "greeting", "state": "not_enough", "label": "1"}], "body.answers.0"),
        ([{"criterion_id": "greeting", "label": "5"}], "body"),
        ([{"criterion_id": "nothing", "label": "1"}], "body"),
        ([{"criterion_id": "greeting", "label": "1"}] * 2, ""),
    ],
)
def test_answers_that_do_not_hold_are_refused(anna: Program, calls, answers: list[dict[str, str]], where: str) -> None:
    evaluation_id = anna.ask(f"calls/{calls.done}")["evaluation"]["evaluation_id"]
    body = {"evaluation_id": evaluation_id, "answers": answers}
    problem = anna.ask(f"calls/{calls.done}/verdict", 422, "POST", json=body)
    assert [error["where"] for error in problem["errors"]] == [where]


def test_missing_answers_are_named(anna: Program, calls: SimpleNamespace) -> None:
    evaluation_id = anna.ask(f"calls/{calls.done}")["evaluation"]["evaluation_id"]
    body = {"evaluation_id": evaluation_id, "answers": [{"criterion_id": "greeting", "label": "1"}]}
    problem = anna.ask(f"calls/{calls.done}/verdict", 422, "POST", json=body)
    assert (problem["code"], len(problem["criterion_ids"])) == ("missing", 7)
    assert "greeting" not in problem["criterion_ids"]


def test_what_is_not_there_is_refused(anna: Program, calls: SimpleNamespace) -> None:
    body = {"evaluation_id": "nothing"}
    assert anna.ask(f"calls/{calls.done}/verdict", 404, "POST", json=body)["code"] == "no_such_evaluation"
    assert anna.ask("submissions/nothing", 404, "DELETE")["code"] == "no_such_submission"


def test_only_the_last_ten_are_taken_back(anna: Program, calls: SimpleNamespace) -> None:
    first = anna.answer(calls.done)
    for number in range(10):
        anna.answer(calls.gone, note=str(number))
    assert anna.ask(f"submissions/{first['submission_id']}", 409, "DELETE")["code"] == "too_old"
