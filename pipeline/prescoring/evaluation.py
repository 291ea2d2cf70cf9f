"""One dialogue against one checklist: type, applicability, values, CQR."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.checklist import Checklist, Criterion
from pipeline.cqr import Rated, cqr
from pipeline.interfaces import Vectors
from pipeline.prescoring.applicability import check_condition
from pipeline.prescoring.expected_places import show_expected
from pipeline.prescoring.ladder import Case, Judge, RungUnavailableError
from pipeline.records import CallType, CallTypeSuggestion, Dialogue, Evaluation, Suggestion
from pipeline.settings import EvaluationSettings

WEIGHTS = "weights"  # stands for the rung where the checklist has no weight for the call type


@dataclass(frozen=True)
class Kept:
    """An evaluation of the same dialogue by the same judge and settings, and those of its answers that still stand."""

    evaluation: Evaluation
    answers: Mapping[str, Suggestion] = field(default_factory=dict)  # by criterion id


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
    case = _read(dialogue, judge, vectors)
    while True:
        try:
            return _evaluate(case, checklist, judge, settings)
        except RungUnavailableError as error:
            judge = judge.without(error.rung)


def evaluate_again(
    kept: Kept,
    checklist: Checklist,
    judge: Judge,
    settings: EvaluationSettings,
    heard: Callable[[], tuple[Dialogue, Vectors | None]],
) -> Evaluation:
    """What `evaluate` says of the dialogue and vectors that `heard` gives, which is asked only if an answer is missing.

    The call type and whether there is enough to judge depend on no checklist.
    """
    call_type = kept.evaluation.call_type
    if not kept.evaluation.scored:
        return _not_scored(checklist, judge, call_type)

    def read_case() -> Case:
        dialogue, vectors = heard()
        return replace(_read(dialogue, judge, vectors), call_type=call_type.call_type)

    try:
        suggestions = _suggest(call_type.call_type, checklist, judge, read_case, kept.answers)
    except RungUnavailableError as error:  # what the whole ladder said is kept in no answer of a smaller one
        dialogue, vectors = heard()
        return evaluate(dialogue, checklist, judge.without(error.rung), settings, vectors)
    return _rate(checklist, judge, call_type, suggestions)


def _read(dialogue: Dialogue, judge: Judge, vectors: Vectors | None) -> Case:
    if vectors is not None and len(vectors) != len(dialogue.utterances):
        raise ValueError(
            f"{len(vectors)} vectors for {len(dialogue.utterances)} utterances: encode this dialogue again"
        )
    return judge.read(dialogue, vectors)


def _evaluate(case: Case, checklist: Checklist, judge: Judge, settings: EvaluationSettings) -> Evaluation:
    call_type = judge.classify(case)
    case = replace(case, call_type=call_type.call_type)
    if not is_scorable(case, settings):
        return _not_scored(checklist, judge, call_type)
    return _rate(checklist, judge, call_type, _suggest(case.call_type, checklist, judge, lambda: case, {}))


def _not_scored(checklist: Checklist, judge: Judge, call_type: CallTypeSuggestion) -> Evaluation:
    return Evaluation(checklist.id, checklist.version, judge.identity, call_type, (), None, None, scored=False)


def is_scorable(case: Case, settings: EvaluationSettings) -> bool:
    """Whether there is enough to judge: words, seconds, and an agent who speaks."""
    duration_s = case.dialogue.duration_s
    if case.reading.word_count < settings.min_words or (
        duration_s is not None and duration_s < settings.min_duration_s
    ):
        return False
    return any(line.tokens for line in case.reading.of("agent"))


def _suggest(
    call_type: CallType,
    checklist: Checklist,
    judge: Judge,
    read_case: Callable[[], Case],
    kept: Mapping[str, Suggestion],
) -> tuple[Suggestion, ...]:
    """By the weights of the call type, then as it is kept; only what is left makes it necessary to read the case."""
    decided = {
        criterion.id: _excluded(call_type, criterion) or kept.get(criterion.id) for criterion in checklist.criteria
    }
    left = [criterion for criterion in checklist.criteria if decided[criterion.id] is None]
    answers = _answer(read_case(), left, judge) if left else {}
    return tuple(decided[criterion.id] or answers[criterion.id] for criterion in checklist.criteria)


def _excluded(call_type: CallType, criterion: Criterion) -> Suggestion | None:
    if call_type == "unknown" or call_type in criterion.weights:
        return None
    return Suggestion(criterion.id, False, None, 1.0, "type_without_criterion", rung=WEIGHTS)


def _answer(case: Case, criteria: Sequence[Criterion], judge: Judge) -> dict[str, Suggestion]:
    """Applicability first: by the criterion's own condition, then by the judge."""
    unmet = {criterion.id: check_condition(case, criterion) for criterion in criteria}
    answers = judge.suggest_all(case, [criterion for criterion in criteria if unmet[criterion.id] is None])
    found = {criterion.id: _on_scale(criterion, unmet[criterion.id] or answers[criterion.id]) for criterion in criteria}
    return {criterion.id: show_expected(case, criterion, found[criterion.id]) for criterion in criteria}


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
