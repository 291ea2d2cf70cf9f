"""The form of answers: what it shows, what each click saves, and what stays hidden."""

import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from pipeline.store.show import read_call
from review.desk.audit import AuditFilter, read_audit
from review.desk.claims import standing_claims, take_claim
from review.desk.drafts import LONGEST_TEXT, Draft
from review.desk.people import find_person
from review.pages.review_form import KEYS, ask
from tests.pages.answering import HTMX, AskedCall
from tests.pages.calls import CHECKLIST, HOSTILE
from tests.pages.people import logged_in

SAID_BY_THE_MACHINE = (
    "Suggestion",
    "sure",
    "unsure",
    'evidence"',
    "rules:1",
    "Accept",
    "name is missing",
    "77",
)


def article(html: str, name: str) -> str:
    found = re.search(rf'<article class="criterion[^>]*id="criterion-{name}".*?</article>', html, re.DOTALL)
    assert found is not None
    return found[0]


def test_each_criterion_has_its_scale_with_keys_and_the_suggestion_marked(asked: AskedCall) -> None:
    html = asked.client.get(asked.address).text
    greeting = article(html, "greeting")
    values = re.findall(r'type="radio" name="answer-greeting" value="([^"]+)"', greeting)
    assert values == ["=0", "=0.5", "=1", "not_applicable", "not_enough"]
    assert re.findall(r'aria-keyshortcuts="(\w)"', greeting) == ["1", "2", "3", "n", "u"]
    assert 'value="=0.5" id="answer-greeting-2" data-suggested' in greeting
    assert " checked" not in greeting
    assert "Suggestion <b>0.5</b>" in " ".join(greeting.split())
    assert "data-suggested" in article(html, "needs").partition('value="not_enough"')[2]  # the machine could not tell
    assert "data-suggested" in article(html, "objection").partition('value="not_applicable"')[2].partition("<label")[0]


def test_the_page_works_without_a_script(asked: AskedCall) -> None:
    html = asked.client.get(asked.address).text
    assert f'<form class="review" id="review" method="post" action="{asked.address}/draft"' in html
    assert "<noscript><button" in html
    assert f'formaction="{asked.address}/submit"' in html
    assert 'role="radiogroup" aria-labelledby="title-greeting"' in html
    assert "<audio" in html


def test_styles_of_the_wave_carry_a_nonce_of_this_response_alone(asked: AskedCall) -> None:
    first, second = asked.client.get(asked.address), asked.client.get(asked.address)
    policy = first.headers["content-security-policy"]
    (nonce,) = re.findall(r"'nonce-([^']+)'", policy)
    assert f'nonce="{nonce}"' in first.text
    assert "script-src" not in policy and "unsafe" not in policy
    assert nonce not in second.headers["content-security-policy"]
    assert "nonce" not in asked.client.get("/log-in").headers["content-security-policy"]


def test_an_answer_is_saved_and_the_score_moves(asked: AskedCall) -> None:
    before = asked.client.get(asked.address).text
    assert "Critical criterion at zero: politeness" in before
    reply = asked.post("draft", answer__politeness="=1")
    assert reply.status_code == 200
    assert reply.text.lstrip().startswith('<div class="review-bar" id="review-bar">')
    assert "Critical criterion" not in reply.text
    assert "1 of 8" in reply.text
    assert "✓ saved" in reply.text
    (answer,) = asked.draft().answers
    assert (answer.criterion_id, answer.label) == ("politeness", "1")
    assert 'value="=1" id="answer-politeness-3" checked' in asked.client.get(asked.address).text


def test_an_answer_changes_nothing_that_its_form_does_not_hold(asked: AskedCall) -> None:
    asked.post("draft", answer__greeting="=1", comment__greeting="Хорошо\r\nи точно", reason__greeting="wrong_level")
    asked.post("draft", flags_shown="1", flag=["conflict", "rescue", "no such flag"], note=" запомнить ")
    asked.post("draft", answer__greeting="=0")
    asked.post("draft", answer__needs="not_enough")
    draft = asked.draft()
    greeting = draft.answer_to("greeting")
    assert greeting is not None
    assert (greeting.label, greeting.comment, greeting.override_reason) == ("0", "Хорошо\nи точно", "wrong_level")
    assert (draft.flags, draft.note) == (("rescue", "conflict"), "запомнить")
    asked.post("draft", flags_shown="1")
    assert asked.draft().flags == ()
    html = asked.client.get(asked.address).text
    assert '<option value="wrong_level" selected>' in html
    assert "Хорошо\nи точно</textarea>" in html


