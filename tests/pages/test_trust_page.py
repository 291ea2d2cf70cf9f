import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.agreement import AnswerPair, agreement
from pipeline.checklist import Checklist
from pipeline.data_folder import DataFolder
from pipeline.store import Store
from pipeline.store.trust import read_rule, read_standings
from pipeline.store.trust_pairs import read_machine_pairs
from review.access import CSRF_HEADER
from review.desk.audit import AuditFilter, read_audit
from review.desk.people import Person
from review.pages.trust import refuse_to_decide
from review.pages.trust_agreement import Epoch, compare_epochs, measure_groups
from review.pages.trust_rules import RuleLine
from review.refusals import Refusal
from tests.pages.people import logged_in
from tests.pages.team import FIRST_MONDAY, NEW_JUDGE, OLD_JUDGE, team_store
from tests.store.builders import CHECKLIST, evaluation
from tests.trust.calls import add_calls, answered

ANOTHER = Checklist.model_validate(CHECKLIST.model_dump() | {"id": "another", "title": {"en": "Another"}})


@pytest.fixture
def store(data: DataFolder) -> Store:
    data.prepare()
    data.store.write_bytes(team_store()[0])
    return Store(data.store)


@pytest.fixture
def head(app: FastAPI, store: Store) -> Iterator[TestClient]:
    with logged_in(app, "head") as client:
        yield client


