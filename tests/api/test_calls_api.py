"""The list of calls and one call: what is told to whom."""

from types import SimpleNamespace

import pytest
from fastapi import FastAPI

from pipeline.data_folder import DataFolder
from pipeline.settings import Settings
from pipeline.store import Store
from review.app import create_app
from review.desk.audit import AuditFilter, read_audit
from tests.api.conftest import Program
from tests.pages.calls import HOSTILE
from tests.pages.people import logged_in

OLGA = "Ольга Смирнова"


def test_the_list_is_told_newest_first_and_in_parts(anna: Program, calls: SimpleNamespace) -> None:
    told = anna.ask("calls")
    assert told["total"] == len(told["calls"]) == 7
    first, second = told["calls"][:2]
    assert (first["call_id"], first["status"], first["cqr"]) == (calls.missed, "missed", None)
    assert (second["call_id"], second["started_at"]) == (calls.done, "2026-10-05T07:12:00Z")
    assert second["cqr"] == pytest.approx(79.17, abs=0.01)
    assert second["url"] == f"http://testserver/calls/{calls.done}"
    part = anna.ask("calls?limit=1&offset=1")
    assert (part["total"], part["calls"]) == (7, [second])
    assert anna.ask("calls?offset=100") == {"total": 7, "calls": []}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=failed", 1),
        ("type=objection&status=done", 2),
        ("cqr_from=80", 0),
        ("from=2026-10-06&to=2026-10-06", 1),
        ("direction=outgoing", 3),
        ("words=Понимаю", 3),
        ("checklist=cqr&answer=greeting:0.5&status=done", 2),
        (f"manager={OLGA}", 3),
    ],
)
def test_filters_are_those_of_the_page(anna: Program, query: str, count: int) -> None:
    assert anna.ask(f"calls?{query}")["total"] == count


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "query.limit"),
        ("type=party", "query.type"),
        ("from=1066-10-14", "query.from"),
        ("statsu=failed", "query.statsu"),
        ("checklist=none", "query.checklist"),
        ("answer=greeting:9", "query.answer"),
        ("answer=%01:1", "query.answer"),
        ("words=%20", "query.words"),
        ("manager=%20", "query.manager"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(anna: Program, query: str, where: str) -> None:
    problem = anna.ask(f"calls?{query}", 422)
    assert [error["where"] for error in problem["errors"]] == [where]
    assert all(error["what"] for error in problem["errors"])


def test_a_call_is_told_with_suggestions_evidence_and_verdicts(anna: Program, boris: Program, calls) -> None:
    told = anna.ask(f"calls/{calls.done}")
    assert (told["journal_call_id"], told["manager"], told["client_phone_last4"]) == ("1000", OLGA, "0101")
    assert (told["sound"], told["may_answer"], told["hidden"], told["transcript"]) == ("playable", True, False, None)
    evaluation = told["evaluation"]
    assert (evaluation["checklist_id"], evaluation["version"], evaluation["threshold"]) == ("cqr", 1, 80)
    assert evaluation["suggested_call_type"] == {"call_type": "objection", "confidence": 0.87, "sure": True}
    greeting = evaluation["criteria"][0]
    assert (greeting["criterion_id"], greeting["scale"], greeting["weight"]) == ("greeting", ["0", "0.5", "1"], 1)
    suggestion = greeting["suggestion"]
    assert (suggestion["state"], suggestion["label"]) == ("valued", "0.5")
    assert suggestion["reason_text"]
    assert suggestion["evidence"][0]["quote"]
    anna.answer(calls.done, note="well done", flags=["good_example"])
    told = boris.ask(f"calls/{calls.done}")
    assert told["evaluation"]["cqr"] == 100
    assert told["evaluation"]["criteria"][0]["verdicts"][0]["label"] == "1"
    (submission,) = told["submissions"]
    assert (submission["reviewer"], submission["note"], submission["flags"]) == ("Anna", "well done", ["good_example"])
    assert (submission["mine"], told["may_answer"]) == (False, False)
    assert anna.ask("calls?status=reviewed_by_me")["calls"][0]["reviewers"] == ["Anna"]


def test_a_crm_finds_it_by_the_journal(anna: Program, calls: SimpleNamespace) -> None:
    assert anna.ask("calls/1000")["call_id"] == calls.done


@pytest.mark.parametrize("name", ["none", "done.wav", "mis", "%00"])
def test_no_other_name_leads_to_a_call(anna: Program, name: str) -> None:
    assert anna.ask(f"calls/{name}", 404)["code"] == "no_such_call"


def test_the_beginning_of_an_id_is_no_name(anna: Program, calls: SimpleNamespace) -> None:
    anna.ask(f"calls/{calls.done[:8]}", 404)


def test_a_call_that_nothing_has_judged(anna: Program, calls: SimpleNamespace) -> None:
    told = anna.ask(f"calls/{calls.failed}")
    assert (told["status"], told["failure_codes"], told["evaluation"]) == ("failed", ["truncated"], None)
    told = anna.ask(f"calls/{calls.short}")
    assert (told["status"], told["evaluation"]["scored"]) == ("not_scored", False)
    assert anna.ask(f"calls/{calls.gone}")["sound"] == "missing"


@pytest.mark.parametrize("query", ["checklist=none", "version=9", "evaluation=x"])
def test_no_other_evaluation_is_told_in_place_of_the_asked_one(anna: Program, calls, query: str) -> None:
    assert anna.ask(f"calls/{calls.done}?{query}", 404)["code"] == "no_such_evaluation"


def test_an_evaluation_is_asked_for_by_its_names(anna: Program, calls: SimpleNamespace) -> None:
    told = anna.ask(f"calls/{calls.done}?checklist=cqr&version=1")
    assert anna.ask(f"calls/{calls.done}?evaluation={told['evaluation']['evaluation_id']}") == told


def test_words_are_told_only_when_asked_for(anna: Program, calls: SimpleNamespace) -> None:
    assert HOSTILE not in str(anna.ask(f"calls/{calls.done}")["transcript"])
    told = anna.ask(f"calls/{calls.done}?transcript=true")
    assert [item["role"] for item in told["transcript"]] == ["agent", "client", "agent", "other"]
    assert told["transcript"][1]["text"] == HOSTILE
    assert anna.ask(f"calls/{calls.waiting}?transcript=true")["transcript"] == []


def test_who_sees_masked_transcripts_is_told_them_masked(app: FastAPI, anna: Program, calls: SimpleNamespace) -> None:
    masked = Program(app, "supervisor", "masha", masked=True)
    told = masked.ask(f"calls/{calls.done}?transcript=true")
    assert told["client_phone_last4"] is None
    assert told["transcript"][0]["text"] == "Добрый день [имя]"
    places = [place for item in told["evaluation"]["criteria"] for place in item["suggestion"]["evidence"]]
    assert "Добрый день [имя]" in {place["quote"] for place in places}
    assert "Анна" not in str(told)
    assert masked.ask("calls?words=Понимаю", 422)["errors"][0]["where"] == "query.words"


def test_who_works_blind_is_told_nothing_before_submitting(app: FastAPI, anna: Program, calls) -> None:
    blind = Program(app, "supervisor", "vera", blind=True)
    told = blind.ask(f"calls/{calls.done}")
    evaluation = told["evaluation"]
    assert told["hidden"]
    hidden = ("judge", "call_type", "suggested_call_type", "cqr", "passed")
    assert {evaluation[name] for name in hidden} == {None}
    assert len(evaluation["criteria"]) == 8
    assert {(item["suggestion"], item["weight"], len(item["verdicts"])) for item in evaluation["criteria"]} == {
        (None, None, 0)
    }
    (row,) = [item for item in blind.ask("queue")["calls"] if item["call_id"] == calls.done]
    assert (row["hidden"], row["cqr"], row["call_type"]) == (True, None, None)
    assert not {"critical", "unsure", "disagreement"} & {reason["code"] for reason in row["reasons"]}
    assert blind.ask("calls?cqr_to=50", 422)["errors"][0]["where"] == "query.cqr_to"
    assert blind.answer(calls.done, 422)["criterion_ids"] == ["call_type"]
    assert blind.answer(calls.done, call_type="objection")["blind"] is True
    assert blind.ask(f"calls/{calls.done}")["evaluation"]["judge"] == "rules:1"


def test_others_verdicts_are_hidden_from_the_blind_too(app: FastAPI, anna: Program, calls) -> None:
    anna.answer(calls.done)
    told = Program(app, "supervisor", "vera", blind=True).ask(f"calls/{calls.done}")
    assert (told["submissions"], told["evaluation"]["cqr"], told["may_answer"]) == ([], None, True)


def test_a_manager_is_told_their_own_calls_and_nothing_of_others(app: FastAPI, anna: Program, calls) -> None:
    anna.answer(calls.done, flags=["conflict"], note="hm")
    olga = Program(app, "manager", "olga", manager=OLGA)
    assert {item["manager"] for item in olga.ask("calls")["calls"]} == {OLGA}
    told = olga.ask(f"calls/{calls.done}")
    assert (told["may_answer"], told["submissions"][0]["note"], told["submissions"][0]["flags"]) == (False, "", [])
    (row,) = [item for item in olga.ask("calls")["calls"] if item["call_id"] == calls.done]
    assert (row["reviewed"], row["reviewers"], row["flags"], row["held_by"]) == (True, [], [], None)
    assert olga.ask(f"calls/{calls.failed}", 404)["code"] == "no_such_call"
    assert olga.ask("calls/1001", 404)["code"] == "no_such_call"
    assert olga.ask("calls?manager=Kate", 422)["errors"][0]["where"] == "query.manager"
    assert olga.ask("calls?flag=conflict", 422)["errors"][0]["where"] == "query.flag"
    assert olga.ask(f"calls?manager={OLGA}")["total"] == 3


def test_the_audit_says_who_was_told_what(anna: Program, app: FastAPI, calls: SimpleNamespace) -> None:
    anna.ask(f"calls/{calls.done}?transcript=true")
    (entry,) = read_audit(app.state.site.desk, AuditFilter(action="call.seen"))
    assert (entry.person, entry.subject) == ("anna", calls.done)
    assert entry.detail == {"suggestions": True, "transcript": True, "via": "api"}


def test_before_the_first_night_there_is_nothing(data: DataFolder, settings: Settings) -> None:
    anna = Program(create_app(data, settings), "head", "anna")
    assert anna.ask("calls") == {"total": 0, "calls": []}
    assert anna.ask("calls/1", 404)["code"] == "no_such_call"
    assert anna.ask("queue") == {"total": 0, "needed": 0, "calls": []}
    assert anna.ask("queue/next", 204, "POST") is None
    assert anna.ask("managers")["managers"] == []


def test_a_busy_store_is_asked_again_later(anna: Program, app: FastAPI, data: DataFolder, calls) -> None:
    app.state.site.store.timeout_s = 0.05
    with Store(data.store).writing():
        response = anna.client.get(f"/api/v1/calls/{calls.done}")
    assert (response.status_code, response.json()["code"]) == (503, "store_unavailable")
    assert response.headers["retry-after"]


def test_a_browser_that_is_logged_in_may_ask_too(app: FastAPI, anna: Program) -> None:
    browser = logged_in(app, "supervisor", "clara")
    assert browser.get("/api/v1/calls").json()["total"] == 7
    token = browser.headers.pop("x-csrf-token")
    refused = browser.post("/api/v1/queue/next")
    assert (refused.status_code, refused.json()["code"]) == (403, "form_expired")
    assert browser.post("/api/v1/queue/next", headers={"x-csrf-token": token}).status_code == 200
    with app.state.site.desk.writing() as con:
        con.execute("UPDATE people SET password_ends_s = 1e12")
    refused = browser.get("/api/v1/calls")
    assert (refused.status_code, refused.json()["code"]) == (403, "password_needed")
