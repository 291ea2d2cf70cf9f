"""Handing in from the page, what stands there afterwards, and taking it back."""

import re

import pytest

from review.desk.audit import AuditFilter, read_audit
from review.desk.claims import standing_claims, take_claim
from review.desk.people import find_person
from review.desk.submissions import submissions_of_call
from tests.pages.answering import AskedCall
from tests.pages.calls import CHECKLIST
from tests.pages.people import logged_in


def article(html: str, name: str) -> str:
    found = re.search(rf'<article class="criterion[^>]*id="criterion-{name}".*?</article>', html, re.DOTALL)
    assert found is not None
    return found[0]


def test_a_submission_leads_to_the_next_call_and_lets_this_one_go(asked: AskedCall) -> None:
    response = asked.submit(query="?manager=A&blind=0&problem=missing", note="всё", flags_shown="1", flag="rescue")
    assert response.status_code == 303
    assert response.headers["location"].startswith("/")
    assert "manager=A" in response.headers["location"]
    (submission,) = submissions_of_call(asked.desk, asked.call_id)
    assert (submission.login, submission.blind, submission.cqr) == ("anna", False, 100.0)
    assert (submission.draft.flags, submission.draft.note) == (("rescue",), "всё")
    assert asked.call_id not in standing_claims(asked.desk)
    (entry,) = read_audit(asked.desk, AuditFilter(action="verdict.submitted"))
    assert (entry.person, entry.subject) == ("anna", asked.call_id)
    assert entry.detail == {"blind": False, "evaluation": asked.evaluation_id, "submission": submission.submission_id}


def test_suggestion_and_verdict_stand_side_by_side_afterwards(asked: AskedCall) -> None:
    asked.submit(
        answer__politeness="=1", answer__objection="not_enough", reason__greeting="misheard", comment__greeting="Так.",
        note="звонить", flags_shown="1", flag="conflict",
    )  # fmt: skip
    html = asked.client.get(asked.address).text
    assert "Suggestion and verdict" in html
    assert '<form class="review"' not in html
    greeting = article(html, "greeting")
    assert '<span class="chosen">0.5</span>' in greeting.partition("Verdict")[0]
    assert '<span class="chosen">1</span>' in greeting.partition("Verdict")[2]
    assert "words were misheard: Так." in greeting
    assert ' differs"' in greeting.partition(">")[0]
    assert ' differs"' not in article(html, "product").partition(">")[0]
    assert "not enough evidence" in article(html, "objection").partition("Verdict")[2]
    assert "звонить" in html and "conflict" in html
    assert "CQR 100" in html
    assert "Critical criterion" not in html  # the machine's 0 of politeness no longer counts
    assert 'id="undo"' in html
    manager = logged_in(asked.app, "manager", "olga", manager="Ольга Смирнова").get(asked.address).text
    assert "Verdict" in manager
    assert "звонить" not in manager and 'id="undo"' not in manager and "badge flag" not in manager


def test_what_is_missing_is_said_and_nothing_is_submitted(asked: AskedCall) -> None:
    response = asked.post("submit", htmx=False, answer__greeting="=1")
    assert response.status_code == 303
    html = asked.client.get(response.headers["location"]).text
    assert "Some answers are missing; nothing was submitted." in html
    assert '<a href="#criterion-needs">' in html
    assert submissions_of_call(asked.desk, asked.call_id) == ()
    assert asked.draft().answer_to("greeting") is not None
    for criterion in CHECKLIST.criteria:
        asked.answer(criterion.id, "not_enough")
    assert "Some answers are missing" not in asked.client.get(response.headers["location"]).text


def test_somebody_elses_claim_stops_a_submission_and_keeps_the_answers(asked: AskedCall) -> None:
    logged_in(asked.app, "supervisor", "boris")
    take_claim(asked.desk, asked.call_id, find_person(asked.desk, "boris"), 20)
    response = asked.submit()
    assert "problem=claimed" in response.headers["location"]
    assert "Boris works on this call until" in asked.client.get(response.headers["location"]).text
    assert submissions_of_call(asked.desk, asked.call_id) == ()
    assert len(asked.draft().answers) == 8


def test_two_people_on_one_call_the_second_is_told_and_may_stand_beside(asked: AskedCall) -> None:
    boris = logged_in(asked.app, "supervisor", "boris")
    asked.submit()
    late = asked.post("draft", boris, answer__greeting="=0")
    assert late.status_code == 409
    assert "Anna has submitted this call" in late.text
    response = asked.submit(boris, answer__greeting="=0")
    assert "problem=submitted" in response.headers["location"]
    html = boris.get(response.headers["location"]).text
    assert "Anna has submitted this call; nothing of theirs was overwritten." in html
    assert "Your answers are kept as a draft." in html
    assert "Give a verdict of your own" in html
    beside = boris.get(f"{asked.address}?beside=1").text
    (known,) = re.findall(r'name="known" value="(\w+)"', beside)
    assert 'value="=0" id="answer-greeting-1" checked' in beside
    assert "Your verdict will stand beside theirs" in beside
    assert asked.post("draft", boris, known=known, answer__upsell="=0").status_code == 200
    assert asked.submit(boris, answer__greeting="=0", known=known).headers["location"].startswith("/")
    both = article(boris.get(asked.address).text, "greeting").partition("Verdict")[2]
    assert both.index("Boris") < both.index("Anna")  # the newest counts