def test_without_htmx_the_whole_form_is_saved_and_the_page_comes_back(asked: AskedCall) -> None:
    form = {"evaluation": asked.evaluation_id, "answer-greeting": "=1", "call_type": "objection", "note": "x"}
    response = asked.client.post(f"{asked.address}/draft?manager=A", data=form, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, f"{asked.address}?manager=A")
    assert asked.draft().note == "x"
    assert standing_claims(asked.desk)[asked.call_id].login == "anna"


def test_the_checklist_follows_the_call_type(asked: AskedCall) -> None:
    reply = asked.post("draft", call_type="spam").text
    assert reply.lstrip().startswith('<form class="review" id="review"')
    assert re.findall(r'<article [^>]*id="criterion-(\w+)"', reply) == ["greeting", "politeness"]
    assert "Do not belong to this call type: 6" in reply
    assert "suggestion: objection" in reply
    assert "0 of 2" in reply
    assert 'class="chip play"' in reply  # evidence still plays


def test_all_that_is_sure_is_accepted_and_nothing_else(asked: AskedCall) -> None:
    asked.post("draft", answer__upsell="=1")
    reply = asked.post("accept").text
    answers = {answer.criterion_id: (answer.state, answer.label) for answer in asked.draft().answers}
    assert answers["greeting"] == ("valued", "0.5")
    assert answers["objection"] == ("not_applicable", None)
    assert answers["upsell"] == ("valued", "1")  # an own answer stays
    assert "needs" not in answers  # not enough evidence: a person looks
    assert "initiative" not in answers  # unsure
    assert 'left: <a href="#criterion-needs">' in " ".join(reply.split())
    plain = asked.client.post(
        f"{asked.address}/accept", data={"evaluation": asked.evaluation_id}, follow_redirects=False
    )
    assert plain.status_code == 303


def test_looking_claims_nothing_and_the_first_answer_does(asked: AskedCall) -> None:
    asked.client.get(asked.address)
    assert standing_claims(asked.desk) == {}
    asked.post("draft", answer__greeting="=1")
    first = standing_claims(asked.desk)[asked.call_id]
    asked.post("draft", answer__greeting="=0")
    assert standing_claims(asked.desk)[asked.call_id].ends_s > first.ends_s


def test_a_call_can_be_taken_without_an_answer(asked: AskedCall) -> None:
    response = asked.client.post(f"{asked.address}/take?manager=A", follow_redirects=False)
    assert response.headers["location"] == f"{asked.address}?manager=A"
    assert standing_claims(asked.desk)[asked.call_id].login == "anna"


def test_somebody_elses_claim_locks_the_form_and_keeps_the_draft(asked: AskedCall) -> None:
    boris = logged_in(asked.app, "supervisor", "boris")
    take_claim(asked.desk, asked.call_id, find_person(asked.desk, "boris"), 20)
    html = asked.client.get(asked.address).text
    assert "Boris works on this call until" in html
    assert '<fieldset class="plain" disabled>' in html
    assert 'id="submit"' not in html
    reply = asked.post("draft", answer__greeting="=1")
    assert reply.status_code == 409
    assert "Boris works on this call until" in reply.text
    assert asked.draft().answer_to("greeting") is not None
    assert asked.draft("boris") == Draft()
    assert "works on this call" not in boris.get(asked.address).text


def test_what_the_machine_said_is_nowhere_on_a_blind_page(asked: AskedCall) -> None:
    vera = logged_in(asked.app, "supervisor", "vera", blind=True)
    pages = [
        vera.get(asked.address).text,
        asked.post("draft", vera, answer__greeting="=1").text,
        asked.post("draft", vera, call_type="objection").text,
        asked.post("accept", vera).text,
        vera.get(f"{asked.address}?blind=0&beside=1").text,
    ]
    for page in pages:
        html = re.sub(r"[\w-]{22,}", "", page.partition("<dialog")[0])  # a nonce or a token holds any digits by chance
        for words in SAID_BY_THE_MACHINE:
            assert words not in html, words
        assert "data-suggested" not in html
        assert 'class="chip' not in html
        assert 'class="confidence' not in html
    assert "Blind" in pages[0]
    assert "Choose the call type" in pages[0]
    assert pages[0].count('<article class="criterion asked') == 8  # those of the suggested type would tell it
    assert [answer.criterion_id for answer in asked.draft("vera").answers] == ["greeting"]


def test_a_blind_person_sees_no_other_version_either(asked: AskedCall, data: DataFolder) -> None:
    newer = type(CHECKLIST).model_validate(CHECKLIST.model_dump() | {"threshold": 60})
    with Store(data.store).writing() as con:
        stored = read_call(con, asked.call_id)
        record = replace(stored.evaluations[0].evaluation, checklist_version=newer.version)
        write_checklist(con, newer)
        sha = stored.call.content_sha256 or ""
        write_results(con, [StageResult(sha, "evaluation", "again", record, 0.1, 12.0, "d")], "again")
    vera = logged_in(asked.app, "supervisor", "vera", blind=True)
    html = vera.get(f"{asked.address}?checklist=cqr&version=1").text
    assert "hidden until you submit the current version" in html
    assert 'class="criterion' not in html
    older = asked.client.get(f"{asked.address}?evaluation={asked.evaluation_id}").text
    assert "what an earlier version" in older
    assert '<form class="review"' not in older