def table(client: TestClient, name: str, more: str = "") -> list[dict[str, str]]:
    response = client.get(f"/trust?table={name}&format=csv{more}")
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def chart(page: str, name: str) -> dict:
    found = re.search(rf'<script type="application/json" data-chart="{name}">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def state(store: Store, criterion: str) -> str:
    with store.reading() as con:
        return read_rule(con, "cqr", criterion).state


def test_agreement_is_what_the_command_shows(head: TestClient, store: Store) -> None:
    with store.reading() as con:
        pairs = [pair for pair in read_machine_pairs(con, "cqr") if pair.criterion_id == "needs"]
    expected = agreement(pairs)
    whole, recent = (row for row in table(head, "agreement") if row["What"] == "problem identified")
    assert (whole["Over"], recent["Over"]) == ("all", "last 25")
    assert int(whole["Verdicts"]) == len(pairs)
    assert float(whole["Kappa"]) == expected.kappa.value
    assert float(whole["Kappa from"]) == expected.kappa.low
    assert float(whole["Within half a step to"]) == expected.near.high
    assert int(recent["Verdicts"]) == 25


@pytest.mark.parametrize(
    ("by", "first"),
    [("criterion", "greeting and introduction"), ("supervisor", "anna"), ("between", "greeting and introduction")],
)
def test_agreement_by_group(head: TestClient, by: str, first: str) -> None:
    assert table(head, "agreement", f"&by={by}")[0]["What"] == first
    page = head.get(f"/trust?by={by}").text
    assert re.search(rf'href="[^"]*by={by}"\s+aria-current="true"', page)
    assert chart(page, "agreement")["categories"][-1] == first
    assert chart(page, "agreement")["axis"] == "Answers within half a step, %"


def test_call_types_are_named_in_the_readers_language(head: TestClient) -> None:
    assert {row["What"] for row in table(head, "agreement", "&by=call_type")} >= {"qualification", "objection"}
    assert "звонок-возражение" in head.get("/trust?by=call_type&lang=ru").text


def test_reliability_of_all_and_of_one_criterion(head: TestClient, store: Store) -> None:
    rows = table(head, "reliability")
    said = [float(row["Said it was sure"]) for row in rows]
    assert said == sorted(said)
    assert float(rows[-1]["Was right"]) > float(rows[0]["Was right"])
    own = table(head, "reliability", "&criterion=needs")
    assert sum(int(row["Answers"]) for row in own) < sum(int(row["Answers"]) for row in rows)
    points = chart(head.get("/trust?criterion=needs").text, "reliability")["points"]
    assert [point["count"] for point in points] == [int(row["Answers"]) for row in own]
    assert table(head, "reliability", "&criterion=shoes") == rows


def test_what_the_new_model_changed(head: TestClient) -> None:
    page = unescape(head.get("/trust").text)
    assert OLD_JUDGE in page
    assert NEW_JUDGE in page
    assert "new model 5b92d3e4c8f1 adopted" in page
    assert "checklist version 1 published" in page
    row = next(row for row in table(head, "change") if row["What"] == "product told")
    assert float(row["Change"]) == pytest.approx(float(row["Half a step now"]) - float(row["Half a step before"]))
    assert float(row["Change from"]) < float(row["Change"]) < float(row["Change to"])


def test_without_two_judges_nothing_is_compared() -> None:
    pair = AnswerPair("c", "needs", "spam", "anna", 1, "a", 0.5, True, 1.0, True, 1.0, FIRST_MONDAY)
    epochs = [Epoch(1, "a", FIRST_MONDAY, 1), Epoch(1, "b", FIRST_MONDAY, 1)]
    assert compare_epochs([pair], epochs) is None


def test_auto_confirmation_as_it_stands(head: TestClient, store: Store) -> None:
    page = head.get("/trust").text
    rows = {row["What"]: row for row in table(head, "rules")}
    with store.reading() as con:
        found = next(item for item in read_standings(con) if item.criterion_id == "greeting")
    greeting = rows["greeting and introduction"]
    assert (greeting["State"], rows["politeness"]["State"], rows["initiative"]["State"]) == (
        "running",
        "waiting",
        "off",
    )
    assert float(greeting["Sure from"]) == found.threshold
    assert int(greeting["Confirmed"]) == found.confirmed_count > 0
    assert float(greeting["Confirmed share"]) == int(greeting["Confirmed"]) / int(greeting["Suggestions"])
    assert "of 236 needed for the next test" in page
    assert "allowed by head-1" in page


def test_a_head_allows_and_stops(head: TestClient, app: FastAPI, store: Store) -> None:
    allowed = head.post("/trust/initiative/allow", follow_redirects=False)
    assert (allowed.status_code, allowed.headers["location"]) == (303, "/trust#rules")
    assert state(store, "initiative") == "waiting"
    stopped = head.post("/trust/greeting/stop", data={"withdraw": "true"}, follow_redirects=False)
    assert stopped.status_code == 303
    assert state(store, "greeting") == "stopped"
    with store.reading() as con:
        found = next(item for item in read_standings(con) if item.criterion_id == "greeting")
    assert (found.stop_reason, found.confirmed_count) == ("by_person", 0)
    assert "stopped by a person" in head.get("/trust").text
    newest, before = read_audit(app.state.site.desk, AuditFilter())[:2]
    assert (newest.action, newest.subject, newest.person) == ("trust.stopped", "cqr.greeting", "head-1")
    assert newest.detail["withdrawn"]
    assert (before.action, before.subject) == ("trust.allowed", "cqr.initiative")


def test_a_criterion_without_suggestions_has_no_coverage() -> None:
    line = RuleLine("own", {"en": "Own"}, False, 0, 0, 0, None, is_tested=False)
    assert (line.coverage, line.state, line.may_be_allowed) == (None, "off", False)
    answered = replace(line, suggestion_count=5, learned_count=5)
    assert not answered.may_be_allowed  # a head answers it, and was never measured on it
    assert replace(answered, is_tested=True).may_be_allowed


def test_few_verdicts_have_no_last_ones() -> None:
    pair = AnswerPair("c", "needs", "spam", "anna", 1, "a", 0.5, True, 1.0, True, 1.0, FIRST_MONDAY)
    assert [row.recent is None for row in measure_groups([pair] * 25, "criterion")] == [True]
    assert [row.recent is None for row in measure_groups([pair] * 26, "criterion")] == [False]


def test_a_stop_alone_leaves_what_was_confirmed(head: TestClient, store: Store) -> None:
    head.post("/trust/greeting/stop")
    with store.reading() as con:
        found = next(item for item in read_standings(con) if item.criterion_id == "greeting")
    assert (found.state, found.confirmed_count > 0) == ("stopped", True)


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("/trust/greeting/allow", "allowed already"),
        ("/trust/shoes/allow", "has no criterion"),
        ("/trust/initiative/stop", "not allowed"),
    ],
)
def test_what_cannot_be_decided_says_so(head: TestClient, address: str, detail: str) -> None:
    response = head.post(address)
    assert response.status_code == 409
    assert "This was not done" in response.text
    assert detail in response.text


@pytest.mark.parametrize("address", ["/trust/initiative/allow", "/trust/greeting/stop"])
def test_a_form_of_another_site_decides_nothing(head: TestClient, store: Store, address: str) -> None:
    assert head.post(address, headers={CSRF_HEADER: "guessed"}).status_code == 403
    assert (state(store, "initiative"), state(store, "greeting")) == ("off", "running")


