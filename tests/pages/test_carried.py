"""A re-score between two clicks: what was answered on the older evaluation is there on the newer one."""

import re
from dataclasses import replace

from pipeline.checklist import Checklist
from pipeline.stages import StageResult
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from pipeline.store.show import read_call
from review.desk.drafts import Draft, read_draft
from review.desk.people import find_person
from review.desk.submissions import submissions_of_call
from tests.pages.answering import AskedCall
from tests.pages.calls import CHECKLIST
from tests.pages.people import logged_in

BEST = {item.id: f"={item.scale[-1]}" for item in CHECKLIST.criteria}


def without(criterion_id: str) -> Checklist:
    content = CHECKLIST.model_dump()
    content["criteria"] = [item for item in content["criteria"] if item["id"] != criterion_id]
    return Checklist.model_validate(content)


def rescore(asked: AskedCall, checklist: Checklist = CHECKLIST, key: str = "again") -> str:
    """Judges the call again by that version, and by another judge; returns the id of the new evaluation."""
    with asked.app.state.site.store.writing() as con:
        stored = read_call(con, asked.call_id)
        older = stored.evaluations[0].evaluation
        known = {item.id for item in checklist.criteria}
        suggestions = tuple(item for item in older.suggestions if item.criterion_id in known)
        record = replace(older, checklist_version=checklist.version, suggestions=suggestions, judge=f"rules:{key}")
        write_checklist(con, checklist)
        sha = stored.call.content_sha256 or ""
        write_results(con, [StageResult(sha, "evaluation", key, record, 0.1, 12.0, "d")], key)
        sql = "SELECT evaluation_id FROM base.evaluations WHERE judge = $1"
        return str(con.execute(sql, [record.judge]).fetchone()[0])


def draft_on(asked: AskedCall, evaluation_id: str, login: str = "anna") -> Draft:
    return read_draft(asked.desk, evaluation_id, find_person(asked.desk, login))


def test_the_answers_go_on_to_the_newer_evaluation(asked: AskedCall) -> None:
    asked.post("draft", answer__greeting="=1", comment__greeting="Представился позже")
    asked.post("draft", note="Перезвонить", flags_shown="1", flag="rescue")
    newer = rescore(asked)
    html = asked.client.get(asked.address).text
    assert f'name="evaluation" value="{newer}"' in html
    assert "Your answers were carried over" in html and "Not carried over" not in html
    assert 'value="=1" id="answer-greeting-3" checked' in html
    assert "Представился позже" in html and "Перезвонить</textarea>" in html
    carried = draft_on(asked, newer)
    assert carried.says_the_same(asked.draft())
    asked.client.get(asked.address)
    assert draft_on(asked, newer) == carried  # once
    assert draft_on(asked, newer, "anna").revision == 1
    answered = asked.client.post(
        f"{asked.address}/draft", data={"evaluation": newer, "call_type": "spam"}, headers={"hx-request": "true"}
    )
    assert "Your answers were carried over" in answered.text  # the form alone says so too


def test_what_does_not_fit_is_named_with_its_comment(asked: AskedCall) -> None:
    asked.post("draft", answer__upsell="=0.5", comment__upsell="Намекнул на монтаж")
    asked.post("draft", answer__greeting="=1")
    newer = rescore(asked, without("upsell"))
    html = asked.client.get(asked.address).text
    assert "Not carried over" in html
    notice = re.search(r'<div class="notice carried".*?</div>', html, re.DOTALL)
    assert notice is not None
    assert "additional offer</b>: 0.5. The new version has no such criterion." in notice[0]
    assert "Намекнул на монтаж" in notice[0]
    assert [answer.criterion_id for answer in draft_on(asked, newer).answers] == ["greeting"]


def test_submitting_on_the_replaced_evaluation_leads_on_with_every_answer(asked: AskedCall) -> None:
    asked.client.get(asked.address)
    newer = rescore(asked)
    response = asked.submit(comment__needs="Спросил о семье")
    assert "problem=newer_version" in response.headers["location"]
    assert "evaluation=" not in response.headers["location"]
    html = asked.client.get(response.headers["location"]).text
    assert "judged anew while you were answering; nothing was submitted" in html
    assert html.count(" checked") == len(BEST)
    assert "Спросил о семье" in html and 'id="submit"' in html
    assert submissions_of_call(asked.desk, asked.call_id) == ()
    form = {"evaluation": newer, **{f"answer-{name}": value for name, value in BEST.items()}}
    done = asked.client.post(f"{asked.address}/submit", data=form, follow_redirects=False)
    assert done.headers["location"].startswith("/") and "problem" not in done.headers["location"]
    (submission,) = submissions_of_call(asked.desk, asked.call_id)
    assert submission.evaluation_id == newer
    assert submission.draft.answer_to("needs").comment == "Спросил о семье"  # type: ignore[union-attr]


def test_a_page_that_was_open_may_still_save_after_the_server_began_anew(asked: AskedCall) -> None:
    """The same version judged anew: nothing kept in memory knows the older evaluation."""
    rescore(asked)
    reply = asked.post("draft", answer__needs="=0", comment__needs="Ничего не спросил")
    assert reply.status_code == 200
    assert "Ничего не спросил" in asked.client.get(asked.address).text


def test_answers_given_on_the_newer_one_stay(asked: AskedCall) -> None:
    asked.post("draft", answer__needs="=0", comment__needs="старое")
    newer = rescore(asked)
    asked.client.post(
        f"{asked.address}/draft", data={"evaluation": newer, "answer-needs": "=1"}, headers={"hx-request": "true"}
    )
    html = asked.client.get(asked.address).text
    assert "problem identified</b>: 0. You have answered otherwise here. <q>старое</q>" in html
    assert draft_on(asked, newer).answer_to("needs").label == "1"  # type: ignore[union-attr]


def test_what_was_handed_in_is_no_draft_any_more(asked: AskedCall) -> None:
    asked.submit()
    newer = rescore(asked)
    assert "carried over" not in asked.client.get(asked.address).text
    assert draft_on(asked, newer) == Draft()


def test_taken_back_after_a_rescore_the_answers_wait_on_the_newer_one(asked: AskedCall) -> None:
    for number, checklist in enumerate((CHECKLIST, without("upsell"))):
        asked.submit(answer__greeting="=0.5")
        (submission, *_) = submissions_of_call(asked.desk, asked.call_id)
        newer = rescore(asked, checklist, f"again-{number}")
        undone = asked.client.post(f"/submissions/{submission.submission_id}/undo", follow_redirects=False)
        html = asked.client.get(undone.headers["location"]).text
        assert f'name="evaluation" value="{newer}"' in html, number
        assert 'value="=0.5" id="answer-greeting-2" checked' in html
        assert "Your answers were carried over" in html
        asked = replace(asked, evaluation_id=newer)


def test_an_older_version_is_still_shown_to_those_without_answers_on_it(asked: AskedCall) -> None:
    rescore(asked, without("upsell"))
    html = asked.client.get(f"{asked.address}?evaluation={asked.evaluation_id}").text
    assert '<form class="review"' not in html and "additional offer" in html


def test_others_get_nothing_of_it(asked: AskedCall) -> None:
    asked.post("draft", answer__greeting="=1", comment__greeting="моё")
    rescore(asked)
    boris = logged_in(asked.app, "supervisor", "boris")
    html = boris.get(asked.address).text
    assert "моё" not in html and "carried over" not in html
    head = logged_in(asked.app, "manager", "olga", manager="Ольга Смирнова").get(asked.address)
    assert head.status_code == 200 and "carried over" not in head.text
