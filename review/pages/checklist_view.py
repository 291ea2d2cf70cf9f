"""The checklist of a call as it is shown: by groups, each criterion on its own scale, suggestion beside verdict."""

from dataclasses import dataclass, replace
from typing import Literal

from pipeline.checklist import Checklist, Criterion, Text, is_tested
from pipeline.prescoring.trained import trained_rules
from pipeline.records import CallTypeSuggestion, Evidence, Suggestion
from pipeline.store.show import CurrentScore, StoredEvaluation

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
class ShownCriterion:
    """`title` and `meaning` by language; `scale`: labels, worst first; `weight` None: no part of the CQR here."""

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
    verdict: Answer | None
    reviewer: str | None
    untested: bool = False  # nobody has measured the machine's answers to it

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE_FROM


@dataclass(frozen=True, slots=True)
class ShownGroup:
    title: Text
    criteria: tuple[ShownCriterion, ...]


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """`call_type` is what counts, `suggested_type` what the machine says; `verdict_count` of the criteria."""

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
            and (answer := criterion.verdict or criterion.suggestion)
            and answer.label == criterion.scale[0]
        )


def build_evaluation(stored: StoredEvaluation, checklist: Checklist | None) -> EvaluationView:
    """`checklist`: the version that was judged by; without it titles come from the store and values from 0 to 1."""
    evaluation = stored.evaluation
    suggestions = {item.criterion_id: item for item in evaluation.suggestions}
    trained = trained_rules()
    by_group: dict[str, list[ShownCriterion]] = {}
    for score in stored.scores:
        criterion = known_criterion(checklist, score)
        shown = build_criterion(score, criterion, suggestions.get(score.criterion_id))
        if checklist is not None and not is_tested(criterion, trained):
            shown = replace(shown, untested=True)
        by_group.setdefault(score.criterion_group, []).append(shown)
    groups = checklist.groups if checklist else {}
    return EvaluationView(
        checklist_id=evaluation.checklist_id,
        title=checklist.title if checklist else {"en": evaluation.checklist_id},
        version_number=stored.version_number,
        threshold=checklist.threshold if checklist else None,
        judge=evaluation.judge,
        call_type=stored.call_type,
        suggested_type=evaluation.call_type,
        cqr=stored.cqr,
        passed=stored.passed,
        scored=evaluation.scored,
        verdict_count=sum(score.is_verdict for score in stored.scores),
        groups=tuple(
            ShownGroup(groups.get(group, {"en": group}), tuple(criteria)) for group, criteria in by_group.items()
        ),
    )


def known_criterion(checklist: Checklist | None, score: CurrentScore) -> Criterion:
    """The criterion of the version; a bare one from the store's own columns where the version is not stored."""
    if checklist is not None:
        return checklist.criterion(score.criterion_id)
    return Criterion(id=score.criterion_id, title={"en": score.title}, weights={"spam": 1}, critical=score.critical)


def build_criterion(score: CurrentScore, criterion: Criterion, suggestion: Suggestion | None) -> ShownCriterion:
    answer = answer_of(criterion, suggestion.applicable, suggestion.value) if suggestion else None
    return ShownCriterion(
        criterion_id=criterion.id,
        title=criterion.title,
        critical=criterion.critical,
        weight=score.weight,
        scale=criterion.scale,
        suggestion=answer,
        confidence=suggestion.confidence if suggestion else 0.0,
        reason=suggestion.reason if suggestion else "",
        meaning=criterion.levels.get(answer.label or "", {}) if answer else {},
        evidence=suggestion.evidence if suggestion else (),
        verdict=answer_of(criterion, score.applicable, score.value) if score.is_verdict else None,
        reviewer=score.reviewer,
    )


def answer_of(criterion: Criterion, applicable: bool, value: float | None) -> Answer:
    if not applicable:
        return Answer("not_applicable", None, None)
    if value is None:
        return Answer("not_enough", None, None)
    tone: Tone = "good" if value >= GOOD_FROM else "middle" if value >= MIDDLE_FROM else "bad"
    return Answer("valued", criterion.label_of(value), tone)