@pytest.mark.parametrize("role", ["supervisor", "manager", "data"])
def test_who_may_neither_look_nor_decide(app: FastAPI, store: Store, role: str) -> None:
    more = {"manager": "Анна Белова"} if role == "manager" else {}
    with logged_in(app, role, **more) as client:  # type: ignore[arg-type]
        assert client.get("/trust").status_code == 403
        assert client.get("/trust?table=rules&format=csv").status_code == 403
        assert client.post("/trust/initiative/allow").status_code == 403
        assert client.post("/trust/greeting/stop").status_code == 403
    assert (state(store, "initiative"), state(store, "greeting")) == ("off", "running")


def test_who_only_looks_decides_nothing() -> None:
    with pytest.raises(Refusal):
        refuse_to_decide(Person("1", "s", "S", "supervisor"))


@pytest.mark.parametrize(
    ("address", "status"),
    [("/trust?format=csv", 404), ("/trust?format=csv&table=shoes", 404), ("/trust?format=pdf&table=rules", 400)],
)
def test_what_there_is_not(head: TestClient, address: str, status: int) -> None:
    assert head.get(address).status_code == status


def test_without_a_store_or_verdicts_it_says_what_to_do(app: FastAPI, data: DataFolder) -> None:
    with logged_in(app, "administrator") as client:
        assert "Nothing has been judged yet" in client.get("/trust").text
        assert table(client, "agreement") == table(client, "change") == []
        add_calls(Store(data.store), ["one.wav"], evaluation())
        page = client.get("/trust?by=between").text
        assert "No call has been scored by two people yet" in page
        assert "There are no verdicts to compare with" in page
        assert "no trained model answers it" in page
        assert "Allow" not in page


@pytest.mark.parametrize("language", ["ru", "en"])
def test_both_languages(head: TestClient, language: str) -> None:
    page = head.get(f"/trust?lang={language}")
    assert page.status_code == 200
    assert "style=" not in page.text


def test_another_checklist_is_chosen_by_link_and_its_rules_are_its_own(head: TestClient, store: Store) -> None:
    assert '<select name="checklist"' not in head.get("/trust").text  # nothing to choose
    before = table(head, "agreement")
    names = [f"another-{number}.wav" for number in range(4)]
    record = replace(answered({"needs": 1.0}, checklist=ANOTHER), checklist_id="another")
    add_calls(store, names, record, checklist=ANOTHER)
    page = head.get("/trust").text
    assert re.search(r'<option value="cqr" selected>', page)
    assert table(head, "agreement") == before
    other = head.get("/trust?checklist=another&by=call_type").text
    assert re.search(r'<option value="another" selected>Another', other)
    assert "Checklist Another" in unescape(other)
    assert "Nobody has" not in other and "checklist=another&amp;by=supervisor" in other
    lines = {line["What"]: line for line in table(head, "rules", "&checklist=another")}
    assert [name for name, line in lines.items() if line["Suggestions"] != "0"] == ["Needs"]
    reply = head.post("/trust/needs/allow", data={"checklist": "another"}, follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (303, "/trust?checklist=another#rules")
    with store.reading() as con:
        assert read_rule(con, "another", "needs").state == "waiting"
    assert state(store, "needs") == "off"
    reply = head.post("/trust/needs/stop", data={"checklist": "another"}, follow_redirects=False)
    assert reply.headers["location"] == "/trust?checklist=another#rules"
    with store.reading() as con:
        assert read_rule(con, "another", "needs").state == "stopped"


def test_what_is_untested_cannot_be_allowed(head: TestClient, store: Store) -> None:
    """A head answers on this scale, and nobody has compared its answers with people's."""
    content = ANOTHER.model_dump() | {"id": "finer"}
    content["criteria"][1]["scale"] = ("1", "2", "3", "4", "5")
    finer = Checklist.model_validate(content)
    record = replace(answered({"needs": 1.0}, checklist=finer), checklist_id="finer")
    add_calls(store, ["finer.wav"], record, checklist=finer)
    page = head.get("/trust?checklist=finer").text
    assert page.count("untested: no trained model was measured on it and its scale") == 1
    assert "/trust/needs/allow" not in page
    reply = head.post("/trust/needs/allow", data={"checklist": "finer"}, follow_redirects=False)
    assert reply.status_code == 409
    assert "untested and never auto-confirmed" in unescape(reply.text)
