import pytest

from pipeline.checklist import Checklist
from review.desk.carrying import carry
from review.desk.database import Desk
from review.desk.drafts import LONGEST_TEXT, Draft, GivenAnswer, open_drafts
from review.desk.people import Person
from tests.desk.judged import save_draft
from tests.pages.calls import CHECKLIST

DONE = GivenAnswer(criterion_id="needs", state="valued", label="1", comment="ясно", override_reason="misheard")
NONE = GivenAnswer(criterion_id="objection", state="not_applicable", comment="не возражал")
OLDER = Draft(call_type="objection", answers=(DONE, NONE), flags=("rescue",), note="звонить", revision=4)


def without(*names: str) -> Checklist:
    """The checklist without those criteria."""
    content = CHECKLIST.model_dump()
    content["criteria"] = [item for item in content["criteria"] if item["id"] not in names]
    return Checklist.model_validate(content)


def test_everything_that_fits_is_carried() -> None:
    carried = carry(OLDER, "old", CHECKLIST, Draft(revision=2), without("greeting"))
    assert carried.says_the_same(OLDER)
    assert (carried.carried_from, carried.carried_revision, carried.revision, carried.left) == ("old", 4, 2, ())


def test_an_answer_without_its_criterion_is_named_with_its_comment() -> None:
    carried = carry(OLDER, "old", CHECKLIST, Draft(), without("needs"))
    assert carried.answers == (NONE,)
    (left,) = carried.left
    assert (left.why, left.state, left.label, left.comment) == ("gone", "valued", "1", "ясно")
    assert left.title["en"] == CHECKLIST.criterion("needs").title["en"]
    (unknown,) = carry(OLDER, "old", None, Draft(), without("needs")).left
    assert unknown.title == {"": "needs"}


def test_the_same_label_of_another_scale_is_another_answer() -> None:
    """1 of 0..1 is the best, 1 of 1..5 the worst."""
    other = Checklist.model_validate(
        {
            "id": "cqr",
            "title": {"en": "Other"},
            "threshold": 80,
            "groups": {"g": {"en": "g"}},
            "criteria": [
                {"id": "needs", "title": {"en": "needs"}, "group": "g", "scale": "1-5", "weights": 1},
                {"id": "objection", "title": {"en": "objection"}, "group": "g", "scale": "1-5", "weights": 1},
            ],
        }
    )
    carried = carry(OLDER, "old", CHECKLIST, Draft(), other)
    assert carried.answers == (NONE,)  # applies or not, whatever the scale
    assert [item.why for item in carried.left] == ["scale"]
    assert carry(OLDER, "old", None, Draft(), other).left == ()  # nothing says that it was another


def test_what_was_answered_since_stays_and_the_older_answer_is_named() -> None:
    since = Draft(answers=(DONE.model_copy(update={"label": "0.5", "comment": ""}),), flags=("conflict",), note="да")
    carried = carry(OLDER, "old", CHECKLIST, since, CHECKLIST)
    assert carried.answer_to("needs") == since.answers[0]
    assert carried.answer_to("objection") == NONE
    assert [(item.why, item.comment) for item in carried.left] == [("answered", "ясно")]
    assert (carried.flags, carried.note) == (("rescue", "conflict"), "да\nзвонить")


def test_a_comment_goes_to_the_same_answer_without_one() -> None:
    since = Draft(answers=(GivenAnswer(criterion_id="needs", state="valued", label="1"),))
    given = carry(OLDER, "old", CHECKLIST, since, CHECKLIST).answer_to("needs")
    assert given == DONE
    other = Draft(answers=(DONE.model_copy(update={"comment": "иначе"}),))
    assert [item.why for item in carry(OLDER, "old", CHECKLIST, other, CHECKLIST).left] == ["answered"]


def test_carrying_again_changes_nothing_until_the_older_draft_does() -> None:
    once = carry(OLDER, "old", CHECKLIST, Draft(), without("needs"))
    corrected = once.with_answer(NONE.model_copy(update={"state": "not_enough"}))
    assert carry(OLDER, "old", CHECKLIST, corrected, without("needs")) is corrected
    later = OLDER.with_note("звонить завтра").model_copy(update={"revision": 5})
    again = carry(later, "old", CHECKLIST, once, without("needs"))
    assert again.note == "звонить\nзвонить завтра"
    assert len(again.left) == 1  # named once


def test_a_note_that_does_not_fit_beside_another_is_named() -> None:
    long = "я" * (LONGEST_TEXT - 3)
    carried = carry(OLDER, "old", CHECKLIST, Draft(note=long), CHECKLIST)
    assert carried.note == long
    assert [(item.why, item.comment, item.state) for item in carried.left] == [("note", "звонить", None)]


def test_what_was_left_behind_before_goes_along() -> None:
    once = carry(OLDER, "old", CHECKLIST, Draft(), without("needs")).model_copy(update={"revision": 1})
    twice = carry(once, "newer", without("needs"), Draft(), without("needs"))
    assert twice.left == once.left


@pytest.mark.parametrize("missing", [(), ("other",)])
def test_only_own_drafts_that_were_not_handed_in(
    desk: Desk, anna: Person, boris: Person, missing: tuple[str, ...]
) -> None:
    first, second = save_draft(desk, "e1", anna, OLDER), save_draft(desk, "e2", anna, OLDER)
    save_draft(desk, "e3", boris, OLDER)
    found = open_drafts(desk, ("e1", "e2", "e3", *missing), anna)
    assert found == (("e2", second), ("e1", first))
