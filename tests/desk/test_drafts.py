from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError

from review.desk.database import Desk
from review.desk.drafts import LONGEST_TEXT, Draft, GivenAnswer, change_draft, read_draft
from review.desk.people import Person
from tests.desk.judged import answered, save_draft

DONE = GivenAnswer(criterion_id="needs", state="valued", label="1", comment="ясно", override_reason="misheard")


def test_a_draft_is_found_again_by_its_person(desk: Desk, anna: Person, boris: Person) -> None:
    assert read_draft(desk, "e", anna) == Draft()
    draft = answered().with_answer(DONE).with_call_type("spam").with_flags(("rescue",)).with_note("да")
    saved = save_draft(desk, "e", anna, draft)
    assert saved.revision == 1 and saved.says_the_same(draft)
    assert read_draft(desk, "e", anna) == saved
    assert save_draft(desk, "e", anna, draft).revision == 2
    assert read_draft(desk, "e", boris) == read_draft(desk, "other", anna) == Draft()


def test_an_answer_takes_the_place_of_the_earlier_one() -> None:
    draft = answered().with_answer(DONE)
    assert draft.answer_to("needs") == DONE and len(draft.answers) == 3
    assert draft.with_flags(("conflict", "rescue")).flags == ("rescue", "conflict")
    assert draft.with_call_type("spam").with_call_type(None).call_type is None


def test_order_and_revision_make_no_difference() -> None:
    draft = answered().with_answer(DONE)
    turned = Draft(answers=draft.answers[::-1], revision=7)
    assert turned != draft and turned.says_the_same(draft)
    assert not turned.with_note("x").says_the_same(draft)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: GivenAnswer(criterion_id="needs", state="valued"),
        lambda: GivenAnswer(criterion_id="needs", state="not_enough", label="1"),
        lambda: GivenAnswer(criterion_id="needs", state="not_enough", override_reason="because"),
        lambda: GivenAnswer(criterion_id="needs", state="not_enough", comment="x" * (LONGEST_TEXT + 1)),
        lambda: Draft(answers=(DONE, DONE)),
        lambda: Draft().with_flags(("nonsense",)),
        lambda: Draft().with_flags(("rescue", "nonsense")),
        lambda: Draft().with_note("x" * (LONGEST_TEXT + 1)),
        lambda: Draft().with_call_type("gossip"),
    ],
)
def test_what_does_not_hold_is_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        wrong()


def test_of_keys_pressed_at_once_none_is_lost(desk: Desk, anna: Person) -> None:
    def press(number: int) -> None:
        answer = GivenAnswer(criterion_id=f"c{number}", state="not_enough")
        change_draft(desk, "e", anna, lambda draft: draft.with_answer(answer))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(20)))
    saved = read_draft(desk, "e", anna)
    assert {answer.criterion_id for answer in saved.answers} == {f"c{number}" for number in range(20)}
    assert saved.revision == 20