def test_a_call_is_blind_by_its_address_until_suggestions_were_seen(asked: AskedCall) -> None:
    blind = asked.client.get(f"{asked.address}?blind=1").text
    assert "data-suggested" not in blind
    assert '<input type="hidden" name="blind" value="1">' in blind
    assert "data-suggested" not in asked.post("draft", blind="1", call_type="spam").text
    asked.client.get(asked.address)
    late = asked.client.get(f"{asked.address}?blind=1").text
    assert "this verdict cannot be blind" in late
    assert "data-suggested" in late


def test_what_was_seen_is_in_the_audit_without_a_word_of_the_call(asked: AskedCall) -> None:
    asked.client.get(f"{asked.address}?blind=1")
    asked.client.get(asked.address)
    entries = read_audit(asked.desk, AuditFilter(action="call.seen"))
    assert [(entry.person, entry.subject, entry.detail) for entry in entries] == [
        ("anna", asked.call_id, {"suggestions": True}),
        ("anna", asked.call_id, {"suggestions": False}),
    ]


def test_words_are_found_in_the_conversation_by_the_address(asked: AskedCall) -> None:
    html = asked.client.get(f"{asked.address}?words=ПОНИМАЮ&manager=A").text
    assert '<article class="utterance agent found" id="u2"' in html
    assert html.count("utterance agent found") == 1
    assert "lines: 1" in html
    assert '<input type="hidden" name="manager" value="A">' in html
    assert "nothing found" in asked.client.get(f"{asked.address}?words=zzz").text


def test_a_note_is_text_and_never_markup(asked: AskedCall) -> None:
    asked.post("draft", note=HOSTILE)
    html = asked.client.get(asked.address).text
    assert "<script>alert" not in html


@pytest.mark.parametrize(
    "fields",
    [
        {"answer-greeting": "=7"},
        {"answer-greeting": "certainly"},
        {"answer-greeting": "=1", "comment-greeting": "x" * (LONGEST_TEXT + 1)},
        {"note": "x" * (LONGEST_TEXT + 1)},
    ],
)
def test_what_no_form_of_ours_holds_is_refused(asked: AskedCall, fields: dict[str, str]) -> None:
    reply = asked.client.post(f"{asked.address}/draft", data={"evaluation": asked.evaluation_id, **fields})
    assert reply.status_code == 400
    assert asked.draft() == Draft()


@pytest.mark.parametrize("what", ["draft", "accept", "submit"])
def test_an_evaluation_of_another_call_is_not_answered_here(asked: AskedCall, what: str) -> None:
    for call_id in (asked.calls.short, "nothing"):
        reply = asked.client.post(f"/calls/{call_id}/{what}", data={"evaluation": asked.evaluation_id})
        assert reply.status_code == 404
        assert "nothing to answer here" in reply.text


@pytest.mark.parametrize("what", ["draft", "accept", "submit", "take"])
@pytest.mark.parametrize(("role", "more"), [("manager", {"manager": "Ольга Смирнова"}), ("data", {})])
def test_who_reviews_nothing_may_not_answer(asked: AskedCall, what: str, role: Any, more: dict[str, str]) -> None:
    client = logged_in(asked.app, role, "reader", **more)
    assert asked.post(what, client, answer__greeting="=1").status_code == 403
    assert client.post("/submissions/x/undo").status_code == 403


@pytest.mark.parametrize("what", ["draft", "accept", "submit", "take"])
def test_a_form_of_another_site_is_refused(asked: AskedCall, what: str) -> None:
    reply = asked.client.post(
        f"{asked.address}/{what}", data={"evaluation": asked.evaluation_id}, headers={"x-csrf-token": "x"}
    )
    assert reply.status_code == 403
    assert asked.draft() == Draft()


def test_nobody_logged_in_is_sent_to_the_log_in(asked: AskedCall) -> None:
    stranger = TestClient(asked.app)
    response = stranger.post(f"{asked.address}/draft", headers=HTMX, follow_redirects=False)
    assert response.headers["hx-redirect"].startswith("/log-in")


def test_a_long_scale_has_keys_for_its_first_ten_labels() -> None:
    criterion = CHECKLIST.criterion("upsell").model_copy(update={"scale": tuple("abcdefghijkl")})
    choices = ask(criterion, None, Draft(), "objection", frozenset()).scale
    assert "".join(choice.key for choice in choices) == KEYS
    assert [choice.tone for choice in choices][::11] == ["bad", "good"]
