"""One dialogue against one checklist: type, applicability, values, CQR."""

from dataclasses import replace

from pipeline.checklist import Checklist, Criterion
from pipeline.cqr import Rated, cqr
from pipeline.interfaces import Vectors
from pipeline.prescoring.applicability import check_condition
from pipeline.prescoring.ladder import Case, Judge, RungUnavailableError
from pipeline.records import CallTypeSuggestion, Dialogue, Evaluation, Suggestion
from pipeline.settings import EvaluationSettings


def evaluate(
    dialogue: Dialogue,
    checklist: Checklist,
    judge: Judge,
    settings: EvaluationSettings,
    vectors: Vectors | None = None,
) -> Evaluation:
    """What the judge suggests for one call.

    `vectors` are the utterances' sentence vectors where an encoder ran; shape: (num_utterances, dimension). A call that
    is too short or in which only one side speaks is not scored: it is counted and shown with its type, if clear.
    A rung that cannot answer now is left out: `judge` of the evaluation then is the identity of the rungs that remain.

    Raises ValueError when there is not one vector per utterance.
    """
    if vectors is not None and len(vectors) != len(dialogue.utterances):
        raise ValueError(
            f"{len(vectors)} vectors for {len(dialogue.utterances)} utterances: encode this dialogue again"
        )
    case = judge.read(dialogue, vectors)
    while True:
        try:
            return _evaluate(case, checklist, judge, settings)
        except RungUnavailableError as error:
            judge = judge.without(error.rung)


def _evaluate(case: Case, checklist: Checklist, judge: Judge, settings: EvaluationSettings) -> Evaluation:
    call_type = judge.classify(case)
    case = replace(case, call_type=call_type.call_type)
    if not is_scorable(case, settings):
        return Evaluation(checklist.id, checklist.version, judge.identity, call_type, (), None, None, scored=False)
    return _rate(checklist, judge, call_type, _suggest(case, checklist, judge))


def is_scorable(case: Case, settings: EvaluationSettings) -> bool:
    """Whether there is enough to judge: words, seconds, and an agent who speaks."""
    duration_s = case.dialogue.duration_s
    if case.reading.word_count < settings.min_words or (
        duration_s is not None and duration_s < settings.min_duration_s
    ):
        return False
    return any(line.tokens for line in case.reading.of("agent"))


def _suggest(case: Case, checklist: Checklist, judge: Judge) -> tuple[Suggestion, ...]:
    """Applicability first: by the weights of the call type, by the criterion's own condition, then by the judge."""
    decided = {criterion.id: _excluded(case, criterion) for criterion in checklist.criteria}
    asked = [criterion for criterion in checklist.criteria if decided[criterion.id] is None]
    answers = judge.suggest_all(case, asked)
    return tuple(
        decided[criterion.id] or _on_scale(criterion, answers[criterion.id]) for criterion in checklist.criteria
    )


def _excluded(case: Case, criterion: Criterion) -> Suggestion | None:
    if case.call_type != "unknown" and case.call_type not in criterion.weights:
        return Suggestion(criterion.id, False, None, 1.0, "type_without_criterion", rung="weights")
    found = check_condition(case, criterion)
    return replace(found, value=None) if found else None


def _on_scale(criterion: Criterion, suggestion: Suggestion) -> Suggestion:
    if not suggestion.applicable or suggestion.value is None:
        return replace(suggestion, value=None)
    return replace(suggestion, value=criterion.snap(suggestion.value))


def _rate(
    checklist: Checklist, judge: Judge, call_type: CallTypeSuggestion, suggestions: tuple[Suggestion, ...]
) -> Evaluation:
    """The evaluation with its CQR; none while the type, and so the weights, are unknown."""
    rate, passed = None, None
    if call_type.call_type != "unknown":
        applicable = {suggestion.criterion_id: suggestion.value for suggestion in suggestions if suggestion.applicable}
        rated = [
            Rated(applicable[criterion.id], criterion.weights[call_type.call_type], criterion.critical)
            for criterion in checklist.criteria_for(call_type.call_type)
            if criterion.id in applicable
        ]
        result = cqr(rated, checklist.threshold)
        rate, passed = result.cqr, result.passed
    return Evaluation(checklist.id, checklist.version, judge.identity, call_type, suggestions, rate, passed)
