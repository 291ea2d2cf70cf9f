"""The checklist of a call as it is shown: by groups, each criterion on its own scale, suggestion beside verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.checklist import Checklist, Criterion, Text
from pipeline.cqr import Rate, Rated, cqr
from pipeline.prescoring.expected_places import is_expected
from pipeline.prescoring.trained import is_tested
from pipeline.records import CallTypeSuggestion, Evidence, Suggestion
from pipeline.store.show import CurrentScore
from review.desk.drafts import GivenAnswer
from review.desk.submissions import Submission
from review.pages.call_reading import ShownEvaluation

SURE_FROM = 0.55  # below, the page says that the machine is unsure
GOOD_FROM = 0.75  # of 0..1: how a value is coloured
MIDDLE_FROM = 0.25

State = Literal["valued", "not_applicable", "not_enough"]
Tone = Literal["good", "middle", "bad"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on the criterion's own scale; `label` is None unless `state` is valued."""

    state: State
    label: str | None
    tone: Tone | None


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """A person's answer, or that of a rule which a person switched on."""

    answer: Answer
    reviewer: str
    comment: str = ""
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class ShownCriterion:
    """`title` and `meaning` by language; `scale`: labels, worst first; `weight` None: no part of the CQR here.

    `verdicts`: the one that counts first.
    """

    criterion_id: str
    title: Text
    critical: bool
    weight: float | None
    scale: tuple[str, ...]
    suggestion: Answer | None
    confidence: float
    reason: str
    meaning: Text
    evidence: tuple[Evidence, ...]
    verdicts: tuple[ShownVerdict, ...] = ()
    untested: bool = False  # nobody has measured the machine's answers to it
    expected: bool = False  # the evidence did not decide: it is where the thing should have been

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE_FROM

    @property
    def differs(self) -> bool:
        """Whether a person says something else than the machine."""
        return any(verdict.answer != self.suggestion for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class ShownGroup:
    title: Text
    criteria: tuple[ShownCriterion, ...]


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """`call_type` is what counts, `suggested_type` what the machine says; `verdict_count` of the criteria.

    `folded`: criteria that do not belong to the call type that a person has chosen.
    """

    checklist_id: str
    title: Text
    version_number: int | None
    threshold: float | None
    judge: str
    call_type: str
    suggested_type: CallTypeSuggestion
    cqr: float | None
    passed: bool | None
    scored: bool
    verdict_count: int
    groups: tuple[ShownGroup, ...]
    folded: tuple[Text, ...] = ()

    @property
    def type_sure(self) -> bool:
        return self.suggested_type.confidence >= SURE_FROM

    @property
    def critical_failures(self) -> tuple[ShownCriterion, ...]:
        """Critical criteria at 0, which fail the call whatever its CQR."""
        return tuple(
            criterion
            for group in self.groups
            for criterion in group.criteria
            if criterion.critical
            and (answer := criterion.verdicts[0].answer if criterion.verdicts else criterion.suggestion)
            and answer.label == criterion.scale[0]
        )


def build_evaluation(shown: ShownEvaluation, submissions: Sequence[Submission] = ()) -> EvaluationView:
    """Suggestions beside verdicts: of `submissions`, those that stand, the newest first, else as the store has them.

    Without the version of the checklist titles come from the store and values run from 0 to 1.
    """
    checklist, evaluation = shown.checklist, shown.evaluation
    suggestions = {item.criterion_id: item for item in evaluation.suggestions}
    by_group: dict[str, list[ShownCriterion]] = {}
    folded = folded_criteria(shown, submissions)
    for score in shown.scores:
        criterion = known_criterion(checklist, score)
        if criterion in folded:
            continue
        shown_criterion = build_criterion(criterion, suggestions.get(score.criterion_id), score.weight, shown.measured)
        verdicts = submitted_verdicts(criterion, submissions) if submissions else stored_verdicts(criterion, score)
        by_group.setdefault(score.criterion_group, []).append(replace(shown_criterion, verdicts=verdicts))
    groups = checklist.groups if checklist else {}
    score_of = submitted_score(submissions[0]) if submissions else stored_score(shown)
    return EvaluationView(
        checklist_id=evaluation.checklist_id,
        title=checklist.title if checklist else {"en": evaluation.checklist_id},
        version_number=shown.judged.version_number,
        threshold=checklist.threshold if checklist else None,
        judge=evaluation.judge,
        call_type=submissions[0].call_type if submissions else shown.call_type,
        suggested_type=evaluation.call_type,
        cqr=score_of.cqr,
        passed=score_of.passed,
        scored=evaluation.scored,
        verdict_count=sum(bool(item.verdicts) for criteria in by_group.values() for item in criteria),
        groups=tuple(
            ShownGroup(groups.get(group, {"en": group}), tuple(criteria)) for group, criteria in by_group.items()
        ),
        folded=tuple(criterion.title for criterion in folded),
    )


def folded_criteria(shown: ShownEvaluation, submissions: Sequence[Submission]) -> tuple[Criterion, ...]:
    """Answers that an earlier choice of the type left behind say nothing, and what the machine said of them neither."""
    if not submissions or shown.checklist is None or submissions[0].call_type == shown.evaluation.call_type.call_type:
        return ()
    asked = shown.checklist.criteria_for(submissions[0].call_type)
    return tuple(criterion for criterion in shown.checklist.criteria if criterion not in asked)


def build_criterion(
    criterion: Criterion, suggestion: Suggestion | None, weight: float | None, measured: frozenset[str]
) -> ShownCriterion:
    """What the machine says of the criterion; nothing of what people say. `measured`: names of heads."""
    answer = answer_of(criterion, suggestion.applicable, suggestion.value) if suggestion else None
    return ShownCriterion(
        criterion_id=criterion.id,
        title=criterion.title,
        critical=criterion.critical,
        weight=weight,
        scale=criterion.scale,
        suggestion=answer,
        confidence=suggestion.confidence if suggestion else 0.0,
        reason=suggestion.reason if suggestion else "",
        meaning=criterion.levels.get(answer.label or "", {}) if answer else {},
        evidence=suggestion.evidence if suggestion else (),
        untested=not is_tested(criterion, measured),
        expected=suggestion is not None and is_expected(suggestion),
    )


def known_criterion(checklist: Checklist | None, score: CurrentScore) -> Criterion:
    """The criterion of the version; a bare one from the store's own columns where the version is not stored."""
    if checklist is not None:
        return checklist.criterion(score.criterion_id)
    return Criterion(id=score.criterion_id, title={"en": score.title}, weights={"spam": 1}, critical=score.critical)


def submitted_verdicts(criterion: Criterion, submissions: Sequence[Submission]) -> tuple[ShownVerdict, ...]:
    return tuple(
        ShownVerdict(given_answer(criterion, given), item.name, given.comment, given.override_reason)
        for item in submissions
        if (given := item.draft.answer_to(criterion.id)) is not None
    )


def stored_verdicts(criterion: Criterion, score: CurrentScore) -> tuple[ShownVerdict, ...]:
    if not score.is_verdict:
        return ()
    return (ShownVerdict(answer_of(criterion, score.applicable, score.value), score.reviewer or ""),)


def submitted_score(submission: Submission) -> Rate:
    return Rate(submission.cqr, submission.passed, 1.0)


def stored_score(shown: ShownEvaluation) -> Rate:
    """With the verdicts in the store, else the suggestions."""
    if not shown.evaluation.scored:
        return Rate(None, None, 0.0)
    rated = [
        Rated(score.value, score.weight, score.critical)
        for score in shown.scores
        if score.applicable and score.weight is not None
    ]
    rate = cqr(rated, shown.checklist.threshold if shown.checklist else 0.0)
    return rate if shown.checklist else replace(rate, passed=None)


def given_answer(criterion: Criterion, given: GivenAnswer) -> Answer:
    """A person's answer, coloured by what it is worth."""
    if given.state != "valued" or given.label not in criterion.scale:
        return Answer(given.state if given.state != "valued" else "not_enough", None, None)
    return Answer("valued", given.label, tone_of(criterion.value_of(given.label)))


def answer_of(criterion: Criterion, applicable: bool, value: float | None) -> Answer:
    if not applicable:
        return Answer("not_applicable", None, None)
    if value is None:
        return Answer("not_enough", None, None)
    return Answer("valued", criterion.label_of(value), tone_of(value))


def tone_of(value: float) -> Tone:
    return "good" if value >= GOOD_FROM else "middle" if value >= MIDDLE_FROM else "bad"
