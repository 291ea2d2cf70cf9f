from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import CallTypeSuggestion, Evaluation, Suggestion
from review.desk.drafts import Draft, GivenAnswer
from review.scoring import accept_sure, answer_as, score_draft
from tests.desk.judged import EVALUATION, answered
from tests.store.builders import CHECKLIST

UNKNOWN = replace(EVALUATION, call_type=CallTypeSuggestion("unknown", 0.2))


def no_answer(criterion_id: str) -> GivenAnswer:
    return GivenAnswer(criterion_id=criterion_id, state="not_applicable")


def with_suggestions(*suggestions: Suggestion) -> Evaluation:
    return replace(EVALUATION, suggestions=suggestions)


def test_without_answers_the_suggestions_count() -> None:
    score = score_draft(CHECKLIST, EVALUATION, Draft())
    assert (score.call_type, score.cqr, score.passed) == ("objection", 70.0, False)
    assert score.applicable == score.missing == ("greeting", "needs", "politeness")
    assert (score.answered, score.critical_failures) == (0, ())


def test_answers_count_first() -> None:
    draft = Draft().with_answer(GivenAnswer(criterion_id="needs", state="valued", label="1"))
    score = score_draft(CHECKLIST, EVALUATION, draft)
    assert (score.cqr, score.passed, score.answered) == (100.0, True, 1)
    assert score.missing == ("greeting", "politeness")


@pytest.mark.parametrize("state", ["not_applicable", "not_enough"])
def test_what_has_no_value_leaves_the_sum(state: str) -> None:
    draft = Draft().with_answer(GivenAnswer(criterion_id="needs", state=state))
    assert score_draft(CHECKLIST, EVALUATION, draft).cqr == 100.0


def test_a_critical_zero_fails_the_call() -> None:
    score = score_draft(CHECKLIST, EVALUATION, answered("1", "1", "0"))
    assert (score.cqr, score.passed, score.critical_failures) == (80.0, False, ("politeness",))


def test_another_type_brings_other_criteria_and_weights() -> None:
    score = score_draft(CHECKLIST, EVALUATION, answered("0").with_call_type("spam"))
    assert (score.call_type, score.cqr, score.applicable) == ("spam", 75.0, ("needs", "politeness"))
    assert (score.missing, score.answered) == ((), 2)
    other = score_draft(CHECKLIST, EVALUATION, Draft(call_type="reanimation"))
    assert (other.cqr, other.applicable, other.missing) == (None, (), ())


def test_what_the_weights_excluded_is_no_answer_under_another_type() -> None:
    excluded = Suggestion("greeting", False, None, 1.0, "type_without_criterion", rung="weights")
    spam = replace(with_suggestions(excluded, *EVALUATION.suggestions[1:]), call_type=CallTypeSuggestion("spam", 0.9))
    accepted = accept_sure(CHECKLIST, spam, Draft(call_type="objection"), 0.5)
    assert accepted.answer_to("greeting") is None and len(accepted.answers) == 2
    assert score_draft(CHECKLIST, spam, accepted).missing == ("greeting",)


def test_an_unknown_type_has_to_be_chosen() -> None:
    assert score_draft(CHECKLIST, UNKNOWN, answered()).missing == ("call_type",)
    score = score_draft(CHECKLIST, UNKNOWN, Draft(call_type="unknown"))
    assert (score.missing, score.cqr, score.passed) == ((), None, None)
    assert score_draft(CHECKLIST, UNKNOWN, answered().with_call_type("objection")).cqr == 70.0


def test_what_was_not_scored_needs_no_answer() -> None:
    score = score_draft(CHECKLIST, replace(UNKNOWN, scored=False), answered().with_call_type("objection"))
    assert (score.cqr, score.missing) == (None, ())


def test_blind_the_suggestions_stay_out() -> None:
    assert score_draft(CHECKLIST, EVALUATION, answered(), blind=True).missing == ("call_type",)
    draft = Draft(call_type="objection").with_answer(GivenAnswer(criterion_id="needs", state="valued", label="0"))
    score = score_draft(CHECKLIST, EVALUATION, draft, blind=True)
    assert (score.cqr, score.missing) == (0.0, ("greeting", "politeness"))


def test_sure_suggestions_are_taken_over_and_answers_stay() -> None:
    evaluation = with_suggestions(
        Suggestion("greeting", True, 0.5, 0.8),
        Suggestion("needs", True, None, 0.9),
        Suggestion("politeness", False, None, 0.6),
    )
    accepted = accept_sure(CHECKLIST, evaluation, Draft(), 0.6)
    assert accepted.answers == (
        GivenAnswer(criterion_id="greeting", state="valued", label="0.5"),
        no_answer("politeness"),
    )
    assert accept_sure(CHECKLIST, evaluation, accepted.with_answer(no_answer("greeting")), 0.0).answer_to(
        "greeting"
    ) == no_answer("greeting")
    assert accept_sure(CHECKLIST, evaluation, Draft(), 0.81) == Draft()


def test_not_enough_evidence_can_be_agreed_to() -> None:
    (criterion, *_) = CHECKLIST.criteria
    agreed = answer_as(criterion, Suggestion(criterion.id, True, None, 0.9))
    assert agreed == GivenAnswer(criterion_id=criterion.id, state="not_enough")


answers = st.fixed_dictionaries(
    {key: st.sampled_from([None, "skip", "0", "0.5", "1"]) for key in ("greeting", "needs", "politeness")}
)


@given(answers, st.sampled_from([None, "objection", "spam", "unknown", "reanimation"]), st.booleans())
def test_a_score_always_holds(chosen: dict[str, str | None], call_type, blind: bool) -> None:
    draft = Draft(call_type=call_type)
    for key, label in chosen.items():
        if label != "skip":
            state = "not_enough" if label is None else "valued"
            draft = draft.with_answer(GivenAnswer(criterion_id=key, state=state, label=label))
    score = score_draft(CHECKLIST, EVALUATION, draft, blind=blind)
    assert score.cqr is None or 0 <= score.cqr <= 100
    assert (score.passed is None) == (score.cqr is None)
    assert set(score.missing) <= {*score.applicable, "call_type"} and score.answered <= len(score.applicable)
    if blind and not draft.answers:
        assert score.cqr is None
    done = accept_sure(CHECKLIST, EVALUATION, draft, 0.0)
    assert accept_sure(CHECKLIST, EVALUATION, done, 0.0) == done
    assert all(answer in done.answers for answer in draft.answers)
