"""What a verdict teaches, and what it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.checklist import parse_checklist
from pipeline.learning.labels import Label, corpus_samples, data_hash, keep_heads, label_of, trainable
from pipeline.prescoring.head_names import head_name, is_own
from pipeline.store import Store
from pipeline.store.evaluations import write_checklist
from pipeline.store.heads_labels import read_verdict_calls
from pipeline.store.verdicts import Verdict, append_verdicts
from tests.learning.conftest import SOME
from tests.learning.heads import CQR, START, add_calls, give, own_checklist, suggested, teach


def read(store: Store, since=None):
    with store.reading() as con:
        return read_verdict_calls(con, since)[0]


def test_a_verdict_teaches_the_head_of_its_rule(store: Store) -> None:
    teach(store, 2, {"greeting": 1.0, "needs": 0.5}, suggestions={"greeting": 1.0, "needs": 1.0})
    first, second = read(store)
    assert (first.first_at, second.first_at) == (START, START + timedelta(days=1))
    assert first.labels == {"greeting": Label(True, 1.0, (0, 1)), "needs": Label(True, 0.5, None)}
    assert (first.call_type, first.verdict_count) == ("qualification", 3)
    assert len(read(store, START + timedelta(days=1))) == 1


def test_what_a_rule_confirmed_or_a_person_took_back_teaches_nothing(store: Store) -> None:
    with store.writing() as con:
        write_checklist(con, CQR)
    one, two, three = add_calls(store, ["a", "b", "c"], suggested({"needs": 1.0}))
    give(store, [one], {"needs": 1.0}, START, reviewer="auto-confirmation", trust_event_id="e")
    give(store, [two], {"needs": 1.0}, START)
    give(store, [two], {"needs": None}, START + timedelta(hours=1), withdrawn=True)
    give(store, [three], {"needs": 1.0}, START)
    give(store, [three], {"needs": 0.0}, START + timedelta(hours=1), reviewer="boris")
    (call,) = read(store)
    assert call.labels == {"needs": Label(True, 0.0, None)}  # of two people the newer one counts
    assert call.first_at == START


def test_evidence_of_an_older_dialogue_is_not_used(store: Store) -> None:
    teach(store, 1, {"greeting": 1.0}, suggestions={"greeting": 1.0})
    add_calls(store, ["call-0.wav"], suggested({"greeting": 1.0}), dialogue_key="d2")
    (call,) = read(store)
    assert call.labels == {"greeting": Label(True, 1.0, None)}


@pytest.mark.parametrize(
    ("reason", "taught"), [("needs.level_none", ()), ("needs.none", ()), ("needs.decision_only", (0, 1))]
)
def test_where_a_thing_should_have_been_teaches_no_turn(store: Store, reason: str, taught: tuple[int, ...]) -> None:
    with store.writing() as con:
        write_checklist(con, CQR)
    made = suggested({"needs": 0.0})
    answers = tuple(replace(answer, reason=reason) for answer in made.suggestions)
    found = add_calls(store, ["a"], replace(made, suggestions=answers))
    give(store, found, {"needs": 0.0}, START)
    (call,) = read(store)
    assert call.labels == {"needs": Label(True, 0.0, taught)}


def test_a_call_type_alone_teaches_too(store: Store) -> None:
    with store.writing() as con:
        write_checklist(con, CQR)
    found = add_calls(store, ["a"], suggested({}))
    give(store, found, {}, START, call_type="spam")
    (call,) = read(store)
    assert (call.call_type, call.labels, call.verdict_count) == ("spam", {}, 1)


def test_verdicts_on_a_checklist_that_is_not_stored_are_left_out(store: Store) -> None:
    found = add_calls(store, ["a"], suggested({"needs": 1.0}))
    give(store, found, {"needs": 1.0}, START)
    assert read(store) == []


def test_not_enough_evidence_teaches_nothing(store: Store) -> None:
    assert label_of(CQR, "needs", "objection", True, None, ()) is None
    with store.writing() as con:
        write_checklist(con, CQR)
    (found,) = add_calls(store, ["a"], suggested({"needs": 1.0, "closing": 1.0}))
    give(store, [found], {"closing": 1.0}, START)
    with store.writing() as con:
        append_verdicts(con, [Verdict(found, "needs", True, None, "anna")])
    (call,) = read(store)
    assert [answer.criterion_id for answer in call.answers] == ["closing"]


def test_does_not_apply_by_type_says_nothing_of_the_words() -> None:
    assert label_of(CQR, "needs", "spam", False, None, None) is None
    assert label_of(CQR, "objection", "objection", False, None, ()) == ("objection", Label(False, None, ()))
    assert label_of(CQR, "no_such", "spam", True, 1.0, None) is None


def test_a_head_is_named_by_what_was_judged() -> None:
    mine = own_checklist().criteria[0]
    name = head_name(mine)
    assert name is not None and name.startswith("smile.") and is_own(name)
    assert head_name(own_checklist(weights={"objection": 4}, critical=True).criteria[0]) == name
    assert head_name(own_checklist(title={"ru": "Другое"}).criteria[0]) != name
    assert head_name(own_checklist(scale="yes_no").criteria[0]) != name
    assert head_name(CQR.criterion("needs")) == "needs" and not is_own("needs")
    assert head_name(own_checklist(rule="needs", role="client").criteria[0]) is None
    assert head_name(own_checklist(phrases={"found": {"1": {"ru": ["спасибо"]}}, "otherwise": "0"}).criteria[0]) is None


def test_yes_and_no_is_a_coarse_view() -> None:
    checklist = own_checklist(rule="needs", scale="yes_no")
    assert label_of(checklist, "smile", "qualification", True, 1.0, None) == ("needs", Label(True, 1.0, None, True))


def test_own_criteria_are_learned_from_enough_verdicts_of_two_values() -> None:
    def labels(*values):
        return [{"a.1": Label(value is not None, value), "needs": Label(True, 1.0)} for value in values]

    assert trainable(labels(0.0, 1.0, 1.0), 3) == {"a.1"}
    assert trainable(labels(0.0, 1.0, None), 3) == frozenset()
    assert trainable(labels(1.0, 1.0, 1.0), 3) == frozenset()


def test_samples_keep_what_is_known() -> None:
    (sample, *_) = samples = corpus_samples(SOME)
    assert sample.labels.keys() == SOME[0].gold.keys()
    assert (sample.group, sample.call_type) == (SOME[0].trade, SOME[0].call_type)
    own = keep_heads(sample, frozenset())
    assert own == sample
    assert data_hash(samples, "a") == data_hash(samples, "a") != data_hash(samples, "b")
    assert data_hash(samples[1:], "a") != data_hash(samples, "a")


def test_the_checklist_of_a_verdict_is_the_one_it_was_given_on(store: Store) -> None:
    changed = parse_checklist(CQR.model_dump() | {"threshold": 70}, "tests")
    teach(store, 1, {"needs": 1.0})
    teach(store, 1, {"needs": 1.0}, first=1, checklist=changed)
    with store.reading() as con:
        calls, checklists = read_verdict_calls(con)
    assert [answer.checklist for call in calls for answer in call.answers] == [
        ("cqr", CQR.version),
        ("cqr", changed.version),
    ]
    assert checklists == {("cqr", CQR.version): CQR, ("cqr", changed.version): changed}


@pytest.mark.parametrize("count", [1, 3])
def test_calls_come_in_the_order_of_their_first_verdict(store: Store, count: int) -> None:
    teach(store, count, {"needs": 1.0})
    with store.reading() as con:
        (found,) = con.execute("SELECT min(evaluation_id) FROM base.verdicts").fetchone()  # type: ignore[misc]
    give(store, [found], {"needs": 0.0}, START + timedelta(days=90), reviewer="boris")
    moments = [call.first_at for call in read(store)]
    assert moments == [START + timedelta(days=number) for number in range(count)]