def test_a_blind_submission_is_marked_and_shows_everything_afterwards(asked: AskedCall) -> None:
    vera = logged_in(asked.app, "supervisor", "vera", blind=True)
    vera.get(asked.address)
    refused = asked.submit(vera)
    assert "problem=missing" in refused.headers["location"]
    assert "Choose the call type" in vera.get(refused.headers["location"]).text
    asked.submit(vera, call_type="objection")
    (submission,) = submissions_of_call(asked.desk, asked.call_id)
    assert submission.blind
    html = vera.get(asked.address).text
    assert "87% sure" in html and "Verdict" in html


def test_a_blind_person_answers_beside_what_others_submitted_and_sees_none_of_it(asked: AskedCall) -> None:
    asked.submit(comment__greeting="Секрет")
    vera = logged_in(asked.app, "supervisor", "vera", blind=True)
    html = vera.get(asked.address).text
    assert '<form class="review"' in html
    assert "Anna" not in html and "Секрет" not in html
    known = re.findall(r'name="known" value="(\w+)"', html)
    asked.submit(vera, call_type="objection", known=known)
    assert len(submissions_of_call(asked.desk, asked.call_id)) == 2


def test_who_has_seen_the_suggestions_is_no_longer_blind(asked: AskedCall) -> None:
    asked.client.get(asked.address)
    asked.submit(blind="1", call_type="objection")
    assert not submissions_of_call(asked.desk, asked.call_id)[0].blind


def test_the_next_page_says_that_it_was_submitted_and_takes_it_back(asked: AskedCall) -> None:
    asked.submit()
    other = asked.client.get(f"/calls/{asked.calls.gone}").text
    (address,) = set(re.findall(r'action="(/submissions/\w+/undo)"', other))
    assert "✓ Submitted, CQR 100" in other
    assert 'id="undo-dialog"' in other
    response = asked.client.post(address, follow_redirects=False)
    assert response.headers["location"] == f"{asked.address}?evaluation={asked.evaluation_id}"
    assert standing_claims(asked.desk)[asked.call_id].login == "anna"  # handed to nobody else meanwhile
    html = asked.client.get(response.headers["location"]).text
    assert "8 of 8" in html  # the answers wait as a draft
    assert '<form class="review"' in html
    assert submissions_of_call(asked.desk, asked.call_id)[0].undone_s is not None
    asked.client.post(address)
    assert len(read_audit(asked.desk, AuditFilter(action="verdict.undone"))) == 1  # once


def test_an_older_submission_is_not_announced(asked: AskedCall, monkeypatch: pytest.MonkeyPatch) -> None:
    asked.submit()
    monkeypatch.setattr("review.pages.standing.TOAST_S", 0.0)
    html = asked.client.get(f"/calls/{asked.calls.gone}").text
    assert "✓ Submitted" not in html
    assert 'id="undo-dialog"' in html  # the key asks first


def test_masked_people_read_no_number_and_hear_nothing(asked: AskedCall) -> None:
    client = logged_in(asked.app, "supervisor", "masha", masked=True)
    html = client.get(asked.address).text
    assert "You cannot hear this call" in html and "<audio" not in html
    assert "…0101" not in html
    assert "chip play" not in asked.post("draft", client, call_type="spam").text
    for what in ("audio", "peaks"):
        refused = client.get(f"{asked.address}/{what}")
        assert refused.status_code == 403
        assert "they would be heard" in refused.text


def test_only_ones_own_submission_can_be_taken_back(asked: AskedCall, monkeypatch: pytest.MonkeyPatch) -> None:
    asked.submit()
    (submission,) = submissions_of_call(asked.desk, asked.call_id)
    boris = logged_in(asked.app, "supervisor", "boris")
    refused = boris.post(f"/submissions/{submission.submission_id}/undo")
    assert refused.status_code == 409
    assert "somebody else" in refused.text
    assert asked.client.post("/submissions/nothing/undo").status_code == 404
    monkeypatch.setattr("review.desk.submitted.UNDOABLE", 0)
    old = asked.client.post(f"/submissions/{submission.submission_id}/undo")
    assert old.status_code == 409
    assert "last ten" in old.text
    assert submissions_of_call(asked.desk, asked.call_id)[0].undone_s is None


@pytest.mark.parametrize("problem", ["claimed", "submitted", "missing", "<b>", "nonsense"])
def test_an_old_address_brings_no_old_news(asked: AskedCall, problem: str) -> None:
    for criterion in CHECKLIST.criteria:
        asked.answer(criterion.id, "not_enough")
    html = asked.client.get(asked.address, params={"problem": problem}).text
    assert "nothing was submitted" not in html


def test_a_call_too_short_to_score_needs_its_type_alone(asked: AskedCall) -> None:
    address = f"/calls/{asked.calls.short}"
    html = asked.client.get(address).text
    assert "Too short to score" in html
    (evaluation_id,) = re.findall(r'name="evaluation" value="(\w+)"', html)
    response = asked.client.post(f"{address}/submit", data={"evaluation": evaluation_id}, follow_redirects=False)
    assert "problem" not in response.headers["location"]
    assert len(submissions_of_call(asked.desk, asked.calls.short)) == 1


def test_answers_that_another_call_type_left_behind_are_no_verdicts(asked: AskedCall) -> None:
    asked.answer("needs", "=0")
    fields = {f"answer-{item.id}": "=1" for item in CHECKLIST.criteria_for("spam")}
    form = {"evaluation": asked.evaluation_id, "call_type": "spam", **fields}
    asked.client.post(f"{asked.address}/submit", data=form, follow_redirects=False)
    html = asked.client.get(asked.address).text
    assert html.count("<b>Verdict</b>") == len(fields) == 2
    assert f"verdicts on {len(fields)}" in html
    assert 'id="criterion-needs"' not in html
    assert "Do not belong to this call type: 6" in html
    assert "problem identified" in html.partition("Do not belong to this call type")[2]
