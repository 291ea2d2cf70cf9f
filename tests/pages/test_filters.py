from datetime import date

import pytest

from review.desk.people import Person
from review.filters import MINE, REVIEWED, TO_REVIEW, Filters, read_filters, refuse_unknown, stored_answer
from tests.pages.calls import CHECKLIST

PERSON = Person("p", "olga", "Olga", "supervisor")
EVERYTHING = {
    "manager": "Kate O'Neil & Co",
    "type": "spam",
    "from": "2026-10-01",
    "to": "2026-10-31",
    "cqr_from": "50",
    "cqr_to": "79.5",
    "answer": "greeting:0.5",
    "below": "60",
    "status": "to_review",
    "direction": "incoming",
    "flag": "rescue",
    "words": "слишком дорого",
    "checklist": "cqr",
}


def test_an_address_survives_being_read_and_written() -> None:
    filters = read_filters(EVERYTHING, PERSON)
    assert filters == Filters(
        "Kate O'Neil & Co", "spam", date(2026, 10, 1), date(2026, 10, 31), 50.0, 79.5, "greeting:0.5", 60.0,
        "to_review", "incoming", "rescue", "слишком дорого", "cqr",
    )  # fmt: skip
    assert {name for name, _ in filters.given} == set(Filters.__dataclass_fields__)
    assert "from=2026-10-01&to=2026-10-31&cqr_from=50&cqr_to=79.5&answer=greeting%3A0.5" in filters.address()
    assert filters.without("words").words is None
    assert filters.address(3).endswith("&page=3")
    assert not Filters().any_set
    assert Filters().address() == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "sales"),
        ("from", "yesterday"),
        ("to", "0001-01-01"),
        ("cqr_from", "101"),
        ("cqr_to", "nan"),
        ("cqr_to", "-1"),
        ("below", "half"),
        ("answer", "greeting"),
        ("answer", "Greeting:1 OR 1=1"),
        ("status", "gone"),
        ("direction", "sideways"),
        ("flag", "red"),
        ("words", "\x00"),
        ("words", "  "),
        ("words", "я" * 201),
        ("manager", "a\x00b"),
    ],
)
def test_what_is_no_such_value_is_left_out(name: str, value: str) -> None:
    assert read_filters({name: value}, PERSON) == Filters()


def test_a_comma_is_a_decimal_sign_too() -> None:
    assert read_filters({"cqr_to": "79,5"}, PERSON).cqr_to == 79.5


def test_what_a_person_may_not_see_cannot_be_asked_for() -> None:
    blind = Person("p", "olga", "Olga", "supervisor", blind=True)
    manager = Person("p", "kate", "Kate", "manager", manager="Kate")
    hidden = {"call_type", "cqr_from", "cqr_to", "answer", "below"}
    assert hidden.isdisjoint(name for name, _ in read_filters(EVERYTHING, blind).given)
    assert read_filters(EVERYTHING, PERSON, masked=True).words is None
    own = read_filters(EVERYTHING, manager)
    assert (own.manager, own.flag) == ("Kate", None)


@pytest.mark.parametrize(
    ("answer", "stored"),
    [
        ("greeting:0.5", "greeting:0.500"),
        ("greeting:1", "greeting:1.000"),
        ("needs:does_not_apply", "needs:does_not_apply"),
        ("needs:not_enough", "needs:not_enough"),
        ("greeting:7", None),
        ("nothing:1", None),
    ],
)
def test_answers_are_on_the_criterions_own_scale(answer: str, stored: str | None) -> None:
    assert stored_answer(answer, CHECKLIST) == stored
    assert (refuse_unknown(Filters(answer=answer), ["cqr"], CHECKLIST).answer is None) == (stored is None)


def test_a_checklist_that_judged_nothing_is_left_out() -> None:
    assert refuse_unknown(Filters(checklist="other", status=REVIEWED), ["cqr"], None) == Filters(status=REVIEWED)
    assert {TO_REVIEW, MINE} < set(read_filters({"status": TO_REVIEW}, PERSON).given[0]) | {MINE}
