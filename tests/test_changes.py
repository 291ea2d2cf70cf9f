"""What counts as a change between two evaluations of one call."""

from collections import Counter

import pytest

from pipeline.changes import Answer, Answers, Change, Changes, answers_of, change_of
from tests.store.builders import evaluation

NOT_ENOUGH, NOT_APPLICABLE = Answer(True, None), Answer(False, None)
NONE, HALF, FULL = Answer(True, 0.0), Answer(True, 0.5), Answer(True, 1.0)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (None, FULL, "not_asked_before"),
        (NONE, HALF, "up"),
        (FULL, HALF, "down"),
        (HALF, HALF, "unchanged"),
        (NOT_APPLICABLE, NOT_APPLICABLE, "unchanged"),
        (NOT_ENOUGH, NOT_ENOUGH, "unchanged"),
        (NOT_APPLICABLE, FULL, "newly_applicable"),
        (NOT_APPLICABLE, NOT_ENOUGH, "newly_applicable"),
        (NOT_ENOUGH, NOT_APPLICABLE, "no_longer_applicable"),
        (NONE, NOT_APPLICABLE, "no_longer_applicable"),
        (NOT_ENOUGH, NONE, "new_value"),
        (NONE, NOT_ENOUGH, "lost_value"),
    ],
)
def test_a_change_has_one_name(before: Answer | None, after: Answer, change: Change) -> None:
    assert change_of(before, after) == change


def test_calls_add_up() -> None:
    changes = Changes()
    changes.add(Answers("spam", 50.0, False, {"a": NONE}), Answers("objection", 80.0, True, {"a": FULL, "b": HALF}))
    changes.add(Answers("spam", 90.0, True, {"a": FULL}, "old"), Answers("spam", None, None, {"a": FULL}, "new"))
    changes.add(Answers("unknown", None, None, {}), Answers("unknown", 100.0, True, {"a": NONE}))
    changes.add(None, Answers("spam", 10.0, False, {"a": NONE}))
    assert changes.by_criterion == {
        "a": Counter({"not_asked_before": 2, "up": 1, "unchanged": 1}),
        "b": Counter({"not_asked_before": 1}),
    }
    assert (changes.calls, changes.first_time, changes.other_judge, changes.cqr_calls) == (4, 1, 1, 1)
    assert (changes.cqr_before, changes.cqr_after) == (50.0, 80.0)
    assert (changes.passes_gained, changes.passes_lost) == (2, 1)
    assert changes.call_types == Counter({("spam", "objection"): 1})
    assert (Changes().cqr_before, Changes().cqr_after) == (None, None)


def test_an_evaluation_is_compared_by_its_suggestions() -> None:
    answers = answers_of(evaluation({"needs": None, "greeting": 0.5}))
    assert answers == Answers("objection", 70.0, False, {"needs": NOT_ENOUGH, "greeting": HALF}, "ladder 1")
